package federation

import (
	"context"
	"fmt"
)

// Above returns the statements that stand above one of our own configurations, the superior's first
// and the anchor's configuration last.
func (r *Resolver) Above(ctx context.Context, configuration string) ([]string, error) {
	s, err := ParseStatement(configuration)
	if err != nil {
		return nil, err
	}
	budget := maxFetches
	upper, err := r.climb(ctx, s, maxChain-2, &budget)
	if err != nil {
		return nil, unreachable(err)
	}
	out := make([]string, len(upper))
	for i, u := range upper {
		out[i] = u.Token
	}
	return out, nil
}

// FetchMark gets the current role mark an anchor has made for one of our entities, verified.
func (r *Resolver) FetchMark(ctx context.Context, anchor, name, entity string) (MarkEntry, error) {
	config, err := r.fetch.configuration(ctx, anchor)
	if err != nil {
		return MarkEntry{}, unreachable(err)
	}
	if _, err := pinned(config, r.o.Anchors); err != nil {
		return MarkEntry{}, err
	}
	entry := MarkEntry{Type: MarkType(anchor, name)}
	if entry.Token, err = r.fetch.mark(ctx, config, entry.Type, entity); err != nil {
		return MarkEntry{}, unreachable(err)
	}
	c, err := verifyMark(entry.Token, config.JWKS)
	if err != nil {
		return MarkEntry{}, err
	}
	if c.Iss != anchor || c.Sub != entity || c.Type != entry.Type {
		return MarkEntry{}, fmt.Errorf("%w: it is about another entity or role", ErrMark)
	}
	return entry, nil
}
