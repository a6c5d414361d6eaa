package exchange

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// RefusalLimiter bounds how fast one peer can make the record grow with rejected messages: each
// costs a leaf (wire profile §4). It is safe for concurrent use and keeps a bounded number of peers.
type RefusalLimiter struct {
	perSecond rate.Limit
	burst     int
	mu        sync.Mutex
	peers     map[string]*rate.Limiter
}

// maxLimited bounds the peers remembered; only authenticated peers get here, so it is never reached
// by strangers.
const maxLimited = 4096

// NewRefusalLimiter allows burst refusals at once and perSecond of them after that, for each peer.
func NewRefusalLimiter(perSecond float64, burst int) *RefusalLimiter {
	return &RefusalLimiter{perSecond: rate.Limit(perSecond), burst: burst, peers: map[string]*rate.Limiter{}}
}

// Allow says whether one more refusal of a peer may be recorded now.
func (l *RefusalLimiter) Allow(peer string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	lim, ok := l.peers[peer]
	if !ok {
		if len(l.peers) >= maxLimited {
			clear(l.peers)
		}
		lim = rate.NewLimiter(l.perSecond, l.burst)
		l.peers[peer] = lim
	}
	return lim.AllowN(now, 1)
}
