package federation

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Above returns the statements that stand above one of our own configurations, the superior's first
// and the anchor's configuration last. With the configuration they form a chain that holds now. What
// was fetched is used again for Options.Refresh, and longer, while it holds, when no superior can be
// reached.
func (r *Resolver) Above(ctx context.Context, configuration string) ([]string, error) {
	s, err := ParseStatement(configuration)
	if err != nil {
		return nil, err
	}
	now := r.o.Clock()
	r.mu.Lock()
	kept, ok := r.above[s.Sub]
	r.mu.Unlock()
	if ok {
		_, err := VerifyChain(append([]string{configuration}, kept.entity.Chain[1:]...), r.o.Anchors, now)
		ok = err == nil
	}
	if ok && r.anchorHolds(ctx, kept.entity.Anchor) != nil {
		ok = false
	}
	if ok && now.Sub(kept.fetched) <= r.o.Refresh {
		return slices.Clone(kept.entity.Chain[1:]), nil
	}
	k, err := r.once(ctx, "above:"+configuration, func(ctx context.Context) (*resolved, error) {
		return r.fetchAbove(ctx, s)
	})
	switch {
	case err == nil:
		return slices.Clone(k.entity.Chain[1:]), nil
	case ok && errors.Is(err, ErrUnavailable):
		r.o.Logger.WarnContext(ctx, "using known statements about ourselves: they cannot be fetched again now", "entity", s.Sub, "error", err)
		return slices.Clone(kept.entity.Chain[1:]), nil
	}
	return nil, err
}

// fetchAbove follows our own hints: they are configuration, and need no enrolment.
func (r *Resolver) fetchAbove(ctx context.Context, s *Statement) (*resolved, error) {
	k, err := r.ascent(r.o.Refresh, anyone).agree(func(a *ascent) (*resolved, error) {
		upper, err := r.climb(ctx, s, a, maxChain-2)
		if err != nil {
			return nil, err
		}
		return r.chain(a, s, upper)
	})
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.above[s.Sub] = k
	return k, nil
}

// FetchMark gets the current role mark an anchor has made for one of our entities, verified.
func (r *Resolver) FetchMark(ctx context.Context, anchor, name, entity string) (MarkEntry, error) {
	if !r.isAnchor(anchor) {
		return MarkEntry{}, fmt.Errorf("%w: %s is no pinned anchor", ErrChain, anchor)
	}
	got, err := r.anchorConfiguration(ctx, anchor, query{spend: newBudget(), within: r.o.Refresh})
	if err != nil {
		return MarkEntry{}, err
	}
	config := got.statement
	entry := MarkEntry{Type: MarkType(anchor, name)}
	if entry.Token, err = r.fetch.mark(ctx, config, entry.Type, entity); err != nil {
		if errors.Is(err, errNotFound) {
			err = fmt.Errorf("%w: the anchor has made none", ErrMark)
		}
		return MarkEntry{}, err
	}
	c, err := verifyMark(entry.Token, config.JWKS)
	if err != nil {
		return MarkEntry{}, err
	}
	now := r.o.Clock()
	if c.Iss != anchor || c.Sub != entity || c.Type != entry.Type {
		return MarkEntry{}, fmt.Errorf("%w: it is about another entity or role", ErrMark)
	}
	if c.Iat > now.Add(clockLeeway).Unix() || c.Exp <= now.Unix() {
		return MarkEntry{}, fmt.Errorf("%w: it is outside its time", ErrMark)
	}
	return entry, nil
}
