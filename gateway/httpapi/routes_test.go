package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/telemetry"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

func get(h http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

// lists has one list, and one that cannot be made.
type lists struct{}

func (lists) SignedList(_ context.Context, hdab string, year int) (string, bool, error) {
	switch {
	case year == 2028:
		return "", false, errors.New("CANARY")
	case hdab == ncp+"/hdab/a" && year == 2027:
		return "list.of.a", true, nil
	}
	return "", false, nil
}

func (lists) VisaKeys(hdab string) (jose.KeySet, error) {
	if hdab == ncp+"/hdab/b" {
		return jose.KeySet{}, errors.New("CANARY")
	}
	return jose.KeySet{}, nil
}

// documents are a federation's.
type documents struct{ err error }

func (d documents) Register(mux *http.ServeMux) error {
	mux.HandleFunc("GET /.well-known/openid-federation", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(200) })
	return d.err
}

func TestPublicRoutes(t *testing.T) {
	e, _ := endpoint(&fake{})
	p := &Public{Exchange: e, Federation: documents{}, Status: lists{}, Visas: lists{}, Entity: ncp + "/", Bodies: []string{ncp + "/hdab/a", ncp + "/hdab/b"}}
	h, err := p.Handler()
	if err != nil {
		t.Fatal(err)
	}
	for path, c := range map[string]struct {
		status int
		body   string
	}{
		"/.well-known/openid-federation": {200, ""},
		"/hdab/a/status/2027":            {200, "list.of.a"},
		"/hdab/b/status/2027":            {404, ""},
		"/hdab/c/status/2027":            {404, ""},
		"/hdab/a/status/2026":            {404, ""},
		"/hdab/a/visa-keys":              {200, `{"keys":[]}`},
		"/hdab/b/visa-keys":              {503, ""},
		"/hdab/c/visa-keys":              {404, ""},
		"/hdab/a/status/2028":            {503, ""},
		"/hdab/a/status/27":              {404, ""},
		"/hdab/a/status/-999":            {404, ""},
		"/hdab/a/status/CANA":            {404, ""},
		"/exchange":                      {404, ""}, // GET
		"/":                              {404, ""},
		"/metrics":                       {404, ""},
		"/v1/status":                     {404, ""},
	} {
		w := get(h, path)
		if w.Code != c.status || c.body != "" && w.Body.String() != c.body {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
		if w.Header().Get("X-Content-Type-Options") != "nosniff" || w.Header().Get("Set-Cookie") != "" || w.Header().Get("Content-Security-Policy") == "" {
			t.Errorf("%s: headers %v", path, w.Header())
		}
		if w.Code >= 400 && (w.Header().Get("Content-Type") != mediaProblem || strings.Contains(w.Body.String(), "CANA")) {
			t.Errorf("%s: %s", path, w.Body)
		}
		if w.Code == 503 && w.Header().Get("Retry-After") != "60" {
			t.Errorf("%s: again at %q", path, w.Header().Get("Retry-After"))
		}
	}
	if w := get(h, "/hdab/a/status/2027?time=1"); w.Code != http.StatusNotImplemented || strings.Contains(w.Body.String(), "list.of.a") {
		t.Errorf("a list of the past: %d %s", w.Code, w.Body)
	}
	if w := get(h, "/hdab/a/status/2027"); w.Header().Get("Content-Type") != "application/statuslist+jwt" || w.Header().Get("Cache-Control") != "max-age=300" {
		t.Errorf("list headers %v", w.Header())
	}
	r := httptest.NewRequest("POST", "/exchange", strings.NewReader("x"))
	r.Header.Set("Content-Type", mediaMessage)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != 200 {
		t.Errorf("POST /exchange: %d", w.Code)
	}
}

func TestPublicUnderAPath(t *testing.T) {
	e, _ := endpoint(&fake{})
	p := &Public{Exchange: e, Federation: documents{}, Status: lists{}, Visas: lists{}, Entity: "https://host.example/fr", Bodies: nil}
	h, err := p.Handler()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"/fr/exchange": 200, "/exchange": 404} {
		r := httptest.NewRequest("POST", path, strings.NewReader("x"))
		r.Header.Set("Content-Type", mediaMessage)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestPublicRefusesNonsense(t *testing.T) {
	for name, p := range map[string]*Public{
		"entity":     {Entity: "https://h\x7f/", Federation: documents{}},
		"body":       {Entity: ncp, Bodies: []string{"https://h\x7f/"}, Federation: documents{}},
		"federation": {Entity: ncp, Federation: documents{errors.New("boom")}},
	} {
		p.Exchange = http.NotFoundHandler()
		if _, err := p.Handler(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestAdmin(t *testing.T) {
	var unready error
	h := Admin(func(ctx context.Context) error {
		if _, limited := ctx.Deadline(); !limited {
			t.Error("the probe has no deadline")
		}
		return unready
	}, telemetry.NewMetrics().Handler())
	for _, c := range []struct {
		path   string
		err    error
		status int
		text   string
	}{
		{"/livez", errors.New("x"), 200, `"alive"`},
		{"/readyz", nil, 200, `"ready"`},
		{"/readyz", errors.New("no mark yet"), 503, "no mark yet"},
		{"/metrics", nil, 200, "go_threads"},
		{"/exchange", nil, 404, ""},
	} {
		unready = c.err
		w := get(h, c.path)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.text) || w.Header().Get("X-Content-Type-Options") == "" {
			t.Errorf("%s with %v: %d %s", c.path, c.err, w.Code, w.Body)
		}
	}
}

type greeting struct {
	Name string `json:"name"`
}

func TestOperator(t *testing.T) {
	logs := &buffer{}
	o := NewOperator(slog.New(slog.NewTextHandler(logs, nil)))
	Get(o, "/v1/greet/{name}", func(_ context.Context, q Query) (greeting, error) {
		if q.Get("fail") != "" {
			return greeting{}, fault.New(fault.NotFound, "nobody", "there is nobody of that name")
		}
		return greeting{q.Get("name")}, nil
	})
	Post(o, "/v1/greet", func(_ context.Context, in greeting) (greeting, error) {
		if in.Name == "" {
			return in, errors.New("CANARY")
		}
		return in, nil
	})
	do := func(method, path, body string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		o.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
		return w
	}
	for name, c := range map[string]struct {
		method, path, body string
		status             int
		code, answer       string
	}{
		"get":            {"GET", "/v1/greet/ada", "", 200, "", `{"name":"ada"}`},
		"path first":     {"GET", "/v1/greet/ada?name=eve", "", 200, "", `{"name":"ada"}`},
		"get fails":      {"GET", "/v1/greet/ada?fail=1", "", 404, "nobody", ""},
		"post":           {"POST", "/v1/greet", `{"name":"ada"}`, 200, "", `{"name":"ada"}`},
		"unknown member": {"POST", "/v1/greet", `{"name":"ada","nmae":"x"}`, 400, "request-json", ""},
		"no json":        {"POST", "/v1/greet", `hello`, 400, "request-json", ""},
		"empty":          {"POST", "/v1/greet", ``, 400, "request-json", ""},
		"two values":     {"POST", "/v1/greet", `{"name":"ada"}{"name":"eve"}`, 400, "request-json", ""},
		"too large":      {"POST", "/v1/greet", `{"name":"` + strings.Repeat("a", 2<<20) + `"}`, 400, "request-json", ""},
		"defect":         {"POST", "/v1/greet", `{}`, 500, "internal", ""},
		"no such call":   {"GET", "/v1/nothing", "", 404, "not-found", ""},
		"other method":   {"DELETE", "/v1/greet", "", 404, "not-found", ""},
	} {
		w := do(c.method, c.path, c.body)
		if w.Code != c.status || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
			continue
		}
		if c.code != "" {
			if p := problem(t, w); p.Code != c.code || strings.Contains(w.Body.String(), "CANARY") {
				t.Errorf("%s: %s", name, w.Body)
			}
			continue
		}
		if got := strings.TrimSpace(w.Body.String()); got != c.answer || !json.Valid([]byte(got)) {
			t.Errorf("%s: %s", name, got)
		}
	}
	// Our defects, and they alone, are in the log with their cause and the call.
	if l := logs.String(); strings.Count(l, "\n") != 1 || !strings.Contains(l, "CANARY") || !strings.Contains(l, `call="POST /v1/greet"`) {
		t.Errorf("log: %s", l)
	}
}

func TestRetryAfterRoundsUp(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "", time.Nanosecond: "1", time.Second: "1", time.Second + 1: "2"} {
		h := http.Header{}
		retryAfter(h, fault.New(fault.Unavailable, "x", "").After(d))
		if got := h.Get("Retry-After"); got != want {
			t.Errorf("%s: %q", d, got)
		}
	}
}
