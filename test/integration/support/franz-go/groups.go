package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

var balancers = map[string]kgo.GroupBalancer{
	"range":              kgo.RangeBalancer(),
	"roundrobin":         kgo.RoundRobinBalancer(),
	"sticky":             kgo.StickyBalancer(),
	"cooperative-sticky": kgo.CooperativeStickyBalancer(),
}

// A member of the group that knows its partitions.
type member struct {
	client *kgo.Client
	mutex  sync.Mutex
	has    []int32
	stop   context.CancelFunc
}

func join(ctx context.Context, options ...kgo.Opt) (*member, error) {
	m := &member{}
	add := func(_ context.Context, _ *kgo.Client, assigned map[string][]int32) {
		m.change(func() { m.has = append(m.has, assigned[*topic]...) })
	}
	remove := func(_ context.Context, _ *kgo.Client, gone map[string][]int32) {
		m.change(func() {
			m.has = slices.DeleteFunc(m.has, func(p int32) bool { return slices.Contains(gone[*topic], p) })
		})
	}
	client, err := newClient(append(append(reading(),
		kgo.ConsumerGroup(*groupID),
		kgo.Balancers(balancers[*balancer]),
		kgo.HeartbeatInterval(100*time.Millisecond),
		kgo.SessionTimeout(10*time.Second),
		kgo.OnPartitionsAssigned(add),
		kgo.OnPartitionsRevoked(remove),
		kgo.OnPartitionsLost(remove),
	), options...)...)
	if err != nil {
		return nil, err
	}
	m.client = client
	polling, stop := context.WithCancel(ctx)
	m.stop = stop
	go func() {
		for polling.Err() == nil {
			client.PollFetches(polling)
		}
	}()
	return m, nil
}

func (m *member) change(how func()) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	how()
	slices.Sort(m.has)
}

func (m *member) partitions() []int32 {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return slices.Clone(m.has)
}

// A static member does not say that it leaves: others do not notice.
func (m *member) leave() {
	m.stop()
	m.client.Close()
}

func until(ctx context.Context, what string, is func() bool) error {
	for !is() {
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting until %s: %w", what, ctx.Err())
		case <-time.After(10 * time.Millisecond):
		}
	}
	return nil
}

// Two members share four partitions; one leaves, the other takes over.
func group(ctx context.Context) error {
	first, err := join(ctx)
	if err != nil {
		return err
	}
	defer first.leave()
	if err := until(ctx, "one has all", func() bool { return len(first.partitions()) == 4 }); err != nil {
		return err
	}
	second, err := join(ctx)
	if err != nil {
		return err
	}
	defer second.leave()
	share := func() bool { return len(first.partitions()) == 2 && len(second.partitions()) == 2 }
	if err := until(ctx, "two share", share); err != nil {
		return err
	}
	say(map[string]any{"shared": slices.Sorted(slices.Values(append(first.partitions(), second.partitions()...)))})
	first.leave()
	if err := until(ctx, "the second takes over", func() bool { return len(second.partitions()) == 4 }); err != nil {
		return err
	}
	say(map[string]any{"taken": second.partitions()})
	return nil
}

// Of two static members one goes and comes back: same partitions, no new generation for the other.
func static(ctx context.Context) error {
	first, err := join(ctx, kgo.InstanceID("first"))
	if err != nil {
		return err
	}
	defer first.leave()
	second, err := join(ctx, kgo.InstanceID("second"))
	if err != nil {
		return err
	}
	share := func() bool { return len(first.partitions()) == 2 && len(second.partitions()) == 2 }
	if err := until(ctx, "two share", share); err != nil {
		return err
	}
	before := second.partitions()
	_, generation := first.client.GroupMetadata()
	second.leave()
	again, err := join(ctx, kgo.InstanceID("second"))
	if err != nil {
		return err
	}
	defer again.leave()
	if err := until(ctx, "it is back", func() bool { return len(again.partitions()) == 2 }); err != nil {
		return err
	}
	_, after := first.client.GroupMetadata()
	say(map[string]any{
		"samePartitions": slices.Equal(before, again.partitions()),
		"sameGeneration": generation == after,
	})
	return nil
}
