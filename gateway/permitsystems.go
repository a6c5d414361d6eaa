package gateway

import (
	"context"

	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/builtin"
	"github.com/ehdsgw/ehdsgw/connectors/permits/desk"
	"github.com/ehdsgw/ehdsgw/connectors/permits/dispatcher"
	"github.com/ehdsgw/ehdsgw/connectors/permits/rems"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// permitSystem is one national system that decides: the desk, or a driver to another.
type permitSystem struct {
	instance string
	hdab     string // the body it belongs to; empty for the one that serves all others
	system   exchange.System
	desk     *desk.Desk // the driver, when it is the built-in one
	events   *exchange.Events

	dispatcher *dispatcher.Driver // the driver, when national systems call it
	pusher     connectors.Pusher  // the driver, when it announces news by itself
}

// openSystems opens the permit system of the gateway, and those that bodies have of their own.
func (g *Gateway) openSystems() error {
	if err := g.openSystem(g.cfg.Permits.Driver, "", g.cfg.Permits, g.cfg.HDABs[0]); err != nil {
		return err
	}
	for _, h := range g.cfg.HDABs {
		if h.Permits.Driver == "" {
			continue
		}
		if err := g.openSystem(h.ID+"-"+h.Permits.Driver, HDABEntity(g.cfg.Entity, h.ID), h.Permits, h); err != nil {
			return err
		}
	}
	return nil
}

// permitHost lends a permit driver a client with the time that attachments take.
func (g *Gateway) permitHost(instance string) (host connectors.Host, err error) {
	if g.national == nil {
		if g.national, err = g.guarded(rems.DefaultMaxBody, connectors.DefaultDeadlines().Permits); err != nil {
			return host, err
		}
	}
	host = g.host(instance)
	host.HTTP = g.national.HTTP()
	return host, nil
}

// openSystem opens one permit system. body signs where its own settings name nobody.
func (g *Gateway) openSystem(instance, hdab string, c config.Permits, body config.HDAB) error {
	settings, err := permitSettings(c, body, g.cfg, g.o.Clock)
	if err != nil {
		return err
	}
	open, err := builtin.Find(builtin.Drivers().Permits, "permits", c.Driver)
	if err != nil {
		return err
	}
	host, err := g.permitHost(instance)
	if err != nil {
		return err
	}
	s := &permitSystem{instance: instance, hdab: hdab}
	host.Foresee = func(ctx context.Context, events []connectors.PermitEvent) error { return s.events.Foresee(ctx, events) }
	d, err := open(host, settings)
	if err != nil {
		return err
	}
	if s, ok := d.(connectors.Served); ok {
		g.faces[instance] = s.Handler()
	}
	s.system = exchange.System{
		Permits: connectors.GuardPermits(d, host, connectors.DefaultDeadlines()),
		Extras:  connectors.GuardExtras(d, host, connectors.DefaultDeadlines()),
	}
	s.desk, _ = d.(*desk.Desk)
	s.pusher, _ = d.(connectors.Pusher)
	if s.dispatcher, _ = d.(*dispatcher.Driver); s.dispatcher != nil && c.Dispatcher.BasePath != "" {
		g.basePaths[c.Dispatcher.BasePath] = instance
	}
	g.systems = append(g.systems, s)
	return nil
}

// readEvents makes what reads the events of each permit system.
func (g *Gateway) readEvents() {
	for _, s := range g.systems {
		s.events = exchange.NewEvents(exchange.Events{
			Record: g.record, Permits: s.system.Permits, Applications: g.apps, Instance: s.instance,
			Poll: eventPoll, Clock: g.o.Clock, After: g.o.After, Logger: g.log, Wake: func() { g.outbox.Wake() },
		})
	}
}

// systemsOfBodies says which permit system serves which body.
func (g *Gateway) systemsOfBodies() exchange.Systems {
	out := exchange.Systems{Default: g.systems[0].instance, Bodies: map[string]string{}}
	for _, s := range g.systems[1:] {
		out.Bodies[s.hdab] = s.instance
	}
	return out
}

func (g *Gateway) handoverSystems() map[string]exchange.System {
	out := make(map[string]exchange.System, len(g.systems))
	for _, s := range g.systems {
		out[s.instance] = s.system
	}
	return out
}

// nudge asks for a look at the events of one permit system now.
func (g *Gateway) nudge(instance string) {
	for _, s := range g.systems {
		if s.instance == instance {
			s.events.Nudge()
		}
	}
}

// desks are the built-in desks among the permit systems.
func (g *Gateway) desks() []*permitSystem {
	var out []*permitSystem
	for _, s := range g.systems {
		if s.desk != nil {
			out = append(out, s)
		}
	}
	return out
}

// deskOf is the desk of a body. A body whose system is another one has none.
func (g *Gateway) deskOf(hdab string) (*permitSystem, error) {
	instance := g.apps.Systems.Of(hdab)
	for _, s := range g.desks() {
		if s.instance == instance {
			return s, nil
		}
	}
	return nil, noDesk()
}

// noDesk is the answer when the permit system is another one.
func noDesk() error {
	return fault.New(fault.NotFound, "no-desk", "another permit system than the desk is configured")
}
