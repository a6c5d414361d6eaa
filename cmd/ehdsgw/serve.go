package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/gateway"
)

// stopBound is how long a stop waits for requests and workers.
const stopBound = 30 * time.Second

func serveCommand() *cli.Command {
	return &cli.Command{
		Name: "serve", Usage: "run the gateway until SIGTERM or SIGINT",
		Description: "Prints one line beginning with 'ready' on standard output once it serves; the log is on\n" +
			"standard error. SIGHUP takes over renewed TLS files and keys. A stop answers what is under way,\n" +
			"within 30 seconds; a second signal ends at once. Variables named EHDSGW_<PATH> replace\n" +
			"configured values (log.level is EHDSGW_LOG_LEVEL), and --set replaces both.\n\n" +
			"With EHDS_CONFORMANCE=1 and no configuration it reads a bootstrap from standard input, as\n" +
			"'ehdsgw conformance run --exec' gives it, and prints its announcement instead of the ready line.\n\n" +
			"Example: ehdsgw serve -c hub/ehdsgw.yaml --set log.level=debug",
		Flags:  []cli.Flag{configFlag(), setFlag()},
		Action: serve,
	}
}

func serve(c *cli.Context) error {
	if err := exactly(c); err != nil {
		return err
	}
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	if underConformance(c) {
		return serveConformance(c, hangup)
	}
	cfg, err := goodConfig(c, loadConfig)
	if err != nil {
		return err
	}
	g, logger, err := startServing(c, cfg)
	if err != nil {
		return err
	}
	if err := sayReady(c, g, cfg); err != nil {
		logger.Warn("the ready line could not be written", "error", err)
	}
	keepServing(c.Context, g, hangup, logger)
	return stopServing(c.Context, g)
}

// startServing starts a configured gateway, with its log on standard error.
func startServing(c *cli.Context, cfg *config.Config) (*gateway.Gateway, *slog.Logger, error) {
	logger, err := gateway.NewLogger(c.App.ErrWriter, cfg.Log.Level, cfg.Log.Format)
	if err != nil {
		return nil, nil, usage("%w", err)
	}
	g, err := gateway.New(gateway.Options{Config: cfg, Clock: time.Now, After: time.After, Rand: rand.Reader, Logger: logger})
	if err != nil {
		return nil, nil, err
	}
	if err := g.Start(c.Context); err != nil {
		return nil, nil, negative("the gateway did not start: %w", err)
	}
	return g, logger, nil
}

// stopServing ends the gateway after ctx has ended.
func stopServing(ctx context.Context, g *gateway.Gateway) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopBound)
	defer cancel()
	if err := g.Stop(ctx); err != nil {
		return negative("the gateway did not stop cleanly: %w", err)
	}
	return nil
}

func sayReady(c *cli.Context, g *gateway.Gateway, cfg *config.Config) error {
	_, err := fmt.Fprintf(c.App.Writer, "ready entity=%s listen=%s socket=%s\n", cfg.Entity, g.Addr(), gateway.SocketPath(cfg.DataDir))
	return err
}

// keepServing reloads at every hangup and returns when ctx ends.
func keepServing(ctx context.Context, g *gateway.Gateway, hangup <-chan os.Signal, logger *slog.Logger) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangup:
			if err := g.Reload(); err != nil {
				logger.Error("reload failed; what was in use stays in use", "error", err)
				continue
			}
			logger.Info("reloaded TLS files and keys")
		}
	}
}
