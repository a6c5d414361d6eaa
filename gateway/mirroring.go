package gateway

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/search/mirror"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/egress"
)

// mirrorDir is where a pass over the EU catalogue is spooled. Nothing in it outlives the pass.
func mirrorDir(dataDir string) string { return filepath.Join(dataDir, "search-spool") }

// openMirror sets the mirror of the EU catalogue up, when one is configured.
func (g *Gateway) openMirror() (err error) {
	if g.cfg.Catalogue.Mirror.URL == "" {
		return nil
	}
	spool := mirrorDir(g.cfg.DataDir)
	if err := errors.Join(os.RemoveAll(spool), os.MkdirAll(spool, 0o700)); err != nil {
		return fmt.Errorf("mirror: %w", err)
	}
	if g.wide, err = g.guarded(mirror.MaxPage, egress.DefaultTimeout); err != nil {
		return err
	}
	g.mirror = &mirror.Mirror{
		URL: g.cfg.Catalogue.Mirror.URL, HTTP: g.wide.HTTP(), Index: g.shelf, Skip: g.cfg.Country, Clock: g.o.Clock, Logger: g.log, TempDir: spool,
		Room: g.roomForMirror,
	}
	return nil
}

// roomForMirror leaves the record twice its floor: below one, messages are refused.
func (g *Gateway) roomForMirror() error {
	free, err := g.o.FreeSpace(g.cfg.DataDir)
	if err == nil && free < 2*uint64(g.cfg.Storage.MinFree) {
		err = store.ErrNoSpace
	}
	return err
}

// mirrorRetry is how soon a pass over the EU catalogue that failed is made again.
const mirrorRetry = 5 * time.Minute

// keepMirror reads what changed in the EU catalogue, every interval, until ctx ends.
func (g *Gateway) keepMirror(ctx context.Context, interval time.Duration) {
	for {
		pause := interval
		if err := g.mirrorOnce(ctx); err != nil {
			if ctx.Err() != nil {
				return
			}
			g.log.WarnContext(ctx, "the EU catalogue cannot be mirrored now; what is held stays", "error", err)
			pause = min(pause, mirrorRetry)
		}
		select {
		case <-ctx.Done():
			return
		case <-g.o.After(pause):
		}
	}
}

// mirrorOnce makes one pass and tells of it.
func (g *Gateway) mirrorOnce(ctx context.Context) error {
	r, err := g.mirror.Run(ctx)
	outcome := "changes"
	switch {
	case err != nil:
		outcome = "failed"
	case r.Withheld > 0:
		outcome = "withheld"
		g.log.WarnContext(ctx, "much is gone from the EU catalogue; it stays here until the next complete reading says the same", "gone", r.Withheld)
	case r.Complete:
		outcome = "complete"
	}
	g.metrics.Mirrored.WithLabelValues(outcome).Inc()
	if err != nil {
		return err
	}
	g.log.InfoContext(ctx, "mirrored", "complete", r.Complete, "pages", r.Pages, "read", r.Read, "put", r.Put, "removed", r.Removed,
		"unchanged", r.Unchanged, "unfit", r.Unfit)
	g.countShelf(ctx)
	return nil
}
