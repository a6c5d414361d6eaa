package federation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// Options configures a Resolver. Zero durations mean the wire profile's values.
type Options struct {
	Anchors []Anchor
	// Onboarded are the entities that may be fetched because of their name alone.
	Onboarded   []string
	HTTP        *http.Client // guarded
	Clock       func() time.Time
	Logger      *slog.Logger
	Timeout     time.Duration // of one fetch; 10 s
	Refresh     time.Duration // how long a resolved chain is used without asking again; 5 min
	MarkRefresh time.Duration // how often mark status is asked; 5 min
	MarkGrace   time.Duration // how long the last answer is usable; 1 h
}

// Resolver finds entities and keeps what it found. It is safe for concurrent use; everything it
// keeps may be lost and is fetched again.
type Resolver struct {
	o      Options
	fetch  *fetcher
	flight singleflight.Group

	mu       sync.Mutex
	known    map[string]*resolved
	newest   map[string]int64 // newest statement seen about an entity, by iat
	refetch  map[string]time.Time
	anchorOK map[string]*Statement
}

type resolved struct {
	entity  *Entity
	anchor  *Statement
	fetched time.Time
	marksAt time.Time
}

// refetchEvery bounds re-fetches caused by an unknown kid (wire profile §1).
const refetchEvery = time.Minute

// NewResolver makes a resolver.
func NewResolver(o Options) *Resolver {
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second
	}
	if o.Refresh == 0 {
		o.Refresh = 5 * time.Minute
	}
	if o.MarkRefresh == 0 {
		o.MarkRefresh = 5 * time.Minute
	}
	if o.MarkGrace == 0 {
		o.MarkGrace = time.Hour
	}
	return &Resolver{
		o: o, fetch: newFetcher(o.HTTP, o.Timeout),
		known: map[string]*resolved{}, newest: map[string]int64{},
		refetch: map[string]time.Time{}, anchorOK: map[string]*Statement{},
	}
}

// Resolve returns an onboarded entity, or one that brings a chain. Any other issuer is refused
// without an outbound call. A header chain is used offline, must be younger than a day, and loses
// against a newer statement already seen.
func (r *Resolver) Resolve(ctx context.Context, entity string, chain []string) (*Entity, error) {
	if slices.Contains(r.o.Onboarded, entity) {
		return r.onboarded(ctx, entity)
	}
	if len(chain) == 0 {
		return nil, ErrUnknownIssuer
	}
	return r.fromHeader(ctx, entity, chain)
}

// onboarded returns what is known while it is fresh, fetches otherwise, and falls back to what is
// known when fetching fails and the chain still holds.
func (r *Resolver) onboarded(ctx context.Context, entity string) (*Entity, error) {
	now := r.o.Clock()
	r.mu.Lock()
	k := r.known[entity]
	var expires time.Time
	if k != nil {
		expires = k.entity.Expires
	}
	r.mu.Unlock()
	if k == nil || now.Sub(k.fetched) > r.o.Refresh || !now.Before(expires) {
		fresh, err := r.load(ctx, entity)
		switch {
		case err == nil:
			k = fresh
		case k != nil && now.Before(expires) && errors.Is(err, ErrUnavailable):
			r.o.Logger.WarnContext(ctx, "using a known chain: it cannot be fetched again now", "entity", entity, "error", err)
		default:
			return nil, err
		}
	}
	return r.withMarks(ctx, k), nil
}

// Refresh fetches an onboarded entity again, at most once a minute, after an unknown kid.
func (r *Resolver) Refresh(ctx context.Context, entity string) (*Entity, error) {
	if !slices.Contains(r.o.Onboarded, entity) {
		return nil, ErrUnknownIssuer
	}
	now := r.o.Clock()
	r.mu.Lock()
	last, seen := r.refetch[entity]
	wait := seen && now.Sub(last) < refetchEvery
	if !wait {
		r.refetch[entity] = now
	}
	r.mu.Unlock()
	if wait {
		return r.onboarded(ctx, entity)
	}
	k, err := r.load(ctx, entity)
	if err != nil {
		return nil, err
	}
	return r.withMarks(ctx, k), nil
}

// load builds and verifies a chain, once at a time for each entity.
func (r *Resolver) load(ctx context.Context, entity string) (*resolved, error) {
	v, err, _ := r.flight.Do(entity, func() (any, error) {
		// Detached: one caller that hangs up must not fail the others. Fetches have their own deadline.
		return r.build(context.WithoutCancel(ctx), entity)
	})
	if err != nil {
		if errors.Is(err, ErrAnchorMismatch) {
			r.o.Logger.ErrorContext(ctx, "ALARM: an anchor does not show its pinned keys; trust in it stops", "entity", entity, "error", err)
		}
		return nil, err
	}
	return v.(*resolved), nil
}

func (r *Resolver) build(ctx context.Context, entity string) (*resolved, error) {
	leaf, err := r.fetch.configuration(ctx, entity)
	if err != nil {
		return nil, unreachable(err)
	}
	budget := maxFetches
	upper, err := r.climb(ctx, leaf, maxChain-2, &budget)
	if err != nil {
		return nil, unreachable(err)
	}
	tokens := []string{leaf.Token}
	for _, s := range upper {
		tokens = append(tokens, s.Token)
	}
	now := r.o.Clock()
	e, err := VerifyChain(tokens, r.o.Anchors, now)
	if err != nil {
		return nil, err
	}
	k := &resolved{entity: e, anchor: upper[len(upper)-1], fetched: now}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known[entity] = k
	r.newest[entity] = max(r.newest[entity], leaf.Iat)
	r.anchorOK[e.Anchor] = k.anchor
	return k, nil
}

// Bounds of one resolution.
const (
	maxHints   = 4
	maxFetches = 16
)

// climb finds the statements above one: the superior's statement, then the superior's superiors, up
// to a pinned anchor. Every hint is tried until one leads there.
func (r *Resolver) climb(ctx context.Context, s *Statement, depth int, budget *int) ([]*Statement, error) {
	if depth == 0 {
		return nil, fmt.Errorf("%w: too deep", ErrChain)
	}
	if len(s.AuthorityHints) == 0 || len(s.AuthorityHints) > maxHints {
		return nil, fmt.Errorf("%w: %s names no superior, or too many", ErrChain, s.Sub)
	}
	var last error
	for _, hint := range s.AuthorityHints {
		if *budget -= 2; *budget < 0 {
			return nil, fmt.Errorf("%w: too many statements to fetch", ErrChain)
		}
		found, err := r.climbTo(ctx, s, hint, depth, budget)
		if err == nil || errors.Is(err, ErrAnchorMismatch) {
			return found, err
		}
		last = err
	}
	return nil, last
}

func (r *Resolver) climbTo(ctx context.Context, s *Statement, hint string, depth int, budget *int) ([]*Statement, error) {
	superior, err := r.fetch.configuration(ctx, hint)
	if err != nil {
		return nil, err
	}
	isAnchor := slices.ContainsFunc(r.o.Anchors, func(a Anchor) bool { return a.Entity == hint })
	if isAnchor {
		if _, err := pinned(superior, r.o.Anchors); err != nil {
			return nil, err
		}
	}
	about, err := r.fetch.subordinate(ctx, superior, s.Sub)
	if err != nil {
		return nil, err
	}
	if isAnchor {
		return []*Statement{about, superior}, nil
	}
	rest, err := r.climb(ctx, superior, depth-1, budget)
	if err != nil {
		return nil, err
	}
	return append([]*Statement{about}, rest...), nil
}

// unreachable keeps refusals and turns "not there" into one: a superior that does not know the
// entity does not vouch for it.
func unreachable(err error) error {
	if errors.Is(err, errNotFound) {
		return fmt.Errorf("%w: %w", ErrChain, err)
	}
	return err
}
