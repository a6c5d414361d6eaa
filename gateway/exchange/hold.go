package exchange

import (
	"context"
	"errors"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// Hold ends the waiting of messages whose earlier number never came: after the hold bound they are
// applied as far as the case allows, with finding seq-gap (wire profile §3).
type Hold struct {
	Inbox  *Inbox
	Bound  time.Duration
	Every  time.Duration
	After  func(time.Duration) <-chan time.Time
	Record Record
}

// holdPage is how many cases are released in one round.
const holdPage = 100

// Run releases messages until ctx ends.
func (h *Hold) Run(ctx context.Context) {
	for {
		if _, err := h.Release(ctx); err != nil && ctx.Err() == nil {
			h.Inbox.Logger.ErrorContext(ctx, "held messages cannot be released now", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-h.After(h.Every):
		}
	}
}

// Release applies what has waited too long and says in how many cases.
func (h *Hold) Release(ctx context.Context) (int, error) {
	limit := h.Inbox.Clock().Add(-h.Bound)
	cases, err := h.Record.HeldCases(ctx, limit, holdPage)
	if err != nil {
		return 0, err
	}
	released := 0
	var errs []error
	for _, id := range cases {
		c, err := h.Record.Update(ctx, id, func(s store.State) (store.Change, error) {
			return h.Inbox.release(s, limit)
		})
		if err != nil { // the other cases go on
			errs = append(errs, err)
			continue
		}
		released++
		if len(c.Sent) > 0 && h.Inbox.Wake != nil {
			h.Inbox.Wake()
		}
	}
	return released, errors.Join(errs...)
}

// release jumps the gap before the first message that waited too long, for each sender, and goes on
// from there.
func (in *Inbox) release(s store.State, limit time.Time) (store.Change, error) {
	change := store.Change{Applied: map[string]int64{}}
	for _, m := range s.Held {
		if m.ReceivedAt.After(limit) || m.Seq <= applied(s, change, m.Iss) {
			continue
		}
		first := m
		for _, o := range s.Held { // the lowest number of this sender goes first
			if o.Iss == m.Iss && o.Seq < first.Seq && o.Seq > applied(s, change, m.Iss) {
				first = o
			}
		}
		change.Applied[m.Iss] = first.Seq
		if err := in.applyHeld(s, first, &change, seqGap()); err != nil {
			return store.Change{}, err
		}
		if err := in.drain(s, m.Iss, &change); err != nil {
			return store.Change{}, err
		}
	}
	return change, nil
}

// seqGap is what the response of a message says whose gap was given up.
func seqGap() ehds.Finding {
	return ehds.Finding{Pointer: "/seq", Code: "seq-gap", Severity: "warning", Message: "an earlier number of this case never arrived"}
}

func applied(s store.State, c store.Change, iss string) int64 {
	return max(s.Applied[iss], c.Applied[iss])
}
