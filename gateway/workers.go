package gateway

import (
	"context"
	"time"
)

// startWorkers starts everything that runs on its own.
func (g *Gateway) startWorkers(ctx context.Context) {
	// The workers' lifetime is the gateway's, not the start's: Stop ends it.
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	g.cancel = cancel
	run := func(f func(context.Context)) { g.workers.Go(func() { f(ctx) }) }
	run(g.keepMarks)
	run(func(ctx context.Context) { _ = g.outbox.Run(ctx) }) // ends with ctx only
	for _, s := range g.systems {
		run(func(ctx context.Context) { _ = s.events.Run(ctx) }) // ends with ctx only
		if s.pusher != nil {
			run(func(ctx context.Context) { g.keepPushed(ctx, s.pusher) })
		}
	}
	run(g.keepHouse)
	run(g.keepAnchors)
	run(g.hold.Run)
	run(g.presence.Run)
	run(g.clocks.Run)
	for _, w := range g.witnesses {
		run(func(ctx context.Context) { g.keepWitnessed(ctx, w) })
	}
	run(g.keepShelf)
	run(g.keepRegister)
	if g.mirror != nil {
		run(func(ctx context.Context) { g.keepMirror(ctx, g.cfg.Catalogue.Mirror.Interval) })
	}
	run(g.keepReviews)
	run(g.keepNotices)
	for _, s := range g.cfg.Catalogue.Sources {
		run(func(ctx context.Context) { g.keepPublished(ctx, s.Name, s.Interval) })
	}
}

// houseKeeping is how often certificates, keys and totals are looked at.
const houseKeeping = 30 * time.Second

// keepHouse looks after certificates, keys and totals until ctx ends.
func (g *Gateway) keepHouse(ctx context.Context) {
	for {
		g.keepTLS(ctx)
		g.keepKeys(ctx)
		g.countRows(ctx)
		g.countClocks(ctx)
		select {
		case <-ctx.Done():
			return
		case <-g.o.After(houseKeeping):
		}
	}
}

func (g *Gateway) countRows(ctx context.Context) {
	c, err := g.record.Counts(ctx)
	if err != nil {
		return
	}
	g.metrics.Outbox.WithLabelValues("queued").Set(float64(c.Queued))
	g.metrics.Outbox.WithLabelValues("dead").Set(float64(c.Dead))
	g.metrics.Records.WithLabelValues("message").Set(float64(c.Messages))
	g.metrics.Records.WithLabelValues("case").Set(float64(c.Cases))
	g.metrics.Records.WithLabelValues("leaf").Set(float64(c.Leaves))
	g.metrics.Records.WithLabelValues("permit").Set(float64(c.Permits))
}
