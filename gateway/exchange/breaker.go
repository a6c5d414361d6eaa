package exchange

import (
	"sync"
	"time"
)

// Breakers keeps one circuit breaker per peer: after Failures transport failures in a row nothing is
// sent to that peer for Open, then one attempt probes. Breakers are safe for concurrent use; what
// they know may be lost at any time.
type Breakers struct {
	Failures int
	Open     time.Duration
	mu       sync.Mutex
	peers    map[string]*breaker
}

type breaker struct {
	failures int
	until    time.Time // closed when zero; no attempt before it
	probing  bool
	paused   time.Time // no attempt before it, whatever the failures
}

// waits says until when no attempt may start; zero when one may.
func (p *breaker) waits(now time.Time) time.Time {
	switch {
	case p == nil:
		return time.Time{}
	case now.Before(p.paused):
		return p.paused
	case p.until.IsZero():
		return time.Time{}
	case now.Before(p.until):
		return p.until
	case p.probing:
		return now.Add(probeWait)
	}
	return time.Time{}
}

// probeWait is when to look again while a probe is under way.
const probeWait = time.Second

// NewBreakers makes breakers that open after failures and stay open for open.
func NewBreakers(failures int, open time.Duration) *Breakers {
	return &Breakers{Failures: failures, Open: open, peers: map[string]*breaker{}}
}

// Allow says whether an attempt may start, and otherwise when the next may.
func (b *Breakers) Allow(peer string, now time.Time) (ok bool, at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.peers[peer]
	if at := p.waits(now); !at.IsZero() {
		return false, at
	}
	if p != nil && !p.until.IsZero() {
		p.probing = true
	}
	return true, time.Time{}
}

// Ready says what Allow would, without starting an attempt.
func (b *Breakers) Ready(peer string, now time.Time) (ok bool, at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	at = b.peers[peer].waits(now)
	return at.IsZero(), at
}

// Pause lets no attempt start before until, for a reason that is not the peer's endpoint.
func (b *Breakers) Pause(peer string, until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.peer(peer).paused = until
}

// peer is what is known of a peer; the caller holds the lock.
func (b *Breakers) peer(peer string) *breaker {
	p := b.peers[peer]
	if p == nil {
		p = &breaker{}
		b.peers[peer] = p
	}
	return p
}

// Report tells the outcome of an attempt: reached means the peer answered at all.
func (b *Breakers) Report(peer string, reached bool, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if reached {
		delete(b.peers, peer)
		return
	}
	p := b.peer(peer)
	p.failures++
	p.probing = false
	if p.failures >= b.Failures {
		p.until = now.Add(b.Open)
	}
}

// Cancel ends an attempt that told nothing about the peer: it failed before it left.
func (b *Breakers) Cancel(peer string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p := b.peers[peer]; p != nil {
		p.probing = false
	}
}

// State is the number of failures in a row and until when the breaker is open, for status pages.
func (b *Breakers) State(peer string) (failures int, until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p := b.peers[peer]; p != nil {
		return p.failures, p.until
	}
	return 0, time.Time{}
}
