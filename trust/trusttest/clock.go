package trusttest

import (
	"sync"
	"time"
)

// Clock is a clock that moves only when told. It is safe for concurrent use.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// Start is when every federation begins.
func Start() time.Time { return time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC) }

// Now is the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Unix is the time in seconds, as claims have it.
func (c *Clock) Unix() int64 { return c.Now().Unix() }

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}
