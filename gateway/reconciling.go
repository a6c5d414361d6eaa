package gateway

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/digest"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/reconcile"
)

// ReconcileRequest asks for a comparison of what the nation holds with what the centre shows.
type ReconcileRequest struct {
	// Mode is how the centre's side is learnt; empty means in messages where the centre lists
	// catalogue.digest, over HTTP otherwise.
	Mode reconcile.Mode `json:"mode,omitempty"`
	// Timeout bounds the wait for the centre, in seconds; 0 means a minute.
	Timeout int `json:"timeout,omitempty"`
	// Evidence asks for the evidence bundle of the comparison as well.
	Evidence bool `json:"evidence,omitempty"`
}

// Bounds of a comparison's wait.
const (
	reconcileTimeout = time.Minute
	reconcileMost    = time.Hour
)

// reconciler compares catalogues.
func (g *Gateway) reconciler() *reconcile.Reconciler {
	r := &reconcile.Reconciler{
		Record: g.record, Country: g.cfg.Country, Centre: g.cfg.Central.Entity, Compose: g.composer(),
		Listed: g.centreLists, Clock: g.o.Clock, After: g.o.After, Wake: g.outbox.Wake,
	}
	if g.mirror != nil {
		r.Shown = g.shownOf
	}
	return r
}

// shownOf reads what the centre's public catalogue shows of a nation.
func (g *Gateway) shownOf(ctx context.Context, country string, see func(reconcile.Dataset) error) (pages, unread int, err error) {
	return g.mirror.Nation(ctx, country, func(r catalogue.Record, origins []string) error {
		return see(reconcile.Dataset{Identifier: r.Identifier, Origins: origins, Exchange: r.ExchangeDigest})
	})
}

// centreLists says whether the centre's metadata lists a message type of profile ext-1.
func (g *Gateway) centreLists(ctx context.Context, t ehds.MessageType) (bool, error) {
	e, err := g.resolver.Resolve(ctx, g.cfg.Central.Entity, nil)
	if err != nil || e.Gateway == nil {
		return false, err
	}
	return slices.Contains(e.Gateway.Profiles, ehds.ProfileExt1) && slices.Contains(e.Gateway.MessageTypes, string(t)), nil
}

func (g *Gateway) operatorReconcile(ctx context.Context, req ReconcileRequest) (reconcile.Proof, error) {
	wait := time.Duration(req.Timeout) * time.Second
	if wait <= 0 {
		wait = reconcileTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, min(wait, reconcileMost))
	defer cancel()
	report, err := g.reconciled(ctx, req.Mode)
	if err != nil {
		return reconcile.Proof{}, reconcileFault(err)
	}
	outcome := "equal"
	if !report.Equal {
		outcome = "different"
	}
	g.metrics.Reconciled.WithLabelValues(outcome).Inc()
	proof := reconcile.Proof{Report: report}
	if req.Evidence && report.Case != "" {
		proof.Evidence, err = g.evidenceBundle(ctx, report.Case)
	}
	return proof, err
}

func (g *Gateway) reconciled(ctx context.Context, mode reconcile.Mode) (reconcile.Report, error) {
	r := g.reconciler()
	switch mode {
	case reconcile.ByReading:
		return r.Read(ctx)
	case reconcile.ByMessages:
		return r.Run(ctx)
	case "":
	default:
		return reconcile.Report{}, fault.New(fault.Invalid, "unknown-mode", "a comparison is made in messages or over http").At("/mode")
	}
	report, err := r.Run(ctx)
	if errors.Is(err, reconcile.ErrNotListed) && r.Shown != nil {
		return r.Read(ctx)
	}
	return report, err
}

// reconcileFault is what the operator is told when there is no result.
func reconcileFault(err error) error {
	why := err.Error()
	switch {
	case errors.Is(err, reconcile.ErrNotListed):
		return fault.Wrap(err, fault.Conflict, "digest-not-listed", why)
	case errors.Is(err, reconcile.ErrNoAddress):
		return fault.Wrap(err, fault.Conflict, "no-public-catalogue", why)
	case errors.Is(err, reconcile.ErrUnread):
		return fault.Wrap(err, fault.Unavailable, "public-catalogue-unread", why)
	case errors.Is(err, reconcile.ErrUnanswered):
		return fault.Wrap(err, fault.Unavailable, "centre-unanswered", why)
	case errors.Is(err, reconcile.ErrUndelivered):
		return fault.Wrap(err, fault.Unavailable, "centre-undelivered", why)
	case errors.Is(err, reconcile.ErrRefused):
		return fault.Wrap(err, fault.Conflict, "digest-refused", why)
	case errors.Is(err, digest.ErrMoved):
		return fault.Wrap(err, fault.Unavailable, "centre-changing", why)
	case errors.Is(err, digest.ErrTooDifferent):
		return fault.Wrap(err, fault.Conflict, "too-different", why)
	case errors.Is(err, digest.ErrNode), errors.Is(err, digest.ErrAnswer), errors.Is(err, digest.ErrSum):
		return fault.Wrap(err, fault.Conflict, "centre-inconsistent", why)
	}
	return err
}
