package federation

import (
	"context"
	"fmt"
)

// Discover finds the chain of an entity that an operator named: from its own configuration along its
// hints to a pinned anchor, within the bounds of every resolution, marks asked about. Any hint may be
// followed, so it is not for names out of tokens; that is what Resolve is for. Nothing of it is kept.
func (r *Resolver) Discover(ctx context.Context, entity string) (*Resolution, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*r.o.Timeout)
	defer cancel()
	a := r.ascent(0, anyone)
	if r.isAnchor(entity) {
		_, err := r.anchorConfiguration(ctx, entity, a.query)
		if err == nil {
			err = fmt.Errorf("%w: %s is an anchor itself and shows its pinned keys; name an entity below it", ErrChain, entity)
		}
		return nil, err
	}
	got, err := r.fetch.configuration(ctx, entity, a.query)
	if err != nil {
		return nil, err
	}
	leaf := a.use(got)
	upper, err := r.climb(ctx, leaf, a, maxChain-2)
	if err != nil {
		return nil, err
	}
	now := r.o.Clock()
	res, err := ResolveChain(tokensOf(leaf, upper), r.o.Anchors, now)
	if err != nil {
		return nil, err
	}
	res.Entity = r.withMarks(ctx, &resolved{entity: res.Entity, chain: res.Statements, fetched: now, marks: res.Entity.Marks})
	return res, nil
}
