package roles

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
)

// Times of resolution (wire profile §1).
const (
	peerRefresh  = 5 * time.Minute // of chains, and of marks
	kidRefresh   = time.Minute     // least time between two refreshes caused by an unknown kid
	unknownFor   = time.Minute     // how long an unknown entity stays unknown
	maxHeaderAge = 24 * time.Hour  // of a chain that came with a token
	maxStrangers = 30              // entities never seen before, looked up in one minute
	maxRemember  = 4096
)

// ErrUnknownEntity means that no superior vouches for an entity.
var ErrUnknownEntity = errors.New("roles: unknown entity")

// Resolver finds peers through one pinned anchor. The anchor is asked first: an entity's own host is
// called only after the anchor has vouched for it. It is safe for concurrent use; what it keeps may
// be lost.
type Resolver struct {
	Anchor Anchor
	HTTP   *http.Client // guarded by who passes it
	Clock  func() time.Time
	Logger *slog.Logger

	mu        sync.Mutex
	known     map[string]*entry
	strangers int
	minute    time.Time
}

// entry is what is known of one entity. Its lock makes one caller fetch and the others wait.
type entry struct {
	mu      sync.Mutex
	peer    *Peer
	fetched time.Time
	marksAt time.Time
	refused time.Time // when the anchor last said that it does not know the entity
	newest  int64     // iat of the newest configuration seen
}

// Resolve returns a peer by its identifier, or by the chain that came with its token.
func (r *Resolver) Resolve(ctx context.Context, id string, chain []string) (*Peer, error) {
	e, err := r.entry(id)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(chain) > 0 {
		if err := r.offline(e, id, chain); err != nil {
			return nil, err
		}
		return r.withMarks(ctx, e), nil
	}
	now := r.Clock()
	if e.peer == nil || now.Sub(e.fetched) > peerRefresh || !now.Before(e.peer.Expires) {
		if err := r.load(ctx, e, id); err != nil {
			if e.peer == nil || !errors.Is(err, ErrUnavailable) || !now.Before(e.peer.Expires) {
				return nil, err
			}
			r.Logger.WarnContext(ctx, "a peer's known chain is used: it cannot be fetched now", "entity", id)
		}
	}
	return r.withMarks(ctx, e), nil
}

// Refresh fetches a peer again after an unknown kid, at most once a minute.
func (r *Resolver) Refresh(ctx context.Context, id string) (*Peer, error) {
	e, err := r.entry(id)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.peer == nil || r.Clock().Sub(e.fetched) >= kidRefresh {
		if err := r.load(ctx, e, id); err != nil {
			return nil, err
		}
	}
	return r.withMarks(ctx, e), nil
}

// Under returns an entity that a known peer vouches for, such as a health data access body under its
// contact point.
func (r *Resolver) Under(ctx context.Context, superior *Peer, id string) (*Peer, error) {
	endpoint := superior.leaf.Federation().Fetch
	if !sameHost(endpoint, superior.ID) {
		return nil, fmt.Errorf("%w: the superior names no fetch endpoint of its own", ErrChain)
	}
	if err := checkID(id); err != nil {
		return nil, err
	}
	about, err := r.get(ctx, endpoint+"?"+url.Values{"sub": {id}}.Encode(), MediaStatement)
	if err != nil {
		return nil, err
	}
	if err := vouches(about, superior.ID, id, superior.leaf.JWKS); err != nil {
		return nil, err
	}
	leaf, err := r.get(ctx, id+WellKnown, MediaStatement)
	if err != nil {
		return nil, err
	}
	p, err := r.verify(id, append([]string{leaf, about}, superior.chain[1:]...))
	if err != nil {
		return nil, err
	}
	return p, r.askMarks(ctx, p)
}

// ByChain verifies the chain that came with a document; only the anchor is asked, about the marks.
func (r *Resolver) ByChain(ctx context.Context, id string, chain []string) (*Peer, error) {
	p, err := r.verify(id, chain)
	if err != nil {
		return nil, err
	}
	return p, r.askMarks(ctx, p)
}

func (r *Resolver) verify(id string, tokens []string) (*Peer, error) {
	p, err := r.Anchor.VerifyChain(tokens, r.Clock())
	if err != nil {
		return nil, err
	}
	if p.ID != id {
		return nil, fmt.Errorf("%w: about another entity", ErrChain)
	}
	return p, nil
}

// checkID wants an https URL that names an entity and nothing else; http on this machine only.
func checkID(id string) error {
	u, err := url.Parse(id)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil || len(id) > 2048 {
		return fmt.Errorf("%w: not an entity identifier", ErrUnknownEntity)
	}
	if loopback := u.Hostname() == "127.0.0.1" || u.Hostname() == "localhost"; u.Scheme != "https" && (u.Scheme != "http" || !loopback) {
		return fmt.Errorf("%w: not https", ErrUnknownEntity)
	}
	return nil
}

// entry finds or makes the entry of an entity. Only identifiers that may be fetched get one.
func (r *Resolver) entry(id string) (*entry, error) {
	if err := checkID(id); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known == nil {
		r.known = map[string]*entry{}
	}
	e, ok := r.known[id]
	if ok {
		return e, nil
	}
	now := r.Clock()
	if now.Sub(r.minute) >= time.Minute {
		r.minute, r.strangers = now, 0
	}
	if r.strangers++; r.strangers > maxStrangers {
		return nil, fmt.Errorf("%w: too many strangers this minute", ErrUnknownEntity)
	}
	if len(r.known) >= maxRemember {
		clear(r.known)
	}
	e = &entry{}
	r.known[id] = e
	return e, nil
}

// offline takes a chain that came with a token: not older than a day, not older than what was seen.
func (r *Resolver) offline(e *entry, id string, chain []string) error {
	p, err := r.verify(id, chain)
	if err != nil {
		return err
	}
	now := r.Clock()
	if now.Sub(time.Unix(p.leaf.Iat, 0)) > maxHeaderAge || p.leaf.Iat < e.newest {
		return fmt.Errorf("%w: a newer configuration was seen, or this one is older than a day", ErrChain)
	}
	e.keep(p, now)
	return nil
}

// keep remembers a verified peer; the anchor is asked about its marks anew.
func (e *entry) keep(p *Peer, now time.Time) {
	if e.peer != nil && e.peer.leaf.Raw() == p.leaf.Raw() {
		p.Marks = e.peer.Marks
	} else {
		e.marksAt = time.Time{}
	}
	e.peer, e.fetched, e.newest = p, now, p.leaf.Iat
}

// load builds the chain anew: anchor, the anchor about the entity, and only then the entity itself.
func (r *Resolver) load(ctx context.Context, e *entry, id string) error {
	now := r.Clock()
	if !e.refused.IsZero() && now.Sub(e.refused) < unknownFor {
		return fmt.Errorf("%w: the anchor does not know it", ErrUnknownEntity)
	}
	top, anchor, err := r.anchor(ctx)
	if err != nil {
		return err
	}
	about, err := r.get(ctx, anchor.Federation().Fetch+"?"+url.Values{"sub": {id}}.Encode(), MediaStatement)
	if errors.Is(err, errNotThere) {
		e.refused, e.peer = now, nil
		return fmt.Errorf("%w: the anchor does not know it", ErrUnknownEntity)
	}
	if err != nil {
		return err
	}
	if err := vouches(about, r.Anchor.Entity, id, anchor.JWKS); err != nil {
		return err
	}
	leaf, err := r.get(ctx, id+WellKnown, MediaStatement)
	if err != nil {
		return err
	}
	p, err := r.verify(id, []string{leaf, about, top})
	if err != nil {
		return err
	}
	e.refused = time.Time{}
	e.keep(p, now)
	return nil
}

// vouches checks a superior's statement before the entity's own host is called.
func vouches(about, superior, id string, keys forge.JWKS) error {
	s, err := forge.ParseStatement(about)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrChain, err)
	}
	if err := s.Verify(keys); err != nil || s.Sub != id || s.Iss != superior {
		return fmt.Errorf("%w: the superior's statement is not about the entity", ErrChain)
	}
	return nil
}

// Forget drops what is known of an entity, so that the next question is asked anew.
func (r *Resolver) Forget(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.known, id)
}
