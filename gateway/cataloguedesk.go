package gateway

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/httpapi"
	"github.com/ehdsgw/ehdsgw/gateway/publish"
)

// Bounds of the catalogue's lists.
const (
	catalogueRows    = 100
	catalogueMost    = 1000
	confirmationMost = 1000
)

// ConfirmRequest records that somebody checked descriptions and stands by them.
type ConfirmRequest struct {
	IDs []string `json:"ids"`
	By  string   `json:"by"` // the operator's name, for the history
}

// serveCatalogue adds what an operator asks about published descriptions.
func (g *Gateway) serveCatalogue(api *httpapi.Operator) {
	httpapi.Get(api, "/v1/catalogue/status", g.catalogueStatus)
	httpapi.Get(api, "/v1/catalogue/history", g.catalogueHistory)
	httpapi.Get(api, "/v1/catalogue/review", g.catalogueReviews)
	httpapi.Post(api, "/v1/catalogue/review", g.catalogueConfirm)
}

// catalogueLimit is how many rows are asked for.
func catalogueLimit(q httpapi.Query) (int, error) {
	text := q.Get("limit")
	if text == "" {
		return catalogueRows, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > catalogueMost {
		return 0, fault.New(fault.Invalid, "limit-range", "a page has 1 to 1000 rows").At("/limit")
	}
	return n, nil
}

// catalogueStatus lists publications, or with an id shows one.
func (g *Gateway) catalogueStatus(ctx context.Context, q httpapi.Query) (publish.Page, error) {
	if id := q.Get("id"); id != "" {
		row, err := g.publisher.Find(ctx, id)
		if err != nil {
			return publish.Page{}, datasetFault(err)
		}
		return publish.Page{Rows: []publish.Row{row}}, nil
	}
	limit, err := catalogueLimit(q)
	if err != nil {
		return publish.Page{}, err
	}
	state := catalogue.PublicationState(q.Get("state"))
	if state != "" && !state.Known() {
		return publish.Page{}, fault.New(fault.Invalid, "state-unknown", "no publication has such a state").At("/state")
	}
	return g.publisher.Status(ctx, publish.Query{State: state, Source: q.Get("source"), After: q.Get("after"), Limit: limit})
}

func (g *Gateway) catalogueHistory(ctx context.Context, q httpapi.Query) (publish.History, error) {
	h, err := g.publisher.History(ctx, q.Get("id"))
	return h, datasetFault(err)
}

func (g *Gateway) catalogueReviews(ctx context.Context, q httpapi.Query) (publish.Reviews, error) {
	limit, err := catalogueLimit(q)
	if err != nil {
		return publish.Reviews{}, err
	}
	return g.publisher.Reviews(ctx, limit)
}

// catalogueConfirm confirms one description after the other; the first that is unknown ends it.
func (g *Gateway) catalogueConfirm(ctx context.Context, req ConfirmRequest) ([]publish.Row, error) {
	switch {
	case req.By == "":
		return nil, fault.New(fault.Invalid, "name-missing", "a check has the name of who made it").At("/by")
	case len(req.IDs) == 0 || len(req.IDs) > confirmationMost:
		return nil, fault.New(fault.Invalid, "limit-range", "1 to 1000 descriptions are confirmed at once").At("/ids")
	}
	out := make([]publish.Row, 0, len(req.IDs))
	for _, id := range req.IDs {
		row, err := g.publisher.Confirm(ctx, id, req.By)
		if err != nil {
			return nil, datasetFault(err)
		}
		out = append(out, row)
	}
	g.countReviews(ctx)
	return out, nil
}

func datasetFault(err error) error {
	if errors.Is(err, publish.ErrNoDataset) {
		return fault.Wrap(err, fault.NotFound, "no-such-dataset", "no dataset is published under this name, or several are").At("/id")
	}
	return err
}

// reviewInterval is how often it is looked whether yearly checks are due.
const reviewInterval = 24 * time.Hour

// keepReviews counts the descriptions whose yearly check is due, and says so, until ctx ends.
func (g *Gateway) keepReviews(ctx context.Context) {
	for {
		if r, ok := g.countReviews(ctx); ok && r.Due > 0 {
			g.log.WarnContext(ctx, "descriptions are due for their yearly check; see 'ehdsgw catalogue review'", "due", r.Due, "soon", r.Soon)
		}
		select {
		case <-ctx.Done():
			return
		case <-g.o.After(reviewInterval):
		}
	}
}

func (g *Gateway) countReviews(ctx context.Context) (publish.Reviews, bool) {
	r, err := g.publisher.Reviews(ctx, 1)
	if err != nil {
		if ctx.Err() == nil {
			g.log.ErrorContext(ctx, "the yearly checks cannot be counted", "error", err)
		}
		return r, false
	}
	g.metrics.Reviews.WithLabelValues("due").Set(float64(r.Due))
	g.metrics.Reviews.WithLabelValues("soon").Set(float64(r.Soon))
	return r, true
}
