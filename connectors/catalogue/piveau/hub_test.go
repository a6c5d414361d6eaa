package piveau

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/connectortest"
)

// prefix is what the hub's IRIs begin with. The hub is not reached there.
const prefix = "https://data.example/set/data/"

// hub is a piveau hub-repo under /api, with an API key.
type hub struct {
	mu         sync.Mutex
	catalogues map[string][]string  // identifiers of datasets by that of the catalogue
	docs       map[string]string    // Turtle by identifier of the dataset
	modified   map[string]time.Time // of the catalogue record; zero for a record without
	key        string
	cap        int                         // most entries of a list, whatever is asked; 0 for no cap
	meddle     func(list, offset int)      // before each list is answered
	odd        map[string]http.HandlerFunc // by path
	down       bool
}

func newHub() *hub {
	return &hub{catalogues: map[string][]string{}, docs: map[string]string{}, modified: map[string]time.Time{}, odd: map[string]http.HandlerFunc{}}
}

func (h *hub) put(catalogue, id, doc string, modified time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !slices.Contains(h.catalogues[catalogue], id) {
		h.catalogues[catalogue] = append(h.catalogues[catalogue], id)
	}
	h.docs[id], h.modified[id] = doc, modified
}

func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	path, ok := strings.CutPrefix(r.URL.Path, "/api")
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	f := h.odd[path]
	switch {
	case h.down:
		w.WriteHeader(http.StatusServiceUnavailable)
	case h.key != "" && r.Header.Get("X-API-Key") != h.key && r.Header.Get("Authorization") != "Bearer "+h.key:
		w.WriteHeader(http.StatusUnauthorized)
	case f != nil:
		f(w, r)
	case !ok:
		http.NotFound(w, r)
	case path == "/catalogues":
		var all []string
		for id := range h.catalogues {
			all = append(all, id)
		}
		slices.Sort(all)
		h.list(w, r, 0, all, "https://data.example/id/catalogue/")
	case parts[0] == "catalogues" && len(parts) == 2:
		h.catalogue(w, parts[1])
	case parts[0] == "catalogues" && len(parts) == 3 && parts[2] == "datasets":
		h.list(w, r, 1, h.catalogues[parts[1]], prefix)
	case parts[0] == "datasets" && len(parts) == 2 && h.docs[parts[1]] != "":
		turtle(w, h.docs[parts[1]])
	case parts[0] == "datasets" && len(parts) == 3 && parts[2] == "record" && h.docs[parts[1]] != "":
		h.record(w, parts[1])
	default:
		http.NotFound(w, r)
	}
}

func turtle(w http.ResponseWriter, doc string) {
	w.Header().Set("Content-Type", "text/turtle")
	_, _ = fmt.Fprint(w, doc) // the client went away
}

func (h *hub) catalogue(w http.ResponseWriter, id string) {
	doc := "<https://data.example/id/catalogue/" + id + "> a <http://www.w3.org/ns/dcat#Catalog> .\n"
	for _, d := range h.catalogues[id] {
		doc += "<https://data.example/id/catalogue/" + id + "> <http://www.w3.org/ns/dcat#dataset> <" + prefix + d + "> .\n"
	}
	turtle(w, doc)
}

func (h *hub) record(w http.ResponseWriter, id string) {
	doc := "<https://data.example/set/record/" + id + "> a <http://www.w3.org/ns/dcat#CatalogRecord> ;\n <http://xmlns.com/foaf/0.1/primaryTopic> <" + prefix + id + "> .\n"
	if at := h.modified[id]; !at.IsZero() {
		doc += "<https://data.example/set/record/" + id + "> <http://purl.org/dc/terms/modified> \"" + at.UTC().Format(time.RFC3339) + "\"^^<http://www.w3.org/2001/XMLSchema#dateTime> .\n"
	}
	turtle(w, doc)
}

// list answers with part of a list, as the interface describes it.
func (h *hub) list(w http.ResponseWriter, r *http.Request, kind int, all []string, iri string) {
	q := r.URL.Query()
	offset, errOffset := strconv.Atoi(q.Get("offset"))
	limit, errLimit := strconv.Atoi(q.Get("limit"))
	if errOffset != nil || errLimit != nil || offset < 0 || limit < 1 || limit > MaxList {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if h.meddle != nil {
		h.meddle(kind, offset)
		if kind == 1 {
			all = h.catalogues[strings.Split(r.URL.Path, "/")[3]]
		}
	}
	if h.cap > 0 {
		limit = min(limit, h.cap)
	}
	out := []string{}
	for _, id := range all[min(offset, len(all)):min(offset+limit, len(all))] {
		if q.Get("valueType") == "uriRefs" {
			id = iri + id
		}
		out = append(out, id)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(out) // the client went away
}

// dataset is a small description.
func dataset(id string) string {
	return connectortest.DatasetTurtle(prefix+id, connectortest.Described{Identifier: id, Title: "Set " + id, Modified: connectortest.Now()})
}

// driver reads a hub.
func driver(t testing.TB, w *connectortest.Wire, change ...func(*Options)) *Driver {
	t.Helper()
	o := Options{Location: w.URL() + "/api", HTTP: w.Client(), Timeout: 20 * time.Second}
	for _, f := range change {
		f(&o)
	}
	d, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// pass lists everything, each item as "identifier" or "identifier: error".
func pass(t testing.TB, d *Driver, since time.Time) (told []string, err error) {
	t.Helper()
	for cursor := ""; ; {
		page, err := d.List(t.Context(), since, cursor)
		if err != nil {
			return told, err
		}
		for _, i := range page.Items {
			told = append(told, tell(i))
		}
		if cursor = page.Next; cursor == "" {
			return told, nil
		}
	}
}

func tell(i connectors.CatalogueItem) string {
	name := i.File[strings.LastIndexByte(i.File, '/')+1:]
	if i.Err != nil {
		return name + ": " + i.Err.Error()
	}
	return name
}
