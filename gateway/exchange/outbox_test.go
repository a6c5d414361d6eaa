package exchange

import (
	"context"
	"crypto/rand"
	"fmt"
	"math/big"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// chance is true once in n.
func chance(t *testing.T, n int64) bool {
	i, err := rand.Int(rand.Reader, big.NewInt(n))
	if err != nil {
		t.Error(err)
	}
	return err == nil && i.Int64() == 0
}

// Whatever fails on the way, each line arrives whole and in order, lines side by side.
func TestOutboxKeepsOrder(t *testing.T) {
	const lines, messages = 8, 4
	w, from, peer, first := line(t)
	var mu sync.Mutex
	seen := map[string][]int64{}
	inFlight, most := 0, 0
	flaky := wire(func(ctx context.Context, p connectors.Peer, token string, a []connectors.Outbound) (connectors.Answer, error) {
		mu.Lock()
		inFlight++
		most = max(most, inFlight)
		mu.Unlock()
		defer func() { mu.Lock(); inFlight--; mu.Unlock() }()
		if chance(t, 4) {
			return connectors.Answer{}, errBoom // never arrived
		}
		reply := peer.inbox.Receive(ctx, []byte(token), NoParts{})
		r := peer.receipt(reply.Receipt)
		m, _, err := peer.record.Message(ctx, centreID, r.Ref)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		seen[m.Case] = append(seen[m.Case], m.Seq)
		mu.Unlock()
		if chance(t, 4) {
			return connectors.Answer{}, errBoom // arrived, and the answer was lost
		}
		return answerOf(reply), nil
	})
	// The first line begins with the message of the fixture.
	for l := range lines {
		id := fmt.Sprintf("A%d", l+1)
		var list []store.Outgoing
		if l > 0 {
			list = append(list, from.submission(id))
		}
		for n := int64(2); n <= messages; n++ {
			list = append(list, from.compose.Message(Draft{To: ncpID, Type: ehds.ExchangeVoid, Case: "app:" + id, Body: ehds.VoidBody{Seq: n, Reason: "x"}}))
		}
		from.queue("app:"+id, list...)
	}
	s := from.sender(flaky)
	s.Backoff.First = time.Millisecond
	before := runtime.NumGoroutine()
	out := &Outbox{Record: from.record, Workers: map[store.Channel]Worker{store.ChannelCentral: s}, Clock: w.clock.Now, Logger: w.log, Parallel: 8,
		// Each look at the clock costs a little: attempts under way are not to be overtaken by days.
		After: func(d time.Duration) <-chan time.Time { w.clock.Advance(min(d, time.Second)); return time.After(0) }}
	ctx, cancel := withCancel(t)
	done := make(chan error)
	go func() { done <- out.Run(ctx) }()
	for from.counts().Queued > 0 && t.Context().Err() == nil {
		runtime.Gosched()
		time.Sleep(time.Millisecond) // polls an outcome; nothing depends on how long it takes
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	for l := range lines {
		id := fmt.Sprintf("app:A%d", l+1)
		last := int64(0)
		for _, n := range seen[id] {
			if n != last && n != last+1 {
				t.Errorf("%s: arrived as %v", id, seen[id])
				break
			}
			last = n
		}
		if applied, waiting := peer.place(id, centreID); applied != messages || waiting != 0 {
			t.Errorf("%s: applied %d, %d wait", id, applied, waiting)
		}
	}
	if from.row(first.ID).State != store.OutboxDelivered || from.counts().Dead != 0 {
		t.Errorf("counts %+v", from.counts())
	}
	if most < 2 {
		t.Errorf("lines did not run side by side")
	}
	if peer.counts().Messages != lines*messages {
		t.Errorf("the peer has %d messages", peer.counts().Messages)
	}
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Errorf("%d goroutines were left", runtime.NumGoroutine()-before)
}

// workerFunc is a worker made of a function.
type workerFunc func(context.Context, store.Outbox) error

func (f workerFunc) Try(ctx context.Context, row store.Outbox) error { return f(ctx, row) }

// A stop waits for the attempt under way and starts no other.
func TestOutboxStops(t *testing.T) {
	w, from, _, _ := line(t)
	from.queue("app:A2", from.submission("A2"))
	started, release := make(chan int64, 9), make(chan struct{})
	out := &Outbox{Record: from.record, Clock: w.clock.Now, Logger: w.log, Parallel: 1,
		After: func(time.Duration) <-chan time.Time { return nil },
		Workers: map[store.Channel]Worker{store.ChannelCentral: workerFunc(func(_ context.Context, r store.Outbox) error {
			started <- r.ID
			<-release
			return nil
		})}}
	ctx, cancel := withCancel(t)
	done := make(chan error, 1)
	go func() { done <- out.Run(ctx) }()
	<-started
	cancel()
	select {
	case <-done:
		t.Error("the outbox left an attempt behind")
	case <-time.After(20 * time.Millisecond):
	}
	close(release)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if len(started) != 0 {
		t.Error("another attempt was started")
	}
}

// What cannot be settled, or has no worker, is tried again after a pause, never in a loop.
func TestOutboxDoesNotSpin(t *testing.T) {
	for name, workers := range map[string]map[store.Channel]Worker{
		"no worker":    nil,
		"always fails": {store.ChannelCentral: workerFunc(func(context.Context, store.Outbox) error { return errBoom })},
	} {
		t.Run(name, func(t *testing.T) {
			w, from, _, _ := line(t)
			out := &Outbox{Record: from.record, Workers: workers, Clock: w.clock.Now, Logger: w.log, Parallel: 4,
				After: func(time.Duration) <-chan time.Time { return nil }}
			ctx, cancel := withCancel(t)
			done := make(chan error)
			go func() { done <- out.Run(ctx) }()
			for range 5 { // woken again and again while the pause lasts
				for !strings.Contains(w.logs.String(), "could not be settled") {
					runtime.Gosched()
				}
				out.Wake()
				time.Sleep(time.Millisecond)
			}
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
			if n := strings.Count(w.logs.String(), "could not be settled"); n != 1 {
				t.Errorf("tried %d times", n)
			}
		})
	}
}

func TestOutboxSleeps(t *testing.T) {
	w, from, _, row := line(t)
	out := &Outbox{Record: from.record, Clock: w.clock.Now, Logger: w.log}
	idle, busy, waiting := newSlots(4), newSlots(4), newSlots(4)
	busy.take(row)
	waiting.wait(row, w.clock.Now().Add(9*time.Second))
	if d := out.sleep(t.Context(), busy); d != busyWait {
		t.Errorf("busy: %s", d)
	}
	if d := out.sleep(t.Context(), waiting); d != 9*time.Second {
		t.Errorf("with a lane that waits: %s", d)
	}
	settle := func(st store.Settlement) {
		t.Helper()
		st.ID = row.ID
		if _, err := from.record.Update(t.Context(), row.Case, func(store.State) (store.Change, error) { return store.Change{Settle: &st}, nil }); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ due, want time.Duration }{{7 * time.Second, 7 * time.Second}, {time.Hour, idleWait}, {-time.Hour, time.Millisecond}} {
		settle(store.Settlement{State: store.OutboxQueued, Due: w.clock.Now().Add(c.due)})
		if d := out.sleep(t.Context(), idle); d != c.want {
			t.Errorf("due in %s: %s", c.due, d)
		}
	}
	settle(store.Settlement{State: store.OutboxDead})
	if d := out.sleep(t.Context(), idle); d != idleWait {
		t.Errorf("empty: %s", d)
	}
	_ = from.record.Close()
	if d := out.sleep(t.Context(), idle); d != time.Second {
		t.Errorf("broken: %s", d)
	}
}

// A row that was under way when the list was read is not tried again from that list.
func TestOutboxForgetsStaleRows(t *testing.T) {
	w, from, _, row := line(t)
	tries, entered, release := 0, make(chan bool), make(chan bool)
	var mu sync.Mutex
	rec := &slowDue{Queue: from.record}
	out := &Outbox{Record: rec, Clock: w.clock.Now, Logger: w.log, Parallel: 2,
		After: func(time.Duration) <-chan time.Time { return nil },
		Workers: map[store.Channel]Worker{store.ChannelCentral: workerFunc(func(ctx context.Context, r store.Outbox) error {
			mu.Lock()
			tries++
			mu.Unlock()
			entered <- true
			<-release
			_, err := from.record.Update(ctx, r.Case, func(store.State) (store.Change, error) {
				return store.Change{Settle: &store.Settlement{ID: row.ID, State: store.OutboxDead}}, nil
			})
			return err
		})}}
	ctx, cancel := withCancel(t)
	done := make(chan error)
	go func() { done <- out.Run(ctx) }()
	<-entered
	// The next list is read while the row is under way, and handed over when it no longer is.
	rec.hold(func() {
		release <- true
		for from.row(row.ID).State != store.OutboxDead {
			runtime.Gosched()
		}
		time.Sleep(5 * time.Millisecond) // lets the attempt's goroutine finish; too short a sleep only weakens the test
	})
	out.Wake()
	<-rec.held
	out.Wake()
	time.Sleep(5 * time.Millisecond)
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if tries != 1 {
		t.Errorf("tried %d times", tries)
	}
}

// slowDue is a record whose next list of due rows is handed over late.
type slowDue struct {
	Queue
	mu   sync.Mutex
	wait func()
	held chan struct{}
}

func (s *slowDue) hold(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wait, s.held = f, make(chan struct{})
}

func (s *slowDue) DueExcept(ctx context.Context, now time.Time, except []store.Lane, limit int) ([]store.Outbox, error) {
	rows, err := s.Queue.DueExcept(ctx, now, except, limit)
	s.mu.Lock()
	wait := s.wait
	s.wait = nil
	s.mu.Unlock()
	if wait != nil {
		wait()
		close(s.held)
	}
	return rows, err
}
