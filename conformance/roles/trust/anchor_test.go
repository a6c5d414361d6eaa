package trust

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/roles"
)

const (
	anchorID = "https://anchor.example/eu"
	ncp      = "https://ncp.example"
)

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }
func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

type world struct {
	t      *testing.T
	anchor *Anchor
	clock  *clock
	dir    string
	keys   forge.JWKS // of the contact point
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, clock: &clock{now: time.Unix(1_800_000_000, 0)}, dir: filepath.Join(t.TempDir(), "anchor")}
	k, err := forge.NewKey(forge.AlgEd25519, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	w.keys = forge.NewJWKS(k)
	w.open()
	return w
}

func (w *world) open() {
	w.t.Helper()
	a, err := New(Options{Entity: anchorID, Dir: w.dir, Clock: w.clock.Now, Rand: rand.Reader})
	if err != nil {
		w.t.Fatal(err)
	}
	w.anchor = a
}

func (w *world) enroll() {
	w.t.Helper()
	if err := w.anchor.Enroll(ncp, w.keys, []string{"ncp"}, EnrollOptions{Metadata: roles.StateGateway("FR")}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) get(path string, want int) (body, media string) {
	w.t.Helper()
	rec := httptest.NewRecorder()
	w.anchor.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/eu"+path, nil))
	if rec.Code != want {
		w.t.Fatalf("%s: status %d, want %d: %s", path, rec.Code, want, rec.Body)
	}
	return rec.Body.String(), rec.Header().Get("Content-Type")
}

func (w *world) mark(sub, name string, want int) string {
	w.t.Helper()
	q := url.Values{"sub": {sub}, "trust_mark_type": {forge.MarkType(anchorID, name)}}
	body, _ := w.get(markPath+"?"+q.Encode(), want)
	return body
}

func (w *world) status(mark string) forge.MarkStatus {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/eu"+statusPath, strings.NewReader(url.Values{"trust_mark": {mark}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	rec := httptest.NewRecorder()
	w.anchor.Handler().ServeHTTP(rec, r)
	if rec.Code != http.StatusOK || rec.Header().Get("Content-Type") != roles.MediaMarkStatus {
		w.t.Fatalf("status %d, %s", rec.Code, rec.Body)
	}
	s, err := forge.ParseMarkStatus(rec.Body.String(), mark, anchorID, w.anchor.JWKS(), w.clock.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	return s
}

func TestConfiguration(t *testing.T) {
	w := newWorld(t)
	body, media := w.get(roles.WellKnown, http.StatusOK)
	if media != "application/entity-statement+jwt" {
		t.Error(media)
	}
	s, err := forge.ParseStatement(body)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(w.anchor.JWKS()); err != nil || !s.IsConfiguration() || s.Sub != anchorID {
		t.Errorf("%+v, %v", s, err)
	}
	if s.Exp-s.Iat > 86400 || len(s.AuthorityHints) != 0 || len(s.TrustMarks) != 0 {
		t.Errorf("life %d, hints %v", s.Exp-s.Iat, s.AuthorityHints)
	}
	m := s.Federation()
	for _, endpoint := range []string{m.Fetch, m.List, m.MarkStatus, m.Mark} {
		if !strings.HasPrefix(endpoint, anchorID+"/") {
			t.Errorf("endpoint %q", endpoint)
		}
	}
}

func TestFetch(t *testing.T) {
	w := newWorld(t)
	w.enroll()
	if err := w.anchor.Enroll("https://policy.example", w.keys, nil, EnrollOptions{MetadataPolicy: json.RawMessage(`{"ehds_gateway":{}}`)}); err != nil {
		t.Fatal(err)
	}
	if err := w.anchor.Enroll(ncp+"/hdab/x", forge.JWKS{}, []string{"hdab"}, EnrollOptions{}); err != nil {
		t.Fatal(err)
	}
	body, media := w.get(fetchPath+"?sub="+url.QueryEscape(ncp), http.StatusOK)
	s, err := forge.ParseStatement(body)
	if err != nil || media != roles.MediaStatement {
		t.Fatal(err, media)
	}
	if s.Verify(w.anchor.JWKS()) != nil || s.Iss != anchorID || s.Sub != ncp || s.SourceEndpoint != anchorID+fetchPath ||
		s.JWKS.Keys[0] != w.keys.Keys[0] || len(s.Metadata) != 1 || string(s.Metadata[roles.TypeGateway]) != `{"country":"FR"}` || s.MetadataPolicy != nil {
		t.Errorf("%+v", s)
	}
	body, _ = w.get(fetchPath+"?sub="+url.QueryEscape("https://policy.example"), http.StatusOK)
	if s, err = forge.ParseStatement(body); err != nil || string(s.MetadataPolicy) != `{"ehds_gateway":{}}` {
		t.Errorf("policy %s, %v", s.MetadataPolicy, err)
	}
	w.get(fetchPath, http.StatusBadRequest)
	w.get(fetchPath+"?sub="+url.QueryEscape(anchorID), http.StatusBadRequest)
	w.get(fetchPath+"?sub=https://nobody.example", http.StatusNotFound)
	w.get(fetchPath+"?sub="+url.QueryEscape(ncp+"/hdab/x"), http.StatusNotFound) // marks only
	if err := w.anchor.Revoke(ncp); err != nil {
		t.Fatal(err)
	}
	w.get(fetchPath+"?sub="+url.QueryEscape(ncp), http.StatusNotFound)
}

func TestList(t *testing.T) {
	w := newWorld(t)
	w.enroll()
	if err := w.anchor.Enroll("https://a.example", w.keys, nil, EnrollOptions{}); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		"": `["https://a.example","https://ncp.example"]`, "?trust_marked=true": `["https://ncp.example"]`,
		"?trust_mark_type=" + anchorID + "/marks/ncp":  `["https://ncp.example"]`,
		"?trust_mark_type=" + anchorID + "/marks/hdab": `[]`,
	} {
		if body, _ := w.get(listPath+query, http.StatusOK); strings.TrimSpace(body) != want {
			t.Errorf("%s: %s", query, body)
		}
	}
	w.get(listPath+"?entity_type=x", http.StatusBadRequest)
}

func TestMarksAndTheirStatus(t *testing.T) {
	w := newWorld(t)
	w.enroll()
	mark := w.mark(ncp, "ncp", http.StatusOK)
	m, err := forge.ParseMark(mark, w.anchor.JWKS())
	if err != nil || m.Iss != anchorID || m.Sub != ncp || m.Type != anchorID+"/marks/ncp" || m.Exp-m.Iat > 7*86400 {
		t.Fatalf("%+v, %v", m, err)
	}
	w.mark(ncp, "hdab", http.StatusNotFound)
	w.mark("https://nobody.example", "ncp", http.StatusNotFound)
	w.get(markPath+"?sub="+url.QueryEscape(ncp), http.StatusBadRequest)

	step := func(want forge.MarkStatus, do func() error) {
		t.Helper()
		if err := do(); err != nil {
			t.Fatal(err)
		}
		if got := w.status(mark); got != want {
			t.Errorf("status %s, want %s", got, want)
		}
	}
	step(forge.MarkActive, func() error { return nil })
	step(forge.MarkSuspended, func() error { return w.anchor.Suspend(ncp) })
	step(forge.MarkSuspended, func() error { w.open(); return nil }) // the state is on disk
	step(forge.MarkActive, func() error { return w.anchor.Resume(ncp) })
	step(forge.MarkRevoked, func() error { return w.anchor.Enroll(ncp, w.keys, nil, EnrollOptions{}) })
	step(forge.MarkActive, func() error { w.enroll(); return nil })
	step(forge.MarkExpired, func() error { w.clock.pass(7 * 24 * time.Hour); return nil })
	step(forge.MarkRevoked, func() error { return w.anchor.Revoke(ncp) })
	w.mark(ncp, "ncp", http.StatusNotFound)

	stranger, err := forge.NewKey(forge.AlgEd25519, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	forged, err := forge.Sign(stranger, forge.TypMark, m)
	if err != nil {
		t.Fatal(err)
	}
	for _, mark := range []string{forged, "not a token"} {
		if got := w.status(mark); got != forge.MarkInvalid {
			t.Errorf("a foreign mark is %s", got)
		}
	}
}

func TestStatusNeedsAForm(t *testing.T) {
	w := newWorld(t)
	for _, body := range []string{"", "mark=x", "trust_mark=" + strings.Repeat("x", maxForm)} {
		r := httptest.NewRequest(http.MethodPost, "/eu"+statusPath, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		rec := httptest.NewRecorder()
		w.anchor.Handler().ServeHTTP(rec, r)
		if rec.Code != http.StatusBadRequest {
			t.Errorf("%.20q: %d", body, rec.Code)
		}
	}
}

func TestStateSurvivesAndIsPrivate(t *testing.T) {
	w := newWorld(t)
	w.enroll()
	before := w.anchor.JWKS().Keys[0]
	w.open()
	if w.anchor.JWKS().Keys[0] != before {
		t.Error("another key after a restart")
	}
	w.get(fetchPath+"?sub="+url.QueryEscape(ncp), http.StatusOK)
	files, err := os.ReadDir(w.dir)
	if err != nil || len(files) != 2 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", f.Name(), info.Mode(), err)
		}
	}
	if err := os.WriteFile(filepath.Join(w.dir, "state.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Options{Entity: anchorID, Dir: w.dir, Clock: w.clock.Now, Rand: rand.Reader}); err == nil {
		t.Error("a broken state file is taken for an empty one")
	}
}

func TestEnrollRefuses(t *testing.T) {
	w := newWorld(t)
	for name, err := range map[string]error{
		"no URL":     w.anchor.Enroll("ncp", w.keys, nil, EnrollOptions{}),
		"itself":     w.anchor.Enroll(anchorID, w.keys, nil, EnrollOptions{}),
		"mark name":  w.anchor.Enroll(ncp, w.keys, []string{"../ncp"}, EnrollOptions{}),
		"empty mark": w.anchor.Enroll(ncp, w.keys, []string{""}, EnrollOptions{}),
		"policy":     w.anchor.Enroll(ncp, w.keys, nil, EnrollOptions{MetadataPolicy: json.RawMessage(`[]`)}),
		"no object":  w.anchor.Enroll(ncp, w.keys, nil, EnrollOptions{Metadata: map[string]json.RawMessage{roles.TypeGateway: json.RawMessage(`"FR"`)}}),
		"null":       w.anchor.Enroll(ncp, w.keys, nil, EnrollOptions{Metadata: map[string]json.RawMessage{roles.TypeGateway: json.RawMessage(`null`)}}),
		"no JSON":    w.anchor.Enroll(ncp, w.keys, nil, EnrollOptions{Metadata: map[string]json.RawMessage{roles.TypeGateway: nil}}),
		"no type":    w.anchor.Enroll(ncp, w.keys, nil, EnrollOptions{Metadata: map[string]json.RawMessage{"": json.RawMessage(`{}`)}}),
	} {
		if !errors.Is(err, ErrEnrolment) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := w.anchor.Suspend(ncp); !errors.Is(err, ErrUnknown) {
		t.Error(err)
	}
}

func TestAdmin(t *testing.T) {
	w := newWorld(t)
	keys, err := json.Marshal(w.keys)
	if err != nil {
		t.Fatal(err)
	}
	good := `{"sub":"` + ncp + `","jwks":` + string(keys) + `,"marks":["ncp"],"metadata":{"ehds_gateway":{"country":"FR"}}}`
	for _, c := range []struct {
		name, secret, given, path, body string
		want                            int
	}{
		{"enroll", "s", "Bearer s", "enroll", good, http.StatusNoContent},
		{"marks only", "s", "Bearer s", "enroll", `{"sub":"https://h.example","marks":["hdab"]}`, http.StatusNoContent},
		{"suspend", "s", "Bearer s", "suspend", `{"sub":"` + ncp + `"}`, http.StatusNoContent},
		{"suspend unknown", "s", "Bearer s", "suspend", `{"sub":"https://x.example"}`, http.StatusNotFound},
		{"wrong secret", "s", "Bearer x", "enroll", good, http.StatusUnauthorized},
		{"no secret given", "s", "", "enroll", good, http.StatusUnauthorized},
		{"no secret set", "", "Bearer ", "enroll", good, http.StatusUnauthorized},
		{"unknown member", "s", "Bearer s", "enroll", `{"sub":"` + ncp + `","mark":["ncp"]}`, http.StatusBadRequest},
		{"bad enrolment", "s", "Bearer s", "enroll", `{"sub":"x","marks":[]}`, http.StatusUnprocessableEntity},
		{"metadata of no form", "s", "Bearer s", "enroll", `{"sub":"` + ncp + `","marks":[],"metadata":{"ehds_gateway":7}}`, http.StatusUnprocessableEntity},
		{"too large", "s", "Bearer s", "enroll", strings.Repeat(" ", maxEnrolment+1), http.StatusBadRequest},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "/admin/"+c.path, strings.NewReader(c.body))
			r.Header.Set("Authorization", c.given)
			rec := httptest.NewRecorder()
			w.anchor.AdminHandler(c.secret).ServeHTTP(rec, r)
			if rec.Code != c.want {
				body, _ := io.ReadAll(rec.Body)
				t.Errorf("%d: %s", rec.Code, body)
			}
		})
	}
	if got := w.status(w.mark(ncp, "ncp", http.StatusOK)); got != forge.MarkSuspended {
		t.Errorf("after enrolment and suspension: %s", got)
	}
	w.open() // what is stated is on disk
	body, _ := w.get(fetchPath+"?sub="+url.QueryEscape(ncp), http.StatusOK)
	if s, err := forge.ParseStatement(body); err != nil || string(s.Metadata[roles.TypeGateway]) != `{"country":"FR"}` {
		t.Errorf("%+v, %v", s, err)
	}
}
