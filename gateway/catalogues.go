package gateway

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/builtin"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/profile"
	"github.com/ehdsgw/ehdsgw/gateway/publish"
)

// ruleSet gives the validator of a release of HealthDCAT-AP, alone or with the legal minimum. Releases this
// program has no rules of are refused rather than silently taken for another.
func ruleSet(release string, minimum bool) (func(catalogue.Record) []catalogue.Finding, error) {
	if release != profile.Release {
		return nil, fmt.Errorf("there is no rule set %q in this program; it has: %s", release, profile.Release)
	}
	s, err := profile.Open(release)
	if err != nil {
		return nil, err
	}
	if !minimum {
		return s.Validate, nil
	}
	legal, err := profile.Open(profile.LegalMinimum)
	if err != nil {
		return nil, err
	}
	return func(r catalogue.Record) []catalogue.Finding {
		var findings []catalogue.Finding
		for _, j := range profile.Together(r, s, legal) {
			findings = append(findings, j.Finding)
		}
		return findings
	}, nil
}

func (g *Gateway) openCatalogue(context.Context) error {
	g.publisher = &publish.Publisher{
		Record: g.record, Country: g.cfg.Country, Centre: g.cfg.Central.Entity, Clock: g.o.Clock, Logger: g.log,
		Compose: g.composer(),
		Guard: catalogue.Guard{
			MaxRemovedShare: g.cfg.Catalogue.Guard.MaxRemovedShare, MaxInvalidShare: g.cfg.Catalogue.Guard.MaxInvalidShare,
			MinRecords: g.cfg.Catalogue.Guard.MinRecords,
		},
		SpoolDir: g.cfg.DataDir,
		Wake:     g.outbox.Wake,
		Observe: func(action string, n int) {
			g.metrics.Datasets.WithLabelValues(action).Add(float64(n))
			g.shelf.changed()
		},
	}
	var err error
	if g.slow, err = g.guarded(maxSourceBody, connectors.DefaultDeadlines().List); err != nil {
		return err
	}
	for _, c := range g.cfg.Catalogue.Sources {
		s, err := g.source(c)
		if err != nil {
			return fmt.Errorf("source %s: %w", c.Name, err)
		}
		g.publisher.Sources = append(g.publisher.Sources, s)
	}
	return nil
}

// maxSourceBody bounds what a catalogue source answers to one request: the largest document a driver
// reads. Its time is bounded by the call of the driver.
const maxSourceBody = 64 << 20

// source opens one catalogue source.
func (g *Gateway) source(c config.Source) (publish.Source, error) {
	release := publish.Release(c.Profile)
	validate, err := ruleSet(release, c.LegalMinimum)
	if err != nil {
		return publish.Source{}, err
	}
	open, err := builtin.Find(builtin.Drivers().Catalogue, "catalogue", c.Driver)
	if err != nil {
		return publish.Source{}, err
	}
	settings, err := SourceSettings(c)
	if err != nil {
		return publish.Source{}, err
	}
	host := g.host("catalogue-" + c.Name)
	host.HTTP = g.slow.HTTP()
	d, err := open(host, settings)
	if err != nil {
		return publish.Source{}, err
	}
	if s, ok := d.(connectors.Served); ok {
		g.faces[host.Instance] = s.Handler()
	}
	return publish.Source{
		Name: c.Name, Driver: connectors.GuardCatalogue(d, host, connectors.DefaultDeadlines()), Release: release,
		Normalise: publish.Migration(c.Profile), Validate: validate,
	}, nil
}

// keepPublished runs a pass over a source every interval, until ctx ends. An interval of zero leaves
// passes to the operator.
func (g *Gateway) keepPublished(ctx context.Context, source string, interval time.Duration) {
	if interval <= 0 {
		return
	}
	for {
		r, err := g.publisher.Run(ctx, source, publish.Options{})
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, catalogue.ErrGuard):
			g.log.ErrorContext(ctx, "the guard held a publication back; look, then publish with force", "source", source, "error", err)
		case err != nil:
			g.log.ErrorContext(ctx, "a publication failed", "source", source, "error", err)
		default:
			g.log.InfoContext(ctx, "published", "source", source, "created", r.Totals.Created, "updated", r.Totals.Updated,
				"deleted", r.Totals.Deleted, "unchanged", r.Unchanged, "quarantined", r.Totals.Quarantined)
		}
		select {
		case <-ctx.Done():
			return
		case <-g.o.After(interval):
		}
	}
}
