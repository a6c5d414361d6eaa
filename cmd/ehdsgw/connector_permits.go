package main

import (
	"context"
	"io"
	"log/slog"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/builtin"
	"github.com/ehdsgw/ehdsgw/gateway"
)

func connectorPermitsCommand() *cli.Command {
	return &cli.Command{
		Name: "permits", Usage: "ask the configured permit system whether it would take applications; nothing is filed or kept",
		Description: "Asks with the configured credentials and looks whether what the mapping names is there.\n" +
			"Exit 0: it would; 1: something is missing; 3: it cannot be asked.\n\n" +
			"Examples:\n  ehdsgw connector permits -c hub/ehdsgw.yaml\n  ehdsgw connector permits --body hdh --output json -c hub/ehdsgw.yaml",
		Flags: append([]cli.Flag{
			&cli.StringFlag{Name: "body", Usage: "`ID` of the body whose own permit system is meant, instead of the gateway's"},
			outputFlag(),
		}, egressFlags()...),
		Action: connectorPermits,
	}
}

// asked is what connector permits prints.
type asked struct {
	Driver string              `json:"driver"`
	Asked  []connectors.Probed `json:"asked"`
}

func connectorPermits(c *cli.Context) error {
	p, err := printer(c)
	if err != nil {
		return err
	}
	if err := exactly(c); err != nil {
		return err
	}
	cfg, err := goodConfig(c, readConfig)
	if err != nil {
		return err
	}
	permits, body, err := permitSystemOf(c, cfg)
	if err != nil {
		return err
	}
	driver, err := openPermits(c, cfg, permits, body)
	if err != nil {
		return err
	}
	out := asked{Driver: permits.Driver, Asked: []connectors.Probed{}}
	prober, ok := driver.(connectors.Prober)
	if !ok {
		return p.Print(out, output.Lines{"the driver " + permits.Driver + " asks no other system; there is nothing to test"})
	}
	ctx, cancel := context.WithTimeout(c.Context, connectors.DefaultDeadlines().Permits)
	defer cancel()
	if out.Asked, err = prober.Probe(ctx); err != nil {
		return cannotTell("%w", err)
	}
	grid, good := output.Grid{Head: []string{"OK", "ASKED", "DETAIL"}}, 0
	for _, a := range out.Asked {
		word := "no"
		if a.OK {
			word, good = "yes", good+1
		}
		grid.Rows = append(grid.Rows, []string{word, a.What, a.Detail})
	}
	if err := p.Print(out, grid); err != nil {
		return err
	}
	switch {
	case good == 0:
		return said(exitCannotTell)
	case good < len(out.Asked):
		return said(exitNegative)
	}
	return nil
}

// permitSystemOf is the permit system that is meant, and the body it decides for.
func permitSystemOf(c *cli.Context, cfg *config.Config) (config.Permits, config.HDAB, error) {
	id := c.String("body")
	if id == "" {
		return cfg.Permits, cfg.HDABs[0], nil
	}
	for _, h := range cfg.HDABs {
		if h.ID == id && h.Permits.Driver != "" {
			return h.Permits, h, nil
		}
		if h.ID == id {
			return cfg.Permits, h, usage("the body %q has no permit system of its own; leave --body out", id)
		}
	}
	return cfg.Permits, config.HDAB{}, usage("no body %q in %s", id, configFile(c))
}

// openPermits opens the driver as the gateway would, without a record.
func openPermits(c *cli.Context, cfg *config.Config, permits config.Permits, body config.HDAB) (connectors.Permits, error) {
	o := egressOptions{development: cfg.Development, networks: cfg.Trust.AllowNetworks, maxBody: maxSourceBody, timeout: connectors.DefaultDeadlines().Permits}
	if cfg.Trust.CAFile != "" {
		o.caFiles = append(o.caFiles, cfg.Trust.CAFile)
	}
	if err := o.read(c); err != nil {
		return nil, err
	}
	client, err := o.client()
	if err != nil {
		return nil, usage("%w", err)
	}
	settings, err := gateway.PermitSettings(permits, body, cfg, time.Now)
	if err != nil {
		return nil, usage("%w", err)
	}
	open, err := builtin.Find(builtin.Drivers().Permits, "permits", permits.Driver)
	if err != nil {
		return nil, usage("%w", err)
	}
	driver, err := open(connectors.Host{Instance: "tested", HTTP: client.HTTP(), Clock: time.Now, Mailbox: noMailbox{},
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil))}, settings)
	if err != nil {
		return nil, usage("%w", err)
	}
	return driver, nil
}

// noMailbox remembers nothing.
type noMailbox struct{}

// Get finds nothing.
func (noMailbox) Get(context.Context, string) ([]byte, bool, error) { return nil, false, nil }

// Scan finds nothing.
func (noMailbox) Scan(context.Context, string, string, int) ([]connectors.Mail, error) {
	return nil, nil
}

// Batch keeps nothing.
func (noMailbox) Batch(context.Context, []connectors.Mail, []string) error { return nil }
