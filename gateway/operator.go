package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors/permits/desk"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/httpapi"
	"github.com/ehdsgw/ehdsgw/gateway/publish"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// Status is what the operator sees first.
type Status struct {
	Entity      string       `json:"entity"`
	Ready       bool         `json:"ready"`
	Reason      string       `json:"reason,omitempty"`
	Counts      store.Counts `json:"counts"`
	TLSNotAfter string       `json:"tls_not_after"`
	// Alarms are the pinned anchors under alarm. While another anchor holds, the gateway is ready.
	Alarms []AnchorAlarm `json:"alarms,omitempty"`
	// Clocks is how the statutory clocks stand; nil when the record cannot say.
	Clocks *ClocksSeen `json:"clocks,omitempty"`
}

// PublishRequest asks for a pass; an empty source means all.
type PublishRequest struct {
	Source string `json:"source,omitempty"`
	DryRun bool   `json:"dry_run,omitempty"`
	Force  bool   `json:"force,omitempty"`
	By     string `json:"by,omitempty"` // the operator's name, for the history
}

// PublishReport is the report of one pass, with the error that ended it.
type PublishReport struct {
	publish.Report
	Error string `json:"error,omitempty"`
	Code  string `json:"code,omitempty"`
}

// DecideRequest is a decision of staff on a queued case.
type DecideRequest struct {
	Case  string     `json:"case"`
	Track ehds.Track `json:"track"`
	desk.Decision
}

// CaseRow is a case as the operator sees it.
type CaseRow struct {
	ID       string          `json:"id"`
	Updated  string          `json:"updated"`
	Revision int64           `json:"revision"`
	Doc      json.RawMessage `json:"doc,omitempty"`
}

// PermitRow is a permit version with its token.
type PermitRow struct {
	ID     string `json:"id"`
	Case   string `json:"case"`
	Status int    `json:"status"`
	List   string `json:"list"`
	Index  int64  `json:"index"`
	Token  string `json:"token"`
}

// operatorHandler serves the operator socket.
func (g *Gateway) operatorHandler() http.Handler {
	api := httpapi.NewOperator(g.log)
	httpapi.Get(api, "/v1/status", func(ctx context.Context, _ httpapi.Query) (Status, error) { return g.status(ctx), nil })
	httpapi.Post(api, "/v1/publish", g.operatorPublish)
	httpapi.Post(api, "/v1/reconcile", g.operatorReconcile)
	g.serveCatalogue(api)
	g.serveDesk(api)
	httpapi.Get(api, "/v1/evidence", g.operatorEvidence)
	httpapi.Get(api, "/v1/cases", g.operatorCases)
	letters := g.deadLetters()
	httpapi.Get(api, "/v1/outbox", letters.list)
	httpapi.Post(api, "/v1/outbox/retry", letters.retry)
	httpapi.Post(api, "/v1/backup", g.operatorBackup)
	httpapi.Get(api, "/v1/search", g.operatorSearch)
	httpapi.Get(api, "/v1/descriptions", g.operatorDescription)
	g.serveRegister(api)
	g.serveFilings(api)
	g.serveKeys(api)
	g.serveVisas(api)
	g.servePermits(api)
	g.serveCases(api)
	g.serveEnforcement(api)
	g.serveBiennial(api)
	g.serveResults(api)
	g.serveDispatcher(api)
	return api
}

func (g *Gateway) status(ctx context.Context) Status {
	s := Status{Entity: g.cfg.Entity, TLSNotAfter: g.tls.NotAfter().Format(time.RFC3339), Alarms: g.alarmDetails()}
	if err := g.Ready(ctx); err != nil {
		s.Reason = err.Error()
	} else {
		s.Ready = true
	}
	s.Counts, _ = g.record.Counts(ctx) // a failing record is the reason already given
	s.Clocks = g.clocksSeen(ctx)
	return s
}

func (g *Gateway) operatorPublish(ctx context.Context, req PublishRequest) ([]PublishReport, error) {
	names := []string{req.Source}
	if req.Source == "" {
		names = nil
		for _, s := range g.cfg.Catalogue.Sources {
			names = append(names, s.Name)
		}
	}
	out := make([]PublishReport, 0, len(names))
	for _, name := range names {
		r, err := g.publisher.Run(ctx, name, publish.Options{DryRun: req.DryRun, Force: req.Force, By: publisherOf(req)})
		if errors.Is(err, publish.ErrNoSource) {
			return nil, fault.Wrap(err, fault.NotFound, "no-such-source", "no such catalogue source is configured")
		}
		report := PublishReport{Report: r}
		if err != nil {
			report.Error, report.Code = err.Error(), publishCode(err)
		}
		out = append(out, report)
	}
	return out, nil
}

// publisherOf names who asked for a pass.
func publisherOf(req PublishRequest) string {
	if req.By == "" {
		return "operator"
	}
	return req.By
}

func publishCode(err error) string {
	switch {
	case errors.Is(err, catalogue.ErrGuard):
		return "held-by-guard"
	case errors.Is(err, publish.ErrIncomplete):
		return "incomplete"
	}
	return fault.CodeOf(err)
}

func (g *Gateway) operatorDesk(ctx context.Context, _ httpapi.Query) ([]desk.QueueItem, error) {
	desks := g.desks()
	if len(desks) == 0 {
		return nil, noDesk()
	}
	list := []desk.QueueItem{} // "[]" in JSON, not null
	for _, s := range desks {
		queue, err := s.desk.List(ctx)
		if err != nil {
			return nil, err
		}
		list = append(list, queue...)
	}
	return list, nil
}

func (g *Gateway) operatorDecide(ctx context.Context, req DecideRequest) (struct{}, error) {
	s, err := g.deskOf(req.Track.HDAB)
	if err != nil {
		return struct{}{}, err
	}
	if err = s.desk.Decide(ctx, req.Case, req.Track, req.Decision); err == nil {
		s.events.Nudge()
	}
	return struct{}{}, err
}

// Pages of cases.
const (
	defaultCases = 100
	maxCases     = 1000
)

func (g *Gateway) operatorCases(ctx context.Context, q httpapi.Query) ([]CaseRow, error) {
	limit := defaultCases
	if text := q.Get("limit"); text != "" {
		var err error
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > maxCases {
			return nil, fault.New(fault.Invalid, "limit-range", "a page has 1 to 1000 cases").At("/limit")
		}
	}
	list, err := g.record.Cases(ctx, q.Get("prefix"), q.Get("after"), limit)
	out := make([]CaseRow, len(list))
	for i, c := range list {
		out[i] = CaseRow{ID: c.ID, Updated: c.Updated.Format("2006-01-02T15:04:05.000000Z"), Revision: c.Revision, Doc: c.Doc}
	}
	return out, err
}

func (g *Gateway) operatorPermit(ctx context.Context, q httpapi.Query) (PermitRow, error) {
	p, ok, err := g.record.Permit(ctx, q.Get("id"))
	if err == nil && !ok {
		err = noSuchPermit()
	}
	return PermitRow{ID: p.ID, Case: p.Case, Status: p.Status, List: p.List, Index: p.Index, Token: p.Token}, err
}
