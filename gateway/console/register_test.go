package console

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/register"
)

// hostile is text of others at its worst.
const hostile = `</dd><script>alert(1)</script>" onclick="x {{.Root}} ` + "\u202e"

func newRegister(t *testing.T) (http.Handler, *register.Register) {
	t.Helper()
	day := func(d int) time.Time { return time.Date(2027, 3, d, 12, 0, 0, 0, time.UTC) }
	r := register.New()
	body := &register.Body{Entity: "https://hub.example/hub/hdab/a", Name: map[string]string{"fi": "Lupaviranomainen", "en": "Permit authority"}}
	r.Put("app:A1", []register.Entry{
		{ID: "application:A1", Kind: register.KindApplication, Application: "A1", Title: "Asthma", Date: day(1), Updated: day(2), Status: "PROCESSING",
			User: &register.User{Name: "University of Somewhere", Country: "FI"}, Purposes: []string{"e"}, Datasets: []register.Dataset{{ID: "ds:1", Title: map[string]string{"fi": "Hoitojaksot", "en": "Stays"}}}},
		{ID: "decision:A1:D/1 ä", Kind: register.KindDecision, Application: "A1", Title: hostile, Date: day(3), Updated: day(3), Decision: hostile, Outcome: ehds.Negative,
			Body: body, User: &register.User{Natural: true}, Reasons: hostile, Conditions: []string{hostile}, Datasets: []register.Dataset{{ID: hostile, Holder: hostile, Refused: hostile}}},
	})
	r.Put("app:A2", []register.Entry{
		{ID: "permit:A2:DP-FI-2027-0001-v2", Kind: register.KindPermit, Application: "A2", Permit: "DP-FI-2027-0001-v2", Previous: "DP-FI-2027-0001-v1", From: "2027-04-01", To: "2029-03-31", Date: day(4), Updated: day(4), Body: body, Status: "AMENDED"},
		{ID: "result:A2:2027-03-05", Kind: register.KindResult, Application: "A2", Title: "Findings", Summary: "Less asthma.", URLs: []string{"https://x.example/r?a=1&b=2"}, Date: day(5), Updated: day(5)},
		{ID: "measure:enf:FI:1", Kind: register.KindMeasure, Measure: "ADMIN_FINE", Against: "USER", From: "2027-03-06", Reasons: "late", Date: day(6), Updated: day(6)},
		{ID: "application:A3", Kind: register.KindApplication, Application: "A3", Date: day(1), Updated: day(1), Erased: true},
	})
	g := &Register{Register: r, Base: "https://hub.example/hub", Title: "Register of access", Logger: slog.New(slog.DiscardHandler), Slots: make(chan struct{}, 4)}
	h, err := g.Handler()
	if err != nil {
		t.Fatal(err)
	}
	return h, r
}

// shows R15.2.1-3 R15.2.4
func TestRegisterPages(t *testing.T) {
	t.Parallel()
	h, r := newRegister(t)
	if rec := get(t, h, http.MethodGet, "/hub/register"); rec.Code != http.StatusServiceUnavailable || rec.Header().Get("Retry-After") == "" {
		t.Errorf("before it is made the register answers %d", rec.Code)
	}
	r.Ready()
	for _, c := range []struct{ golden, target, language string }{
		{"register_list", "/hub/register", "fi"},
		{"register_found", "/hub/register?q=asthma&kind=application&purpose=e&limit=1", "en"},
		{"register_nothing", "/hub/register?q=nothing", "en"},
		{"register_hostile", "/hub/register/entries/decision:A1:D%2F1%20%C3%A4", "en"},
		{"register_permit", "/hub/register/entries/permit:A2:DP-FI-2027-0001-v2", "en"},
		{"register_result", "/hub/register/entries/result:A2:2027-03-05", "en"},
		{"register_measure", "/hub/register/entries/measure:enf:FI:1", "en"},
		{"register_erased", "/hub/register/entries/application:A3", "en"},
		{"register_absent", "/hub/register/entries/none", "en"},
	} {
		t.Run(c.golden, func(t *testing.T) {
			rec := get(t, h, http.MethodGet, c.target, "Accept-Language", c.language)
			body := rec.Body.String()
			file := filepath.Join("testdata", c.golden+".html")
			if *update {
				if err := os.WriteFile(file, []byte(body), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), body); diff != "" {
				t.Errorf("the page (-want +got):\n%s", diff)
			}
			doc, err := html.Parse(strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			by := elements(doc)
			accessible(t, doc, by)
			selfContained(t, h, doc, by)
			if policy := rec.Header().Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; style-src 'self';") {
				t.Errorf("policy %q", policy)
			}
		})
	}
}

func TestRegisterForms(t *testing.T) {
	t.Parallel()
	h, r := newRegister(t)
	r.Ready()
	rec := get(t, h, http.MethodGet, "/hub/register?limit=2&page=2", "Accept", "application/json")
	var list registerList
	if err := json.Unmarshal(rec.Body.Bytes(), &list); err != nil {
		t.Fatal(err)
	}
	if list.Total != 6 || list.Page.Page != 2 || list.Pages != 3 || len(list.Entries) != 2 ||
		list.Next != "https://hub.example/hub/register?limit=2&page=3" || list.Previous != "https://hub.example/hub/register?limit=2" {
		t.Errorf("%+v", list)
	}
	tag := rec.Header().Get("ETag")
	if again := get(t, h, http.MethodGet, "/hub/register?limit=2&page=2", "Accept", "application/json", "If-None-Match", tag); again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Errorf("the same again: %d", again.Code)
	}
	var e register.Entry
	if err := json.Unmarshal(get(t, h, http.MethodGet, "/hub/register/entries/measure:enf:FI:1?format=json").Body.Bytes(), &e); err != nil || e.Measure != "ADMIN_FINE" {
		t.Errorf("entry %+v, %v", e, err)
	}
	for _, target := range []string{"/hub/register/feed?limit=2&page=2", "/hub/register?format=atom&limit=2&page=2"} {
		feed := get(t, h, http.MethodGet, target)
		if got := feed.Header().Get("Content-Type"); got != "application/atom+xml; charset=utf-8" {
			t.Errorf("%s: %s", target, got)
		}
		for _, want := range []string{`rel="self" type="application/atom+xml" href="https://hub.example/hub/register/feed?limit=2&amp;page=2"`, `rel="next"`, `rel="previous"`, `rel="first"`} {
			if !strings.Contains(feed.Body.String(), want) {
				t.Errorf("%s has no %s", target, want)
			}
		}
	}
	r.Put("app:A9", []register.Entry{{ID: "application:A9", Kind: register.KindApplication, Application: "A9"}})
	if now := get(t, h, http.MethodGet, "/hub/register?format=json", "If-None-Match", tag); now.Code != http.StatusOK {
		t.Errorf("after a change: %d", now.Code)
	}
}

func TestRegisterRefuses(t *testing.T) {
	t.Parallel()
	h, r := newRegister(t)
	r.Ready()
	for target, want := range map[string]string{
		"/hub/register?format=turtle":                             "406 not-acceptable",
		"/hub/register?format=json&page=0":                        "400 query",
		"/hub/register?format=json&page=x":                        "400 query",
		"/hub/register?format=json&limit=501":                     "400 query",
		"/hub/register?format=json&kind=person":                   "400 query",
		"/hub/register?format=json&purpose=z":                     "400 query",
		"/hub/register?format=json&page=4":                        "404 not-found",
		"/hub/register/entries/none?format=json":                  "404 not-found",
		"/hub/register?format=json&q=" + strings.Repeat("w", 513): "400 query",
	} {
		rec := get(t, h, http.MethodGet, target)
		var p ehds.Problem
		if err := json.Unmarshal(rec.Body.Bytes(), &p); err != nil || fmt.Sprint(rec.Code, " ", p.Code) != want {
			t.Errorf("%.60s: %d %s, %v", target, rec.Code, p.Code, err)
		}
	}
	if rec := get(t, h, http.MethodPost, "/hub/register"); rec.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", rec.Code)
	}
}

// No page names a person of the form.
// shows R16.0.5
func TestRegisterNamesNobody(t *testing.T) {
	t.Parallel()
	h, r := newRegister(t)
	r.Ready()
	b := ehds.ApplicationBody{Kind: ehds.DataAccessApplication, Language: "en", Title: "Asthma by Aino Kanarialintu, aino@canary.example"}
	if err := json.Unmarshal([]byte(`{"section3": {"legalOrNaturalPerson": {"key": "b"}, "naturalPersonName": "Aino Kanarialintu", "naturalPersonPhone": {"number": "4099887766"}}}`), &b.Form); err != nil {
		t.Fatal(err)
	}
	track := access.Track{Decision: &access.Decision{ID: "D1", Outcome: ehds.Negative, Issued: time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC)}}
	r.Put("app:canary", register.Project(register.Source{
		Application: access.Application{ID: "canary", Tracks: []access.Track{track}}, Filing: &b,
		Cards: []ehds.DecisionBody{{DecisionID: "D1", Reasons: "KANARIALINTU Aino, 409 988 77 66, gave none"}},
	}))
	for _, target := range []string{"/hub/register", "/hub/register?format=json", "/hub/register/feed", "/hub/register/entries/decision:canary:D1", "/hub/register/entries/decision:canary:D1?format=json"} {
		page := strings.ToLower(get(t, h, http.MethodGet, target).Body.String())
		if !strings.Contains(page, "asthma by [") {
			t.Errorf("%s does not show the entry", target)
		}
		for _, c := range []string{"aino", "kanarialintu", "canary.example", "4099887766", "988 77"} {
			if strings.Contains(page, c) {
				t.Errorf("%s shows %q", target, c)
			}
		}
	}
}
