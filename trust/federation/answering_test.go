package federation_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/federation"
)

func TestDocumentsAreConfirmed(t *testing.T) {
	t.Parallel()
	serve := func(method, body string, has ...string) *http.Response {
		r := httptest.NewRequest(method, "/", nil)
		r.Header["If-None-Match"] = has
		w := httptest.NewRecorder()
		federation.ServeDocument(w, r, "application/x", []byte(body))
		return w.Result()
	}
	etag := serve("GET", "a").Header.Get("ETag")
	if other := serve("GET", "b").Header.Get("ETag"); etag == other || len(etag) != 45 {
		t.Fatalf("validators %s and %s", etag, other)
	}
	for name, c := range map[string]struct {
		has  []string
		want int
	}{
		"nothing": {nil, 200}, "empty": {[]string{""}, 200}, "the same": {[]string{etag}, 304},
		"weakened": {[]string{"W/" + etag}, 304}, "anything": {[]string{"*"}, 304},
		"another": {[]string{serve("GET", "b").Header.Get("ETag")}, 200},
		"several": {[]string{`"x", ` + etag}, 304}, "several lines": {[]string{`"x"`, `W/"y",` + etag}, 304},
		"a comma inside": {[]string{`"x,y",` + etag}, 304}, "without quotes": {[]string{strings.Trim(etag, `"`)}, 200},
		"inside another": {[]string{`"x,` + etag[1:]}, 200}, "not weak": {[]string{"w/" + etag}, 200},
	} {
		for _, method := range []string{"GET", "HEAD"} {
			r := serve(method, "a", c.has...)
			if r.StatusCode != c.want || r.Header.Get("ETag") != etag || r.Header.Get("Cache-Control") != "max-age=30" {
				t.Errorf("%s %s: %d %v", method, name, r.StatusCode, r.Header)
			}
			if r.StatusCode == 304 && (r.ContentLength > 0 || r.Header.Get("Content-Type") != "") {
				t.Errorf("%s %s: a confirmation with content: %v", method, name, r.Header)
			}
		}
	}
}

// No header makes the server say "not modified" unless it names the validator, or all of them.
func FuzzIfNoneMatch(f *testing.F) {
	w := httptest.NewRecorder()
	federation.ServeDocument(w, httptest.NewRequest("GET", "/", nil), "application/x", nil)
	etag := w.Header().Get("ETag")
	for _, s := range []string{"", "*", etag, "W/" + etag, `"a", ` + etag, `"a,` + etag, ",,,", `"*"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, has string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("If-None-Match", has)
		w := httptest.NewRecorder()
		federation.ServeDocument(w, r, "application/x", nil)
		if w.Code == 304 && !strings.Contains(has, etag) && !strings.Contains(has, "*") {
			t.Errorf("%q was taken for ours", has)
		}
	})
}

// Everything a house serves is confirmed to who has it, and nothing is that has changed.
func TestHouseConfirms(t *testing.T) {
	f, h, _, hda, mux := house(t)
	ask := func(path, etag string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("If-None-Match", etag)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		return w
	}
	for _, path := range []string{
		federation.WellKnown, "/hdab/hdh" + federation.WellKnown, "/federation/fetch?sub=" + hda.ID, "/federation/list",
	} {
		first := ask(path, `""`)
		f.Clock.Advance(6 * time.Minute) // as a peer asks again
		again := ask(path, first.Header().Get("ETag"))
		if first.Code != 200 || again.Code != 304 || again.Body.Len() != 0 {
			t.Errorf("%s: %d, then %d %s", path, first.Code, again.Code, again.Body)
		}
		hda.Rotate(false)
		h.Bodies[0].Renew()
		changed := strings.Contains(path, "hdh")
		if after := ask(path, first.Header().Get("ETag")); (after.Code == 200) != changed {
			t.Errorf("%s: %d after the body's key was changed", path, after.Code)
		}
	}
	if w := ask("/federation/fetch?sub=https://x.test", "*"); w.Code != 404 || w.Header().Get("ETag") != "" {
		t.Errorf("a refusal: %d %v", w.Code, w.Header())
	}
}
