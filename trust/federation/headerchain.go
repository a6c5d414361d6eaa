package federation

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// maxHeaderChainAge is how old a statement of a trust_chain header may be (wire profile §1). It binds
// the superiors' statements too: the leaf makes its own as fresh as it likes.
const maxHeaderChainAge = 24 * time.Hour

// fromHeader verifies a chain that came with a token. It causes no call to the issuer's host unless
// that is onboarded; the anchor, which the chain has proved, is asked about the marks.
func (r *Resolver) fromHeader(ctx context.Context, entity string, chain []string) (*Entity, error) {
	now := r.o.Clock()
	r.mu.Lock()
	k := r.broughtBefore(entity, now)
	r.mu.Unlock()
	if k == nil || !slices.Equal(k.entity.Chain, chain) {
		var err error
		if k, err = r.proveHeader(entity, chain, now); err != nil {
			return nil, err
		}
	}
	if err := r.anchorHolds(ctx, k.entity.Anchor); err != nil {
		return nil, err
	}
	if err := r.passable(ctx, k.chain); err != nil {
		return nil, err
	}
	return r.withMarks(ctx, k), nil
}

// passable refuses a chain through an onboarded entity that was refused when it was last fetched,
// however well the statements hold that were made before. The entity is fetched again, as its own
// messages would cause; unless that succeeds the refusal stands.
func (r *Resolver) passable(ctx context.Context, chain []*Statement) error {
	for _, s := range chain {
		r.mu.Lock()
		refused := r.failed[s.Sub].refused
		r.mu.Unlock()
		if refused.IsZero() {
			continue
		}
		if _, err := r.onboarded(ctx, s.Sub); err != nil {
			return fmt.Errorf("%w: %s was refused since", ErrChain, s.Sub)
		}
	}
	return nil
}

// broughtBefore is the chain an entity brought, while it counts: it grows old, and what was fetched since
// may be newer. nil when there is none; r.mu is held.
func (r *Resolver) broughtBefore(entity string, now time.Time) *resolved {
	k, _ := r.brought.get(entity)
	if k == nil || !k.headerHolds(now) || r.outdated(k.chain) {
		return nil
	}
	return k
}

// readHeader verifies a chain not seen before. When it is older than what was seen it loses: the
// newer is returned, or an error when only its date is known.
func (r *Resolver) readHeader(entity string, tokens []string, now time.Time) (*resolved, error) {
	e, chain, err := verifyChain(tokens, r.o.Anchors, now)
	if err != nil {
		return nil, err
	}
	k := &resolved{entity: e, chain: chain, fetched: now, marks: e.Marks}
	if e.ID != entity {
		return nil, fmt.Errorf("%w: the chain is about another entity", ErrChain)
	}
	if !k.headerHolds(now) {
		return nil, fmt.Errorf("%w: the chain is older than a day", ErrExpired)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.outdated(chain) {
		if newer := r.broughtBefore(entity, now); newer != nil {
			return newer, nil
		}
		return nil, fmt.Errorf("%w: a newer statement about the entity was seen", ErrChain)
	}
	r.note(chain, now)
	r.keepBrought(k)
	return k, nil
}

// headerHolds says whether a chain that was verified once still counts as a header's.
func (k *resolved) headerHolds(now time.Time) bool {
	for _, s := range k.chain {
		if now.Sub(time.Unix(s.Iat, 0)) > maxHeaderChainAge {
			return false
		}
	}
	return now.Before(k.entity.Expires)
}
