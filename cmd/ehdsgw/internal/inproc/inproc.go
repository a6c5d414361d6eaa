// Package inproc runs this gateway inside the tester's own process, on a clock that can be moved: the driver
// for conformance cases in which weeks pass.
//
// The gateway is the one that `serve` runs, with ordinary configuration; it is never killed, only stopped.
package inproc

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/bootstrap"
	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/operator"
	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/conformance/driver"
	"github.com/ehdsgw/ehdsgw/conformance/lab"
	"github.com/ehdsgw/ehdsgw/gateway"
)

// Driver starts gateways in this process.
type Driver struct {
	Clock *driver.Shifted
	Rand  io.Reader
	About lab.AnnouncedProduct
}

// Abilities are a clock and what the gateway writes. A process cannot kill a part of itself.
func (Driver) Abilities() lab.Abilities { return lab.Abilities{Many: true, Clock: true, Output: true} }

// Start configures and starts a gateway.
func (d Driver) Start(ctx context.Context, b lab.Bootstrap) (lab.Target, error) {
	t := &target{d: d, b: b}
	return t, t.start(ctx)
}

type target struct {
	d   Driver
	b   lab.Bootstrap
	out driver.Output

	gateway   *gateway.Gateway
	announced lab.Announcement
}

func (t *target) start(ctx context.Context) error {
	path, announced, err := bootstrap.Prepare(t.b, bootstrap.Source{Clock: t.d.Clock.Now, Rand: t.d.Rand})
	if err != nil {
		return err
	}
	cfg, err := config.Load(path, config.Options{})
	if err != nil {
		return err
	}
	logger := slog.New(slog.NewJSONHandler(&t.out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	g, err := gateway.New(gateway.Options{Config: cfg, Clock: t.d.Clock.Now, After: t.d.Clock.After, Rand: t.d.Rand, Logger: logger})
	if err != nil {
		return err
	}
	if err := g.Start(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	t.gateway = g
	key, err := operator.New(gateway.SocketPath(cfg.DataDir)).AddAPIKey(ctx, gateway.APIKeyRequest{System: t.b.Dispatcher.System})
	announced.About, announced.DispatcherKey = t.d.About, key.Key
	t.announced = announced
	return err
}

func (t *target) Announced() lab.Announcement { return t.announced }

func (t *target) Output() []byte { return t.out.Bytes() }

// Stop stops the gateway; stopping twice is fine.
func (t *target) Stop(ctx context.Context) error {
	g := t.gateway
	t.gateway = nil
	if g == nil {
		return nil
	}
	return g.Stop(ctx)
}

// Kill is not possible here.
func (t *target) Kill(context.Context) error { return lab.ErrNotObservable }

// Restart starts it again after Stop.
func (t *target) Restart(ctx context.Context) error {
	if t.gateway != nil {
		return errors.New("inproc: the gateway still runs")
	}
	return t.start(ctx)
}

func (t *target) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, stopBound)
	defer cancel()
	return t.Stop(ctx)
}

// stopBound is how long a stop waits.
const stopBound = 15 * time.Second
