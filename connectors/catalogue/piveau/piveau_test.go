package piveau

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/catalogue/origin"
	"github.com/ehdsgw/ehdsgw/connectors/connectortest"
)

func TestContract(t *testing.T) {
	t.Parallel()
	connectortest.RunCatalogue(t, connectortest.CatalogueHarness{New: func(t testing.TB) *connectortest.CatalogueSource {
		const pageDatasets, maxBytes = 2, 1 << 16
		h := newHub()
		w := connectortest.NewWire(t, h)
		h.key, h.catalogues["health"] = "key-not-for-logs", nil
		return &connectortest.CatalogueSource{
			Wire: w, MaxBody: maxBytes, Page: pageDatasets, Secrets: []string{h.key},
			Open: func(t testing.TB) connectors.Catalogue {
				return driver(t, w, func(o *Options) {
					o.APIKey, o.PageDatasets, o.MaxBytes, o.ListLimit = h.key, pageDatasets, maxBytes, 3
				})
			},
			Put: func(_ testing.TB, all ...connectortest.Described) {
				for _, d := range all {
					h.put("health", d.Identifier, connectortest.DatasetTurtle(prefix+d.Identifier, d), d.Modified)
				}
			},
			Remove: func(_ testing.TB, id string) {
				h.mu.Lock()
				defer h.mu.Unlock()
				h.catalogues["health"] = slices.DeleteFunc(h.catalogues["health"], func(s string) bool { return s == id })
				delete(h.docs, id)
			},
			Spoil: func(_ testing.TB, id string) { h.put("health", id, "<<", connectortest.Now()) },
			Fail: func(testing.TB) {
				h.mu.Lock()
				defer h.mu.Unlock()
				h.down = true
			},
		}
	}})
}

// TestRealRecord: the Commission's example, as a hub gives it out beside its catalogue record.
func TestRealRecord(t *testing.T) {
	t.Parallel()
	root := os.Getenv("EHDSGW_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "..", "shared", "data")
	}
	raw, err := os.ReadFile(filepath.Join(root, "catalogue", "samples", "healthdcat-r8", "example-healthdcat-dataset.ttl"))
	if err != nil {
		t.Skipf("the shared data is not here (EHDSGW_SHARED or ../shared/data beside the checkout): %v", err)
	}
	const example = "https://healthdcat-ap.example.org/release-7/example/"
	h := newHub()
	w := connectortest.NewWire(t, h)
	h.put("health", "dataset-oncology-ehrs-2024", strings.ReplaceAll(string(raw), example, prefix)+`
<https://data.example/set/record/dataset-oncology-ehrs-2024> a dcat:CatalogRecord ; foaf:primaryTopic ex:dataset-oncology-ehrs-2024 .
`, connectortest.Now())
	page, err := driver(t, w).List(t.Context(), time.Time{}, "")
	if err != nil || len(page.Items) != 1 || page.Items[0].Err != nil {
		t.Fatalf("%+v, %v", page, err)
	}
	if i := page.Items[0]; i.File != w.URL()+"/api/datasets/dataset-oncology-ehrs-2024" || i.Graph.Len() < 200 {
		t.Errorf("%s: %d triples", i.File, i.Graph.Len())
	}
}

func TestOneCatalogueOrAll(t *testing.T) {
	t.Parallel()
	h := newHub()
	w := connectortest.NewWire(t, h)
	for catalogue, ids := range map[string][]string{"north": {"a", "both"}, "south side": {"b", "both", "ü x"}, "empty": nil} {
		h.catalogues[catalogue] = nil
		for _, id := range ids {
			h.put(catalogue, id, dataset(id), time.Time{})
		}
	}
	h.docs["ü x"] = strings.ReplaceAll(dataset("ü x"), "ü x", "ü%20x")
	h.odd["/catalogues/south side/datasets"] = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Query().Get("offset") == "0" {
			_, _ = fmt.Fprintf(w, `[%q,%q,%q]`, prefix+"b", prefix+"both", prefix+"ü%20x") // the client went away
			return
		}
		_, _ = fmt.Fprintf(w, `[%q]`, prefix+"ü%20x") // the client went away
	}
	for path, want := range map[string][]string{
		"/api": {"a", "b", "both", "%C3%BC%20x"}, "/api/": {"a", "b", "both", "%C3%BC%20x"}, "/api/catalogues/north": {"a", "both"},
		"/api/catalogues/south%20side": {"b", "both", "%C3%BC%20x"}, "/api/catalogues/empty": nil,
	} {
		got, err := pass(t, driver(t, w, func(o *Options) { o.Location = w.URL() + path }), time.Time{})
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

// filled is a hub with n datasets in one catalogue.
func filled(t testing.TB, n int) (*hub, *connectortest.Wire) {
	t.Helper()
	h := newHub()
	for i := range n {
		id := fmt.Sprintf("%03d", i)
		h.put("health", id, dataset(id), time.Time{})
	}
	return h, connectortest.NewWire(t, h)
}

func TestLists(t *testing.T) {
	t.Parallel()
	json := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = fmt.Fprint(w, body) // the client went away
		}
	}
	for name, c := range map[string]struct {
		spoil func(*hub)
		want  error
	}{
		"as it should be":              {nil, nil},
		"pages smaller than asked for": {func(h *hub) { h.cap = 2 }, nil},
		"one goes while it is read": {func(h *hub) {
			h.meddle = func(kind, offset int) {
				if kind == 1 && offset > 5 && len(h.catalogues["health"]) == 20 {
					h.catalogues["health"] = h.catalogues["health"][1:]
				}
			}
		}, nil},
		"always another": {func(h *hub) {
			h.meddle = func(kind, offset int) {
				if kind == 1 && offset > 0 {
					h.catalogues["health"] = append([]string{fmt.Sprintf("new-%d", len(h.catalogues["health"]))}, h.catalogues["health"]...)
				}
			}
		}, ErrMoved},
		"offset ignored": {func(h *hub) {
			h.meddle = func(int, int) {}
			h.odd["/catalogues/health/datasets"] = json(`["https://d.example/1", "https://d.example/2"]`)
		}, ErrMoved},
		"empty though it is not": {func(h *hub) { h.odd["/catalogues/health/datasets"] = json(`[]`) }, ErrList},
		"an entry twice": {func(h *hub) {
			h.odd["/catalogues/health/datasets"] = json(`["https://d.example/1", "https://d.example/2", "https://d.example/1"]`)
		}, ErrMoved},
		"of identifiers":        {func(h *hub) { h.odd["/catalogues/health/datasets"] = json(`["a", "b"]`) }, ErrList},
		"catalogues with paths": {func(h *hub) { h.odd["/catalogues"] = json(`["../admin"]`) }, ErrList},
		"of numbers":            {func(h *hub) { h.odd["/catalogues/health/datasets"] = json(`[1]`) }, origin.ErrFetch},
		"an object":             {func(h *hub) { h.odd["/catalogues"] = json(`{"a": 1}`) }, origin.ErrFetch},
		"no JSON":               {func(h *hub) { h.odd["/catalogues"] = func(w http.ResponseWriter, _ *http.Request) { turtle(w, "") } }, origin.ErrMediaType},
		"missing":               {func(h *hub) { h.odd["/catalogues/health/datasets"] = http.NotFound }, origin.Status(http.StatusNotFound)},
		"too long":              {func(h *hub) { h.put("health", "x1", dataset("x1"), time.Time{}) }, ErrTooMany},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, w := filled(t, 20)
			if c.spoil != nil {
				c.spoil(h)
			}
			got, err := pass(t, driver(t, w, func(o *Options) { o.ListLimit, o.MaxDatasets = 6, 20 }), time.Time{})
			if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Fatalf("%v", err)
			}
			if err == nil && !slices.Equal(got, slices.Sorted(slices.Values(h.catalogues["health"]))) {
				t.Errorf("%q of %q", got, h.catalogues["health"])
			}
		})
	}
}

func TestADatasetThatFailsIsAnItem(t *testing.T) {
	t.Parallel()
	h, w := filled(t, 3)
	h.docs["000"] = dataset("another")
	delete(h.docs, "001")
	got, err := pass(t, driver(t, w), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"000: " + ErrNotDataset.Error(), "001: the document could not be fetched: status 404", "002"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestSince: what says it is old is left out without being read; what says nothing is given.
func TestSince(t *testing.T) {
	t.Parallel()
	h, w := filled(t, 5)
	at := connectortest.Now()
	h.modified = map[string]time.Time{"000": at.Add(-time.Hour), "001": at, "002": at.Add(time.Hour)}
	h.odd["/datasets/004/record"] = func(w http.ResponseWriter, _ *http.Request) { turtle(w, "<<") }
	got, err := pass(t, driver(t, w), at)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"001", "002", "003", "004"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, r := range w.Requests() {
		if r.URI == "/api/datasets/000" {
			t.Error("what did not change was read")
		}
	}
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	h, w := filled(t, 1)
	h.key = "k"
	for name, c := range map[string]struct {
		change func(*Options)
		want   error
	}{
		"API key": {func(o *Options) { o.APIKey = "k" }, nil}, "token": {func(o *Options) { o.Token = "k" }, nil},
		"none": {func(*Options) {}, origin.Status(http.StatusUnauthorized)}, "wrong": {func(o *Options) { o.APIKey = "x" }, origin.Status(http.StatusUnauthorized)},
	} {
		if got, err := pass(t, driver(t, w, c.change), time.Time{}); !errors.Is(err, c.want) || err == nil && len(got) != 1 {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		o    Options
		want error
	}{
		"no location": {Options{HTTP: http.DefaultClient}, origin.ErrLocation}, "http": {Options{Location: "http://h.example", HTTP: http.DefaultClient}, origin.ErrLocation},
		"no client":       {Options{Location: "https://h.example"}, origin.ErrNoClient},
		"two credentials": {Options{Location: "https://h.example", HTTP: http.DefaultClient, APIKey: "a", Token: "b"}, ErrCredentials},
	} {
		if _, err := New(c.o); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
