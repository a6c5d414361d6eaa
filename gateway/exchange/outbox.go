package exchange

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// Worker tries one outbox row once. It settles the row itself and returns an error only when the
// record could not be written: the row is then tried again later.
type Worker interface {
	Try(ctx context.Context, row store.Outbox) error
}

// Gate is a Worker that knows when rows need not be tried. It is asked before a row is tried, and
// keeps what it knows in memory: a row that waits is not written.
type Gate interface {
	// Ready says whether the row may be tried now, and otherwise when its target may be asked for again.
	// The answer counts for all rows of the channel to that target.
	Ready(row store.Outbox, now time.Time) (ok bool, at time.Time)
}

// Queue is the part of the record the outbox reads.
type Queue interface {
	DueExcept(ctx context.Context, now time.Time, except []store.Lane, limit int) ([]store.Outbox, error)
	NextDueExcept(ctx context.Context, except []store.Lane) (at time.Time, ok bool, err error)
}

// Outbox works the record's outbox: it takes the head of each (channel, target, case) line when it
// is due and hands it to the worker of its channel. Lines run side by side, a line runs in order. A
// target that hangs or is down takes at most half of the slots, and messages never take the last one.
type Outbox struct {
	Record  Queue
	Workers map[store.Channel]Worker
	Clock   func() time.Time
	After   func(time.Duration) <-chan time.Time // time.After, or a test's
	Logger  *slog.Logger
	// Parallel bounds how many rows are tried at once; below two it counts as two.
	Parallel int

	wake chan struct{}
	once sync.Once
}

// Bounds of the outbox's sleep.
const (
	idleWait    = time.Minute // when nothing is due
	busyWait    = time.Second // while attempts are under way
	troubleWait = time.Second // after a row that could not be settled
)

func (o *Outbox) start() {
	o.once.Do(func() { o.wake = make(chan struct{}, 1) })
}

// Wake tells the outbox that a row was queued. It never blocks.
func (o *Outbox) Wake() {
	o.start()
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// Run works until ctx ends, then waits for the attempts under way.
func (o *Outbox) Run(ctx context.Context) error {
	o.start()
	var wg sync.WaitGroup
	defer wg.Wait()
	s := newSlots(o.Parallel)
	for {
		wait := troubleWait
		if err := o.round(ctx, &wg, s); err == nil {
			wait = o.sleep(ctx, s)
		} else if ctx.Err() == nil {
			o.Logger.ErrorContext(ctx, "the outbox cannot be read", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-o.wake:
		case <-o.After(wait):
		}
	}
}

// round starts what is due, as far as slots are free. It reads on as long as there may be rows behind
// those of lanes that turned out to wait.
func (o *Outbox) round(ctx context.Context, wg *sync.WaitGroup, s *slots) error {
	// As many as there are slots: those that are being tried come again, and a lane that turns out to be
	// full or to wait is left out of the next reading.
	limit := s.size
	for !s.full() {
		// A row that was being tried when the list was read may stand otherwise by now: it is left for
		// the next round, which the end of its attempt starts.
		trying, now := s.trying(), o.Clock()
		rows, err := o.Record.DueExcept(ctx, now, s.closed(now), limit)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := ctx.Err(); err != nil {
				return err
			}
			if !trying[row.ID] && o.admit(row, s, now) {
				wg.Go(func() {
					defer func() { s.release(row); o.Wake() }()
					o.try(ctx, row)
				})
			}
		}
		if len(rows) < limit {
			break
		}
	}
	return nil
}

// admit takes a slot for a row, if it may be tried now.
func (o *Outbox) admit(row store.Outbox, s *slots, now time.Time) bool {
	if s.waits(row) {
		return false
	}
	if g, ok := o.Workers[row.Channel].(Gate); ok {
		if ready, at := g.Ready(row, now); !ready {
			if !at.After(now) {
				at = now.Add(troubleWait)
			}
			s.wait(row, at)
			return false
		}
	}
	return s.take(row)
}

// sleep is how long nothing can become due.
func (o *Outbox) sleep(ctx context.Context, s *slots) time.Duration {
	now, d := o.Clock(), idleWait
	at, ok, err := o.Record.NextDueExcept(ctx, s.closed(now))
	if err != nil {
		return troubleWait
	}
	if ok {
		d = min(d, at.Sub(now))
	}
	if at, ok := s.opens(); ok {
		d = min(d, at.Sub(now))
	}
	if s.busy() {
		// What is being tried is due as well. Finished attempts wake us; meanwhile another line may
		// become due.
		return max(d, busyWait)
	}
	return max(d, time.Millisecond)
}

func (o *Outbox) try(ctx context.Context, row store.Outbox) {
	err := fmt.Errorf("no worker for the channel %q", row.Channel)
	if w, ok := o.Workers[row.Channel]; ok {
		err = w.Try(ctx, row)
	}
	if err == nil || ctx.Err() != nil {
		return
	}
	o.Logger.ErrorContext(ctx, "an outbox row could not be settled", "id", row.ID, "type", row.Type, "error", err)
	select {
	case <-o.After(troubleWait): // the record is in trouble: do not spin
	case <-ctx.Done():
	}
}
