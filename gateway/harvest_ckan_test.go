package gateway

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/publish"
)

// ckanPortal serves documents as the catalogue pages of ckanext-dcat, one a page, latest first.
type ckanPortal struct {
	base string
	mu   sync.Mutex
	docs []string
	cut  int // page whose connection breaks; 0 for none
}

func (u *union) ckanPortal() *ckanPortal {
	s := u.serve()
	p := &ckanPortal{base: s.URL}
	s.Config.Handler = p
	return p
}

// list replaces what the portal has. In the documents BASE stands for its address.
func (p *ckanPortal) list(docs ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.docs = docs
}

// breaks makes a page end in the middle; 0 mends it.
func (p *ckanPortal) breaks(page int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = page
}

func (p *ckanPortal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n, err := strconv.Atoi(r.URL.Query().Get("page"))
	if r.URL.Path != "/catalog.ttl" || err != nil || n < 1 {
		http.NotFound(w, r)
		return
	}
	doc := fmt.Sprintf(`@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix hydra: <http://www.w3.org/ns/hydra/core#> .
<%[1]s> a dcat:Catalog .
<%[1]s/catalog.ttl?page=%[2]d> a hydra:PagedCollection ; hydra:totalItems %[3]d .
`, p.base, n, len(p.docs))
	if n < len(p.docs) {
		doc += fmt.Sprintf("<%[1]s/catalog.ttl?page=%[2]d> hydra:next \"%[1]s/catalog.ttl?page=%[3]d\" .\n", p.base, n, n+1)
	}
	if n <= len(p.docs) {
		doc += p.docs[n-1]
	}
	w.Header().Set("Content-Type", "text/turtle; charset=utf-8")
	if n == p.cut {
		w.Header().Set("Content-Length", strconv.Itoa(len(doc)))
		_, _ = fmt.Fprint(w, doc[:len(doc)/2]) // the client learns of it by the length
		return
	}
	_, _ = fmt.Fprint(w, doc) // the client may have gone
}

// TestHarvestOfACKANPortal: real files from a CKAN portal into the European catalogue. What does not
// meet the release is quarantined with its findings, a page nobody can read with its place, and what
// meets it arrives as it was written. A pass that breaks off sends nothing, and nothing is deleted
// while a page cannot be read, whatever page it was on before.
func TestHarvestOfACKANPortal(t *testing.T) {
	t.Parallel()
	sample := func(name string) string { return sharedSample(t, "ckanext-dcat", "dcat", name) }
	good := sharedSample(t, "healthdcat-r8", "example-healthdcat-dataset.ttl")
	health, noBlank, malformed := sample("dataset_health.ttl"), sample("dataset_health_no_blank.ttl"), sample("dataset.ttl")
	noBlank = strings.ReplaceAll(noBlank, "<http://example.healthdata.nl/set/dataset>", "<http://example.healthdata.nl/set/another>") // the two describe one
	u := newUnion(t)
	p := u.ckanPortal()
	records := recordsOf(t, good)
	if len(records) != 1 {
		t.Fatalf("%d records in the example", len(records))
	}
	id := records[0].Identifier
	want := map[string]string{id: records[0].Digest}
	p.list(health, good, malformed, noBlank)
	u.harvests(fmt.Sprintf("{name: portal, driver: ckan, location: %q, interval: 0s, profile: r8}", p.base))

	p.breaks(4)
	if _, err := u.gateway.publisher.Run(t.Context(), "portal", publish.Options{}); !errors.Is(err, publish.ErrIncomplete) {
		t.Fatalf("a pass that breaks off: %v", err)
	}
	p.breaks(0)
	r := u.publish("portal")
	if len(r.Created) != 1 || r.Created[0].Identifier != id || len(r.Quarantined) < 3 {
		t.Fatalf("%+v", r)
	}
	paths := map[string][]string{}
	for _, f := range r.Findings {
		page := strings.TrimPrefix(f.File, p.base+"/catalog.ttl")
		paths[page] = append(paths[page], f.Path)
		if page == "#page=3" && (f.Code != "undefined-prefix" || f.Line == 0) {
			t.Errorf("the malformed page: %+v", f)
		}
	}
	for page, path := range map[string]string{"#page=1": "healthdcatap:hdab", "#page=4": "healthdcatap:hasStructuredData", "#page=3": ""} {
		if !slices.ContainsFunc(paths[page], func(p string) bool { return strings.HasPrefix(p, path) }) {
			t.Errorf("page %s has findings of %q, want %s", page, paths[page], path)
		}
	}
	u.shows(want)

	p.list(malformed, health, noBlank) // the good one went, or is on the page that cannot be read
	if r = u.publish("portal"); len(r.Withheld) != 1 || len(r.Deleted) != 0 {
		t.Errorf("a page that cannot be read: %+v", r)
	}
	changed := strings.Replace(good, "Cross-border oncology EHR cohort 2024", "Oncology cohort 2024", 1)
	want[id] = recordsOf(t, changed)[0].Digest
	p.list(changed, noBlank)
	if r = u.publish("portal"); len(r.Updated) != 1 {
		t.Fatalf("changed: %+v", r)
	}
	u.shows(want)
	if r = u.publish("portal"); r.Unchanged != 1 || len(r.Updated)+len(r.Created)+len(r.Deleted) != 0 {
		t.Errorf("unchanged: %+v", r)
	}
	p.list(noBlank)
	if r = u.publish("portal"); len(r.Deleted) != 1 {
		t.Fatalf("removed: %+v", r)
	}
	u.shows(nil)
}

// A source may answer with more, and take longer, than anybody else is let.
func TestSourcesMayBeLargeAndSlow(t *testing.T) {
	t.Parallel()
	good := sharedSample(t, "healthdcat-r8", "example-healthdcat-dataset.ttl")
	u := newUnion(t)
	p := u.ckanPortal()
	p.list(good + strings.Repeat("# "+strings.Repeat("large ", 170)+"\n", 9<<10)) // over 9 MiB
	u.harvests(fmt.Sprintf("{name: portal, driver: ckan, location: %q, interval: 0s, profile: r8}", p.base))
	if r := u.publish("portal"); len(r.Created) != 1 || len(r.Quarantined) != 0 {
		t.Errorf("%+v", r)
	}
	if got, want := u.gateway.slow.HTTP().Timeout, connectors.DefaultDeadlines().List; got != want {
		t.Errorf("an exchange may take %s, want %s", got, want)
	}
}
