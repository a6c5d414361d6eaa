package exchange

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// datasetResponse applies the centre's business response to a dataset message. The router learns of it
// from the record, once it is committed.
func datasetResponse(h *Handling) []ehds.Finding {
	var body ehds.ResponseBody
	if f := h.Body(&body); f != nil {
		return f
	}
	var p catalogue.Publication
	if h.Doc == nil || json.Unmarshal(h.Doc, &p) != nil {
		return violation("/case", "unknown-case", "nothing was published under this case")
	}
	h.Doc = mustJSON(p.Answered(h.Env.Ref, body, h.Now))
	return nil
}

// Watching is the record for all that applies messages: after a change of one of our dataset cases is
// committed, the router reads the publication again.
func (r *Router) Watching(rec Record, log *slog.Logger) Record {
	return watched{Record: rec, router: r, log: log}
}

type watched struct {
	Record
	router *Router
	log    *slog.Logger
}

// Update implements store.Updater.
func (w watched) Update(ctx context.Context, caseID string, fn func(store.State) (store.Change, error)) (store.Committed, error) {
	c, err := w.Record.Update(ctx, caseID, fn)
	if err == nil && strings.HasPrefix(caseID, w.router.prefix()) {
		if err := w.router.relearn(context.WithoutCancel(ctx), w.Record, caseID); err != nil {
			w.log.ErrorContext(ctx, "a publication is routed as before until the next start", "case", caseID, "error", err)
		}
	}
	return c, err
}

// relearn reads one publication. One reads at a time, so that the last to learn knows the newest.
func (r *Router) relearn(ctx context.Context, rec store.Reader, caseID string) error {
	r.reading.Lock()
	defer r.reading.Unlock()
	c, ok, err := rec.Case(ctx, caseID)
	if err != nil || !ok {
		return err
	}
	var p catalogue.Publication
	if err := json.Unmarshal(c.Doc, &p); err != nil {
		return err
	}
	r.Learn(p)
	return nil
}
