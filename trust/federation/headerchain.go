package federation

import (
	"context"
	"fmt"
	"time"
)

// maxHeaderChainAge is how old the leaf's statement in a trust_chain header may be (wire profile §1).
const maxHeaderChainAge = 24 * time.Hour

// fromHeader verifies a chain that came with a token. It causes no call to the issuer's host; only
// the anchor, which the chain has proved, is asked about the marks.
func (r *Resolver) fromHeader(ctx context.Context, entity string, chain []string) (*Entity, error) {
	now := r.o.Clock()
	e, err := VerifyChain(chain, r.o.Anchors, now)
	if err != nil {
		return nil, err
	}
	if e.ID != entity {
		return nil, fmt.Errorf("%w: the chain is about another entity", ErrChain)
	}
	leaf, err := ParseStatement(chain[0])
	if err != nil {
		return nil, err
	}
	if now.Sub(time.Unix(leaf.Iat, 0)) > maxHeaderChainAge {
		return nil, fmt.Errorf("%w: the chain is older than a day", ErrExpired)
	}
	anchor, err := ParseStatement(chain[len(chain)-1])
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	stale := leaf.Iat < r.newest[entity]
	if !stale {
		r.newest[entity] = leaf.Iat
	}
	k := r.known["header:"+entity]
	if k == nil || k.entity.Chain[0] != chain[0] {
		k = &resolved{entity: e, anchor: anchor, fetched: now}
		r.remember("header:"+entity, k)
	}
	r.mu.Unlock()
	if stale {
		return nil, fmt.Errorf("%w: a newer statement of the entity was seen", ErrChain)
	}
	return r.withMarks(ctx, k), nil
}

// maxKnown bounds the entities remembered.
const maxKnown = 4096

// remember keeps an entry; r.mu is held.
func (r *Resolver) remember(key string, k *resolved) {
	if len(r.known) >= maxKnown {
		clear(r.known)
	}
	r.known[key] = k
}
