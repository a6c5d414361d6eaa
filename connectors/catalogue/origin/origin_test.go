package origin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// server is a TLS server and a reader of it.
func server(t *testing.T, h http.HandlerFunc, change ...func(*Options)) (*httptest.Server, *Reader) {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	s.StartTLS()
	t.Cleanup(s.Close)
	o := Options{Location: s.URL + "/base/", HTTP: s.Client(), Timeout: time.Minute}
	for _, f := range change {
		f(&o)
	}
	r, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s, r
}

func body(t *testing.T, r *Reader, address string) (string, error) {
	t.Helper()
	var got string
	err := r.Get(t.Context(), address, "text/plain", func(a Answer) error {
		b, err := io.ReadAll(a.Body)
		got = string(b)
		return err
	})
	return got, err
}

func TestNew(t *testing.T) {
	t.Parallel()
	for location, want := range map[string]error{
		"https://h.example": nil, "https://h.example:8443/a/": nil, "http://h.example": ErrLocation, "https://": ErrLocation,
		"https://u@h.example": ErrLocation, "https://h.example?x": ErrLocation, "/srv": ErrLocation, "https://h.example/%zz": ErrLocation,
	} {
		if _, err := New(Options{Location: location, HTTP: http.DefaultClient}); !errors.Is(err, want) {
			t.Errorf("%s: %v", location, err)
		}
	}
	if _, err := New(Options{Location: "https://h.example"}); !errors.Is(err, ErrNoClient) {
		t.Errorf("without a client: %v", err)
	}
}

func TestWithin(t *testing.T) {
	t.Parallel()
	r, err := New(Options{Location: "https://H.example/a", HTTP: http.DefaultClient})
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]bool{
		"https://h.example/": true, "HTTPS://h.EXAMPLE:443/x?y#z": true, "https://h.example:8443/": false, "http://h.example/": false,
		"http://h.example:443/": false, "https://u:p@h.example/": false, "https://h.example.evil.example/": false, "/a": false, "urn:a:b": false,
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		if r.Within(u) != want {
			t.Errorf("%s: %v", address, !want)
		}
	}
	u, err := url.Parse("https://u:p@h.example/x?y=1#z")
	if err != nil || Place(u) != "https://h.example/x?y=1" {
		t.Errorf("%s, %v", Place(u), err)
	}
}

func TestGet(t *testing.T) {
	t.Parallel()
	other, _ := server(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("another host was asked %s", r.URL) })
	s, r := server(t, func(w http.ResponseWriter, q *http.Request) {
		switch q.URL.Path {
		case "/good", "/end":
			_, _ = fmt.Fprintf(w, "%s %s %s", q.Header.Get("Accept"), q.Header.Get("Accept-Encoding"), q.URL.RawQuery)
		case "/hop3", "/hop2", "/hop1":
			http.Redirect(w, q, "/hop"+string(q.URL.Path[4]-1), http.StatusFound)
		case "/hop0":
			http.Redirect(w, q, "/end", http.StatusFound)
		case "/away":
			http.Redirect(w, q, other.URL, http.StatusFound)
		case "/gzip":
			w.Header().Set("Content-Encoding", "gzip")
		case "/cut":
			w.Header().Set("Content-Length", "100")
			_, _ = fmt.Fprint(w, "half")
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		case "/large":
			_, _ = fmt.Fprint(w, strings.Repeat("x", 4096))
		case "/slow":
			<-q.Context().Done()
		case "/created":
			w.WriteHeader(http.StatusCreated)
		case "/forbidden":
			w.WriteHeader(http.StatusForbidden)
		default:
			http.NotFound(w, q)
		}
	}, func(o *Options) { o.MaxBytes = 1000 })
	for path, want := range map[string]error{
		"/good?q=1#f": nil, "/hop2": nil, "/hop3": ErrFetch, "/away": ErrElsewhere, "/gzip": ErrFetch, "/cut": io.ErrUnexpectedEOF,
		"/large": ErrTooLarge, "/slow": context.DeadlineExceeded, "/created": Status(http.StatusCreated), "/forbidden": fs.ErrPermission, "/x": fs.ErrNotExist,
		"/" + strings.Repeat("x", maxURL): ErrElsewhere,
	} {
		reader := r
		if path == "/slow" {
			hasty := *r
			hasty.limit = 20 * time.Millisecond
			reader = &hasty
		}
		got, err := body(t, reader, s.URL+path)
		if !errors.Is(err, want) || (err == nil) != (want == nil) || err != nil && !errors.Is(err, ErrFetch) && !errors.Is(err, ErrElsewhere) {
			t.Errorf("%s: %q, %v", path, got, err)
		}
		if err != nil && strings.Contains(err.Error(), s.URL) {
			t.Errorf("%s: the address is in the error: %v", path, err)
		}
		if path == "/good?q=1#f" && got != "text/plain identity q=1" {
			t.Errorf("%s: %q", path, got)
		}
	}
	for _, address := range []string{other.URL, "http" + strings.TrimPrefix(s.URL, "https"), "::", "/x"} {
		if _, err := body(t, r, address); !errors.Is(err, ErrElsewhere) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestPost(t *testing.T) {
	t.Parallel()
	asked := ""
	s, r := server(t, func(w http.ResponseWriter, q *http.Request) {
		b, _ := io.ReadAll(q.Body)
		asked += q.Method + q.URL.Path + " " + q.Header.Get("Authorization") + string(b) + "\n"
		if q.URL.Path == "/again" {
			http.Redirect(w, q, "/elsewhere", http.StatusTemporaryRedirect)
			return
		}
		w.WriteHeader(http.StatusCreated)
	}, func(o *Options) { o.Credentials = Static{"Authorization", "secret"} })
	for path, want := range map[string]error{"/make": nil, "/again": Status(http.StatusTemporaryRedirect)} {
		if err := r.Post(t.Context(), s.URL+path, "application/json", map[string]int{"a": 1}, func(Answer) error { return nil }); !errors.Is(err, want) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if strings.Count(asked, "\n") != 2 || !strings.Contains(asked, "POST/make {\"a\":1}") || strings.Contains(asked, "secret") {
		t.Errorf("asked:\n%s", asked)
	}
	if err := r.Post(t.Context(), "https://127.0.0.1:1/", "", nil, nil); !errors.Is(err, ErrElsewhere) {
		t.Errorf("%v", err)
	}
}

// renewing are credentials that expire with every use.
type renewing struct{ made, refused, most int }

var errNoMore = errors.New("no more")

func (r *renewing) Header(context.Context) (name, value string, err error) {
	if r.made++; r.made > r.most {
		return "", "", errNoMore
	}
	return "X-Key", fmt.Sprint("key ", r.made), nil
}
func (r *renewing) Refused() bool { r.refused++; return true }

func TestCredentials(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		take          string
		most          int
		want          error
		made, refused int
	}{
		"taken":          {"key 1", 9, nil, 1, 0},
		"taken anew":     {"key 2", 9, nil, 2, 1},
		"never":          {"", 9, Status(http.StatusUnauthorized), 2, 1},
		"none to be had": {"key 2", 1, errNoMore, 2, 1},
	} {
		k := &renewing{most: c.most}
		s, r := server(t, func(w http.ResponseWriter, q *http.Request) {
			if q.Header.Get("X-Key") != c.take {
				w.WriteHeader(http.StatusUnauthorized)
			}
		}, func(o *Options) { o.Credentials = k })
		_, err := body(t, r, s.URL)
		if !errors.Is(err, c.want) || (err != nil) != (c.want != nil) || k.made != c.made || k.refused != c.refused {
			t.Errorf("%s: %v, made %d, refused %d", name, err, k.made, k.refused)
		}
	}
	static := Static{"X-API-Key", "hunter2"}
	if s := fmt.Sprintf("%v %+v %#v", static, static, static); strings.Contains(s, "hunter2") {
		t.Error(s)
	}
}

func TestGraphAndJSON(t *testing.T) {
	t.Parallel()
	s, r := server(t, func(w http.ResponseWriter, q *http.Request) {
		media, doc, _ := strings.Cut(q.URL.Query().Get("d"), "|")
		w.Header().Set("Content-Type", media)
		_, _ = fmt.Fprint(w, doc)
	}, func(o *Options) { o.MaxBytes = 100 })
	ask := func(d string) string { return s.URL + "/x?d=" + url.QueryEscape(d) }
	for d, want := range map[string]string{
		"text/turtle|<> <x:p> </y> .":                     "",
		"text/turtle; charset=utf-8|":                     "",
		"application/n-triples|<x:a> <x:b> <x:c> .":       "",
		"text/html|<html>":                                ErrMediaType.Error(),
		"|x":                                              ErrMediaType.Error(),
		"text/turtle|<x:a>\n<x:b> .":                      ":2:7: ",
		"text/turtle|#" + strings.Repeat("\n# xxxxx", 20): ":14:3: ",
	} {
		g, head, err := r.Graph(t.Context(), ask(d), rdf.ReadOptions{})
		if want == "" && (err != nil || head.URL == nil) || want != "" && (err == nil || g != nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v", d, err)
		}
		if strings.Contains(d, "</y>") && !g.Has(rdf.Term{}, rdf.Term{}, rdf.NewIRI(s.URL+"/y")) {
			t.Errorf("%q: relative IRIs", d)
		}
	}
	for d, ok := range map[string]bool{
		`application/json|["a"]`: true, `application/ld+json| [] `: true, `text/plain|[]`: false, `application/json|["a"`: false,
		`application/json|["a"]x`: false, `application/json|{}`: false, `application/json|`: false, `application/json|["` + strings.Repeat("a", 100) + `"]`: false,
	} {
		var list []string
		if err := r.JSON(t.Context(), ask(d), &list); (err == nil) != ok || err != nil && !errors.Is(err, ErrFetch) {
			t.Errorf("%q: %v", d, err)
		}
	}
}
