package rdffile

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// Every form of RDF is read, by extension in a directory and by Content-Type behind a URL.
func TestForms(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"a.ttl": good, "b.nt": goodNT, "c.trig": "<g:1> { <x:a> <x:p> <x:b>, <x:c> . }", "d.nq": "<x:a> <x:p> <x:b> <g:1> .\n", "e.txt": good,
	}
	want := []string{"a.ttl: 1 triples", "b.nt: 2 triples", "c.trig: 2 triples", "d.nq: 1 triples"}
	got, _, err := pass(t, driver(t, Options{Location: tree(t, files)}))
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
	types := map[string]string{"/a.ttl": "text/turtle", "/b.nt": "application/n-triples", "/c.trig": "application/trig", "/d.nq": "application/n-quads"}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", types[r.URL.Path])
		fmt.Fprint(w, files[r.URL.Path[1:]])
	}))
	defer server.Close()
	for i, path := range []string{"/a.ttl", "/b.nt", "/c.trig", "/d.nq"} {
		got, _, err := pass(t, driver(t, Options{Location: server.URL + path, HTTP: server.Client()}))
		if diff := cmp.Diff([]string{server.URL + "/" + want[i]}, got); diff != "" || err != nil {
			t.Errorf("%s: error %v (-want +got):\n%s", path, err, diff)
		}
	}
}

// A format that is set counts instead of name and Content-Type; without it the error names the setting.
func TestFormatIsSet(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{"one": good, "two.txt": good, ".hidden": bad})
	got, _, err := pass(t, driver(t, Options{Location: dir, Format: rdf.Turtle}))
	if diff := cmp.Diff([]string{"one: 1 triples", "two.txt: 1 triples"}, got); diff != "" || err != nil {
		t.Errorf("directory: error %v (-want +got):\n%s", err, diff)
	}
	got, _, err = pass(t, driver(t, Options{Location: filepath.Join(dir, "two.txt"), Format: rdf.Turtle}))
	if diff := cmp.Diff([]string{"two.txt: 1 triples"}, got); diff != "" || err != nil {
		t.Errorf("file: error %v (-want +got):\n%s", err, diff)
	}
	accept := ""
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		accept = r.Header.Get("Accept")
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprint(w, good)
	}))
	defer server.Close()
	got, _, err = pass(t, driver(t, Options{Location: server.URL + "/x", HTTP: server.Client(), Format: rdf.Turtle}))
	if diff := cmp.Diff([]string{server.URL + "/x: 1 triples"}, got); diff != "" || err != nil || accept != "text/turtle" {
		t.Errorf("URL: error %v, Accept %s (-want +got):\n%s", err, accept, diff)
	}
	for path, hint := range map[string]string{"/all.nt": "set format: ntriples", "/all": "set format if you know it"} {
		_, _, err = pass(t, driver(t, Options{Location: server.URL + path, HTTP: server.Client()}))
		if !errors.Is(err, ErrMediaType) || !strings.Contains(err.Error(), hint) {
			t.Errorf("%s: %v, want a hint %q", path, err, hint)
		}
	}
	if _, err := New(Options{Location: dir, Format: "word"}); !errors.Is(err, ErrFormat) {
		t.Errorf("an unknown format: %v", err)
	}
}
