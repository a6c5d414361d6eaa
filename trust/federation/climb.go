package federation

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Bounds of one resolution.
const (
	maxHints   = 4
	maxFetches = 16
)

// ascent is the way from one entity up to an anchor.
type ascent struct {
	enrolled func(superior string) bool // who may be asked
	fetches  int                        // left
}

// enrolled says who may be asked about an onboarded entity.
func (r *Resolver) enrolled(superior string) bool {
	return r.isAnchor(superior) || slices.Contains(r.o.Onboarded, superior) || slices.Contains(r.o.Intermediates, superior)
}

func (r *Resolver) isAnchor(entity string) bool {
	return slices.ContainsFunc(r.o.Anchors, func(a Anchor) bool { return a.Entity == entity })
}

// climb finds the statements above one: the superior's statement, then the superior's superiors, up
// to a pinned anchor. Every hint is tried until one leads there. When none does, a refusal counts
// more than a superior that could not be reached.
func (r *Resolver) climb(ctx context.Context, s *Statement, a *ascent, depth int) ([]*Statement, error) {
	if depth == 0 {
		return nil, fmt.Errorf("%w: too deep", ErrChain)
	}
	if len(s.AuthorityHints) == 0 || len(s.AuthorityHints) > maxHints {
		return nil, fmt.Errorf("%w: %s names no superior, or too many", ErrChain, s.Sub)
	}
	failed := fmt.Errorf("%w: %s names no superior that is enrolled", ErrChain, s.Sub)
	first := true
	for _, hint := range s.AuthorityHints {
		if !a.enrolled(hint) || hint == s.Sub {
			continue
		}
		if a.fetches -= 2; a.fetches < 0 {
			return nil, fmt.Errorf("%w: too many statements to fetch", ErrChain)
		}
		found, err := r.climbTo(ctx, s, hint, a, depth)
		if err == nil || errors.Is(err, ErrAnchorMismatch) {
			return found, err
		}
		if first || errors.Is(failed, ErrUnavailable) {
			failed = err
		}
		first = false
	}
	return nil, failed
}

func (r *Resolver) climbTo(ctx context.Context, s *Statement, hint string, a *ascent, depth int) ([]*Statement, error) {
	superior, err := r.fetch.configuration(ctx, hint)
	if err != nil {
		return nil, err
	}
	isAnchor := r.isAnchor(hint)
	if isAnchor {
		if _, err := pinned(superior, r.o.Anchors); err != nil {
			return nil, err
		}
	}
	about, err := r.fetch.subordinate(ctx, superior, s.Sub)
	if errors.Is(err, errNotFound) {
		return nil, fmt.Errorf("%w: %s does not vouch for %s", ErrChain, hint, s.Sub)
	}
	if err != nil {
		return nil, err
	}
	if isAnchor {
		return []*Statement{about, superior}, nil
	}
	rest, err := r.climb(ctx, superior, a, depth-1)
	if err != nil {
		return nil, err
	}
	return append([]*Statement{about}, rest...), nil
}
