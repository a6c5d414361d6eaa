package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/cache"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/permits"
	"github.com/ehdsgw/ehdsgw/gateway/publish"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/gateway/telemetry"
	"github.com/ehdsgw/ehdsgw/trust/egress"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/keys"
	"github.com/ehdsgw/ehdsgw/trust/pki"
)

// Options are what a gateway is made of. Config has passed config.Load.
type Options struct {
	Config *config.Config
	Clock  func() time.Time
	After  func(time.Duration) <-chan time.Time
	Rand   io.Reader
	Logger *slog.Logger
	// Listener and AdminListener replace the configured addresses when not nil.
	Listener      net.Listener
	AdminListener net.Listener
}

// Gateway is one national gateway.
type Gateway struct {
	o       Options
	cfg     *config.Config
	log     *slog.Logger
	metrics *telemetry.Metrics

	keys     *keys.Store
	logKey   keys.LogKey
	client   *egress.Client
	anchors  []federation.Anchor
	resolver *federation.Resolver
	house    *federation.House
	marks    *markShelf
	devCA    *pki.CA
	tls      *pki.Reloader

	record    *store.Record
	cache     cache.Cache
	router    *exchange.Router
	office    *permits.Office
	inbox     *exchange.Inbox
	outbox    *exchange.Outbox
	events    *exchange.Events
	hold      *exchange.Hold
	breakers  *exchange.Breakers
	publisher *publish.Publisher
	permits   connectors.Permits

	servers []*server
	cancel  context.CancelFunc
	workers sync.WaitGroup
}

// New checks the options and makes a gateway that is not running.
func New(o Options) (*Gateway, error) {
	if o.Config == nil || o.Clock == nil || o.After == nil || o.Rand == nil || o.Logger == nil {
		return nil, errors.New("gateway: config, clock, after, rand and logger are required")
	}
	return &Gateway{o: o, cfg: o.Config, log: o.Logger, metrics: telemetry.NewMetrics()}, nil
}

// Start brings the gateway up: keys, trust, record, parts, listeners, workers. On an error everything
// opened so far is closed again. ctx bounds the start only.
func (g *Gateway) Start(ctx context.Context) (err error) {
	defer func() {
		if err != nil {
			g.closeAll(context.WithoutCancel(ctx))
		}
	}()
	for _, step := range []struct {
		what string
		run  func(context.Context) error
	}{
		{"keys", g.openKeys}, {"tls", g.openTLS}, {"trust", g.openTrust}, {"record", g.openRecord},
		{"cache", g.openCache}, {"permits", g.openPermits}, {"exchange", g.openExchange},
		{"catalogue", g.openCatalogue}, {"listeners", g.openListeners},
	} {
		if err := step.run(ctx); err != nil {
			return fmt.Errorf("starting %s: %w", step.what, err)
		}
	}
	g.startWorkers(ctx)
	g.log.Info("gateway started", "entity", g.cfg.Entity, "address", g.Addr())
	return nil
}

// Addr is the address of the public listener.
func (g *Gateway) Addr() string {
	for _, s := range g.servers {
		if s.name == "public" {
			return s.listener.Addr().String()
		}
	}
	return ""
}

// Stop ends the gateway: listeners stop taking requests, those under way are answered, workers finish
// their attempt, the record is closed. ctx bounds the wait.
func (g *Gateway) Stop(ctx context.Context) error {
	g.log.Info("gateway stopping", "entity", g.cfg.Entity)
	var errs []error
	for _, s := range g.servers {
		errs = append(errs, s.stop(ctx))
	}
	errs = append(errs, g.closeAll(ctx))
	return errors.Join(errs...)
}

func (g *Gateway) closeAll(ctx context.Context) error {
	if g.cancel != nil {
		g.cancel()
	}
	done := make(chan struct{})
	go func() { g.workers.Wait(); close(done) }()
	var errs []error
	select {
	case <-done:
	case <-ctx.Done():
		errs = append(errs, fmt.Errorf("workers did not finish: %w", ctx.Err()))
	}
	for _, s := range g.servers {
		_ = s.listener.Close() // closed already when stop succeeded
	}
	if g.record != nil {
		errs = append(errs, g.record.Close())
	}
	if g.cache != nil {
		errs = append(errs, g.cache.Close())
	}
	if g.keys != nil {
		errs = append(errs, g.keys.Close())
	}
	if g.client != nil {
		g.client.CloseIdleConnections()
	}
	return errors.Join(errs...)
}

// Reload takes over renewed TLS files and keys.
func (g *Gateway) Reload() error {
	return errors.Join(g.tls.Reload(), g.keys.Reload())
}

// Ready says why the gateway cannot do its work; nil when it can.
func (g *Gateway) Ready(ctx context.Context) error {
	if err := g.record.Healthy(); err != nil {
		return fmt.Errorf("record: %w", err)
	}
	if missing := g.marks.missing(); missing != "" {
		return fmt.Errorf("trust: no %s mark from the anchor yet", missing)
	}
	_, err := g.record.Counts(ctx)
	return err
}

// SocketPath is the operator socket of a data directory.
func SocketPath(dataDir string) string { return filepath.Join(dataDir, "operator.sock") }
