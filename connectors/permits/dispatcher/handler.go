package dispatcher

import (
	"context"
	_ "embed" // the document of the interface
	"net/http"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// document is the OpenAPI 3.1 document of the interface.
//
//go:embed openapi.yaml
var document []byte

// Document is the OpenAPI 3.1 document of the interface.
func Document() []byte { return append([]byte(nil), document...) }

// operation is one operation of the interface, by its operationId.
type operation struct {
	id, method, path string
	serve            func(*call) error
}

// call is one request of a system that has proved itself.
type call struct {
	d   *Driver
	s   *system
	op  operation
	w   http.ResponseWriter
	r   *http.Request
	ctx context.Context
	in  input  // what was sent, once it was read
	by  common // who says so, and when it happened
}

// operations is every operation a key opens. The identifiers of TEHDAS2 D6.4 are kept; their paths, and
// the operations after them, are ours.
func operations() []operation {
	return []operation{
		{"getApplications", "GET", "/applications", (*call).getApplications},
		{"getApplication", "GET", "/applications/{id}", (*call).getApplication},
		{"requestInfo", "POST", "/applications/{id}/information-requests", (*call).requestInfo},
		{"changeStatus", "POST", "/applications/{id}/status", (*call).changeStatus},
		{"setDueDates", "POST", "/applications/{id}/due-dates", (*call).setDueDates},
		{"updateApplicationDecision", "POST", "/applications/{id}/decision", (*call).updateApplicationDecision},
		{"postDecisionCard", "POST", "/decision-cards", (*call).postDecisionCard},

		{"getTracks", "GET", "/applications/{id}/tracks", (*call).getTracks},
		{"getProblems", "GET", "/applications/{id}/problems", (*call).getProblems},
		{"extendDeadline", "POST", "/applications/{id}/extension", (*call).extendDeadline},
		{"changeProcedure", "POST", "/applications/{id}/procedure", (*call).changeProcedure},
		{"recordStep", "POST", "/applications/{id}/steps", (*call).recordStep},
		{"decideAppeal", "POST", "/applications/{id}/appeal-decision", (*call).decideAppeal},
		{"getPermitVersions", "GET", "/applications/{id}/permits", (*call).getPermitVersions},
		{"changePermit", "POST", "/applications/{id}/permits/{permit}/changes", (*call).changePermit},
		{"recordResults", "POST", "/applications/{id}/results", (*call).recordResults},
		{"recordEnforcement", "POST", "/enforcement-measures", (*call).recordEnforcement},
		{"submitBiennialReport", "POST", "/biennial-reports", (*call).submitBiennialReport},

		{"getNotices", "GET", "/notices", (*call).getNotices},
		{"getNotice", "GET", "/notices/{notice}", (*call).getNotice},
		{"getNoticeAttachment", "GET", "/notices/{notice}/attachments/{attachment}", (*call).getNoticeAttachment},
		{"acknowledgeNotice", "POST", "/notices/{notice}/acknowledgement", (*call).acknowledgeNotice},
	}
}

// face is the handler with bounds of its own: a ZIP may hold 256 MiB of attachments.
type face struct{ *http.ServeMux }

// Limits implements connectors.Limited.
func (face) Limits() connectors.ServedLimits {
	return connectors.ServedLimits{Deadline: 5 * time.Minute, MaxBody: maxUpload + 2*maxJSON}
}

// Handler serves the interface. The document needs no key: it tells nothing of anybody.
func (d *Driver) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, op := range operations() {
		mux.HandleFunc(op.method+" "+op.path, d.serve(op))
	}
	mux.HandleFunc("GET /openapi.yaml", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/yaml")
		_, _ = w.Write(document) // the client is gone: nothing to mend
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, fault.New(fault.NotFound, "not-found", "there is nothing at this path"))
	})
	return face{mux}
}

func (d *Driver) serve(op operation) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, err := d.caller(r, op.id)
		if err == nil {
			err = op.serve(&call{d: d, s: s, op: op, w: w, r: r, ctx: r.Context()})
		}
		if err == nil {
			return
		}
		if f := fault.From(err); f.Kind == fault.Internal || f.Kind == fault.Unavailable {
			d.host.Logger.ErrorContext(r.Context(), "a call of a national system failed", "operation", op.id, "code", f.Code, "error", err)
		}
		refuse(w, err)
	}
}
