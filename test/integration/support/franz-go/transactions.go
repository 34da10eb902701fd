package main

import (
	"context"
	"errors"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Commits a, aborts b, commits c, aborts d: each to both partitions.
func transact(ctx context.Context) error {
	client, err := newClient(kgo.TransactionalID(*groupID))
	if err != nil {
		return err
	}
	defer client.Close()
	for at, value := range []string{"a", "b", "c", "d"} {
		if err := send(ctx, client, value); err != nil {
			return err
		}
		if err := client.EndTransaction(ctx, kgo.TransactionEndTry(at%2 == 0)); err != nil {
			return err
		}
	}
	say("ended")
	return nil
}

func send(ctx context.Context, client *kgo.Client, value string) error {
	if err := client.BeginTransaction(); err != nil {
		return err
	}
	return client.ProduceSync(ctx, record(0, value), record(1, value)).FirstErr()
}

// Leaves a transaction open, takes its id over, and says what the first producer is told.
func fence(ctx context.Context) error {
	first, err := newClient(kgo.TransactionalID(*groupID))
	if err != nil {
		return err
	}
	defer first.Close()
	if err := send(ctx, first, "left open"); err != nil {
		return err
	}
	second, err := newClient(kgo.TransactionalID(*groupID))
	if err != nil {
		return err
	}
	defer second.Close()
	if err := send(ctx, second, "taken over"); err != nil {
		return err
	}
	if err := second.EndTransaction(ctx, kgo.TryCommit); err != nil {
		return err
	}
	var refusal *kerr.Error
	if err := first.EndTransaction(ctx, kgo.TryCommit); !errors.As(err, &refusal) {
		return errors.Join(errors.New("the first producer was not fenced"), err)
	}
	say(map[string]any{"first": refusal.Message})
	return nil
}

// Reads one record at a time and commits its offset in a transaction: kept, taken back, kept.
func offsets(ctx context.Context) error {
	for _, commit := range []bool{true, false, true} {
		if err := pass(ctx, kgo.TransactionEndTry(commit)); err != nil {
			return err
		}
		client, err := newClient()
		if err != nil {
			return err
		}
		committed, err := kadm.NewClient(client).FetchOffsets(ctx, *groupID)
		client.Close()
		if err != nil {
			return err
		}
		found, _ := committed.Lookup(*topic, 0)
		say(map[string]any{"commit": commit, "offset": found.At})
	}
	return nil
}

func pass(ctx context.Context, end kgo.TransactionEndTry) error {
	options, err := sharedOptions()
	if err != nil {
		return err
	}
	options = append(append(options, reading()...),
		kgo.ConsumerGroup(*groupID), kgo.TransactionalID(*groupID), kgo.RequireStableFetchOffsets())
	session, err := kgo.NewGroupTransactSession(options...)
	if err != nil {
		return err
	}
	defer session.Close()
	fetches := session.PollRecords(ctx, 1)
	if err := fetches.Err(); err != nil {
		return err
	}
	if err := session.Begin(); err != nil {
		return err
	}
	for _, r := range fetches.Records() {
		copied := &kgo.Record{Topic: *topic + "-copy", Value: r.Value}
		if err := session.ProduceSync(ctx, copied).FirstErr(); err != nil {
			return err
		}
	}
	_, err = session.End(ctx, end)
	return err
}

// Asks for the transactions that are open: not every broker can say.
func transactions(ctx context.Context) error {
	client, err := newClient()
	if err != nil {
		return err
	}
	defer client.Close()
	listed, err := kadm.NewClient(client).ListTransactions(ctx, nil, nil)
	if err != nil {
		return err
	}
	say(listed.Sorted())
	return nil
}
