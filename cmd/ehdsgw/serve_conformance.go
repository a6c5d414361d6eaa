package main

import (
	"crypto/rand"
	"encoding/json"
	"os"
	"slices"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/bootstrap"
	"github.com/ehdsgw/ehdsgw/cmd/ehdsgw/internal/operator"
	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/conformance/lab"
	"github.com/ehdsgw/ehdsgw/gateway"
)

// underConformance says whether a conformance run started this process.
func underConformance(c *cli.Context) bool {
	environ, _ := c.App.Metadata[environKey].([]string)
	return !c.IsSet("config") && slices.Contains(environ, lab.Environment+"=1")
}

// serveConformance serves what a bootstrap on standard input asks for.
func serveConformance(c *cli.Context, hangup <-chan os.Signal) error {
	b, err := bootstrap.Read(c.App.Reader)
	if err != nil {
		return usage("%w", err)
	}
	path, announcement, err := bootstrap.Prepare(b, bootstrap.Source{Clock: time.Now, Rand: rand.Reader})
	if err != nil {
		return err
	}
	cfg, err := config.Load(path, config.Options{})
	if err != nil {
		return usage("%w", err)
	}
	g, logger, err := startServing(c, cfg)
	if err != nil {
		return err
	}
	announcement.About = implementation()
	announcement.URLs.Admin = "http://" + g.AdminAddr()
	key, err := operator.New(gateway.SocketPath(cfg.DataDir)).AddAPIKey(c.Context, gateway.APIKeyRequest{System: b.Dispatcher.System})
	if err == nil {
		announcement.DispatcherKey = key.Key
		err = json.NewEncoder(c.App.Writer).Encode(announcement)
	}
	if err == nil {
		keepServing(c.Context, g, hangup, logger)
	}
	if stopped := stopServing(c.Context, g); err == nil {
		err = stopped
	}
	return err
}

// implementation names this program in a report. Its digest is the tester's to take.
func implementation() lab.AnnouncedProduct {
	return lab.AnnouncedProduct{Name: "ehdsgw", Version: buildVersion().Version}
}
