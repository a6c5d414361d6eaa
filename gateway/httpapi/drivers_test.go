package httpapi

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
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
