package gateway

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors/builtin"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/profile"
	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/publish"
)

// rules gives the validator of a rule set. This release has Release 8; the others are refused rather
// than silently taken for it.
func rules(name string) (func(catalogue.Record) []catalogue.Finding, error) {
	if name != "r8" {
		return nil, fmt.Errorf("there is no rule set %q in this program; it has: r8", name)
	}
	return profile.Validate, nil
}

func (g *Gateway) openCatalogue(context.Context) error {
	g.publisher = &publish.Publisher{
		Record: g.record, Country: g.cfg.Country, Centre: g.cfg.Central.Entity, Clock: g.o.Clock, Logger: g.log,
		Compose: exchange.Composer{Entity: g.cfg.Entity, Profile: g.cfg.Central.Profile, Rand: g.o.Rand},
		Guard: catalogue.Guard{
			MaxRemovedShare: g.cfg.Catalogue.Guard.MaxRemovedShare, MaxInvalidShare: g.cfg.Catalogue.Guard.MaxInvalidShare,
			MinRecords: g.cfg.Catalogue.Guard.MinRecords,
		},
		Wake:    g.outbox.Wake,
		Observe: func(action string, n int) { g.metrics.Datasets.WithLabelValues(action).Add(float64(n)) },
	}
	for _, s := range g.cfg.Catalogue.Sources {
		validate, err := rules(s.Profile)
		if err != nil {
			return fmt.Errorf("source %s: %w", s.Name, err)
		}
		open, err := builtin.Find(builtin.Drivers().Catalogue, "catalogue", s.Driver)
		if err != nil {
			return fmt.Errorf("source %s: %w", s.Name, err)
		}
		d, err := open(g.host("catalogue-"+s.Name), builtin.CatalogueSettings{Location: s.Location})
		if err != nil {
			return fmt.Errorf("source %s: %w", s.Name, err)
		}
		g.publisher.Sources = append(g.publisher.Sources, publish.Source{
			Name: s.Name, Driver: d, Release: s.Profile, Validate: validate,
		})
	}
	return nil
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
			g.log.InfoContext(ctx, "published", "source", source, "created", len(r.Created), "updated", len(r.Updated),
				"deleted", len(r.Deleted), "unchanged", r.Unchanged, "quarantined", len(r.Quarantined))
		}
		select {
		case <-ctx.Done():
			return
		case <-g.o.After(interval):
		}
	}
}
