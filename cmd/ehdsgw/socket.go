package main

import (
	"context"
	"errors"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/operator"
	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/output"
	"github.com/ehdsgw/ehdsgw/gateway"
)

// socketFlags say which gateway's operator socket a command speaks to.
func socketFlags(more ...cli.Flag) []cli.Flag {
	return append(more, configFlag(), setFlag(),
		&cli.StringFlag{Name: "data-dir", Usage: "data `DIR` of the gateway, instead of a configuration"}, outputFlag())
}

// gatewayOf is a client of the gateway whose data directory is given or configured.
func gatewayOf(c *cli.Context) (*operator.Client, error) {
	dir := c.String("data-dir")
	if dir == "" {
		cfg, err := goodConfig(c, readConfig)
		if err != nil {
			return nil, err
		}
		dir = cfg.DataDir
	}
	return operator.New(gateway.SocketPath(dir)), nil
}

// asking is what a command that asks a running gateway begins with: how it prints, and whom it asks. args
// name the arguments it takes, all of them wanted.
func asking(c *cli.Context, args ...string) (output.Printer, *operator.Client, error) {
	p, err := printer(c)
	if err != nil {
		return p, nil, err
	}
	if err := exactly(c, args...); err != nil {
		return p, nil, err
	}
	client, err := gatewayOf(c)
	return p, client, err
}

// answered gives an error of the operator's client its exit code and the way to mend it.
func answered(err error) error {
	var p *operator.Problem
	switch {
	case err == nil:
		return nil
	case errors.As(err, &p) && p.Refusal():
		return negative("the gateway refuses: %w", err)
	case errors.As(err, &p):
		return cannotTell("the gateway cannot do it now: %w; its log says more", err)
	case errors.Is(err, operator.ErrNotRunning):
		return cannotTell("%w; start it with 'ehdsgw serve', or name it with --config or --data-dir", err)
	case errors.Is(err, operator.ErrPermission):
		return cannotTell("%w; run this command as that user", err)
	case errors.Is(err, context.Canceled):
		return cannotTell("interrupted; what the gateway was asked for may still be under way")
	}
	return cannotTell("%w", err)
}
