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
}

// NewBreakers makes breakers that open after failures and stay open for open.
func NewBreakers(failures int, open time.Duration) *Breakers {
	return &Breakers{Failures: failures, Open: open, peers: map[string]*breaker{}}
}

// Allow says whether an attempt may start, and otherwise when the next may.
func (b *Breakers) Allow(peer string, now time.Time) (ok bool, at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := b.peers[peer]
	if p == nil || p.until.IsZero() {
		return true, time.Time{}
	}
	if now.Before(p.until) {
		return false, p.until
	}
	if p.probing {
		return false, now.Add(time.Second)
	}
	p.probing = true
	return true, time.Time{}
}

// Report tells the outcome of an attempt: reached means the peer answered at all.
func (b *Breakers) Report(peer string, reached bool, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if reached {
		delete(b.peers, peer)
		return
	}
	p := b.peers[peer]
	if p == nil {
		p = &breaker{}
		b.peers[peer] = p
	}
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
