package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/trust/pki"
)

// Bounds of a request to an anchor: a little more than one resolution takes.
const (
	anchorHeaderTimeout = 5 * time.Second
	anchorTimeout       = 45 * time.Second
	anchorHeaderBytes   = 16 << 10
)

func anchorServe(c *cli.Context) error {
	if err := exactly(c); err != nil {
		return err
	}
	d, err := openAnchor(c)
	if err != nil {
		return err
	}
	defer d.close()
	logger := slog.New(slog.NewJSONHandler(c.App.ErrWriter, nil))
	var o egressOptions
	if err := o.read(c); err != nil {
		return err
	}
	s, _, err := d.superior(o, logger)
	if err != nil {
		return err
	}
	if _, err := s.Configuration(); err != nil {
		return negative("the configuration cannot be made: %w", err)
	}
	h, err := s.Handler()
	if err != nil {
		return usage("%w", err)
	}
	ln, err := anchorListener(c)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(c.App.Writer, "ready entity=%s listen=%s\n", d.file.Entity, ln.Addr()); err != nil {
		logger.Warn("the ready line could not be written", "error", err)
	}
	return serveUntil(c.Context, ln, &http.Server{
		Handler: h, ReadHeaderTimeout: anchorHeaderTimeout, ReadTimeout: anchorTimeout, WriteTimeout: anchorTimeout, IdleTimeout: anchorTimeout,
		MaxHeaderBytes: anchorHeaderBytes, ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	})
}

// anchorListener listens with TLS, or without it on this machine only.
func anchorListener(c *cli.Context) (net.Listener, error) {
	cert, key, address := c.String("tls-cert"), c.String("tls-key"), c.String("listen")
	var tlsConfig *tls.Config
	switch {
	case (cert == "") != (key == ""):
		return nil, usage("--tls-cert and --tls-key come together")
	case cert != "":
		r, err := pki.NewReloader(pki.Files{Cert: cert, Key: key, Clock: time.Now})
		if err != nil {
			return nil, usage("%w", err)
		}
		tlsConfig = r.ServerConfig()
	case !onThisMachine(address):
		return nil, usage("--listen %s: without --tls-cert and --tls-key only a loopback address may be listened on", address)
	}
	ln, err := net.Listen("tcp", address)
	if err != nil {
		return nil, usage("--listen: %w", err)
	}
	if tlsConfig != nil {
		ln = tls.NewListener(ln, tlsConfig)
	}
	return ln, nil
}

func onThisMachine(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// serveUntil serves until ctx ends, and lets what is under way finish.
func serveUntil(ctx context.Context, ln net.Listener, s *http.Server) error {
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ln) }()
	select {
	case err := <-ended:
		return negative("the listener ended: %w", err)
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopBound)
	defer cancel()
	if err := s.Shutdown(stop); err != nil {
		return negative("the server did not stop cleanly: %w", err)
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return negative("the listener ended: %w", err)
	}
	return nil
}
