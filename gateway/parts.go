package gateway

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/builtin"
	"github.com/ehdsgw/ehdsgw/connectors/permits/desk"
	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/cache"
	"github.com/ehdsgw/ehdsgw/gateway/cache/memory"
	"github.com/ehdsgw/ehdsgw/gateway/cache/redis"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/permits"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/keys"
)

// RecordDir is where a data directory keeps the record.
func RecordDir(dataDir string) string { return filepath.Join(dataDir, "record") }

// cacheSecret names the secret the shared cache's keys are derived with.
const (
	recordSecret = "record"
	cacheSecret  = "cache"
)

func (g *Gateway) openCache(ctx context.Context) error {
	drivers := memory.Drivers(g.o.Clock)
	for scheme, open := range redis.Drivers(redis.Options{}) {
		drivers[scheme] = open
	}
	c, err := cache.Open(ctx, g.cfg.Cache.URL.Reveal(), drivers)
	if err != nil {
		return err
	}
	g.cache = cache.Safe(c, cache.SafeOptions{Now: g.o.Clock, Logger: g.log})
	return nil
}

// host is what a driver is lent.
func (g *Gateway) host(instance string) connectors.Host {
	return connectors.Host{
		Instance: instance, Mailbox: mailbox{g.record, "connector/" + instance}, HTTP: g.client.HTTP(),
		Clock: g.o.Clock, Rand: func(b []byte) error { _, err := g.o.Rand.Read(b); return err },
		Logger: g.log.With("connector", instance),
	}
}

// mailbox is a driver's namespace in the record.
type mailbox struct {
	record    store.Mailboxes
	namespace string
}

func (m mailbox) Get(ctx context.Context, key string) ([]byte, bool, error) {
	return m.record.MailGet(ctx, m.namespace, key)
}

func (m mailbox) Scan(ctx context.Context, prefix, after string, limit int) ([]connectors.Mail, error) {
	list, err := m.record.MailScan(ctx, m.namespace, prefix, after, limit)
	out := make([]connectors.Mail, len(list))
	for i, e := range list {
		out[i] = connectors.Mail(e)
	}
	return out, err
}

func (m mailbox) Batch(ctx context.Context, puts []connectors.Mail, deletes []string) error {
	list := make([]store.Mail, len(puts))
	for i, p := range puts {
		list[i] = store.Mail(p)
	}
	return m.record.MailBatch(ctx, m.namespace, list, deletes)
}

func (g *Gateway) openPermits(context.Context) error {
	rules, err := g.deskRules()
	if err != nil {
		return err
	}
	open, err := builtin.Find(builtin.Drivers().Permits, "permits", g.cfg.Permits.Driver)
	if err != nil {
		return err
	}
	if g.permits, err = open(g.host(g.cfg.Permits.Driver), builtin.PermitSettings{Rules: rules}); err != nil {
		return err
	}
	bodies := mapIndex(g.cfg.HDABs, func(i int) permits.Body { return g.permitBody(i) })
	g.office = permits.NewOffice(bodies, g.record, exchange.StatusListSize, g.o.Clock)
	return nil
}

// deskRules reads the rules file. Without one every case waits for a person.
func (g *Gateway) deskRules() ([]byte, error) {
	if path := g.cfg.Permits.Desk.Rules; path != "" {
		rules, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("desk rules: %w", err)
		}
		return rules, nil
	}
	h := g.cfg.HDABs[0]
	name := h.Name["en"]
	if name == "" {
		name = h.Code
	}
	return json.Marshal(desk.Rules{
		Version: 1, Rules: []desk.Rule{}, Default: desk.Then{Decide: "manual"},
		Body: desk.Body{ID: h.Code, Name: name, Signatory: ehds.Signatory{Name: name, JobTitle: "Health data access body"}},
	})
}

// permitBody is the signing side of one body: its permit key and its trust chain as it stands now.
func (g *Gateway) permitBody(i int) permits.Body {
	id := g.cfg.HDABs[i].ID
	return permits.Body{
		Entity: HDABEntity(g.cfg.Entity, id),
		Key:    func() (jose.SigningKey, error) { return g.keys.Active(keys.Permit, ownerHDAB(id)) },
		Chain: func(ctx context.Context) ([]string, error) {
			config, err := g.house.Head.Configuration()
			if err != nil {
				return nil, err
			}
			above, err := g.resolver.Above(ctx, config)
			if err != nil {
				return nil, err
			}
			return g.house.ChainOf(g.house.Bodies[i], above)
		},
	}
}

func (g *Gateway) openExchange(ctx context.Context) error {
	schemas, err := exchange.CompileSchemas()
	if err != nil {
		return err
	}
	open, err := builtin.Find(builtin.Drivers().Central, "central", g.cfg.Central.Driver)
	if err != nil {
		return err
	}
	transport, err := open(g.host("central"), builtin.CentralSettings{})
	if err != nil {
		return err
	}
	g.router = exchange.NewRouter(g.cfg.Country, g.bodies())
	if err := g.router.Load(ctx, g.record); err != nil {
		return err
	}
	x := g.cfg.Exchange
	compose := exchange.Composer{Entity: g.cfg.Entity, Profile: g.cfg.Central.Profile, Rand: g.o.Rand}
	verifier := trust.NewVerifier(g.resolver, g.o.Clock)
	signer := trust.NewSigner(trust.KeyringFunc(func() (jose.SigningKey, error) { return g.keys.Active(keys.Exchange, ownerNCP) }))
	apps := &exchange.Applications{Rules: access.Rules{}, Router: g.router, Compose: compose, Instance: g.cfg.Permits.Driver}
	backoff := exchange.Backoff{First: x.Retry.First, Max: x.Retry.Max, GiveUp: x.Retry.GiveUp, Rand: g.o.Rand}
	g.breakers = exchange.NewBreakers(x.Breaker.Failures, x.Breaker.Open)
	g.events = exchange.NewEvents(exchange.Events{
		Record: g.record, Permits: g.permits, Applications: apps, Instance: g.cfg.Permits.Driver,
		Poll: eventPoll, Clock: g.o.Clock, After: g.o.After, Logger: g.log, Wake: func() { g.outbox.Wake() },
	})
	g.outbox = &exchange.Outbox{
		Record: g.record, Clock: g.o.Clock, After: g.o.After, Logger: g.log, Parallel: x.Workers,
		Workers: map[store.Channel]exchange.Worker{
			store.ChannelCentral: &exchange.Sender{
				Record: g.record, Peers: g.resolver, Signer: signer, Verifier: verifier, Transport: transport,
				Lifetime: x.TokenLifetime, Backoff: backoff, Breakers: g.breakers, Compose: compose, Clock: g.o.Clock,
				Logger: g.log, Observe: func(_, label string) { g.metrics.Sent.WithLabelValues(label).Inc() },
			},
			store.ChannelPermits: &exchange.Handover{
				Record: g.record, Permits: g.permits, Router: g.router, Backoff: backoff, Clock: g.o.Clock, Logger: g.log,
				Done: g.events.Nudge,
			},
			store.ChannelInternal: &exchange.Issuer{
				Record: g.record, Applications: apps, Signer: g.office, Country: g.cfg.Country, Backoff: backoff,
				Clock: g.o.Clock, Rand: g.o.Rand, Logger: g.log, Wake: func() { g.outbox.Wake() },
			},
		},
	}
	g.inbox = &exchange.Inbox{
		Entity: g.cfg.Entity, Verifier: verifier, Signer: signer, Record: g.record, Schemas: schemas,
		Handlers: apps.Handlers(), Compose: compose, Limits: g.limits(), Clock: g.o.Clock, Logger: g.log,
		Refusals: exchange.NewRefusalLimiter(refusalsPerSecond, refusalBurst), Wake: g.outbox.Wake,
	}
	g.hold = &exchange.Hold{Inbox: g.inbox, Record: g.record, Bound: x.Hold, Every: holdRound, After: g.o.After}
	return nil
}

// Bounds of the exchange that are not configuration.
const (
	eventPoll         = time.Second
	holdRound         = 5 * time.Second
	refusalsPerSecond = 5
	refusalBurst      = 100
)

func (g *Gateway) limits() exchange.Limits {
	x := g.cfg.Exchange
	return exchange.Limits{
		MaxToken: int(x.MaxMessage), MaxAttachments: x.MaxAttachments, MaxAttachmentBytes: int64(x.MaxAttachmentBytes),
	}
}

// shield is the inbox behind the retry-storm cache.
func (g *Gateway) shield() (*exchange.StormShield, error) {
	secret, err := g.keys.Secret(cacheSecret)
	if err != nil {
		return nil, err
	}
	names := cache.NewKeys(g.cfg.Entity, secret)
	return &exchange.StormShield{
		Inner: g.inbox, Cache: g.cache, TTL: time.Hour,
		Key: func(token [sha256.Size]byte) string { return names.Receipt(token) },
	}, nil
}

func (g *Gateway) bodies() []exchange.HDAB {
	return mapIndex(g.cfg.HDABs, func(i int) exchange.HDAB {
		h := g.cfg.HDABs[i]
		return exchange.HDAB{Entity: HDABEntity(g.cfg.Entity, h.ID), Code: h.Code, Name: h.Name["en"], Agents: h.Agents}
	})
}

// mapIndex maps the indexes of a slice.
func mapIndex[T, U any](list []T, f func(int) U) []U {
	out := make([]U, len(list))
	for i := range list {
		out[i] = f(i)
	}
	return out
}
