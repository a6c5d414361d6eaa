package exchange

import (
	"context"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// ClockStatus is how the statutory clocks of all cases stand, as the record knows it.
type ClockStatus struct {
	// Next is the clock that ends next; nil when none runs.
	Next *NextClock `json:"next_due,omitempty"`
	// Waiting counts the clocks that have ended and whose effect is not applied: the grace period runs,
	// mail is on its way, or the case does not allow the effect, which then has a flag.
	Waiting int64 `json:"waiting"`
	// Overdue counts the clocks that ran out while what was due is still owed.
	Overdue int64 `json:"overdue"`
	// Last is the newest effect of a clock; nil before the first.
	Last *LastFiring `json:"last_firing,omitempty"`
	// Present is when the gateway was there to take mail; nil before its first beat.
	Present *Present `json:"presence,omitempty"`
}

// NextClock is a kind of clock and an instant, and how many clocks of that kind end then.
type NextClock struct {
	Kind string    `json:"kind"`
	At   time.Time `json:"at"` // the legal end; the effect follows the grace period
	// Clocks counts them: two tracks of a case have one each.
	Clocks int64 `json:"clocks"`
}

// ReadClockStatus reads how the clocks stand at an instant. No case is read for it.
func ReadClockStatus(ctx context.Context, record interface {
	store.Timers
	store.Mailboxes
}, now time.Time) (out ClockStatus, err error) {
	for _, kind := range append(ClockKinds(), store.TimerUnread) {
		ended, err := record.TimerCount(ctx, store.TimerRuns, string(kind), now)
		if err != nil {
			return ClockStatus{}, err
		}
		late, err := record.TimerCount(ctx, store.TimerLate, string(kind), now)
		if err != nil {
			return ClockStatus{}, err
		}
		out.Waiting, out.Overdue = out.Waiting+ended, out.Overdue+late
	}
	if out.Next, err = nextClock(ctx, record, now); err != nil {
		return ClockStatus{}, err
	}
	if last, known, err := ReadLastFiring(ctx, record); err != nil {
		return ClockStatus{}, err
	} else if known {
		out.Last = &last
	}
	if present, known, err := ReadPresence(ctx, record); err != nil {
		return ClockStatus{}, err
	} else if known {
		out.Present = &present
	}
	return out, nil
}

// nextClock is the first that ends after now. The list goes on after an entry of its own: one that
// stands at the next instant the record tells apart, before all others of that instant.
func nextClock(ctx context.Context, record store.Timers, now time.Time) (*NextClock, error) {
	after := store.CaseTimer{Timer: store.Timer{At: now.Truncate(time.Microsecond).Add(time.Microsecond)}}
	never := time.Date(9999, time.December, 31, 0, 0, 0, 0, time.UTC) // after every clock
	first, err := record.TimersUntil(ctx, store.TimerRuns, never, after, 1)
	if err != nil || len(first) == 0 {
		return nil, err
	}
	n := NextClock{Kind: first[0].Kind, At: first[0].At}
	until, err := record.TimerCount(ctx, store.TimerRuns, n.Kind, n.At)
	if err != nil {
		return nil, err
	}
	before, err := record.TimerCount(ctx, store.TimerRuns, n.Kind, now)
	n.Clocks = until - before
	return &n, err
}
