package config

import "time"

// Bounds of permits.acknowledge_within.
const (
	shortestAcknowledge = time.Hour
	longestAcknowledge  = 90 * 24 * time.Hour
)

// checkTelling looks after how those who must know of a permit are told, by the gateway and by each body.
func (b *builder) checkTelling(c *Config) {
	between(b, "permits.acknowledge_within", c.Permits.AcknowledgeWithin, shortestAcknowledge, longestAcknowledge)
	for i, h := range c.HDABs {
		if h.Permits.AcknowledgeWithin != 0 {
			between(b, at("hdabs", i)+".permits.acknowledge_within", h.Permits.AcknowledgeWithin, shortestAcknowledge, longestAcknowledge)
		}
	}
}

// Telling is how a body's recipients of permits are told: its own settings, and the gateway's for what it
// has none of. A body needs no permit system of its own for that.
func (c *Config) Telling(h HDAB) (acknowledgeWithin time.Duration) {
	if h.Permits.AcknowledgeWithin != 0 {
		return h.Permits.AcknowledgeWithin
	}
	return c.Permits.AcknowledgeWithin
}
