package connectortest

import (
	"context"
	"fmt"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// eventReader reads events as the gateway does: the cursor is kept with what was applied, and an event whose
// id was applied before is not applied again. It crashes at times between the two.
type eventReader struct {
	*permitsRun
	dice    *dice
	cursor  string
	applied []connectors.PermitEvent
	byID    map[string]connectors.PermitEvent
}

// page reads once and says whether there may be more.
func (r *eventReader) page(ctx context.Context) (bool, error) {
	page, err := r.p.Events(ctx, r.cursor)
	if r.heard(err) != nil {
		if permanent(err) {
			return false, fmt.Errorf("the events are given up: %w", err)
		}
		return true, nil
	}
	for _, e := range page.Events {
		if err := r.apply(e); err != nil {
			return false, err
		}
		if r.dice != nil && r.dice.one(6) {
			return true, nil // it crashed within the page: the cursor stays
		}
	}
	if len(page.Events) == 0 {
		return false, nil
	}
	if page.Cursor == r.cursor {
		return false, fmt.Errorf("a page of %d events keeps the cursor", len(page.Events))
	}
	r.cursor = page.Cursor
	return true, nil
}

func (r *eventReader) apply(e connectors.PermitEvent) error {
	before, known := r.byID[e.ID]
	switch {
	case e.ID == "":
		return fmt.Errorf("an event without an id: %s of %s", e.Kind, e.Case)
	case !known:
		r.byID[e.ID] = e
		r.applied = append(r.applied, e)
	case !gocmp.Equal(before, e, gocmp.FilterPath(func(p gocmp.Path) bool { return p.Last().String() == ".Open" }, gocmp.Ignore())):
		return fmt.Errorf("event %s is another one now", e.ID)
	}
	return nil
}

// drain reads until nothing is new.
func (r *eventReader) drain(ctx context.Context) error {
	for n := 0; ; n++ {
		more, err := r.page(ctx)
		if err != nil || !more {
			return err
		}
		if n > maxTries {
			return fmt.Errorf("the events do not end after %d pages; the last error: %v", maxTries, r.said)
		}
	}
}

// stream hands applications over, has most of them decided, and reads what is told, with errors that
// pass and crashes all the while. It returns the outcomes by case.
func (r *permitsRun) stream(ctx context.Context) (*eventReader, map[string]ehds.Outcome, error) {
	o := &outbox{permitsRun: r, dice: newDice(r.seed), crashes: true}
	in := &eventReader{permitsRun: r, dice: o.dice, byID: map[string]connectors.PermitEvent{}}
	made := map[string]ehds.Outcome{}
	for n := 1; n <= 6; n++ {
		s := r.submission(n)
		r.storm(o.dice)
		if err := o.deliver(ctx, []queue{{held{s.Case, s.Track}, []task{submitTask(s)}}}); err != nil {
			return in, made, err
		}
		for range 3 {
			if _, err := in.page(ctx); err != nil {
				return in, made, err
			}
		}
		made[s.Case] = ""
		r.calm()
		switch n % 3 {
		case 0:
			made[s.Case] = ehds.Negative
		case 1:
			made[s.Case] = ehds.Positive
		}
		if made[s.Case] != "" {
			r.Decide(r.t, r.p, s, made[s.Case])
		}
		r.restart()
	}
	r.storm(o.dice)
	for range 20 {
		if _, err := in.page(ctx); err != nil {
			return in, made, err
		}
	}
	r.calm()
	in.dice = nil
	return in, made, in.drain(ctx)
}

// eventsOnce: every decision is told, once, and none that nobody took.
func eventsOnce(ctx context.Context, r *permitsRun) error {
	in, made, err := r.stream(ctx)
	if err != nil {
		return err
	}
	told := map[string]ehds.Outcome{}
	for id := range made {
		told[id] = ""
	}
	for _, e := range in.applied {
		if e.Kind != connectors.EventDecision {
			continue
		}
		if told[e.Case] != "" {
			return fmt.Errorf("a second decision of %s is told", e.Case)
		}
		told[e.Case] = e.Decision.Outcome
	}
	if d := gocmp.Diff(made, told); d != "" {
		return fmt.Errorf("outcomes (-decided +told):\n%s", d)
	}
	r.restart()
	fresh := &eventReader{permitsRun: r, byID: in.byID}
	before := len(in.applied)
	if err := fresh.drain(ctx); err != nil {
		return fmt.Errorf("from the start again: %w", err)
	}
	if len(fresh.applied) > 0 {
		return fmt.Errorf("from the start again %d events more than the %d before", len(fresh.applied), before)
	}
	return nil
}

// eventsOrdered: a case goes through its states in their order, and time does not run back.
func eventsOrdered(ctx context.Context, r *permitsRun) error {
	in, made, err := r.stream(ctx)
	if err != nil {
		return err
	}
	rank := map[string]int{string(ehds.StateSubmitted): 1, string(ehds.StatePreScreening): 2, string(ehds.StateProcessing): 3}
	type place struct {
		rank int
		at   time.Time
	}
	at := map[string]place{}
	for _, e := range in.applied {
		when, err := time.Parse(time.RFC3339, e.At)
		if err != nil {
			return fmt.Errorf("event %s: %w", e.ID, err)
		}
		now, before := place{rank[e.Status], when}, at[e.Case]
		if e.Kind == connectors.EventDecision {
			if now.rank = 4; before.rank != 3 {
				return fmt.Errorf("the decision of %s is told when the case is not in PROCESSING", e.Case)
			}
		}
		if now.rank != 0 && now.rank <= before.rank || when.Before(before.at) {
			return fmt.Errorf("event %s of %s comes too late", e.ID, e.Case)
		}
		at[e.Case] = place{max(now.rank, before.rank), when}
	}
	for id, outcome := range made {
		if outcome != "" && at[id].rank != 4 {
			return fmt.Errorf("the decision of %s is not told", id)
		}
	}
	return nil
}
