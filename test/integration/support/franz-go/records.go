package main

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

var codecs = map[string]kgo.CompressionCodec{
	"none":   kgo.NoCompression(),
	"gzip":   kgo.GzipCompression(),
	"snappy": kgo.SnappyCompression(),
	"lz4":    kgo.Lz4Compression(),
	"zstd":   kgo.ZstdCompression(),
}

// Writes v0, v1, ... to partition 0.
func produce(ctx context.Context) error {
	options := []kgo.Opt{kgo.ProducerBatchCompression(codecs[*codec])}
	if !*idempotent {
		options = append(options, kgo.DisableIdempotentWrite())
	}
	client, err := newClient(options...)
	if err != nil {
		return err
	}
	defer client.Close()
	records := make([]*kgo.Record, *count)
	for at := range records {
		records[at] = record(0, fmt.Sprintf("v%d", at))
		records[at].Headers = []kgo.RecordHeader{{Key: "h", Value: []byte("x")}}
	}
	if err := client.ProduceSync(ctx, records...).FirstErr(); err != nil {
		return err
	}
	say(map[string]any{"produced": len(records), "last": records[len(records)-1].Offset})
	return nil
}

func record(partition int32, value string) *kgo.Record {
	return &kgo.Record{Topic: *topic, Partition: partition, Value: []byte(value)}
}

// Reads as a group of one until it has -count records, says them and commits what it has.
func consume(ctx context.Context) error {
	client, err := newClient(append(reading(), kgo.ConsumerGroup(*groupID), kgo.DisableAutoCommit())...)
	if err != nil {
		return err
	}
	defer client.Close()
	values := []string{}
	for len(values) < *count {
		fetches := client.PollRecords(ctx, *count-len(values))
		if err := fetches.Err(); err != nil {
			return err
		}
		fetches.EachRecord(func(r *kgo.Record) { values = append(values, string(r.Value)) })
	}
	if err := client.CommitUncommittedOffsets(ctx); err != nil {
		return err
	}
	say(values)
	return nil
}

func reading() []kgo.Opt {
	isolation := kgo.ReadCommitted()
	if *uncommitted {
		isolation = kgo.ReadUncommitted()
	}
	return []kgo.Opt{
		kgo.ConsumeTopics(*topic),
		kgo.FetchIsolationLevel(isolation),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
	}
}

// Says which offsets belong to times between and around three records.
func times(ctx context.Context) error {
	client, err := newClient()
	if err != nil {
		return err
	}
	defer client.Close()
	for _, at := range []int64{1000, 2000, 3000} {
		r := record(0, "timed")
		r.Timestamp = time.UnixMilli(at)
		if err := client.ProduceSync(ctx, r).FirstErr(); err != nil {
			return err
		}
	}
	admin := kadm.NewClient(client)
	for _, at := range []int64{0, 1500, 3000, 3001} {
		listed, err := admin.ListOffsetsAfterMilli(ctx, at, *topic)
		if err != nil {
			return err
		}
		found, _ := listed.Lookup(*topic, 0)
		say(map[string]any{"after": at, "offset": found.Offset, "timestamp": found.Timestamp})
	}
	newest, err := admin.ListMaxTimestampOffsets(ctx, *topic)
	if err != nil {
		return err
	}
	found, _ := newest.Lookup(*topic, 0)
	say(map[string]any{"newest": found.Offset, "timestamp": found.Timestamp})
	return nil
}
