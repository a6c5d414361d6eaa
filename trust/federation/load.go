package federation

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// once does a piece of work for all who ask for it at the same time. The work is detached: one
// caller that hangs up must not fail the others. It has a deadline of its own, and a caller that
// hangs up does not wait for it.
func (r *Resolver) once(ctx context.Context, key string, work func(context.Context) (*resolved, error)) (*resolved, error) {
	ch := r.flight.DoChan(key, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*r.o.Timeout)
		defer cancel()
		return work(ctx)
	})
	select {
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, ctx.Err())
	case res := <-ch:
		k, _ := res.Val.(*resolved)
		return k, res.Err
	}
}

// load builds and verifies an onboarded entity's chain. seen is what the caller knows: whoever comes
// when it was replaced gets the newer. A failure is repeated for retryEvery without a fetch, unless
// forced.
func (r *Resolver) load(ctx context.Context, entity string, seen *resolved, force bool) (*resolved, error) {
	return r.once(ctx, entity, func(ctx context.Context) (*resolved, error) {
		r.mu.Lock()
		k, last := r.known[entity], r.failed[entity]
		newer := k != nil && k != seen && !k.void
		r.mu.Unlock()
		if newer {
			return k, nil
		}
		if !force && last.err != nil && r.o.Clock().Sub(last.at) < retryEvery {
			return nil, last.err
		}
		fresh, err := r.build(ctx, entity, k)
		r.settle(ctx, entity, fresh, err)
		return fresh, err
	})
}

// settle keeps the outcome of a fetch. A refusal takes effect at once: what was known before may not
// come back when a superior can no longer be reached.
func (r *Resolver) settle(ctx context.Context, entity string, k *resolved, err error) {
	switch {
	case errors.Is(err, ErrAnchorMismatch):
		r.o.Logger.ErrorContext(ctx, "ALARM: an anchor does not show its pinned keys; trust in it stops", "entity", entity, "error", err)
	case err != nil:
		r.o.Logger.WarnContext(ctx, "the trust chain of an onboarded entity cannot be renewed", "entity", entity, "error", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		f := failure{at: r.o.Clock(), err: err, refused: r.failed[entity].refused}
		if !errors.Is(err, ErrUnavailable) {
			f.refused = f.at
			if old := r.known[entity]; old != nil {
				old.void = true
			}
		}
		r.failed[entity] = f
		return
	}
	delete(r.failed, entity)
	k.carryMarks(r.known[entity])
	r.known[entity] = k
	r.newest.note(k.chain, k.fetched)
}

// build fetches a chain from the leaf upwards. When the leaf's host cannot be reached its last
// configuration stands while it lives, but its superiors are asked all the same: an entity does not
// outlast its superior's word by going silent.
func (r *Resolver) build(ctx context.Context, entity string, old *resolved) (*resolved, error) {
	leaf, err := r.fetch.configuration(ctx, entity)
	if errors.Is(err, ErrUnavailable) && old != nil && r.o.Clock().Before(time.Unix(old.leaf().Exp, 0)) {
		r.o.Logger.WarnContext(ctx, "using a known configuration: it cannot be fetched again now", "entity", entity, "error", err)
		leaf, err = old.leaf(), nil
	}
	if err != nil {
		return nil, err
	}
	upper, err := r.climb(ctx, leaf, &ascent{enrolled: r.enrolled, fetches: maxFetches}, maxChain-2)
	if err != nil {
		return nil, err
	}
	now := r.o.Clock()
	e, chain, err := verifyChain(tokensOf(leaf, upper), r.o.Anchors, now)
	if err != nil {
		return nil, err
	}
	return &resolved{entity: e, chain: chain, fetched: now, marks: e.Marks}, nil
}

func tokensOf(leaf *Statement, upper []*Statement) []string {
	out := []string{leaf.Token}
	for _, s := range upper {
		out = append(out, s.Token)
	}
	return out
}
