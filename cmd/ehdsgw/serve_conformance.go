package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
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
	source := bootstrap.Source{Clock: time.Now, Rand: rand.Reader}
	path, err := bootstrap.Prepare(b, source)
	if err != nil {
		return err
	}
	announcement, err := bootstrap.Announce(b, source)
	if err != nil {
		return err
	}
	cfg, err := config.Load(path, config.Options{})
	if err != nil {
		return usage("%w", err)
	}
	logger, err := gateway.NewLogger(c.App.ErrWriter, cfg.Log.Level, cfg.Log.Format)
	if err != nil {
		return usage("%w", err)
	}
	g, err := gateway.New(gateway.Options{Config: cfg, Clock: time.Now, After: time.After, Rand: rand.Reader, Logger: logger})
	if err != nil {
		return err
	}
	if err := g.Start(c.Context); err != nil {
		return negative("the gateway did not start: %w", err)
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

// implementation names this program in a report.
func implementation() lab.AnnouncedProduct {
	about := lab.AnnouncedProduct{Name: "ehdsgw", Version: buildVersion().Version}
	path, err := os.Executable()
	if err != nil {
		return about
	}
	f, err := os.Open(path)
	if err != nil {
		return about
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err == nil {
		about.Digest = "sha256:" + hex.EncodeToString(h.Sum(nil))
	}
	return about
}
