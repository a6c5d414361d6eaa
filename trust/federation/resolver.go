package federation

import (
	"context"
	"crypto/sha256"
	"errors"
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
	Onboarded []string
	// Intermediates are the superiors that may be asked about an onboarded entity besides the anchors
	// and the onboarded. What an entity names as its superior is otherwise not followed.
	Intermediates []string
	HTTP          *http.Client // guarded
	Clock         func() time.Time
	Logger        *slog.Logger
	Timeout       time.Duration // of one fetch; 10 s. One resolution may take three times as long.
	Refresh       time.Duration // how long a resolved chain is used without asking again; 5 min
	MarkRefresh   time.Duration // how often mark status is asked; 5 min
	MarkGrace     time.Duration // how long the last answer is usable; 1 h
	// StaleIfError is how long after a host was last asked its statements may stand in while it cannot
	// be reached, if they live so long; 1 h. The status of marks never outlasts MarkGrace by it.
	StaleIfError time.Duration
	// Keep is how many entities are remembered with their chains; 4096. Others are resolved anew.
	Keep int
	// HeaderFailures is how many chains that strangers bring may fail in a minute before new ones are
	// refused unseen; 0 for any number.
	HeaderFailures int
	// Shelf, when given, shares statements with other instances. ShelfSecret, at least 16 bytes and
	// theirs too, authenticates what stands there; without it the shelf is not used.
	Shelf       Shelf
	ShelfSecret []byte
	// Alarmed are the anchors that did not show their pinned keys when they were last asked. Nothing
	// under them is trusted until they do.
	Alarmed []string
	// Alarm, when given, is told when trust in an anchor stops and when it may go on, so that a restart
	// does not forget. It must not call the resolver.
	Alarm func(ctx context.Context, anchor string, raised bool)
	// Observe, when given, counts how onboarded entities were resolved: "held", "stale" when known
	// statements stood in, or the rule that refused (see Rule).
	Observe func(outcome string)
}

// Resolver finds entities and keeps what it found, within bounds. It is safe for concurrent use;
// everything it keeps may be lost and is fetched again.
type Resolver struct {
	o      Options
	fetch  *fetcher
	flight singleflight.Group

	telling sync.Mutex // orders what Options.Alarm is told

	onboard map[string]bool // Options.Onboarded

	mu       sync.Mutex
	known    *recent[string, *resolved] // onboarded entities
	failed   map[string]failure         // the last fetch of an onboarded entity, when it failed
	refetch  map[string]time.Time       // when an unknown kid last caused a fetch
	brought  *recent[string, *resolved] // entities proved by a chain they brought
	aside    *recent[string, []TrustMark]
	unproven unproven
	newest   newestSeen
	stated   statedKeys
	above    map[string]*resolved // our own entities, for what stands above them
	alarmed  map[string]time.Time // anchors that broke their pin, and when they were last asked
}

// resolved is an entity with what is kept about it. Only the fields under the line change, and only
// with Resolver.mu held.
type resolved struct {
	entity  *Entity
	chain   []*Statement
	fetched time.Time // when a host was last asked about the oldest statement of the chain
	stale   bool      // a host could not be asked, and what was kept of it stands in

	marks []TrustMark // with the status last told
	gone  []TrustMark // marks the entity showed before, for their status
	askAt time.Time   // when the status of marks is to be asked again
	void  bool        // a superior or a rule refused the entity since: not to be used
}

// leaf is the entity's own configuration.
func (k *resolved) leaf() *Statement { return k.chain[0] }

// anchor is the anchor's configuration.
func (k *resolved) anchor() *Statement { return k.chain[len(k.chain)-1] }

// failure is how the last fetch ended. A refusal outlasts the fetches that reach nobody after it.
type failure struct {
	at      time.Time
	err     error
	refused time.Time // zero when it was not
}

const (
	// refetchEvery bounds re-fetches caused by an unknown kid (wire profile §1).
	refetchEvery = time.Minute
	// retryEvery is the wait after a fetch that failed, so that a host that is down costs one caller
	// its patience and not each of them.
	retryEvery = 30 * time.Second
)

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
	if o.StaleIfError == 0 {
		o.StaleIfError = time.Hour
	}
	if o.Keep <= 0 {
		o.Keep = 4096
	}
	if o.Observe == nil {
		o.Observe = func(string) {}
	}
	r := &Resolver{
		o: o, fetch: newFetcher(o),
		onboard: map[string]bool{}, failed: map[string]failure{}, refetch: map[string]time.Time{},
		known: newRecent[string, *resolved](o.Keep), brought: newRecent[string, *resolved](o.Keep),
		aside: newRecent[string, []TrustMark](2 * o.Keep), newest: newestSeen{}, stated: statedKeys{newRecent[pair, stated](maxNewest)}, above: map[string]*resolved{},
		unproven: unproven{seen: newRecent[[sha256.Size]byte, refusal](maxUnproven), most: o.HeaderFailures},
		alarmed:  map[string]time.Time{},
	}
	for _, entity := range o.Onboarded {
		r.onboard[entity] = true
	}
	for _, anchor := range o.Alarmed {
		r.alarmed[anchor] = time.Time{} // asked again before anything under it is trusted
	}
	return r
}

// Resolve returns an onboarded entity, or one that brings a chain. Any other issuer is refused
// without an outbound call. A header chain is used offline, must be younger than a day, and loses
// against a newer statement already seen. An onboarded entity's own chain is used only while it
// cannot be fetched, and a refusal stands until its superiors vouch for it again: no header undoes it.
func (r *Resolver) Resolve(ctx context.Context, entity string, chain []string) (*Entity, error) {
	if !r.onboard[entity] {
		if len(chain) == 0 {
			return nil, ErrUnknownIssuer
		}
		return r.fromHeader(ctx, entity, chain)
	}
	e, err := r.onboarded(ctx, entity)
	if err != nil && errors.Is(err, ErrUnavailable) && len(chain) > 0 {
		if brought, headerErr := r.fromHeader(ctx, entity, chain); headerErr == nil {
			return brought, nil
		}
	}
	return e, err
}

// onboarded returns what is known while it is fresh, fetches otherwise, and falls back to what is
// known when fetching fails and the chain still holds.
func (r *Resolver) onboarded(ctx context.Context, entity string) (*Entity, error) {
	r.mu.Lock()
	k, _ := r.known.get(entity)
	now := r.o.Clock()
	usable := k != nil && !k.void && now.Before(k.entity.Expires) && !r.refusedSince(k) &&
		now.Sub(k.fetched) <= max(r.o.Refresh, r.o.StaleIfError)
	r.mu.Unlock()
	if !usable || now.Sub(k.fetched) > r.o.Refresh {
		fresh, err := r.load(ctx, entity, k, false)
		switch {
		case err == nil:
			k = fresh
		case !usable || !errors.Is(err, ErrUnavailable):
			return nil, err
		}
	}
	if err := r.anchorHolds(ctx, k.entity.Anchor); err != nil {
		return nil, err
	}
	return r.withMarks(ctx, k), nil
}

// refusedSince says whether a superior of what is known was refused after it was fetched; r.mu is held.
func (r *Resolver) refusedSince(k *resolved) bool {
	return slices.ContainsFunc(k.chain, func(s *Statement) bool {
		refused := r.failed[s.Sub].refused
		return !refused.IsZero() && !refused.Before(k.fetched)
	})
}

// Refresh fetches an onboarded entity again, at most once a minute, after an unknown kid. Those who
// ask meanwhile share the answer.
func (r *Resolver) Refresh(ctx context.Context, entity string) (*Entity, error) {
	if !r.onboard[entity] {
		return nil, ErrUnknownIssuer
	}
	_, err := r.once(ctx, "refresh:"+entity, func(ctx context.Context) (*resolved, error) {
		now := r.o.Clock()
		r.mu.Lock()
		k, _ := r.known.get(entity)
		last, seen := r.refetch[entity]
		wait := seen && now.Sub(last) < refetchEvery
		if !wait {
			r.refetch[entity] = now
		}
		r.mu.Unlock()
		if wait {
			return nil, nil
		}
		return r.load(ctx, entity, k, true)
	})
	if err != nil {
		return nil, err
	}
	return r.onboarded(ctx, entity)
}
