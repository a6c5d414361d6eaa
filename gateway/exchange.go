package gateway

import (
	"context"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/builtin"
	"github.com/ehdsgw/ehdsgw/gateway/access/gate"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust"
)

// Bounds of the exchange that are not configuration.
const (
	eventPoll         = time.Second
	holdRound         = 5 * time.Second
	refusalsPerSecond = 5
	refusalBurst      = 100
)

func (g *Gateway) openExchange(ctx context.Context) error {
	g.router = exchange.NewRouter(g.cfg.Country, g.bodies())
	if err := g.router.Load(ctx, g.record); err != nil {
		return err
	}
	rules, err := g.rules()
	if err != nil {
		return err
	}
	recognised, err := g.recognition()
	if err != nil {
		return err
	}
	g.apps = &exchange.Applications{
		Rules: rules, Router: g.router, Compose: g.composer(), Systems: g.systemsOfBodies(),
		Gates: exchange.Gates{
			EthicsRequired: g.cfg.Gates.EthicsRequired, OptOutsOfVersion: g.cfg.Gates.OptOutsOfVersion,
			Early: gate.Severity(g.cfg.Gates.EarlyCategories),
		},
		Centre: g.cfg.Central.Entity, AcknowledgeWithin: g.acknowledgeWithin(), Addresses: g.addresses(),
		Recognition: recognised,
	}
	if err := g.apps.LoadMeasures(ctx, g.record); err != nil {
		return err
	}
	if err := g.openPapers(); err != nil {
		return err
	}
	g.verifier = trust.NewVerifier(g.resolver, g.o.Clock).Under(g.policies)
	g.readEvents()
	if err := g.openOutbox(); err != nil {
		return err
	}
	g.openClocks()
	return g.openInbox()
}

// openOutbox makes the outbox with one worker a channel.
func (g *Gateway) openOutbox() error {
	sender, err := g.sender()
	if err != nil {
		return err
	}
	g.outbox = &exchange.Outbox{
		Record: g.record, Clock: g.o.Clock, After: g.o.After, Logger: g.log, Parallel: g.cfg.Exchange.Workers,
		Workers: map[store.Channel]exchange.Worker{
			store.ChannelCentral: sender,
			store.ChannelPermits: &exchange.Handover{
				Record: g.record, Systems: g.handoverSystems(), Couriers: g.couriers, Router: g.router, Backoff: g.backoff(), Clock: g.o.Clock, Logger: g.log,
				Done: g.nudge,
			},
			store.ChannelInternal: &exchange.Issuer{
				Record: g.record, Applications: g.apps, Signer: g.office, Country: g.cfg.Country, Backoff: g.backoff(),
				Clock: g.o.Clock, Rand: g.o.Rand, Logger: g.log, Wake: func() { g.outbox.Wake() }, Lists: g.centreLists,
			},
		},
	}
	return nil
}

// sender takes messages to the centre through the configured transport.
func (g *Gateway) sender() (*exchange.Sender, error) {
	open, err := builtin.Find(builtin.Drivers().Central, "central", g.cfg.Central.Driver)
	if err != nil {
		return nil, err
	}
	host := g.host("central")
	transport, err := open(host, builtin.CentralSettings{})
	if err != nil {
		return nil, err
	}
	x := g.cfg.Exchange
	return &exchange.Sender{
		Record: g.record, Peers: g.resolver, Signer: g.signer(), Readable: g.readable, Verifier: g.verifier,
		Transport: connectors.GuardCentral(transport, host, connectors.DefaultDeadlines()),
		Lifetime:  x.TokenLifetime, Backoff: g.backoff(), Breakers: exchange.NewBreakers(x.Breaker.Failures, x.Breaker.Open),
		Sealing: g.sealing(), Compose: g.composer(), Clock: g.o.Clock, Logger: g.log,
		Observe: func(_, label string) { g.metrics.Sent.WithLabelValues(label).Inc() },
	}, nil
}

// openInbox makes the inbox and what gives up on messages held too long.
func (g *Gateway) openInbox() error {
	schemas, err := exchange.CompileSchemas()
	if err != nil {
		return err
	}
	record := g.router.Watching(g.record, g.log)
	g.inbox = &exchange.Inbox{
		Profiles: g.profiles(), Across: g.across(), Open: g.sealingKeys,
		Entity: g.cfg.Entity, Verifier: g.verifier, Signer: g.signer(), Record: record, Schemas: schemas,
		Handlers: g.apps.Handlers(), Compose: g.composer(), Limits: g.limits(), Clock: g.o.Clock, Logger: g.log,
		Refusals: exchange.NewRefusalLimiter(refusalsPerSecond, refusalBurst), Wake: g.outbox.Wake,
	}
	g.hold = &exchange.Hold{Inbox: g.inbox, Record: record, Bound: g.cfg.Exchange.Hold, Every: holdRound, After: g.o.After}
	return nil
}

// profiles are the message profiles this gateway speaks: the centre's, and the extension types.
// With peers it is theirs too, which is no part of HealthData@EU.
func (g *Gateway) profiles() []string {
	list := []string{g.cfg.Central.Profile, ehds.ProfileExt1}
	if len(g.cfg.Peers) > 0 {
		list = append(list, ehds.ProfilePeer1)
	}
	return list
}

func (g *Gateway) composer() exchange.Composer {
	return exchange.Composer{Entity: g.cfg.Entity, Profile: g.cfg.Central.Profile, Peers: g.peers(), Rand: g.o.Rand}
}

func (g *Gateway) backoff() exchange.Backoff {
	r := g.cfg.Exchange.Retry
	return exchange.Backoff{First: r.First, Max: r.Max, GiveUp: r.GiveUp, Rand: g.o.Rand, There: func() time.Time { return g.presence.Since() }}
}

func (g *Gateway) limits() exchange.Limits {
	x := g.cfg.Exchange
	return exchange.Limits{
		MaxToken: int(x.MaxMessage), MaxAttachments: x.MaxAttachments, MaxAttachmentBytes: int64(x.MaxAttachmentBytes),
	}
}

// bodies are the health data access bodies messages are routed to.
func (g *Gateway) bodies() []exchange.HDAB {
	out := make([]exchange.HDAB, len(g.cfg.HDABs))
	for i, h := range g.cfg.HDABs {
		out[i] = exchange.HDAB{
			Entity: HDABEntity(g.cfg.Entity, h.ID), Code: h.Code, Name: h.Name["en"], Agents: h.Agents,
			Catalogues: h.Catalogues, TrustedHolders: h.TrustedHolders, Coordinator: h.Coordinator,
		}
	}
	return out
}
