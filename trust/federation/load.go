package federation

import (
	"context"
	"errors"
	"fmt"
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
		k, _ := r.known.get(entity)
		last := r.failed[entity]
		newer := k != nil && k != seen && !k.void
		r.mu.Unlock()
		if newer {
			return k, nil
		}
		if !force && last.err != nil && r.o.Clock().Sub(last.at) < retryEvery {
			return nil, last.err
		}
		a := r.ascent(r.o.Refresh, r.enrolled)
		if force { // somebody waits for what the entity says now
			a.within, a.strict = 0, true
		}
		fresh, err := r.build(ctx, entity, a)
		if err == nil && fresh.stale && !last.refused.IsZero() {
			fresh, err = nil, fmt.Errorf("%w: %s was refused, and nobody can be asked", ErrUnavailable, entity)
		}
		r.settle(ctx, entity, fresh, err)
		return fresh, err
	})
}

// settle keeps the outcome of a fetch. A refusal takes effect at once: what was known before may not
// come back when a superior can no longer be reached.
func (r *Resolver) settle(ctx context.Context, entity string, k *resolved, err error) {
	switch {
	case err != nil:
		r.o.Observe(Rule(err))
		r.o.Logger.WarnContext(ctx, "the trust chain of an onboarded entity cannot be renewed", "entity", entity, "error", err)
	case k.stale:
		r.o.Observe("stale")
		r.o.Logger.WarnContext(ctx, "using known statements: they cannot be fetched again now", "entity", entity)
	default:
		r.o.Observe("held")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		f := failure{at: r.o.Clock(), err: err, refused: r.failed[entity].refused}
		if !errors.Is(err, ErrUnavailable) {
			f.refused = f.at
			if old, ok := r.known.get(entity); ok {
				old.void = true
			}
		}
		r.failed[entity] = f
		return
	}
	if k.stale { // it holds, and is asked about again as after a failure
		r.failed[entity] = failure{at: r.o.Clock(), err: fmt.Errorf("%w: known statements stand in", ErrUnavailable)}
	} else {
		delete(r.failed, entity)
	}
	r.keep(k)
	r.note(k.chain, k.fetched)
}

// build makes a chain from the leaf upwards. When a host cannot be reached what is kept of it stands in
// for Options.StaleIfError, but the others are asked all the same: an entity does not outlast its
// superior's word by going silent. A strict ascent is strict about the leaf alone.
func (r *Resolver) build(ctx context.Context, entity string, a *ascent) (*resolved, error) {
	return a.agree(func(a *ascent) (*resolved, error) { return r.buildOnce(ctx, entity, a) })
}

func (r *Resolver) buildOnce(ctx context.Context, entity string, a *ascent) (*resolved, error) {
	got, err := r.fetch.configuration(ctx, entity, a.query)
	a.strict = false
	if err != nil {
		return nil, err
	}
	leaf := a.use(got)
	upper, err := r.climb(ctx, leaf, a, maxChain-2)
	if err != nil {
		return nil, err
	}
	return r.chain(a, leaf, upper)
}

func tokensOf(leaf *Statement, upper []*Statement) []string {
	out := []string{leaf.Token}
	for _, s := range upper {
		out = append(out, s.Token)
	}
	return out
}
