package main

import (
	"context"

	"github.com/twmb/franz-go/pkg/kadm"
)

// Topics, settings, groups, offsets and records, each made, seen, changed and taken away.
func admin(ctx context.Context) error {
	client, err := newClient()
	if err != nil {
		return err
	}
	defer client.Close()
	a := &asker{ctx: ctx, client: kadm.NewClient(client)}
	retention := "5000"
	a.ask("created", func() (any, error) {
		made, err := a.client.CreateTopic(ctx, 2, 1, map[string]*string{"retention.ms": &retention}, *topic)
		return made.NumPartitions, err
	})
	a.ask("settings", a.retention)
	a.ask("altered", func() (any, error) {
		change := []kadm.AlterConfig{{Op: kadm.DeleteConfig, Name: "retention.ms"}}
		altered, err := a.client.AlterTopicConfigs(ctx, change, *topic)
		return len(altered), firstOf(err, func() error { _, err := altered.On(*topic, nil); return err })
	})
	a.ask("settings", a.retention)
	a.ask("partitions", func() (any, error) {
		added, err := a.client.CreatePartitions(ctx, 1, *topic)
		if err := firstOf(err, added.Error); err != nil {
			return nil, err
		}
		listed, err := a.client.ListTopics(ctx, *topic)
		return len(listed[*topic].Partitions), err
	})
	a.ask("committed", func() (any, error) {
		at := kadm.Offsets{}
		at.AddOffset(*topic, 0, 3, -1)
		if err := a.client.CommitAllOffsets(ctx, *groupID, at); err != nil {
			return nil, err
		}
		committed, err := a.client.FetchOffsets(ctx, *groupID)
		found, _ := committed.Lookup(*topic, 0)
		return found.At, err
	})
	a.ask("groups", a.groups)
	a.ask("described", func() (any, error) {
		described, err := a.client.DescribeGroups(ctx, *groupID)
		return described[*groupID].State, firstOf(err, described.Error)
	})
	a.ask("deleted group", func() (any, error) {
		deleted, err := a.client.DeleteGroup(ctx, *groupID)
		return deleted.Group, err
	})
	a.ask("groups", a.groups)
	a.ask("deleted records", func() (any, error) {
		for range 4 {
			if err := client.ProduceSync(ctx, record(0, "gone")).FirstErr(); err != nil {
				return nil, err
			}
		}
		until := kadm.Offsets{}
		until.AddOffset(*topic, 0, 3, -1)
		deleted, err := a.client.DeleteRecords(ctx, until)
		found, _ := deleted.Lookup(*topic, 0)
		return found.LowWatermark, firstOf(err, func() error { return found.Err })
	})
	a.ask("deleted topic", func() (any, error) {
		deleted, err := a.client.DeleteTopic(ctx, *topic)
		return deleted.Topic, err
	})
	a.ask("topics", func() (any, error) {
		listed, err := a.client.ListTopics(ctx)
		return listed.Names(), err
	})
	return a.err
}

// Says the answers one after the other until one is an error.
type asker struct {
	ctx    context.Context
	client *kadm.Client
	err    error
}

func (a *asker) ask(what string, question func() (any, error)) {
	if a.err != nil {
		return
	}
	answer, err := question()
	if a.err = err; err == nil {
		say(map[string]any{what: answer})
	}
}

func (a *asker) retention() (any, error) {
	described, err := a.client.DescribeTopicConfigs(a.ctx, *topic)
	if err != nil {
		return nil, err
	}
	resource, err := described.On(*topic, nil)
	if err != nil {
		return nil, err
	}
	for _, config := range resource.Configs {
		if config.Key == "retention.ms" {
			return config.MaybeValue(), nil
		}
	}
	return nil, nil
}

func (a *asker) groups() (any, error) {
	listed, err := a.client.ListGroups(a.ctx)
	return listed.Groups(), err
}

func firstOf(err error, next func() error) error {
	if err != nil {
		return err
	}
	return next()
}
