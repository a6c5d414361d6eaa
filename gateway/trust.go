package gateway

import (
	"context"
	"crypto/x509"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/trust/egress"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/keys"
	"github.com/ehdsgw/ehdsgw/trust/pki"
)

// Owners of keys: the contact point, and each body by its id.
const ownerNCP = "ncp"

func ownerHDAB(id string) string { return "hdab-" + id }

// HDABEntity is the entity identifier of a body hosted by a contact point.
func HDABEntity(entity, id string) string { return entity + "/hdab/" + id }

// LogOrigin is the origin of a gateway's evidence log: its identifier without the scheme.
func LogOrigin(entity string) string {
	u, err := url.Parse(entity)
	if err != nil {
		return entity + "/log"
	}
	return strings.TrimSuffix(u.Host+u.Path, "/") + "/log"
}

// EnsureKeys makes every key a gateway with these bodies needs that is not there yet.
func EnsureKeys(k *keys.Store, hdabs []string) error {
	type slot struct {
		purpose keys.Purpose
		owner   string
	}
	slots := []slot{{keys.Federation, ownerNCP}, {keys.Exchange, ownerNCP}}
	for _, id := range hdabs {
		slots = append(slots, slot{keys.Federation, ownerHDAB(id)}, slot{keys.Permit, ownerHDAB(id)})
	}
	for _, s := range slots {
		if err := k.Ensure(s.purpose, s.owner); err != nil {
			return fmt.Errorf("%s key of %s: %w", s.purpose, s.owner, err)
		}
	}
	return nil
}

func (g *Gateway) openKeys(context.Context) error {
	k, err := keys.Open(filepath.Join(g.cfg.DataDir, "keys"), keys.Options{Clock: g.o.Clock, Rand: g.o.Rand})
	if err != nil {
		return err
	}
	g.keys = k
	ids := make([]string, len(g.cfg.HDABs))
	for i, h := range g.cfg.HDABs {
		ids[i] = h.ID
	}
	if err := EnsureKeys(k, ids); err != nil {
		return err
	}
	g.logKey, err = k.LogKey(LogOrigin(g.cfg.Entity))
	return err
}

// openTLS uses the configured files, or in development a certificate of our own authority.
func (g *Gateway) openTLS(context.Context) error {
	files := pki.Files{Cert: g.cfg.Listen.TLS.Cert, Key: g.cfg.Listen.TLS.Key, ClientCA: g.cfg.Listen.TLS.ClientCA, Clock: g.o.Clock}
	if !g.cfg.Listen.TLS.Enabled() {
		u, err := url.Parse(g.cfg.Entity)
		if err != nil {
			return err
		}
		names := []string{"localhost", "127.0.0.1"}
		if h := u.Hostname(); h != "localhost" && h != "127.0.0.1" {
			names = append(names, h)
		}
		ca, err := pki.DevelopmentCA(filepath.Join(g.cfg.DataDir, "pki"), pki.Options{Clock: g.o.Clock, Rand: g.o.Rand, Names: names})
		if err != nil {
			return err
		}
		g.devCA, files.Cert, files.Key = ca, ca.CertFile(), ca.KeyFile()
	}
	files.OnReload = func(err error) {
		if err != nil {
			g.log.Error("renewed TLS files do not fit; the former ones stay in use", "error", err)
			return
		}
		g.log.Info("TLS files reloaded")
	}
	var err error
	g.tls, err = pki.NewReloader(files)
	return err
}

func (g *Gateway) openTrust(context.Context) error {
	if err := g.openClient(); err != nil {
		return err
	}
	for _, a := range g.cfg.Trust.Anchors {
		raw, err := os.ReadFile(a.JWKS)
		if err != nil {
			return fmt.Errorf("pinned keys of anchor %s: %w", a.Entity, err)
		}
		set, err := jose.ParseKeySet(raw)
		if err != nil || len(set.Keys) == 0 {
			return fmt.Errorf("pinned keys of anchor %s in %s: no usable key (%w)", a.Entity, a.JWKS, err)
		}
		g.anchors = append(g.anchors, federation.Anchor{Entity: a.Entity, Keys: set})
	}
	g.resolver = federation.NewResolver(federation.Options{
		Anchors: g.anchors, Onboarded: []string{g.cfg.Central.Entity}, HTTP: g.client.HTTP(),
		Clock: g.o.Clock, Logger: g.log, MarkRefresh: g.cfg.Trust.MarkRefresh, MarkGrace: g.cfg.Trust.MarkGrace,
	})
	g.openHouse()
	return nil
}

// openClient makes the one guarded client. In development our own authority and loopback count.
func (g *Gateway) openClient() error {
	o := egress.Options{AllowNetworks: g.cfg.Trust.AllowNetworks, Development: g.cfg.Development}
	if g.cfg.Development {
		o.AllowNetworks = append(append([]netip.Prefix(nil), o.AllowNetworks...),
			netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128"))
	}
	if g.cfg.Trust.CAFile != "" {
		pem, err := os.ReadFile(g.cfg.Trust.CAFile)
		if err != nil {
			return err
		}
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		if !pool.AppendCertsFromPEM(pem) {
			return fmt.Errorf("no certificate in %s", g.cfg.Trust.CAFile)
		}
		o.Roots = pool
	}
	var err error
	g.client, err = egress.New(o)
	return err
}

// keyring gives one of our entities its federation keys.
type keyring struct {
	store *keys.Store
	owner string
}

func (k keyring) Signing() (jose.SigningKey, error) { return k.store.Active(keys.Federation, k.owner) }
func (k keyring) Public() (jose.KeySet, error)      { return k.store.Public(keys.Federation, k.owner) }

// openHouse sets up the contact point's entity and one for each body under it.
func (g *Gateway) openHouse() {
	hints := make([]string, len(g.anchors))
	for i, a := range g.anchors {
		hints[i] = a.Entity
	}
	g.marks = newMarkShelf(g.markWishes())
	g.house = &federation.House{Head: federation.NewSelf(federation.SelfOptions{
		Entity: g.cfg.Entity, Hints: hints, Keys: keyring{g.keys, ownerNCP}, Metadata: g.gatewayMetadata,
		Marks: func() []federation.MarkEntry { return g.marks.of(g.cfg.Entity) }, Clock: g.o.Clock,
	})}
	for _, h := range g.cfg.HDABs {
		entity := HDABEntity(g.cfg.Entity, h.ID)
		g.house.Bodies = append(g.house.Bodies, federation.NewSelf(federation.SelfOptions{
			Entity: entity, Hints: []string{g.cfg.Entity}, Keys: keyring{g.keys, ownerHDAB(h.ID)},
			Metadata: func() (map[string]any, error) { return g.hdabMetadata(entity, h.ID, h.Code, h.Name) },
			Marks:    func() []federation.MarkEntry { return g.marks.of(entity) }, Clock: g.o.Clock,
		}))
	}
}

func (g *Gateway) gatewayMetadata() (map[string]any, error) {
	set, err := g.keys.Public(keys.Exchange, ownerNCP)
	if err != nil {
		return nil, err
	}
	types := make([]string, 0, 32)
	for _, t := range g.handlers().Types() {
		types = append(types, string(t))
	}
	return map[string]any{
		federation.TypeFederationEntity: federation.EndpointsOf(g.cfg.Entity, g.cfg.DisplayName["en"]),
		federation.TypeGateway: federation.GatewayMetadata{
			ExchangeEndpoint: g.cfg.Entity + "/exchange", Keys: set, Country: g.cfg.Country,
			Profiles: []string{g.cfg.Central.Profile}, MessageTypes: types, SigningAlgs: []string{"Ed25519"},
			MaxMessageBytes: int64(g.cfg.Exchange.MaxMessage), Contacts: g.cfg.Contacts, DisplayName: g.cfg.DisplayName,
			EvidenceLog: &federation.EvidenceLog{Origin: LogOrigin(g.cfg.Entity), VKeys: []string{g.logKey.VKey}},
		},
	}, nil
}

// handlers lists what this gateway handles, for metadata; the inbox has its own, wired to the record.
func (g *Gateway) handlers() exchange.Handlers {
	return (&exchange.Applications{}).Handlers()
}

func (g *Gateway) hdabMetadata(entity, id, code string, name map[string]string) (map[string]any, error) {
	set, err := g.keys.Public(keys.Permit, ownerHDAB(id))
	if err != nil {
		return nil, err
	}
	return map[string]any{federation.TypeHDAB: federation.HDABMetadata{
		Keys: set, StatusListEndpoint: entity + "/status", Country: g.cfg.Country, Code: code, DisplayName: name,
	}}, nil
}

// markWishes are the role marks our entities need.
func (g *Gateway) markWishes() []markWish {
	anchor := g.cfg.Trust.Anchors[0].Entity
	wishes := []markWish{{anchor, string(ehds.MarkNCP), g.cfg.Entity}}
	for _, h := range g.cfg.HDABs {
		wishes = append(wishes, markWish{anchor, string(ehds.MarkHDAB), HDABEntity(g.cfg.Entity, h.ID)})
	}
	return wishes
}
