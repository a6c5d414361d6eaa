package gateway

import (
	"context"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/exchange"
)

// noticeRound is how often unconfirmed notices are counted. That reads every application: a day to confirm
// by is days away, so minutes do not matter.
const noticeRound = 15 * time.Minute

// acknowledgeWithin is how long recipients have to confirm, by body.
func (g *Gateway) acknowledgeWithin() map[string]time.Duration {
	out := make(map[string]time.Duration, len(g.cfg.HDABs))
	for _, h := range g.cfg.HDABs {
		out[HDABEntity(g.cfg.Entity, h.ID)] = g.cfg.Telling(h).AcknowledgeWithin
	}
	return out
}

// keepNotices counts the notices that wait to be confirmed until ctx ends.
func (g *Gateway) keepNotices(ctx context.Context) {
	for {
		g.countNotices(ctx)
		select {
		case <-ctx.Done():
			return
		case <-g.o.After(noticeRound):
		}
	}
}

// countNotices brings the gauge of notices up to date. A count that fails leaves the last one.
func (g *Gateway) countNotices(ctx context.Context) {
	due, soon, now := 0, 0, g.o.Clock()
	err := g.applications(ctx, func(_ string, doc exchange.ApplicationDoc) {
		for _, n := range doc.Notices {
			switch {
			case n.State == exchange.NoticeAcknowledged:
			case n.Overdue(now):
				due++
			default:
				soon++
			}
		}
	})
	if err != nil {
		return
	}
	g.metrics.Notices.WithLabelValues("due").Set(float64(due))
	g.metrics.Notices.WithLabelValues("soon").Set(float64(soon))
}
