package exchange

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// Timers is the worker of the statutory clocks: what the law lets happen by itself when a period has
// ended (TEHDAS2 D6.4 §8) happens once, dated at the legal end, also when the gateway was away. The
// record's list of timers says what is due; the effect and its evidence are one change of the case, so
// that a crash leaves all of it or nothing.
type Timers struct {
	Record interface {
		Record
		store.Timers
		store.Mailboxes
	}
	Applications *Applications
	// Drained is asked before an effect that an act of the applicant could prevent.
	Drained Drained
	// Grace is how long after its end a clock waits for acts that are dated in time and on their way.
	Grace time.Duration
	// Every bounds the sleep: what falls due sooner than expected is seen by then.
	Every  time.Duration
	Clock  func() time.Time
	After  func(time.Duration) <-chan time.Time
	Logger *slog.Logger
	Wake   func() // the outbox
	// Observe is told the kind of each clock that fired, for metrics.
	Observe func(kind string)
}

// Drained says whether what was on its way to us is here: the queues of a transport that is asked for
// mail are empty, or one that brings it had time to do so.
type Drained interface {
	Drained(ctx context.Context, caseID string) (bool, error)
}

// LastFiring is the newest effect of a clock.
type LastFiring struct {
	Kind string    `json:"kind"`
	End  time.Time `json:"end"` // the legal end, by which the effect is dated
	At   time.Time `json:"at"`  // when it was applied
}

// Bounds of a round.
const (
	timerPage     = 256
	timerParallel = 32 // cases whose clocks end at the same instant, as most do at midnight
)

// Run fires clocks until ctx ends.
func (w *Timers) Run(ctx context.Context) {
	for {
		fired, err := w.Round(ctx)
		if err != nil && ctx.Err() == nil {
			w.Logger.ErrorContext(ctx, "the statutory clocks cannot be looked at now", "error", err)
		}
		if fired > 0 {
			w.Logger.InfoContext(ctx, "statutory clocks fired", "count", fired)
		}
		select {
		case <-ctx.Done():
			return
		case <-w.After(w.Every):
		}
	}
}

// Round fires everything that is due now, in the order of the legal ends, and says how many clocks
// that were. A case that has to wait does not hold up the others.
func (w *Timers) Round(ctx context.Context) (int, error) {
	fired := 0
	limit := w.Clock().Add(-w.Grace)
	var at store.CaseTimer
	for {
		page, err := w.Record.TimersUntil(ctx, store.TimerRuns, limit, at, timerPage)
		if err != nil || len(page) == 0 {
			return fired, err
		}
		for len(page) > 0 {
			n := 1
			for n < len(page) && page[n].At.Equal(page[0].At) {
				n++
			}
			at = page[n-1]
			count, more, err := w.together(ctx, page[:n], limit)
			if fired += count; err != nil {
				return fired, err
			}
			if page = page[n:]; more {
				break // a clock started that may end before the rest of the page
			}
		}
	}
}

// together fires the clocks that end at one instant. more says that a case has others that are due.
func (w *Timers) together(ctx context.Context, same []store.CaseTimer, limit time.Time) (fired int, more bool, err error) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	slots := make(chan struct{}, timerParallel)
	same = slices.CompactFunc(slices.Clone(same), func(a, b store.CaseTimer) bool { return a.Case == b.Case })
	for _, t := range same {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			f := w.fire(ctx, t, limit)
			mu.Lock()
			defer mu.Unlock()
			fired, more = fired+len(f.fired), more || f.more
			if f.err != nil {
				err = f.err
			}
		})
	}
	wg.Wait()
	if fired > 0 && w.Wake != nil {
		w.Wake()
	}
	return fired, more, err
}
