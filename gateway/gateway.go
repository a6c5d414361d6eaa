package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/cache"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/permits"
	"github.com/ehdsgw/ehdsgw/gateway/publish"
	"github.com/ehdsgw/ehdsgw/gateway/search/mirror"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/gateway/telemetry"
	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/egress"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/keys"
	"github.com/ehdsgw/ehdsgw/trust/keys/pkcs11"
	"github.com/ehdsgw/ehdsgw/trust/pki"
)

// Options are what a gateway is made of. Config has passed config.Load.
type Options struct {
	Config *config.Config
	Clock  func() time.Time
	After  func(time.Duration) <-chan time.Time
	Rand   io.Reader
	Logger *slog.Logger
	// Listener and AdminListener replace the configured addresses when not nil. Start takes them over:
	// they are closed by Stop, and by a Start that fails.
	Listener      net.Listener
	AdminListener net.Listener
	// FreeSpace is what may still be written to the file system of a directory, in bytes; nil asks the
	// system.
	FreeSpace func(dir string) (uint64, error)
}

// Gateway is one national gateway. It is started once and stopped once.
type Gateway struct {
	o       Options
	cfg     *config.Config
	log     *slog.Logger
	metrics *telemetry.Metrics
	phase   atomic.Int32

	keys     *keys.Store
	token    *pkcs11.Token // nil when every key is a file
	logKey   keys.LogKey
	keyDesk  keyDesk
	past     pastKeys
	client   *egress.Client
	anchors  []federation.Anchor
	alarms   *anchorAlarms
	resolver *federation.Resolver
	policies trust.SignaturePolicies
	house    *federation.House
	marks    *markShelf
	devCA    *pki.CA
	tls      *pki.Reloader
	adminTLS *pki.Reloader // nil when the admin listener speaks plain HTTP

	record    *store.Record
	cache     cache.Cache
	router    *exchange.Router
	apps      *exchange.Applications
	verifier  exchange.Verifier
	office    *permits.Office
	inbox     *exchange.Inbox
	outbox    *exchange.Outbox
	hold      *exchange.Hold
	clocks    *exchange.Timers
	presence  *exchange.Presence
	publisher *publish.Publisher
	systems   []*permitSystem               // the first serves every body without one of its own
	faces     map[string]http.Handler       // of drivers that have one, by instance
	couriers  map[string]connectors.Courier // to systems of recipients of permits, by outbox target
	basePaths map[string]string             // further paths of faces, each with its instance
	registrar *registrar
	shelf     *shelf
	mirror    *mirror.Mirror // nil when none is configured
	wide      *egress.Client // takes the mirror's pages, which are larger than what others send
	slow      *egress.Client // reads catalogue sources, whose documents are large and take long to make
	national  *egress.Client // speaks with permit systems, which take attachments

	witnesses []logWitness

	servers []*server
	cancel  context.CancelFunc
	workers sync.WaitGroup
	once    sync.Once // of the stop
	stopped error
}

// Phases of a gateway's life.
const (
	phaseNew int32 = iota
	phaseStarting
	phaseRunning
	phaseStopping
)

// New checks the options and makes a gateway that is not running.
func New(o Options) (*Gateway, error) {
	if o.Config == nil || o.Clock == nil || o.After == nil || o.Rand == nil || o.Logger == nil {
		return nil, errors.New("gateway: config, clock, after, rand and logger are required")
	}
	if o.FreeSpace == nil {
		o.FreeSpace = freeSpace
	}
	g := &Gateway{o: o, cfg: o.Config, log: o.Logger, metrics: telemetry.NewMetrics(), faces: map[string]http.Handler{}, basePaths: map[string]string{}, registrar: newRegistrar()}
	g.keyDesk.g, g.past.g = g, g
	return g, nil
}

// Start brings the gateway up: keys, trust, record, parts, listeners, workers. On an error everything
// opened so far is closed again, and nothing was served. ctx bounds the start only. A gateway is not
// started again, whatever became of it: make another with New.
func (g *Gateway) Start(ctx context.Context) (err error) {
	if !g.phase.CompareAndSwap(phaseNew, phaseStarting) {
		return errors.New("gateway: started before")
	}
	defer func() {
		if err != nil {
			g.phase.Store(phaseStopping)
			g.once.Do(func() {}) // there is nothing left to stop
			g.closeGiven()
			err = errors.Join(err, g.closeAll(context.WithoutCancel(ctx)))
		}
	}()
	for _, step := range []struct {
		what string
		run  func(context.Context) error
	}{
		{"keys", g.openKeys}, {"tls", g.openTLS}, {"cache", g.openCache}, {"trust", g.openTrust},
		{"record", g.openRecord}, {"permits", g.openPermits}, {"exchange", g.openExchange},
		{"catalogue", g.openCatalogue}, {"search", g.openSearch}, {"listeners", g.openListeners},
	} {
		if err := step.run(ctx); err != nil {
			return fmt.Errorf("starting %s: %w", step.what, err)
		}
	}
	g.phase.Store(phaseRunning)
	g.serve()
	g.startWorkers(ctx)
	g.log.Info("gateway started", "entity", g.cfg.Entity, "address", g.Addr())
	return nil
}

// Addr is the address of the public listener; empty before Start.
func (g *Gateway) Addr() string { return g.address(publicListener) }

// AdminAddr is the address of the admin listener; empty before Start.
func (g *Gateway) AdminAddr() string { return g.address(adminListener) }

func (g *Gateway) address(name string) string {
	for _, s := range g.servers {
		if s.name == name {
			return s.listener.Addr().String()
		}
	}
	return ""
}

// Stop ends the gateway: listeners stop taking requests, those under way are answered, workers finish
// their attempt, the record is closed. ctx bounds the wait. A second call returns what the first did.
func (g *Gateway) Stop(ctx context.Context) error {
	g.once.Do(func() {
		g.phase.Store(phaseStopping)
		g.log.Info("gateway stopping", "entity", g.cfg.Entity)
		var errs []error
		for _, s := range g.servers { // the admin listener is the last: it tells until then that we stop
			errs = append(errs, s.stop(ctx))
		}
		g.stopped = errors.Join(append(errs, g.closeAll(ctx))...)
	})
	return g.stopped
}

// closeGiven closes the listeners we were given and may not have taken over yet.
func (g *Gateway) closeGiven() {
	for _, ln := range []net.Listener{g.o.Listener, g.o.AdminListener} {
		if ln != nil {
			_ = ln.Close() // closed already when a server has it
		}
	}
}

func (g *Gateway) closeAll(ctx context.Context) error {
	var errs []error
	for _, s := range g.servers {
		s.close()
	}
	if g.cancel != nil {
		g.cancel()
		errs = append(errs, g.waitForWorkers(ctx))
	}
	if g.shelf != nil {
		errs = append(errs, g.shelf.Close())
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
	if g.token != nil {
		errs = append(errs, g.token.Close())
	}
	for _, c := range []*egress.Client{g.client, g.wide, g.slow, g.national} {
		if c != nil {
			c.CloseIdleConnections()
		}
	}
	return errors.Join(errs...)
}

func (g *Gateway) waitForWorkers(ctx context.Context) error {
	done := make(chan struct{})
	go func() { g.workers.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("workers did not finish: %w", ctx.Err())
	}
}

// SocketPath is the operator socket of a data directory.
func SocketPath(dataDir string) string { return filepath.Join(dataDir, "operator.sock") }
