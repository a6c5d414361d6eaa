package ckan

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/catalogue/origin"
	"github.com/ehdsgw/ehdsgw/connectors/connectortest"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// store is a CKAN without ckanext-dcat: packages behind package_search.
type store struct {
	*connectortest.Wire

	mu     sync.Mutex
	pkgs   map[string]map[string]any // by id
	failed bool
	asked  func(start int) // called before a page is made
}

func newStore(t testing.TB, pkgs ...map[string]any) *store {
	t.Helper()
	s := &store{pkgs: map[string]map[string]any{}}
	for _, p := range pkgs {
		s.put(p)
	}
	s.Wire = connectortest.NewWire(t, s)
	return s
}

func (s *store) put(p map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pkgs[p["id"].(string)] = p
}

func (s *store) remove(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.pkgs, id)
}

func (s *store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	start, err := strconv.Atoi(q.Get("start"))
	rows, err2 := strconv.Atoi(q.Get("rows"))
	if s.asked != nil {
		s.asked(start)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.failed:
		http.Error(w, "no", http.StatusBadGateway)
		return
	case r.Header.Get("Authorization") != "hush":
		http.Error(w, "no", http.StatusForbidden)
		return
	case r.URL.Path != "/api/3/action/package_search" || err != nil || err2 != nil || q.Get("sort") != "id asc":
		http.NotFound(w, r)
		return
	}
	found := []map[string]any{}
	_, since, _ := strings.Cut(q.Get("fq"), "metadata_modified:[")
	since, _, _ = strings.Cut(since, "Z TO")
	for _, id := range slices.Sorted(maps.Keys(s.pkgs)) {
		if at, _ := s.pkgs[id]["metadata_modified"].(string); at >= since {
			found = append(found, s.pkgs[id])
		}
	}
	count := len(found)
	found = found[min(start, count):min(start+rows, count)]
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	_ = json.NewEncoder(w).Encode(map[string]any{"success": true, "result": map[string]any{"count": count, "results": found}}) // the client may have gone
}

func (s *store) driver(t testing.TB) *Driver {
	t.Helper()
	d, err := New(Options{
		Location: s.URL(), HTTP: s.Client(), View: Action, Rows: 2, MaxBytes: 1 << 20,
		Credentials: origin.Static{Name: "Authorization", Value: "hush"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func pkgOf(d connectortest.Described) map[string]any {
	return map[string]any{
		"id": d.Identifier, "name": d.Identifier, "title": d.Title, "identifier": d.Identifier, "metadata_modified": sinceText(d.Modified) + ".000001",
	}
}

// TestActionContract: the action view, two packages a page, for those with a token.
func TestActionContract(t *testing.T) {
	t.Parallel()
	connectortest.RunCatalogue(t, connectortest.CatalogueHarness{New: func(t testing.TB) *connectortest.CatalogueSource {
		s := newStore(t)
		return &connectortest.CatalogueSource{
			Wire: s.Wire, MaxBody: 1 << 20, Page: 2, Secrets: []string{"hush"},
			Open: func(t testing.TB) connectors.Catalogue { return s.driver(t) },
			Put: func(_ testing.TB, all ...connectortest.Described) {
				for _, d := range all {
					s.put(pkgOf(d))
				}
			},
			Remove: func(_ testing.TB, id string) { s.remove(id) },
			Spoil:  func(_ testing.TB, id string) { s.put(map[string]any{"id": id, "title": map[string]any{"title": "x"}}) },
			Fail: func(testing.TB) {
				s.mu.Lock()
				defer s.mu.Unlock()
				s.failed = true
			},
		}
	}})
}

// toldOf is what a pass gave: names after the "#", and errors.
func toldOf(items []connectors.CatalogueItem) []string {
	var out []string
	for _, i := range items {
		_, name, _ := strings.Cut(i.File, "#")
		var why *rdf.SyntaxError
		switch {
		case errors.As(i.Err, &why):
			name += ": " + why.Msg
		case i.Err != nil:
			name += ": " + i.Err.Error()
		}
		out = append(out, name)
	}
	return out
}

// A package that is none costs itself, and its item says what is wrong where.
func TestUnfitPackages(t *testing.T) {
	t.Parallel()
	s := newStore(t, map[string]any{"id": "a", "title": []any{"x", []any{"y"}}}, map[string]any{"id": "b", "title": "fine"},
		map[string]any{"id": "c", "resources": []any{map[string]any{"id": "r", "size": map[string]any{}}}}, map[string]any{"id": "d", "contact": 5})
	items, err := harvest(t, s.driver(t))
	want := []string{
		"dataset=a: the package cannot be mapped: title: a list within a list", "dataset=b",
		"dataset=c: the package cannot be mapped: resources: size: text was expected, found an object",
		"dataset=d: the package cannot be mapped: contact: a list was expected, found a number",
	}
	if diff := cmp.Diff(want, toldOf(items)); diff != "" || err != nil {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
	for _, i := range items {
		var why *rdf.SyntaxError
		if errors.As(i.Err, &why) && (why.Code != catalogue.CodeUnreadable || why.File != i.File || !errors.Is(i.Err, ErrUnfit)) {
			t.Errorf("%s: %v", i.File, i.Err)
		}
	}
}

// A listing that moves is told; an answer that is none is an error.
func TestActionMisbehaves(t *testing.T) {
	t.Parallel()
	five := func(t *testing.T) *store {
		s := newStore(t)
		for i := range 5 {
			s.put(map[string]any{"id": fmt.Sprintf("%d", i), "title": "x"})
		}
		return s
	}
	body := func(text string) connectortest.Fault {
		return connectortest.Rewrite(func(string) string { return text })
	}
	for name, c := range map[string]struct {
		asked func(s *store, start int)
		fault connectortest.Fault
		want  []string
		err   error
	}{
		"one goes": {func(s *store, start int) {
			if start == 1 {
				s.remove("0")
			}
		}, nil, []string{"dataset=0", "dataset=1", "dataset=2", "dataset=3", "dataset=4", ": " + ErrMoved.Error()}, nil},
		"one goes, another comes": {func(s *store, start int) {
			if start > 0 {
				s.remove("0")
				s.put(map[string]any{"id": "9", "title": "x"})
			}
		}, nil, []string{"dataset=0", "dataset=1", "dataset=2", "dataset=3", "dataset=4", ": " + ErrMoved.Error(), "dataset=9"}, nil},
		"one comes before": {func(s *store, start int) {
			if start == 1 {
				s.put(map[string]any{"id": "-", "title": "x"})
			}
		}, nil, []string{"dataset=0", "dataset=1", "dataset=2", ": " + ErrMoved.Error(), "dataset=3", "dataset=4", ": " + ErrShort.Error()}, nil},
		"the same for ever":   {nil, connectortest.Repeat(), []string{"dataset=0", "dataset=1", ": " + ErrMoved.Error()}, ErrLoop},
		"no success":          {nil, body(`{"success": false, "error": {"message": "hush"}}`), nil, ErrNotCatalogue},
		"no results":          {nil, body(`{"success": true, "result": {"count": 5}}`), nil, ErrNotCatalogue},
		"fewer than counted":  {nil, body(`{"success": true, "result": {"count": 5, "results": []}}`), []string{": " + ErrShort.Error()}, nil},
		"a count below zero":  {nil, body(`{"success": true, "result": {"count": -5, "results": []}}`), nil, ErrNotCatalogue},
		"no JSON":             {nil, body(`<html>`), nil, origin.ErrFetch},
		"a package of no use": {nil, body(`{"success": true, "result": {"count": 1, "results": [null]}}`), []string{"page=1: the package cannot be mapped: package 1 of the page is not an object"}, nil},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			s := five(t)
			if c.asked != nil {
				s.asked = func(start int) { c.asked(s, start) }
			}
			if c.fault != nil {
				s.Misbehave(c.fault, nil)
			}
			items, err := harvest(t, s.driver(t))
			if diff := cmp.Diff(c.want, toldOf(items)); diff != "" || !errors.Is(err, c.err) || (err == nil) != (c.err == nil) {
				t.Errorf("error %v, want %v (-want +got):\n%s", err, c.err, diff)
			}
			if err != nil && strings.Contains(err.Error(), "hush") {
				t.Errorf("the answer is in the error: %v", err)
			}
		})
	}
}

func TestActionAsks(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	if _, err := s.driver(t).List(t.Context(), connectortest.Now(), ""); err != nil {
		t.Fatal(err)
	}
	want := "/api/3/action/package_search?fq=-dataset_type%3Aharvest+-dataset_type%3Ashowcase+%2Bmetadata_modified%3A%5B2026-11-03T09%3A30%3A00Z+TO+%2A%5D&q=%2A%3A%2A&rows=2&sort=id+asc&start=0"
	if asked := s.Requests(); len(asked) != 1 || asked[0].URI != want {
		t.Errorf("asked %v", asked)
	}
	for name, o := range map[string]Options{"format": {Format: rdf.Turtle}, "profile": {Profile: "p"}, "contexts": {Contexts: map[string][]byte{"x": nil}}} {
		o.Location, o.HTTP, o.View, o.Timeout = "https://ckan.example", &http.Client{}, Action, time.Second
		if _, err := New(o); !errors.Is(err, ErrUnused) {
			t.Errorf("%s beside the action view: %v", name, err)
		}
	}
}
