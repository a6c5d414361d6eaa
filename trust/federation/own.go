package federation

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ehdsgw/ehdsgw/trust/jose"
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
	entry, _, err := r.fetchMark(ctx, got.statement, got.statement.JWKS, MarkType(anchor, name), entity)
	return entry, err
}

// FetchMarkFrom gets the current role mark of an anchor's types that an enrolled superior of one of our
// entities has made for it: one that the anchor names in trust_mark_issuers for the type, and whose chain
// leads to that anchor. It is verified as those who meet the entity will: with the keys stated about the
// issuer, and the delegation of the type's owner. Errors wrap ErrUnknownIssuer when the superior is not
// enrolled, ErrMarkIssuer when the anchor does not name it, ErrMark when it has made none.
func (r *Resolver) FetchMarkFrom(ctx context.Context, issuer, anchor, name, entity string) (MarkEntry, error) {
	if r.isAnchor(issuer) || !r.enrolled(issuer) {
		return MarkEntry{}, ErrUnknownIssuer
	}
	k, err := r.build(ctx, issuer, r.ascent(r.o.Refresh, r.enrolled))
	if err != nil {
		return MarkEntry{}, err
	}
	if k.entity.Anchor != anchor {
		return MarkEntry{}, fmt.Errorf("%w: %s does not stand under %s", ErrChain, issuer, anchor)
	}
	markType, rules := MarkType(anchor, name), k.anchor()
	if !slices.Contains(rules.MarkIssuers[markType], issuer) {
		return MarkEntry{}, fmt.Errorf("%w: %s, for %s", ErrMarkIssuer, issuer, name)
	}
	entry, c, err := r.fetchMark(ctx, k.leaf(), k.chain[1].JWKS, markType, entity)
	if err != nil {
		return MarkEntry{}, err
	}
	if owner, owned := rules.MarkOwners[markType]; owned {
		if err := verifyDelegation(c.Delegation, owner, c.Iss, c.Type, r.o.Clock()); err != nil {
			return MarkEntry{}, err
		}
	}
	return entry, nil
}

// fetchMark gets a mark from the endpoint of its issuer, and verifies it with the issuer's keys.
func (r *Resolver) fetchMark(ctx context.Context, issuer *Statement, keys jose.KeySet, markType, entity string) (MarkEntry, markClaims, error) {
	entry := MarkEntry{Type: markType}
	var err error
	if entry.Token, err = r.fetch.mark(ctx, issuer, markType, entity); err != nil {
		if errors.Is(err, errNotFound) {
			err = fmt.Errorf("%w: %s has made none", ErrMark, issuer.Sub)
		}
		return MarkEntry{}, markClaims{}, err
	}
	c, err := verifyMark(entry.Token, keys)
	if err != nil {
		return MarkEntry{}, c, err
	}
	now := r.o.Clock()
	if c.Iss != issuer.Sub || c.Sub != entity || c.Type != markType {
		return MarkEntry{}, c, fmt.Errorf("%w: it is about another entity or role", ErrMark)
	}
	if c.Iat > now.Add(clockLeeway).Unix() || c.Exp <= now.Unix() {
		return MarkEntry{}, c, fmt.Errorf("%w: it is outside its time", ErrMark)
	}
	return entry, c, nil
}
