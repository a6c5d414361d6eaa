package gateway

import (
	"context"
	"crypto/x509"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/cache"
	"github.com/ehdsgw/ehdsgw/trust/egress"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/pki"
)

// headerFailures is how many chains of strangers may fail in a minute: some seconds of one processor, and a
// third of it when each is as dear as a header holds.
const headerFailures = 6000

func (g *Gateway) openTrust(context.Context) error {
	if err := g.openSignatures(); err != nil {
		return err
	}
	if err := g.openClient(); err != nil {
		return err
	}
	if err := g.openWitnesses(); err != nil {
		return err
	}
	for _, a := range g.cfg.Trust.Anchors {
		anchor, err := readAnchor(a.Entity, a.JWKS)
		if err != nil {
			return err
		}
		g.anchors = append(g.anchors, anchor)
	}
	secret, err := g.keys.Secret(cacheSecret)
	if err != nil {
		return err
	}
	if g.alarms, err = openAlarms(g.cfg.DataDir); err != nil {
		return err
	}
	g.countAnchors()
	g.resolver = federation.NewResolver(federation.Options{
		Anchors: g.anchors, Onboarded: append([]string{g.cfg.Central.Entity}, g.peers()...),
		Intermediates: slices.Concat(g.cfg.Trust.Superiors, g.cfg.Trust.Intermediates), HTTP: g.client.HTTP(),
		Clock: g.o.Clock, Logger: g.log, MarkRefresh: g.cfg.Trust.MarkRefresh, MarkGrace: g.cfg.Trust.MarkGrace,
		StaleIfError: g.cfg.Trust.StaleIfError, HeaderFailures: headerFailures,
		Shelf: statementShelf{g.cache, cache.NewKeys(g.cfg.Entity, secret)}, ShelfSecret: secret,
		Alarmed: g.alarms.names(), Alarm: g.anchorAlarm,
		Observe: func(outcome string) { g.metrics.Resolved.WithLabelValues(outcome).Inc() },
	})
	g.openHouse()
	return nil
}

// readAnchor reads the keys pinned for an anchor.
func readAnchor(entity, file string) (federation.Anchor, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return federation.Anchor{}, fmt.Errorf("pinned keys of anchor %s: %w", entity, err)
	}
	set, err := jose.ParseKeySet(raw)
	if err != nil {
		return federation.Anchor{}, fmt.Errorf("pinned keys of anchor %s in %s: %w", entity, file, err)
	}
	if len(set.Keys) == 0 {
		return federation.Anchor{}, fmt.Errorf("pinned keys of anchor %s in %s: no usable key", entity, file)
	}
	return federation.Anchor{Entity: entity, Keys: set}, nil
}

// openClient makes the guarded client everybody uses.
func (g *Gateway) openClient() (err error) {
	g.client, err = g.guarded(egress.DefaultMaxBody, egress.DefaultTimeout)
	return err
}

// guarded makes a guarded client that takes bodies up to a size and exchanges up to a time. In
// development loopback may be reached.
func (g *Gateway) guarded(maxBody int64, timeout time.Duration) (*egress.Client, error) {
	o := egress.Options{AllowNetworks: slices.Clone(g.cfg.Trust.AllowNetworks), Development: g.cfg.Development, MaxBody: maxBody, Timeout: timeout}
	if g.cfg.Development {
		o.AllowNetworks = append(o.AllowNetworks, netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128"))
	}
	var err error
	if o.Roots, err = roots(g.cfg.Trust.CAFile); err != nil {
		return nil, fmt.Errorf("trust.ca_file: %w", err)
	}
	return egress.New(o)
}

// roots are the system's and those of a file; nil, the system's alone, without one.
func roots(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	if _, err := pki.Pool(file); err != nil { // every certificate counts, or none
		return nil, err
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	pool, err := x509.SystemCertPool()
	if err != nil { // a machine without any
		pool = x509.NewCertPool()
	}
	pool.AppendCertsFromPEM(pem)
	return pool, nil
}
