package trust

import (
	"net/http"
	"slices"
	"strings"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/roles"
)

// maxForm bounds a request's body: a mark and some room.
const maxForm = 64 << 10

// Handler serves the anchor's public endpoints. Paths follow its identifier.
func (a *Anchor) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+a.base+roles.WellKnown, func(w http.ResponseWriter, _ *http.Request) {
		a.answer(w, roles.MediaStatement, a.configuration)
	})
	mux.HandleFunc("GET "+a.base+fetchPath, a.fetch)
	mux.HandleFunc("GET "+a.base+listPath, a.list)
	mux.HandleFunc("GET "+a.base+markPath, a.giveMark)
	mux.HandleFunc("POST "+a.base+statusPath, a.markStatus)
	return mux
}

func (a *Anchor) answer(w http.ResponseWriter, media string, sign func() (string, error)) {
	token, err := sign()
	if err != nil {
		a.o.Logger.Error("a federation document could not be signed", "error", err)
		roles.FederationError(w, http.StatusInternalServerError, "server_error", "the document cannot be made now")
		return
	}
	roles.WriteToken(w, http.StatusOK, media, token)
}

// fetch answers with the statement about a subordinate (OpenID Federation 1.1 §8.1).
func (a *Anchor) fetch(w http.ResponseWriter, r *http.Request) {
	sub := r.URL.Query().Get("sub")
	if sub == "" || sub == a.o.Entity {
		roles.FederationError(w, http.StatusBadRequest, "invalid_request", "sub names a subordinate")
		return
	}
	e, ok := a.lookup(sub)
	if !ok || !e.vouched() {
		roles.FederationError(w, http.StatusNotFound, "not_found", "no such subordinate")
		return
	}
	a.answer(w, roles.MediaStatement, func() (string, error) { return a.about(sub, e) })
}

// list answers with the subordinates (OpenID Federation 1.1 §8.2). Entity types and intermediates are
// not known here, so asking for them is an error rather than a wrong answer.
func (a *Anchor) list(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	for name := range q {
		if name != "trust_marked" && name != "trust_mark_type" {
			roles.FederationError(w, http.StatusBadRequest, "unsupported_parameter", "the list cannot be narrowed so")
			return
		}
	}
	out := []string{}
	a.mu.Lock()
	for sub, e := range a.state.Entities {
		marked := len(e.Marks) > 0 && e.Standing == active
		wanted := q.Get("trust_marked") != "true" || marked
		if t := q.Get("trust_mark_type"); t != "" {
			wanted = wanted && marked && a.holds(e, t)
		}
		if wanted && e.vouched() {
			out = append(out, sub)
		}
	}
	a.mu.Unlock()
	slices.Sort(out)
	roles.WriteJSON(w, http.StatusOK, out)
}

// giveMark answers with a fresh mark (OpenID Federation 1.1 §8.6). Marks are public: only their
// subject can use them.
func (a *Anchor) giveMark(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	sub, markType := q.Get("sub"), q.Get("trust_mark_type")
	if sub == "" || markType == "" {
		roles.FederationError(w, http.StatusBadRequest, "invalid_request", "trust_mark_type and sub are required")
		return
	}
	e, ok := a.lookup(sub)
	if !ok || !a.holds(e, markType) || e.Standing == revoked {
		roles.FederationError(w, http.StatusNotFound, "not_found", "no such trust mark")
		return
	}
	a.answer(w, roles.MediaMark, func() (string, error) { return a.mark(sub, markType) })
}

// markStatus answers about a mark with a signed statement (OpenID Federation 1.1 §8.4).
func (a *Anchor) markStatus(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		roles.FederationError(w, http.StatusBadRequest, "invalid_request", "not a form")
		return
	}
	mark := strings.TrimSpace(r.PostForm.Get("trust_mark"))
	if mark == "" {
		roles.FederationError(w, http.StatusBadRequest, "invalid_request", "trust_mark is required")
		return
	}
	a.answer(w, roles.MediaMarkStatus, func() (string, error) {
		return forge.Sign(a.key, forge.TypMarkStatus, forge.MarkStatusResponse{
			Iss: a.o.Entity, Iat: a.o.Clock().Unix(), Mark: mark, Status: a.judge(mark),
		})
	})
}
