package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/httpapi"
	"github.com/ehdsgw/ehdsgw/trust/pki"
)

// Bounds of the listeners. A slow client holds a connection, never a slot.
const (
	readHeaderTimeout = 10 * time.Second
	exchangeDeadline  = 5 * time.Minute // 256 MiB at 8 Mbit/s
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 32 << 10
	exchangeSlots     = 256
)

// openListeners opens the public listener, the admin listener and the operator socket. Requests are
// served from the moment this returns.
func (g *Gateway) openListeners(context.Context) error {
	public, err := g.publicHandler()
	if err != nil {
		return err
	}
	ln, err := listenerOr(g.o.Listener, g.cfg.Listen.Address)
	if err != nil {
		return err
	}
	g.serve("public", tls.NewListener(ln, g.tls.ServerConfig()), public)
	if err := g.openAdmin(); err != nil {
		return err
	}
	return g.openOperatorSocket()
}

func (g *Gateway) publicHandler() (http.Handler, error) {
	shield, err := g.shield()
	if err != nil {
		return nil, err
	}
	bodies := make([]string, len(g.cfg.HDABs))
	for i, h := range g.cfg.HDABs {
		bodies[i] = HDABEntity(g.cfg.Entity, h.ID)
	}
	p := &httpapi.Public{
		Exchange: &httpapi.Exchange{
			Receiver: shield, Limits: g.limits(), Deadline: exchangeDeadline, Clock: g.o.Clock, Logger: g.log,
			Metrics: g.metrics, Slots: make(chan struct{}, exchangeSlots),
		},
		Federation: g.house, Status: g.office, Entity: g.cfg.Entity, Bodies: bodies,
	}
	return p.Handler()
}

func (g *Gateway) openAdmin() error {
	ln, err := listenerOr(g.o.AdminListener, g.cfg.Admin.Address)
	if err != nil {
		return fmt.Errorf("admin: %w", err)
	}
	if t := g.cfg.Admin.TLS; t.Enabled() {
		r, err := pki.NewReloader(pki.Files{Cert: t.Cert, Key: t.Key, ClientCA: t.ClientCA, Clock: g.o.Clock})
		if err != nil {
			return errors.Join(fmt.Errorf("admin: %w", err), ln.Close())
		}
		ln = tls.NewListener(ln, r.ServerConfig())
	}
	g.serve("admin", ln, httpapi.Admin(g.Ready, g.metrics.Handler()))
	return nil
}

// openOperatorSocket listens on DATA/operator.sock, 0600: who may open the data directory may
// operate the gateway. The record's lock is held, so a socket left behind is nobody's.
func (g *Gateway) openOperatorSocket() error {
	path := SocketPath(g.cfg.DataDir)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	ln, err := net.Listen("unix", path)
	if err != nil {
		return fmt.Errorf("operator socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return errors.Join(err, ln.Close())
	}
	g.serve("operator", ln, g.operatorHandler())
	return nil
}

func listenerOr(given net.Listener, address string) (net.Listener, error) {
	if given != nil {
		return given, nil
	}
	return net.Listen("tcp", address)
}

func (g *Gateway) serve(name string, ln net.Listener, h http.Handler) {
	s := &server{name: name, listener: ln, fresh: map[net.Conn]bool{}}
	s.http = &http.Server{
		Handler: h, ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: exchangeDeadline, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeaderBytes, ErrorLog: slog.NewLogLogger(g.log.Handler(), slog.LevelDebug), ConnState: s.note,
	}
	g.servers = append(g.servers, s)
	g.workers.Go(func() {
		if err := s.http.Serve(ln); err != nil && !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			g.log.Error("a listener ended", "listener", name, "error", err)
		}
	})
}

// startWorkers starts everything that runs on its own.
func (g *Gateway) startWorkers(ctx context.Context) {
	// The workers' lifetime is the gateway's, not the start's: Stop ends it.
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	g.cancel = cancel
	run := func(f func(context.Context)) { g.workers.Go(func() { f(ctx) }) }
	run(g.keepMarks)
	run(func(ctx context.Context) { _ = g.outbox.Run(ctx) }) // ends with ctx only
	run(func(ctx context.Context) { _ = g.events.Run(ctx) }) // ends with ctx only
	run(g.keepHouse)
	run(g.hold.Run)
	for _, s := range g.cfg.Catalogue.Sources {
		run(func(ctx context.Context) { g.keepPublished(ctx, s.Name, s.Interval) })
	}
}

// houseKeeping is how often certificates and totals are looked at.
const houseKeeping = 30 * time.Second

// keepHouse renews the development certificate, follows changed TLS files and counts rows.
func (g *Gateway) keepHouse(ctx context.Context) {
	for {
		if g.devCA != nil {
			if _, err := g.devCA.Renew(); err != nil {
				g.log.ErrorContext(ctx, "the development certificate cannot be renewed", "error", err)
			}
		}
		if _, err := g.tls.Refresh(); err != nil {
			g.log.ErrorContext(ctx, "changed TLS files do not fit", "error", err)
		}
		g.countRows(ctx)
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
