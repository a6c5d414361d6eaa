package exchange

import (
	"encoding/binary"
	"io"
	"time"
)

// Backoff spaces retries: exponential from First to Max, with full jitter above a half, so that
// peers that failed together do not come back together.
type Backoff struct {
	First  time.Duration
	Max    time.Duration
	GiveUp time.Duration // how long a row is tried before it becomes a dead letter
	Rand   io.Reader
	// There is since when the gateway is there without a gap; nil means always. Time in which nobody tried
	// counts for nothing: what was queued before a long absence is tried as long as anything else.
	There func() time.Time
}

// DefaultBackoff retries for two weeks, the longest lifetime of a message on any binding.
func DefaultBackoff(rand io.Reader) Backoff {
	return Backoff{First: time.Second, Max: time.Hour, GiveUp: 14 * 24 * time.Hour, Rand: rand}
}

// Delay is the wait after the n-th failed attempt, n from 1.
func (b Backoff) Delay(n int) time.Duration {
	d := b.First
	for i := 1; i < n && d < b.Max; i++ {
		d *= 2
	}
	if d > b.Max {
		d = b.Max
	}
	half := d / 2
	var r [8]byte
	if half <= 0 {
		return d
	}
	if _, err := io.ReadFull(b.Rand, r[:]); err != nil {
		return d // no randomness: no jitter, still a bound
	}
	return half + time.Duration(binary.BigEndian.Uint64(r[:])%uint64(half+1))
}

// Spent says whether a row created then has used up its time.
func (b Backoff) Spent(created, now time.Time) bool {
	if b.There != nil {
		if since := b.There(); since.After(created) {
			created = since
		}
	}
	return now.Sub(created) > b.GiveUp
}
