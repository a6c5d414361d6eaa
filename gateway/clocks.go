package gateway

import (
	"context"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// Bounds of the clocks that are not configuration.
const (
	clockRound = 5 * time.Second
	// dueSoon is how far ahead the gauge of clocks that end soon looks.
	dueSoon = 14 * 24 * time.Hour
)

// openClocks makes the worker of the statutory clocks. Mail that waited for us while we were away comes
// within a peer's longest wait between two attempts, which is taken to be ours.
func (g *Gateway) openClocks() {
	x := g.cfg.Exchange
	g.presence = &exchange.Presence{
		Record: g.record, CatchUp: min(x.Grace, x.Retry.Max), Clock: g.o.Clock, After: g.o.After, Logger: g.log,
	}
	g.clocks = &exchange.Timers{
		Record: g.record, Applications: g.apps, Drained: g.presence, Grace: x.Grace, Every: clockRound,
		Clock: g.o.Clock, After: g.o.After, Logger: g.log, Wake: g.outbox.Wake,
		Observe: func(kind string) { g.metrics.ClocksFired.WithLabelValues(kind).Inc() },
	}
}

// countClocks brings the gauges of clocks up to date.
func (g *Gateway) countClocks(ctx context.Context) {
	now := g.o.Clock()
	for _, kind := range exchange.ClockKinds() {
		if n, err := g.record.TimerCount(ctx, store.TimerLate, string(kind), now); err == nil {
			g.metrics.ClocksOverdue.WithLabelValues(string(kind)).Set(float64(n))
		}
		if n, err := g.record.TimerCount(ctx, store.TimerRuns, string(kind), now.Add(dueSoon)); err == nil {
			g.metrics.ClocksDueSoon.WithLabelValues(string(kind)).Set(float64(n))
		}
	}
}
