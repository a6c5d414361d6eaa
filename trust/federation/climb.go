package federation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// ascent is the way from one entity up to an anchor. It belongs to one goroutine.
type ascent struct {
	query
	enrolled func(superior string) bool // who may be asked

	below  []string  // the entities on the way
	oldest time.Time // when a host was last asked about the oldest statement used; zero before any
	stale  bool      // a host could not be asked, and what was kept of it stands in
	reused bool      // a statement was used that its host did not confirm now
	unfit  bool      // the statements found are no chain
}

func (r *Resolver) ascent(within time.Duration, enrolled func(string) bool) *ascent {
	return &ascent{query: query{spend: newBudget(), within: within}, enrolled: enrolled}
}

// anyone may be asked: for entities that we, or an operator, named.
func anyone(string) bool { return true }

// use keeps account of what a chain is made of.
func (a *ascent) use(f found) *Statement {
	if a.oldest.IsZero() || f.fetched.Before(a.oldest) {
		a.oldest = f.fetched
	}
	a.stale, a.reused = a.stale || f.stale, a.reused || !f.asked
	return f.statement
}

// chain verifies what was found.
func (r *Resolver) chain(a *ascent, leaf *Statement, upper []*Statement) (*resolved, error) {
	e, chain, err := verifyChain(tokensOf(leaf, upper), r.o.Anchors, r.o.Clock())
	if err != nil {
		a.unfit = true
		return nil, err
	}
	return &resolved{entity: e, chain: chain, fetched: a.oldest, stale: a.stale, marks: e.Marks}, nil
}

// agree makes a chain, and once more of what the hosts say now when it does not hold: statements of
// different times need not fit each other, as after a superior has changed its key. What is a refusal
// now is one.
func (a *ascent) agree(try func(*ascent) (*resolved, error)) (*resolved, error) {
	k, err := try(a)
	switch {
	case err == nil || !a.reused || isUnavailable(err) || errors.Is(err, ErrAnchorMismatch):
		return k, err
	case a.stale && a.unfit: // nobody refused anything: those who could have cannot be asked
		return nil, fmt.Errorf("%w: what is known does not fit: %w", ErrUnavailable, err)
	}
	return try(&ascent{query: query{spend: a.spend, strict: a.strict}, enrolled: a.enrolled})
}

// enrolled says who may be asked about an onboarded entity.
func (r *Resolver) enrolled(superior string) bool {
	return r.isAnchor(superior) || r.onboard[superior] || slices.Contains(r.o.Intermediates, superior)
}

func (r *Resolver) isAnchor(entity string) bool {
	return slices.ContainsFunc(r.o.Anchors, func(a Anchor) bool { return a.Entity == entity })
}

// climb finds the statements above one: the superior's statement, then the superior's superiors, up
// to a pinned anchor. Every hint is tried until one leads there. When none does, an anchor's alarm
// counts more than a refusal, and a refusal more than a superior that could not be reached.
func (r *Resolver) climb(ctx context.Context, s *Statement, a *ascent, depth int) ([]*Statement, error) {
	if depth == 0 {
		return nil, fmt.Errorf("%w: over %d statements", ErrDepth, maxChain)
	}
	if len(s.AuthorityHints) == 0 || len(s.AuthorityHints) > maxHints {
		return nil, fmt.Errorf("%w: %s", ErrHints, s.Sub)
	}
	a.below = append(a.below, s.Sub)
	defer func() { a.below = a.below[:len(a.below)-1] }()
	failed := fmt.Errorf("%w: %s names no superior that is enrolled", ErrChain, s.Sub)
	first := true
	for _, hint := range s.AuthorityHints {
		if !a.enrolled(hint) {
			continue
		}
		found, err := r.climbTo(ctx, s, hint, a, depth)
		if err == nil || spent(err) {
			return found, err
		}
		if first || weight(err) > weight(failed) {
			failed = err
		}
		first = false
	}
	return nil, failed
}

// weight orders the reasons why no hint led to an anchor.
func weight(err error) int {
	switch {
	case errors.Is(err, ErrAnchorMismatch):
		return 2
	case isUnavailable(err):
		return 0
	}
	return 1
}

func (r *Resolver) climbTo(ctx context.Context, s *Statement, hint string, a *ascent, depth int) ([]*Statement, error) {
	if slices.Contains(a.below, hint) {
		return nil, fmt.Errorf("%w: %s", ErrLoop, hint)
	}
	isAnchor, get := r.isAnchor(hint), r.fetch.configuration
	if isAnchor {
		get = r.anchorConfiguration
	}
	got, err := get(ctx, hint, a.query)
	if err != nil {
		return nil, err
	}
	superior := a.use(got)
	if got, err = r.fetch.subordinate(ctx, superior, s.Sub, a.query); err != nil {
		if errors.Is(err, errNotFound) {
			err = fmt.Errorf("%w: %s does not vouch for %s", ErrChain, hint, s.Sub)
		}
		return nil, err
	}
	about := a.use(got)
	if isAnchor {
		return []*Statement{about, superior}, nil
	}
	rest, err := r.climb(ctx, superior, a, depth-1)
	if err != nil {
		return nil, err
	}
	return append([]*Statement{about}, rest...), nil
}
