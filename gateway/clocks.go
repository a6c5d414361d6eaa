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

// ClocksSeen is how the statutory clocks stand, for the operator.
type ClocksSeen struct {
	exchange.ClockStatus
	// MailUntil is until when the clocks wait for mail of the time the gateway was away; nil when they
	// do not.
	MailUntil *time.Time `json:"waits_for_mail_until,omitempty"`
}

// clocksSeen asks the record; nil when it cannot say.
func (g *Gateway) clocksSeen(ctx context.Context) *ClocksSeen {
	now := g.o.Clock()
	status, err := exchange.ReadClockStatus(ctx, g.record, now)
	if err != nil {
		return nil
	}
	out := ClocksSeen{ClockStatus: status}
	if p := status.Present; p != nil {
		if until := p.Since.Add(g.presence.CatchUp); now.Before(until) {
			out.MailUntil = &until
		}
	}
	return &out
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
