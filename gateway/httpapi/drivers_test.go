package httpapi

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/telemetry"
)

// TestDriversAreMounted: a handler sees the paths below its instance, no others, and not for ever.
func TestDriversAreMounted(t *testing.T) {
	t.Parallel()
	e, _ := endpoint(&fake{})
	inside, leave := make(chan bool), make(chan bool)
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/wait" {
			inside <- true
			<-leave
			return
		}
		if _, ok := r.Context().Deadline(); !ok {
			t.Error("a request without a deadline")
		}
		n, err := io.Copy(io.Discard, r.Body)
		if n > maxDriverBody || n == maxDriverBody && err == nil {
			t.Errorf("%d bytes, %v", n, err)
		}
		_, _ = io.WriteString(w, r.Method+" "+r.URL.Path+"?"+r.URL.RawQuery) // a recorder
	})
	p := &Public{Exchange: e, Federation: documents{}, Status: lists{}, Visas: lists{}, Entity: "https://host.example/fr", Drivers: map[string]http.Handler{"catalogue-a": handler}}
	h, err := p.Handler()
	if err != nil {
		t.Fatal(err)
	}
	ask := func(method, path string, body io.Reader) (int, string) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(method, path, body))
		return w.Code, w.Body.String()
	}
	for path, want := range map[string]string{
		"/fr/c/catalogue-a/x/y?z=1": "PUT /x/y?z=1", "/fr/c/catalogue-a/": "PUT /?", "/fr/c/catalogue-b/x": "", "/c/catalogue-a/x": "", "/fr/c/": "",
	} {
		status, body := ask("PUT", path, strings.NewReader("x"))
		if want != "" && (status != http.StatusOK || body != want) || want == "" && status != http.StatusNotFound {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	ask("PUT", "/fr/c/catalogue-a/large", io.LimitReader(zeros{}, maxDriverBody+10))
	for range driverSlots {
		go ask("GET", "/fr/c/catalogue-a/wait", nil)
		<-inside
	}
	if status, body := ask("GET", "/fr/c/catalogue-a/x", nil); status != http.StatusServiceUnavailable || !strings.Contains(body, `"busy"`) {
		t.Errorf("with all slots taken: %d %s", status, body)
	}
	close(leave)
}

// zeros never end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// narrow is a handler with bounds of its own.
type narrow struct{ http.Handler }

func (narrow) Limits() connectors.ServedLimits {
	return connectors.ServedLimits{Deadline: time.Hour, MaxBody: 3}
}

// TestDriversHaveBasePathsAndBounds: a driver is the same at a further path, with the bounds it states, and
// its answers are counted.
func TestDriversHaveBasePathsAndBounds(t *testing.T) {
	t.Parallel()
	e, _ := endpoint(&fake{})
	handler := narrow{http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if d, _ := r.Context().Deadline(); time.Until(d) < 50*time.Minute {
			t.Errorf("the deadline is %s", d)
		}
		if _, err := io.ReadAll(r.Body); err != nil {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		_, _ = io.WriteString(w, r.URL.Path) // a recorder
	})}
	p := &Public{Exchange: e, Federation: documents{}, Status: lists{}, Visas: lists{}, Entity: "https://host.example/fr", Metrics: telemetry.NewMetrics(),
		Drivers: map[string]http.Handler{"d": handler}, BasePaths: map[string]string{"/national-dispatcher": "d", "/elsewhere": "none"}}
	h, err := p.Handler()
	if err != nil {
		t.Fatal(err)
	}
	ask := func(path, body string) (int, string) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("POST", path, strings.NewReader(body)))
		return w.Code, w.Body.String()
	}
	for _, path := range []string{"/fr/national-dispatcher/applications", "/fr/c/d/applications"} {
		if code, body := ask(path, "abc"); code != http.StatusOK || body != "/applications" {
			t.Errorf("%s: %d %s", path, code, body)
		}
	}
	if code, _ := ask("/fr/national-dispatcher/applications", "abcd"); code != http.StatusTeapot {
		t.Errorf("a long body: %d", code)
	}
	for _, path := range []string{"/national-dispatcher/applications", "/fr/elsewhere/x"} {
		if code, _ := ask(path, ""); code != http.StatusNotFound {
			t.Errorf("%s: %d", path, code)
		}
	}
	w := httptest.NewRecorder()
	p.Metrics.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	for _, want := range []string{`ehdsgw_driver_answers_total{status="200"} 2`, `ehdsgw_driver_answers_total{status="418"} 1`} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("no %s", want)
		}
	}
}
