package trusttest

import (
	"net/http"
	"strings"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// Paths of an entity's endpoints below its identifier.
const (
	fetchPath  = "/federation/fetch"
	markPath   = "/federation/mark"
	statusPath = "/federation/mark-status"
)

// serve answers for the entity addressed.
func (f *Federation) serve(w http.ResponseWriter, r *http.Request) {
	e := f.owner(r.URL)
	if e == nil || e.isDown() {
		http.Error(w, "down", http.StatusBadGateway)
		return
	}
	base := "https://" + r.URL.Host + r.URL.Path
	switch strings.TrimPrefix(base, e.ID) {
	case federation.WellKnown:
		Answer(w, federation.TypStatement, e.Configuration())
	case fetchPath:
		f.serveFetch(w, e, r.URL.Query().Get("sub"))
	case markPath:
		f.serveMark(w, e, r)
	case statusPath:
		f.serveStatus(w, e, r.FormValue("trust_mark"))
	default:
		http.NotFound(w, r)
	}
}

// Answer writes a token as an endpoint of a federation does, with the media type of its typ.
func Answer(w http.ResponseWriter, typ, token string) {
	w.Header().Set("Content-Type", "application/"+typ)
	_, _ = w.Write([]byte(token))
}

func (f *Federation) serveFetch(w http.ResponseWriter, superior *Entity, sub string) {
	f.mu.Lock()
	e := f.entities[sub]
	f.mu.Unlock()
	if e == nil || e.superior != superior || e.isDisowned() {
		http.Error(w, "no such subordinate", http.StatusNotFound)
		return
	}
	Answer(w, federation.TypStatement, e.Statement())
}

func (f *Federation) serveMark(w http.ResponseWriter, anchor *Entity, r *http.Request) {
	f.mu.Lock()
	e := f.entities[r.URL.Query().Get("sub")]
	f.mu.Unlock()
	name, ok := strings.CutPrefix(r.URL.Query().Get("trust_mark_type"), federation.MarkType(AnchorID, ""))
	if anchor != f.Anchor || !ok || e == nil || e.MarkStatus(name) == "" {
		http.Error(w, "no such mark", http.StatusNotFound)
		return
	}
	Answer(w, federation.TypMark, e.MarkToken(name))
}

// serveStatus tells the status of a mark the anchor made (OpenID Federation 1.1 §8.4).
func (f *Federation) serveStatus(w http.ResponseWriter, anchor *Entity, mark string) {
	var c struct {
		Sub  string `json:"sub"`
		Type string `json:"trust_mark_type"`
	}
	t, err := jose.Parse([]byte(mark), jose.ParseOptions{Typ: []string{federation.TypMark}})
	if err == nil {
		err = jose.DecodeKnown(t.Payload, &c)
	}
	f.mu.Lock()
	e := f.entities[c.Sub]
	f.mu.Unlock()
	if anchor != f.Anchor || err != nil || e == nil {
		http.Error(w, "no such mark", http.StatusNotFound)
		return
	}
	name := strings.TrimPrefix(c.Type, federation.MarkType(AnchorID, ""))
	Answer(w, federation.TypMarkStatus, f.StatusAnswer(mark, string(e.MarkStatus(name)), f.Clock.Unix()))
}

// StatusAnswer is the anchor's signed answer about a mark.
func (f *Federation) StatusAnswer(mark, status string, iat int64) string {
	return Sign(f.t, f.Anchor.Federation, federation.TypMarkStatus, map[string]any{
		"iss": AnchorID, "iat": iat, "trust_mark": mark, "status": status,
	})
}
