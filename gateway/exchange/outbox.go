package exchange

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// Worker tries one outbox row once. It settles the row itself and returns an error only when the
// record could not be written: the row is then tried again later.
type Worker interface {
	Try(ctx context.Context, row store.Outbox) error
}

// Outbox works the record's outbox: it takes the head of each (channel, target, case) line when it
// is due and hands it to the worker of its channel. Lines run side by side, a line runs in order.
type Outbox struct {
	Record  Record
	Workers map[store.Channel]Worker
	Clock   func() time.Time
	After   func(time.Duration) <-chan time.Time // time.After, or a test's
	Logger  *slog.Logger
	// Parallel bounds how many rows are tried at once.
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
	busy := &busyRows{rows: map[int64]bool{}}
	slots := make(chan struct{}, max(1, o.Parallel))
	for {
		// A row that was being tried when the list was read may stand otherwise by now: it is left for
		// the next round, which the end of its attempt starts.
		trying := busy.list()
		rows, err := o.Record.Due(ctx, o.Clock(), 4*cap(slots))
		if err != nil && ctx.Err() == nil {
			o.Logger.ErrorContext(ctx, "the outbox cannot be read", "error", err)
		}
		started := 0
		for _, row := range rows {
			if trying[row.ID] || !busy.take(row.ID) {
				continue
			}
			select {
			case slots <- struct{}{}:
			case <-ctx.Done():
				return nil
			}
			started++
			wg.Go(func() {
				defer func() { busy.release(row.ID); <-slots; o.Wake() }()
				o.try(ctx, row)
			})
		}
		if started == cap(slots)*4 {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-o.wake:
		case <-o.After(o.sleep(ctx, len(rows) > 0)):
		}
	}
}

// sleep is how long nothing can become due.
func (o *Outbox) sleep(ctx context.Context, waiting bool) time.Duration {
	if waiting {
		// Finished attempts wake us; meanwhile another line may become due.
		return busyWait
	}
	at, ok, err := o.Record.NextDue(ctx)
	if err != nil {
		return time.Second
	}
	if !ok {
		return idleWait
	}
	return min(max(at.Sub(o.Clock()), time.Millisecond), idleWait)
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

// busyRows are the rows being tried.
type busyRows struct {
	mu   sync.Mutex
	rows map[int64]bool
}

func (b *busyRows) take(id int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rows[id] {
		return false
	}
	b.rows[id] = true
	return true
}

// list is a copy of what is being tried now.
func (b *busyRows) list() map[int64]bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return maps.Clone(b.rows)
}

func (b *busyRows) release(id int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.rows, id)
}
