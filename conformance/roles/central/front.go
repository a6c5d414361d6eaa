package central

import (
	"cmp"
	"errors"
	"net/http"
	"slices"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/roles"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// FrontOffice serves the applicant: a JSON API under /front-office/, and the catalogue. It knows no
// users and asks for no credential, so it belongs on a loopback listener of its own; requests that a
// page of another origin makes a browser send are refused.
//
//	POST /front-office/applications             a filing (JSON, or multipart with attachments)
//	GET  /front-office/applications             all applications, in short
//	GET  /front-office/applications/{id}        one: tracks, timeline, decisions, permits, messages
//	GET  /front-office/applications/{id}/documents/{sha256} a document that came about it
//	POST /front-office/applications/{id}/answer {decision_id, answer}
//	POST /front-office/applications/{id}/info   {track, sections}
//	POST /front-office/applications/{id}/appeal {decision_id, text}
//	POST /front-office/applications/{id}/change-request {permit_id, kind, text}: a change of a permit
//	POST /front-office/applications/{id}/withdraw {reason}
//	GET  /catalogue                             the EU catalogue
func (c *Central) FrontOffice() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /front-office/applications", c.file)
	mux.HandleFunc("GET /front-office/applications", c.listApplications)
	mux.HandleFunc("GET /front-office/applications/{id}", c.showApplication)
	mux.HandleFunc("GET /front-office/applications/{id}/documents/{sha256}", c.showDocument)
	mux.HandleFunc("POST /front-office/applications/{id}/answer", act(c, (*acting).answer))
	mux.HandleFunc("POST /front-office/applications/{id}/info", act(c, (*acting).info))
	mux.HandleFunc("POST /front-office/applications/{id}/appeal", act(c, (*acting).appeal))
	mux.HandleFunc("POST /front-office/applications/{id}/change-request", act(c, (*acting).changePermit))
	mux.HandleFunc("POST /front-office/applications/{id}/withdraw", act(c, (*acting).withdraw))
	mux.HandleFunc("GET /catalogue", c.serveCatalogue)
	return http.NewCrossOriginProtection().Handler(mux)
}

// brief is an application in the list.
type brief struct {
	ID     string               `json:"application_id"`
	Kind   ehds.ApplicationKind `json:"kind"`
	Title  string               `json:"title"`
	Tracks []trackBrief         `json:"tracks"`
}

type trackBrief struct {
	ehds.Track
	Nation string                `json:"nation"`
	Status ehds.ApplicationState `json:"status"`
}

func (c *Central) listApplications(w http.ResponseWriter, _ *http.Request) {
	c.mu.Lock()
	out := make([]brief, 0, len(c.state.applications))
	for _, a := range c.state.applications {
		b := brief{ID: a.ID, Kind: a.Body.Kind, Title: a.Body.Title, Tracks: []trackBrief{}}
		for _, t := range a.Tracks {
			b.Tracks = append(b.Tracks, trackBrief{t.Track, t.Nation, t.Status})
		}
		out = append(out, b)
	}
	c.mu.Unlock()
	slices.SortFunc(out, func(a, b brief) int { return cmp.Compare(a.ID, b.ID) })
	roles.WriteJSON(w, http.StatusOK, out)
}

// messageView is a message of the centre about an application.
type messageView struct {
	ID       string             `json:"message_id"`
	Type     ehds.MessageType   `json:"type"`
	To       string             `json:"to"`
	Seq      int64              `json:"seq"`
	State    outState           `json:"state"`
	Tries    int                `json:"tries"`
	Reason   string             `json:"reason,omitempty"`
	Response *ehds.ResponseBody `json:"response,omitempty"`
}

// view is everything about one application.
type view struct {
	application
	Messages []messageView `json:"messages"`
}

func (c *Central) showApplication(w http.ResponseWriter, r *http.Request) {
	v, ok := c.viewOf(r.PathValue("id"))
	if !ok {
		roles.WriteProblem(w, roles.NewProblem(http.StatusNotFound, "not-found", "no such application"))
		return
	}
	roles.WriteJSON(w, http.StatusOK, v)
}

func (c *Central) viewOf(id string) (view, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := c.state.applications[id]
	if a == nil {
		return view{}, false
	}
	v := view{application: *clone(a), Messages: []messageView{}}
	caseID := ehds.ApplicationCase(id).String()
	for _, o := range c.state.out {
		if o.Env.Case == caseID {
			v.Messages = append(v.Messages, messageView{o.Env.Jti, o.Env.Type, o.Env.Aud, o.Env.Seq, o.State, o.Tries, o.Reason, o.Response})
		}
	}
	slices.SortFunc(v.Messages, func(a, b messageView) int {
		return cmp.Or(cmp.Compare(a.To, b.To), cmp.Compare(a.Seq, b.Seq), cmp.Compare(a.ID, b.ID))
	})
	return v, true
}

// errFront is a refusal the applicant can read.
type errFront struct{ *refusal }

func (e errFront) Error() string { return e.code + ": " + e.detail }

func frontProblem(w http.ResponseWriter, c *Central, err error) {
	var told errFront
	if errors.As(err, &told) {
		roles.WriteProblem(w, told.problem())
		return
	}
	c.o.Logger.Error("front office", "error", err)
	roles.WriteProblem(w, roles.NewProblem(http.StatusServiceUnavailable, "try-later", ""))
}

func told(status int, code, detail string) error { return errFront{refuse(status, code, "", detail)} }

// maxForm bounds a request without attachments, in bytes.
const maxForm = 1 << 20

// decodeForm reads a JSON request with known members only.
func decodeForm(raw []byte, into any) error {
	if err := forge.DecodeExact(raw, into); err != nil {
		return told(http.StatusBadRequest, "malformed", "the request is not a JSON object of the known members")
	}
	return nil
}
