package central

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// fetch reads a path of the centre as Turtle.
func fetch(t *testing.T, c *Central, target string, header ...string) (*rdf.Graph, *httptest.ResponseRecorder) {
	t.Helper()
	req := httptest.NewRequest(http.MethodGet, target, nil)
	req.Header.Set("Accept", "text/turtle")
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	c.Handler().ServeHTTP(rec, req)
	if rec.Code != http.StatusOK {
		return nil, rec
	}
	g, err := rdf.ReadTurtle(t.Context(), bytes.NewReader(rec.Body.Bytes()), rdf.ReadOptions{File: target})
	if err != nil {
		t.Fatal(err)
	}
	return g, rec
}

// walk follows hydra:next from a page and returns the identifiers at origin, in the order read.
func walk(t *testing.T, c *Central, target string) (origins []string) {
	t.Helper()
	for pages := 0; target != ""; pages++ {
		if pages > 10 {
			t.Fatal("the pages do not end")
		}
		g, rec := fetch(t, c, target)
		if rec.Code != http.StatusOK {
			t.Fatalf("%s: status %d", target, rec.Code)
		}
		var here []string
		for _, n := range g.Objects(rdf.Term{}, skosNotation) {
			here = append(here, n.Value)
		}
		slices.Sort(here)
		origins = append(origins, here...)
		target = ""
		for _, next := range g.Objects(rdf.Term{}, rdf.NewIRI(nsHydra+"next")) {
			u, err := url.Parse(next.Value)
			if err != nil {
				t.Fatal(err)
			}
			target = u.RequestURI()
		}
	}
	return origins
}

func TestPublicCatalogue(t *testing.T) {
	w := newWorld(t)
	n := newNCP(t, w, "FI")
	central := map[string]string{}
	for i := range 5 {
		id := fmt.Sprint("set/", i)
		body := datasetBody(t, fmt.Sprint("https://fi.example/ds/", i), id, "1")
		central[id] = n.wantValid(n.tell(n.message(ehds.DatasetCreate, ehds.DatasetCase("FI", id).String(), body))).CentralID
	}
	want := []string{"set/0", "set/1", "set/2", "set/3", "set/4"}
	if got := walk(t, w.central, "/catalogue?limit=2"); !slices.Equal(got, want) {
		t.Errorf("walked over %v, want %v", got, want)
	}
	g, rec := fetch(t, w.central, "/catalogue?limit=2&page=2")
	if total, _ := g.Object(rdf.Term{}, rdf.NewIRI(nsHydra+"totalItems")); total.Value != "5" {
		t.Errorf("totalItems %v", total)
	}
	dataset := rdf.NewIRI("https://fi.example/ds/2")
	if ids := g.Objects(dataset, dctIdentifier); len(ids) != 1 || ids[0].Value != central["set/2"] {
		t.Errorf("dct:identifier %v, want the centre's %s", ids, central["set/2"])
	}
	nation, _ := g.Object(dataset, dctIsPartOf)
	if where, _ := g.Object(nation, dctSpatial); where.Value != nsCountry+"FIN" {
		t.Errorf("part of %v, of %v", nation, where)
	}
	if _, again := fetch(t, w.central, "/catalogue?limit=2&page=2", "If-None-Match", rec.Header().Get("ETag")); again.Code != http.StatusNotModified {
		t.Errorf("the same page again: status %d", again.Code)
	}
	one, _ := fetch(t, w.central, "/catalogue/datasets/"+central["set/2"])
	if !one.Has(dataset, dctIdentifier, rdf.NewString(central["set/2"])) {
		t.Error("the dataset's own document does not describe it")
	}
}

func TestPublicCatalogueSince(t *testing.T) {
	w := newWorld(t)
	n := newNCP(t, w, "NL")
	var last string
	tell := func(id string) string {
		body := datasetBody(t, "https://nl.example/"+id, id, "1")
		last = body.Record.Digest
		return n.wantValid(n.tell(n.message(ehds.DatasetCreate, ehds.DatasetCase("NL", id).String(), body))).CentralID
	}
	tell("old")
	w.clock.pass(time.Second)
	id := tell("new")
	g, _ := fetch(t, w.central, "/catalogue/datasets/"+id)
	changed, _ := g.Object(rdf.Term{}, dctModified)
	target := "/catalogue?" + url.Values{"modified_since": {changed.Value}}.Encode()
	if got := walk(t, w.central, target); !slices.Equal(got, []string{"new"}) {
		t.Errorf("since %s: %v", changed.Value, got)
	}
	if got := walk(t, w.central, "/catalogue?modified_since=2020-01-01&limit=1"); !slices.Equal(got, []string{"new", "old"}) {
		t.Errorf("since a day: %v", got)
	}
	n.wantValid(n.tell(n.message(ehds.DatasetDelete, "ds:NL:new", ehds.DatasetDeleteBody{Identifier: "new", LastDigest: last})))
	for target, status := range map[string]int{
		"/catalogue/datasets/" + id: http.StatusGone, "/catalogue/datasets/none": http.StatusNotFound, "/catalogue?page=2": http.StatusNotFound,
		"/catalogue?page=0": http.StatusBadRequest, "/catalogue?limit=9999": http.StatusBadRequest, "/catalogue?modified_since=soon": http.StatusBadRequest,
	} {
		if _, rec := fetch(t, w.central, target); rec.Code != status {
			t.Errorf("%s: status %d, want %d", target, rec.Code, status)
		}
	}
}
