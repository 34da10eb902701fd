// Runs one command of franz-go against a broker and prints what came of it, one JSON value per line.
// The tests in test/integration/broker-clients-franz-go.test.ts say what it should have been.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

var commands = map[string]func(context.Context) error{
	"admin":        admin,
	"consume":      consume,
	"fence":        fence,
	"group":        group,
	"offsets":      offsets,
	"ping":         ping,
	"produce":      produce,
	"static":       static,
	"times":        times,
	"transact":     transact,
	"transactions": transactions,
}

var (
	broker      = flag.String("broker", "", "host:port")
	topic       = flag.String("topic", "t", "")
	groupID     = flag.String("group", "g", "")
	count       = flag.Int("count", 10, "how many records")
	codec       = flag.String("codec", "none", "none, gzip, snappy, lz4, zstd")
	idempotent  = flag.Bool("idempotent", true, "")
	balancer    = flag.String("balancer", "range", "range, roundrobin, sticky, cooperative-sticky")
	uncommitted = flag.Bool("uncommitted", false, "read records of open and aborted transactions, too")
	mechanism   = flag.String("mechanism", "", "PLAIN, SCRAM-SHA-256, SCRAM-SHA-512")
	password    = flag.String("password", "", "of the user ann")
	authority   = flag.String("authority", "", "PEM file with the certificates that vouch for the broker's")
	certificate = flag.String("certificate", "", "PEM file with key and certificate of this client")
)

func main() {
	flag.Parse()
	command, found := commands[flag.Arg(0)]
	if !found {
		fmt.Fprintf(os.Stderr, "no command %q\n", flag.Arg(0))
		os.Exit(2)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 45*time.Second)
	defer cancel()
	if err := command(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Does nothing but connect.
func ping(ctx context.Context) error {
	client, err := newClient()
	if err != nil {
		return err
	}
	defer client.Close()
	return client.Ping(ctx)
}

func say(value any) {
	if err := json.NewEncoder(os.Stdout).Encode(value); err != nil {
		panic(err)
	}
}

func newClient(options ...kgo.Opt) (*kgo.Client, error) {
	shared, err := sharedOptions()
	if err != nil {
		return nil, err
	}
	return kgo.NewClient(append(shared, options...)...)
}

// The settings of every command.
func sharedOptions() ([]kgo.Opt, error) {
	shared := []kgo.Opt{
		kgo.SeedBrokers(*broker),
		kgo.AllowAutoTopicCreation(),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.RetryTimeout(10 * time.Second),
	}
	switch *mechanism {
	case "":
	case "PLAIN":
		shared = append(shared, kgo.SASL(plain.Auth{User: "ann", Pass: *password}.AsMechanism()))
	default:
		shared = append(shared, kgo.SASL(scramMechanism(scram.Auth{User: "ann", Pass: *password})))
	}
	if *authority != "" {
		config, err := tlsConfig()
		if err != nil {
			return nil, err
		}
		shared = append(shared, kgo.DialTLSConfig(config))
	}
	return shared, nil
}

func scramMechanism(auth scram.Auth) sasl.Mechanism {
	if *mechanism == "SCRAM-SHA-256" {
		return auth.AsSha256Mechanism()
	}
	return auth.AsSha512Mechanism()
}

func tlsConfig() (*tls.Config, error) {
	pem, err := os.ReadFile(*authority)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{RootCAs: x509.NewCertPool()}
	config.RootCAs.AppendCertsFromPEM(pem)
	if *certificate != "" {
		pair, err := tls.LoadX509KeyPair(*certificate, *certificate)
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}
