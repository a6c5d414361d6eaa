package ckan

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/connectors/connectortest"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// TestRealFiles: a portal whose pages are real descriptions written by ckanext-dcat or collected by its
// authors. What is malformed costs its page, no more, and what is read is what the file says.
func TestRealFiles(t *testing.T) {
	t.Parallel()
	names := []string{
		"dataset_health.ttl", "dataset.ttl", "dataset_health_no_blank.ttl", "dataset_afs.ttl", "dataset_health_multilingual.ttl",
		"dataset_deri.ttl", "dataset_gob_es.ttl", "dataset_multilingual.ttl",
	}
	broken := map[string]bool{"dataset.ttl": true} // a prefix nobody declared
	real := func(name string) string {
		doc := sample(t, "ckanext-dcat", "dcat", name)
		if name == "dataset_health_no_blank.ttl" { // another description of the same dataset
			doc = strings.ReplaceAll(doc, "<http://example.healthdata.nl/set/dataset>", "<http://example.healthdata.nl/set/another>")
		}
		return doc
	}
	p := newPortal(t, 1)
	for i, name := range names {
		d := made(name, i)
		d.turtle = real(name)
		p.put(d)
	}
	items, err := harvest(t, p.driver(t))
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for i, name := range names {
		var syntax *rdf.SyntaxError
		if broken[name] {
			if !errors.As(items[i].Err, &syntax) || syntax.Code != "undefined-prefix" || syntax.Line == 0 {
				t.Errorf("%s: %v", name, items[i].Err)
			}
			continue
		}
		if items[i].Err != nil {
			t.Errorf("%s: %v", name, items[i].Err)
			continue
		}
		read++
		g, err := rdf.Read(t.Context(), strings.NewReader(real(name)), rdf.Turtle, rdf.ReadOptions{Base: p.URL() + "/catalog.ttl"})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(digests(t, g), digests(t, items[i].Graph)); diff != "" {
			t.Errorf("%s (-file +page):\n%s", name, diff)
		}
	}
	if want := len(names) - len(broken); read != want {
		t.Errorf("%d files were read, want %d", read, want)
	}
}

// digests are those of the datasets of a graph, by IRI.
func digests(t *testing.T, g *rdf.Graph) map[string]string {
	t.Helper()
	records, _, err := catalogue.Records(t.Context(), g, "")
	if err != nil || len(records) == 0 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	out := map[string]string{}
	for _, r := range records {
		out[r.Subject.String()] = r.Digest
	}
	return out
}

// TestRealPageInXML: the catalogue page of the samples, which is RDF/XML and says nothing of pages.
func TestRealPageInXML(t *testing.T) {
	t.Parallel()
	raw := sample(t, "ckanext-dcat", "dcat", "catalog.rdf")
	w := connectortest.NewWire(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/dcat/catalog.rdf" || r.Header.Get("Accept") != "application/rdf+xml" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/rdf+xml")
		_, _ = io.WriteString(w, raw) // the client may have gone
	}))
	d, err := New(Options{Location: w.URL() + "/dcat/catalog.rdf", HTTP: w.Client()})
	if err != nil {
		t.Fatal(err)
	}
	items, err := harvest(t, d)
	if err != nil || len(items) != 1 || items[0].Err != nil {
		t.Fatalf("%v, %v", items, err)
	}
	want := []string{"https://data.some.org/catalog/datasets/1", "https://data.some.org/catalog/datasets/2"}
	if diff := cmp.Diff(want, datasets(items[0].Graph)); diff != "" {
		t.Errorf("datasets (-want +got):\n%s", diff)
	}
}

// A page in JSON-LD: the format names the page, and links are followed all the same.
func TestPageInJSONLD(t *testing.T) {
	t.Parallel()
	w := connectortest.NewWire(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/catalog.jsonld" || r.Header.Get("Accept") != "application/ld+json" {
			http.NotFound(w, r)
			return
		}
		next := `"http://www.w3.org/ns/hydra/core#next": "/catalog.jsonld?page=2", `
		if r.URL.Query().Get("page") == "2" {
			next = ""
		}
		w.Header().Set("Content-Type", "application/ld+json")
		_, _ = io.WriteString(w, `[{"@id": "", "@type": "http://www.w3.org/ns/hydra/core#PartialCollectionView", `+next+`"http://www.w3.org/ns/hydra/core#totalItems": 2},
			{"@id": "dataset/`+r.URL.Query().Get("page")+`", "@type": "http://www.w3.org/ns/dcat#Dataset"}]`) // the client may have gone
	}))
	d, err := New(Options{Location: w.URL(), HTTP: w.Client(), Format: rdf.JSONLD})
	if err != nil {
		t.Fatal(err)
	}
	items, err := harvest(t, d)
	if err != nil || len(items) != 2 {
		t.Fatalf("%d items, %v", len(items), err)
	}
	for i, name := range []string{"/dataset/1", "/dataset/2"} {
		if diff := cmp.Diff([]string{w.URL() + name}, datasets(items[i].Graph)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}
