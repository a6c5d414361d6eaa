package exchange

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// counted is a record that counts commits and reads of its outbox.
type counted struct {
	*store.Record
	commits, reads atomic.Int64
}

func (c *counted) Update(ctx context.Context, id string, fn func(store.State) (store.Change, error)) (store.Committed, error) {
	c.commits.Add(1)
	return c.Record.Update(ctx, id, fn)
}

func (c *counted) DueExcept(ctx context.Context, now time.Time, except []store.Lane, limit int) ([]store.Outbox, error) {
	c.reads.Add(1)
	return c.Record.DueExcept(ctx, now, except, limit)
}

// removals queues messages about n datasets: n lines to one peer.
func (n *node) removals(to string, count int) {
	n.w.t.Helper()
	for i := range count {
		id := fmt.Sprintf("ds:FR:%s-%d", to[len(to)-1:], i)
		n.queue(id, n.compose.Message(Draft{To: to, Type: ehds.DatasetDelete, Case: id, Body: ehds.DatasetDeleteBody{Identifier: id}}))
	}
}

// await polls an outcome; nothing depends on how long it takes.
func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !done(); {
		if time.Now().After(end) {
			t.Fatalf("never: %s", what)
		}
		runtime.Gosched()
		time.Sleep(time.Millisecond)
	}
}

// A peer that is down costs a probe a period, however much waits for it, and holds up nobody.
func TestOutboxSparesTheRecordWhileAPeerIsDown(t *testing.T) {
	const lines, failures, parallel, period, periods = 300, 3, 8, 10 * time.Minute, 6
	w := newWorld(t)
	from := newNode(w, centreID, ehds.MarkCentralPlatform)
	newPeer(w, ncpID, ehds.MarkNCP)
	from.removals(ncpID, lines)
	rec := &counted{Record: from.record}
	var sent atomic.Int64
	s := from.sender(wire(func(context.Context, connectors.Peer, string, []connectors.Outbound) (connectors.Answer, error) {
		sent.Add(1)
		return connectors.Answer{}, errBoom
	}))
	s.Record, s.Breakers = rec, NewBreakers(failures, period)
	var asleep atomic.Int64 // times it went to sleep
	step := make(chan time.Time)
	ran := make(chan time.Duration, 1)
	var queued atomic.Int64
	out := &Outbox{Record: rec, Clock: w.clock.Now, Logger: w.log, Parallel: parallel,
		After: func(time.Duration) <-chan time.Time { asleep.Add(1); return step },
		Workers: map[store.Channel]Worker{store.ChannelCentral: s, store.ChannelPermits: workerFunc(func(ctx context.Context, r store.Outbox) error {
			ran <- w.clock.Now().Sub(time.Unix(queued.Load(), 0))
			_, err := from.record.Update(ctx, r.Case, func(store.State) (store.Change, error) {
				return store.Change{Settle: &store.Settlement{ID: r.ID, State: store.OutboxDelivered}}, nil
			})
			return err
		})}}
	ctx, cancel := withCancel(t)
	done := make(chan error)
	go func() { done <- out.Run(ctx) }()
	open := func() bool { _, until := s.Breakers.State(ncpID); return until.After(w.clock.Now()) }
	await(t, "the breaker opens", open)
	for range periods {
		w.clock.Advance(period)
		before := sent.Load()
		step <- w.clock.Now()
		await(t, "a probe", func() bool { return sent.Load() > before && open() })
	}
	quiet := func() { // until the last attempt is settled and everything sleeps
		for last := int64(-1); last != asleep.Load(); time.Sleep(20 * time.Millisecond) {
			last = asleep.Load()
		}
	}
	quiet()
	// A few attempts until the breaker opens, then one a period, with two commits each.
	if n := rec.commits.Load(); n > 2*(parallel/2+failures+2*periods) {
		t.Errorf("%d commits in %d periods with %d attempts", n, periods, sent.Load())
	}
	if n := from.counts().Queued; n != lines {
		t.Errorf("%d of %d still queued", n, lines)
	}
	reads := rec.reads.Load()
	queued.Store(w.clock.Now().Unix())
	from.queue("app:A1", from.compose.Task(store.ChannelPermits, "desk", taskHandover, "app:A1", struct{}{}))
	out.Wake()
	select {
	case wait := <-ran:
		if wait != 0 {
			t.Errorf("a task waited %s for a peer", wait)
		}
	case <-time.After(20 * time.Second):
		t.Error("a task waits for a peer")
	}
	quiet()
	if n := rec.reads.Load() - reads; n > 6 {
		t.Errorf("the outbox was read %d times for one task", n)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// A peer that hangs takes half of the slots; what else there is goes on.
// shows R15.3.1-2
func TestOutboxIsFair(t *testing.T) {
	const other = "https://ncp2.example/2"
	for _, c := range []struct{ parallel, perTarget, central int }{{1, 1, 1}, {2, 1, 1}, {4, 2, 3}, {7, 3, 6}} {
		t.Run(fmt.Sprint(c.parallel), func(t *testing.T) {
			w := newWorld(t)
			from := newNode(w, centreID, ehds.MarkCentralPlatform)
			for _, id := range []string{ncpID, other} {
				newPeer(w, id, ehds.MarkNCP)
			}
			from.removals(ncpID, 40)
			from.removals(other, 40)
			var mu sync.Mutex
			hanging, most := map[string]int{}, map[string]int{}
			s := from.sender(wire(func(ctx context.Context, p connectors.Peer, _ string, _ []connectors.Outbound) (connectors.Answer, error) {
				mu.Lock()
				for _, k := range []string{p.Entity, "all"} {
					hanging[k]++
					most[k] = max(most[k], hanging[k])
				}
				mu.Unlock()
				<-ctx.Done()
				mu.Lock()
				defer mu.Unlock()
				hanging[p.Entity]--
				hanging["all"]--
				return connectors.Answer{}, ctx.Err()
			}))
			task := workerFunc(func(ctx context.Context, r store.Outbox) error {
				_, err := from.record.Update(ctx, r.Case, func(store.State) (store.Change, error) {
					return store.Change{Settle: &store.Settlement{ID: r.ID, State: store.OutboxDelivered}}, nil
				})
				return err
			})
			out := &Outbox{Record: from.record, Clock: w.clock.Now, Logger: w.log, Parallel: c.parallel,
				After:   func(time.Duration) <-chan time.Time { return nil },
				Workers: map[store.Channel]Worker{store.ChannelCentral: s, store.ChannelPermits: task, store.ChannelInternal: task}}
			ctx, cancel := withCancel(t)
			done := make(chan error)
			go func() { done <- out.Run(ctx) }()
			sum := func() int { mu.Lock(); defer mu.Unlock(); return hanging["all"] }
			await(t, "peers hang", func() bool { return sum() == min(c.central, 2*c.perTarget) })
			var tasks []store.Outbox
			for i := range 10 {
				id := fmt.Sprintf("app:A%d", i)
				tasks = append(tasks, from.queue(id, from.compose.Task(store.ChannelPermits, "desk", taskHandover, id, struct{}{}),
					from.compose.Task(store.ChannelInternal, internalTarget, taskPermitIssue, id, struct{}{}))...)
			}
			out.Wake()
			await(t, "tasks are done", func() bool { return from.counts().Queued == 80 })
			for _, r := range tasks {
				if got := from.row(r.ID); got.State != store.OutboxDelivered {
					t.Errorf("%s is %s", got.Type, got.State)
				}
			}
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
			if most[ncpID] > c.perTarget || most[other] > c.perTarget || most["all"] > c.central {
				t.Errorf("attempts at once: %v", most)
			}
		})
	}
}
