package federation

import (
	"context"
	"fmt"
)

// An anchor that shows a configuration its pinned keys did not sign has lost its keys, or somebody
// speaks in its name. Either way nothing under it is trusted from then on, what is known and what comes
// in a header included, until it shows the pinned keys again. Only what its own host sends raises the
// alarm or ends it: anybody can put a forged configuration into a header. Other anchors are not
// concerned.

// anchorConfiguration gets the configuration of a pinned anchor, signed with its pinned keys.
func (r *Resolver) anchorConfiguration(ctx context.Context, anchor string, q query) (found, error) {
	alarmed, due := r.alarm(anchor)
	switch {
	case alarmed && !due:
		return found{}, mismatch(anchor)
	case alarmed: // nothing but the host itself can end it
		q.within, q.strict = 0, true
	}
	got, err := r.fetch.configuration(ctx, anchor, q)
	if err != nil {
		if alarmed {
			err = fmt.Errorf("%w: %w", mismatch(anchor), err)
		}
		return found{}, err
	}
	if _, err = pinned(got.statement, r.o.Anchors); err != nil && !got.asked {
		// It was kept under other pins. The host is asked before anybody is accused.
		r.fetch.forget(ctx, anchor)
		q.within, q.strict = 0, true
		if got, err = r.fetch.configuration(ctx, anchor, q); err != nil {
			return found{}, err
		}
		_, err = pinned(got.statement, r.o.Anchors)
	}
	switch {
	case err != nil:
		r.fetch.forget(ctx, anchor)
		r.raise(ctx, anchor, err)
		return found{}, err
	case alarmed:
		if err := got.statement.ValidAt(r.o.Clock()); err != nil {
			return found{}, fmt.Errorf("%w: %w", mismatch(anchor), err) // an old one, played again
		}
		r.calm(ctx, anchor)
	}
	return got, nil
}

func mismatch(anchor string) error {
	return fmt.Errorf("%w: %s, until it shows them again", ErrAnchorMismatch, anchor)
}

// anchorHolds refuses what stands under an anchor that broke its pin. The anchor is asked again, at
// most once every retryEvery.
func (r *Resolver) anchorHolds(ctx context.Context, anchor string) error {
	r.mu.Lock()
	_, alarmed := r.alarmed[anchor]
	r.mu.Unlock()
	if !alarmed {
		return nil
	}
	_, err := r.once(ctx, "anchor:"+anchor, func(ctx context.Context) (*resolved, error) {
		_, err := r.anchorConfiguration(ctx, anchor, query{spend: newBudget()})
		return nil, err
	})
	return err
}

// AskAlarmed asks the anchors under alarm again, each at most once every 30 seconds, for an owner that
// wants trust to go on though nobody needs it now. What comes of it Options.Alarm is told.
func (r *Resolver) AskAlarmed(ctx context.Context) {
	for _, a := range r.o.Anchors { // one that is pinned no more is nobody's to ask
		_ = r.anchorHolds(ctx, a.Entity) // an alarm that goes on is no news
	}
}

// alarm says whether an anchor broke its pin, and whether the caller may ask it again: then others
// wait for the next turn.
func (r *Resolver) alarm(anchor string) (alarmed, due bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.o.Clock()
	last, alarmed := r.alarmed[anchor]
	due = now.Sub(last) >= retryEvery
	if alarmed && due {
		r.alarmed[anchor] = now
	}
	return alarmed, due
}

func (r *Resolver) raise(ctx context.Context, anchor string, err error) {
	r.o.Logger.ErrorContext(ctx, "ALARM: an anchor does not show its pinned keys; trust in it stops", "entity", anchor, "error", err)
	r.telling.Lock() // what Alarm keeps follows the order in which trust stopped and went on
	defer r.telling.Unlock()
	r.mu.Lock()
	_, was := r.alarmed[anchor]
	r.alarmed[anchor] = r.o.Clock()
	r.mu.Unlock()
	if !was && r.o.Alarm != nil {
		r.o.Alarm(ctx, anchor, true)
	}
}

func (r *Resolver) calm(ctx context.Context, anchor string) {
	r.o.Logger.WarnContext(ctx, "an anchor shows its pinned keys again; trust in it goes on", "entity", anchor)
	r.telling.Lock()
	defer r.telling.Unlock()
	r.mu.Lock()
	delete(r.alarmed, anchor)
	r.mu.Unlock()
	if r.o.Alarm != nil {
		r.o.Alarm(ctx, anchor, false)
	}
}
