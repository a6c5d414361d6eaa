package rdffile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

const (
	good   = "<> a <http://www.w3.org/ns/dcat#Dataset> ."
	goodNT = "<x:a> <x:p> <x:b> .\n<x:a> <x:p> <x:c> .\n"
	bad    = "<x:a>\n  ex:p 1 ."
)

// tree writes files under a new directory.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func driver(t testing.TB, o Options) *Driver {
	t.Helper()
	d, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// pass lists everything, each item as "file: what".
func pass(t *testing.T, d *Driver) (items []string, pages int, err error) {
	t.Helper()
	cursor := ""
	for {
		p, err := d.List(t.Context(), time.Time{}, cursor)
		if err != nil {
			return items, pages, err
		}
		pages++
		for _, i := range p.Items {
			items = append(items, i.File+": "+what(t, i))
		}
		if cursor = p.Next; cursor == "" {
			return items, pages, nil
		}
		if pages > 100 {
			t.Fatal("the pass does not end")
		}
	}
}

func what(t *testing.T, i connectors.CatalogueItem) string {
	t.Helper()
	var syntax *rdf.SyntaxError
	g, err := i.Open(t.Context())
	switch {
	case (g == nil) == (err == nil):
		t.Errorf("%s: graph %v and error %v", i.File, g, err)
		return ""
	case g != nil:
		return fmt.Sprintf("%d triples", g.Len())
	case errors.As(err, &syntax):
		return fmt.Sprintf("%s:%d:%d %s", syntax.File, syntax.Line, syntax.Col, syntax.Code)
	}
	return err.Error()
}

func TestDirectory(t *testing.T) {
	dir := tree(t, map[string]string{
		"b.ttl": good, "a/z.nt": goodNT, "a/bad.ttl": bad, "c.txt": "notes", "large.ttl": good + strings.Repeat("#", 4096),
		".hidden.ttl": bad, ".git/x.ttl": bad, "d/empty.ttl": "",
	})
	want := []string{
		"a/bad.ttl: a/bad.ttl:2:3 undefined-prefix",
		"a/z.nt: 2 triples",
		"b.ttl: 1 triples",
		"d/empty.ttl: 0 triples",
		"large.ttl: large.ttl:1:43 too-large",
	}
	for pageFiles, pages := range map[int]int{0: 1, 2: 3, 5: 1, 1: 5} {
		got, n, err := pass(t, driver(t, Options{Location: dir, MaxBytes: 1024, PageFiles: pageFiles}))
		if err != nil || n != pages {
			t.Errorf("pages of %d: %d pages, error %v", pageFiles, n, err)
		}
		for i := range got { // where the bound strikes is the reader's business
			if strings.HasSuffix(got[i], "too-large") {
				got[i] = want[4]
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("pages of %d (-want +got):\n%s", pageFiles, diff)
		}
	}
}

// TestRenamedDuringAPass: what a pass cannot find any more is an error, or it would be taken for deleted.
func TestRenamedDuringAPass(t *testing.T) {
	dir := tree(t, map[string]string{"b.ttl": good, "c.ttl": good, "d.ttl": good})
	d := driver(t, Options{Location: dir, PageFiles: 1})
	var got []string
	for cursor, n := "", 0; n == 0 || cursor != ""; n++ {
		page, err := d.List(t.Context(), time.Time{}, cursor)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range page.Items {
			got = append(got, fmt.Sprint(i.File, " ", errors.Is(i.Err, fs.ErrNotExist)))
		}
		if cursor = page.Next; n == 0 {
			if err := os.Rename(filepath.Join(dir, "d.ttl"), filepath.Join(dir, "a.ttl")); err != nil {
				t.Fatal(err)
			}
		}
	}
	if diff := cmp.Diff([]string{"b.ttl false", "c.ttl false", "d.ttl true"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got, _, err := pass(t, d); err != nil || len(got) != 3 {
		t.Errorf("the next pass: %q, %v", got, err)
	}
}

func TestRelativeIRIsDoNotShowTheMachine(t *testing.T) {
	dir := tree(t, map[string]string{"sub dir/b.ttl": good})
	p, err := driver(t, Options{Location: dir}).List(t.Context(), time.Time{}, "")
	if err != nil {
		t.Fatal(err)
	}
	if g, err := p.Items[0].Open(t.Context()); err != nil || !g.Has(rdf.NewIRI("file:///sub%20dir/b.ttl"), rdf.Term{}, rdf.Term{}) {
		t.Errorf("triples %v, %v", g, err)
	}
}

func TestOneFile(t *testing.T) {
	dir := tree(t, map[string]string{"b.ttl": good, "c.ttl": bad, "n.txt": ""})
	link := filepath.Join(t.TempDir(), "current")
	if err := os.Symlink(filepath.Join(dir, "b.ttl"), link); err != nil {
		t.Fatal(err)
	}
	for _, location := range []string{filepath.Join(dir, "b.ttl"), link} {
		got, _, err := pass(t, driver(t, Options{Location: location}))
		if diff := cmp.Diff([]string{"b.ttl: 1 triples"}, got); diff != "" || err != nil {
			t.Errorf("%s: error %v (-want +got):\n%s", location, err, diff)
		}
	}
	if _, _, err := pass(t, driver(t, Options{Location: filepath.Join(dir, "n.txt")})); !errors.Is(err, ErrMediaType) {
		t.Errorf("a text file: %v", err)
	}
	if _, _, err := pass(t, driver(t, Options{Location: filepath.Join(dir, "gone.ttl")})); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func TestLinksStayInside(t *testing.T) {
	outside := tree(t, map[string]string{"secret.ttl": good, "more/x.ttl": good})
	dir := tree(t, map[string]string{"real.ttl": good})
	for name, target := range map[string]string{
		"inside.ttl": "real.ttl", "outside.ttl": filepath.Join(outside, "secret.ttl"), "up.ttl": "../" + filepath.Base(outside) + "/secret.ttl",
		"more": filepath.Join(outside, "more"), "gone.ttl": "nowhere.ttl", "folder.ttl": ".",
	} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	p, err := driver(t, Options{Location: dir}).List(t.Context(), time.Time{}, "")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]error{"inside.ttl": nil, "real.ttl": nil, "outside.ttl": ErrOutside, "up.ttl": ErrOutside, "gone.ttl": fs.ErrNotExist, "folder.ttl": ErrOutside}
	for _, i := range p.Items {
		if e, ok := want[i.File]; !ok || !errors.Is(i.Err, e) {
			t.Errorf("%s: %v, want %v", i.File, i.Err, e)
		}
		delete(want, i.File)
	}
	if len(want) != 0 {
		t.Errorf("not listed: %v", want)
	}
}

func TestSourceThatCannotBeListedIsAnError(t *testing.T) {
	for name, c := range map[string]struct {
		o    Options
		want error
	}{
		"no directory":   {Options{Location: filepath.Join(t.TempDir(), "none")}, fs.ErrNotExist},
		"empty":          {Options{Location: t.TempDir()}, ErrNoFiles},
		"too many files": {Options{Location: tree(t, map[string]string{"a.ttl": "", "b.ttl": "", "c.ttl": ""}), MaxFiles: 2}, ErrTooManyFiles},
	} {
		if _, _, err := pass(t, driver(t, c.o)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestListStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	d := driver(t, Options{Location: tree(t, map[string]string{"a.ttl": good})})
	if p, err := d.List(ctx, time.Time{}, ""); !errors.Is(err, context.Canceled) || len(p.Items) != 0 {
		t.Errorf("%d items, error %v", len(p.Items), err)
	}
}

func TestURL(t *testing.T) {
	mux := http.NewServeMux()
	answer := func(path, mediaType, body string, status int) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", mediaType)
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		})
	}
	answer("/good.ttl", "text/turtle; charset=utf-8", good, 200)
	answer("/good", "application/n-triples", goodNT, 200)
	answer("/bad", "text/turtle", bad, 200)
	answer("/html", "text/html", good, 200)
	answer("/untyped", "", good, 200)
	answer("/missing", "text/turtle", good, 404)
	answer("/partial", "text/turtle", good, 206)
	answer("/long", "text/turtle", good+strings.Repeat(" ", 4096), 200)
	mux.HandleFunc("/broken", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/turtle")
		w.Header().Set("Content-Length", "1000")
		fmt.Fprint(w, good)
	})
	server := httptest.NewTLSServer(mux)
	defer server.Close()
	for path, want := range map[string]string{
		"/good.ttl?token=secret": "/good.ttl: 1 triples",
		"/good":                  "/good: 2 triples",
		"/bad":                   "/bad: " + server.URL + "/bad:2:3 undefined-prefix",
	} {
		got, n, err := pass(t, driver(t, Options{Location: server.URL + path, HTTP: server.Client()}))
		if diff := cmp.Diff([]string{server.URL + want}, got); diff != "" || n != 1 || err != nil {
			t.Errorf("%s: %d pages, error %v (-want +got):\n%s", path, n, err, diff)
		}
	}
	long, _, err := pass(t, driver(t, Options{Location: server.URL + "/long", HTTP: server.Client(), MaxBytes: 1024}))
	if err != nil || len(long) != 1 || !strings.HasSuffix(long[0], " too-large") {
		t.Errorf("a long document: %v, error %v", long, err)
	}
	for path, want := range map[string]error{
		"/html": ErrMediaType, "/untyped": ErrMediaType, "/missing": ErrFetch, "/partial": ErrFetch, "/broken": ErrFetch,
	} {
		if got, _, err := pass(t, driver(t, Options{Location: server.URL + path, HTTP: server.Client()})); !errors.Is(err, want) {
			t.Errorf("%s: %v, error %v, want %v", path, got, err, want)
		}
	}
	server.Close()
	_, _, err = pass(t, driver(t, Options{Location: server.URL + "/good?token=secret", HTTP: server.Client()}))
	if !errors.Is(err, ErrFetch) || strings.Contains(err.Error(), "secret") {
		t.Errorf("a server that is away: %v", err)
	}
}

func TestLocations(t *testing.T) {
	client := &http.Client{}
	for location, want := range map[string]error{
		"": ErrLocation, "http://example.org/a.ttl": ErrLocation, "https://": ErrLocation, "https://user:pw@example.org/": ErrLocation,
		"ftp://example.org/a.ttl": ErrLocation, "file:///etc/a.ttl": ErrLocation, "https://example.org/a.ttl": nil, "some/dir": nil,
	} {
		if _, err := New(Options{Location: location, HTTP: client}); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", location, err, want)
		}
	}
	if _, err := New(Options{Location: "https://example.org/a.ttl"}); !errors.Is(err, ErrNoClient) {
		t.Errorf("no client: %v", err)
	}
	if c := driver(t, Options{Location: "x"}).Capabilities(); !c.Paged || c.Since || c.Tombstones {
		t.Errorf("capabilities %+v", c)
	}
}
