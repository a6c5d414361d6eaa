package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/console"
	"github.com/ehdsgw/ehdsgw/gateway/httpapi"
)

// Bounds of the listeners. A slow client holds a connection, never a slot.
const (
	readHeaderTimeout = 10 * time.Second
	exchangeDeadline  = 5 * time.Minute // 256 MiB at 8 Mbit/s
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 32 << 10
	exchangeSlots     = 256
)

// Names of the listeners.
const (
	publicListener   = "public"
	operatorListener = "operator"
	adminListener    = "admin"
)

// openListeners opens the public listener, the operator socket and the admin listener. Nothing is
// served before all three are open.
func (g *Gateway) openListeners(ctx context.Context) error {
	public, err := g.publicHandler()
	if err != nil {
		return err
	}
	ln, err := listenerOr(g.o.Listener, g.cfg.Listen.Address)
	if err != nil {
		return err
	}
	ln = httpapi.LimitListener(ln, httpapi.DefaultConnections)
	g.listen(publicListener, tls.NewListener(ln, g.tls.ServerConfig()), public)
	if ln, err = operatorSocket(ctx, SocketPath(g.cfg.DataDir)); err != nil {
		return fmt.Errorf("operator socket: %w", err)
	}
	g.listen(operatorListener, ln, g.operatorHandler())
	if ln, err = listenerOr(g.o.AdminListener, g.cfg.Admin.Address); err != nil {
		return fmt.Errorf("admin: %w", err)
	}
	if g.adminTLS != nil {
		ln = tls.NewListener(ln, g.adminTLS.ServerConfig())
	}
	g.listen(adminListener, ln, httpapi.Admin(g.Ready, g.metrics.Handler()))
	return nil
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
		Federation: g.house, Status: g.office, Visas: g, Entity: g.cfg.Entity, Bodies: bodies,
		Historical: g.past.of, Evidence: &httpapi.EvidenceLog{Log: g.record, Admit: g.admitToLog},
		Drivers: g.faces, BasePaths: g.basePaths, Metrics: g.metrics,
	}
	if p.Catalogue, err = g.cataloguePages(); err != nil {
		return nil, err
	}
	if p.Register, err = g.registerPages(); err != nil {
		return nil, err
	}
	return p.Handler()
}

// catalogueSlots bounds the readers of the catalogue that are answered at once: what hubs exchange goes
// on beside them.
func catalogueSlots() int { return 2 * runtime.GOMAXPROCS(0) }

func (g *Gateway) cataloguePages() (http.Handler, error) {
	c := &console.Catalogue{
		Shelf: g.shelf, Base: g.cfg.Entity, Title: g.cfg.DisplayName, Logger: g.log, Slots: make(chan struct{}, catalogueSlots()),
	}
	return c.Handler()
}

func listenerOr(given net.Listener, address string) (net.Listener, error) {
	if given != nil {
		return given, nil
	}
	return net.Listen("tcp", address)
}

// listen makes the server of a listener; serve starts it.
func (g *Gateway) listen(name string, ln net.Listener, h http.Handler) {
	s := &server{name: name, listener: ln, fresh: map[net.Conn]bool{}}
	s.http = &http.Server{
		Handler: h, ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: exchangeDeadline, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeaderBytes, ErrorLog: slog.NewLogLogger(g.log.Handler(), slog.LevelDebug), ConnState: s.note,
		HTTP2: &http.HTTP2Config{MaxConcurrentStreams: httpapi.MaxStreams},
	}
	g.servers = append(g.servers, s)
}

// serve starts taking requests.
func (g *Gateway) serve() {
	for _, s := range g.servers {
		g.workers.Go(func() {
			if err := s.http.Serve(s.listener); err != nil && !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
				g.log.Error("a listener ended", "listener", s.name, "error", err)
			}
		})
	}
}
