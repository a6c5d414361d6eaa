package ckan

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/connectortest"
)

// dataset is one of a portal.
type dataset struct {
	id       string
	turtle   string // whatever describes it; BASE stands for the portal
	modified time.Time
}

// portal is a CKAN that behaves as ckanext-dcat does: pages by number, the latest change first, links
// in the words of its time.
type portal struct {
	*connectortest.Wire

	mu      sync.Mutex
	sets    []dataset
	perPage int
	words   string // the vocabulary of links: see paging
	token   string
	failed  bool
	between func(page int) // called before a page is made
}

func newPortal(t testing.TB, perPage int, sets ...dataset) *portal {
	t.Helper()
	p := &portal{perPage: perPage, sets: sets, words: "both as text"}
	p.Wire = connectortest.NewWire(t, p)
	return p
}

func (p *portal) locked(f func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
}

// put adds or changes a dataset.
func (p *portal) put(d dataset) {
	p.locked(func() {
		p.sets = slices.DeleteFunc(p.sets, func(o dataset) bool { return o.id == d.id })
		p.sets = append(p.sets, d)
	})
}

func (p *portal) remove(id string) {
	p.locked(func() { p.sets = slices.DeleteFunc(p.sets, func(o dataset) bool { return o.id == id }) })
}

func (p *portal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	page, err := strconv.Atoi(q.Get("page"))
	if p.between != nil {
		p.between(page)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.failed:
		http.Error(w, "no", http.StatusBadGateway)
	case p.token != "" && r.Header.Get("Authorization") != p.token:
		http.Error(w, "no", http.StatusForbidden)
	case r.URL.Path != "/catalog.ttl" || q.Get("profiles") != DefaultProfile || err != nil || page < 1:
		http.Error(w, "no", http.StatusConflict) // as CKAN answers wrong parameters
	default:
		w.Header().Set("Content-Type", "text/turtle;charset=utf-8")
		_, _ = fmt.Fprint(w, strings.ReplaceAll(p.page(page, q), "BASE", p.URL())) // the client may have gone
	}
}

func (p *portal) page(n int, q url.Values) string {
	var sets []dataset
	for _, d := range p.sets {
		if since := q.Get("modified_since"); since == "" || sinceText(d.modified) >= since {
			sets = append(sets, d)
		}
	}
	slices.SortFunc(sets, func(a, b dataset) int { return b.modified.Compare(a.modified) })
	count, from := len(sets), min((n-1)*p.perPage, len(sets))
	sets = sets[from:min(from+p.perPage, count)]
	out := "@prefix dcat: <http://www.w3.org/ns/dcat#> .\n<BASE/> a dcat:Catalog .\n"
	for _, d := range sets {
		out += "<BASE/> dcat:dataset <BASE/dataset/" + d.id + "> .\n" + d.turtle + "\n"
	}
	if count == 0 {
		return out // ckanext-dcat then says nothing about pages
	}
	return out + p.paging(n, count, q)
}

// paging are the statements about pages, in the vocabulary of the portal's time.
func (p *portal) paging(n, count int, q url.Values) string {
	address := func(page int) string {
		q.Set("page", strconv.Itoa(page))
		return "BASE/catalog.ttl?" + q.Encode()
	}
	class, words, form := "PagedCollection", []string{"next", "nextPage"}, `"%s"`
	switch p.words {
	case "old as text":
		words = words[1:]
	case "new as IRIs":
		class, words, form = "PartialCollectionView", words[:1], "<%s>"
	case "relative":
		words, form = words[:1], "<%s>"
	}
	last := (count + p.perPage - 1) / p.perPage
	out := fmt.Sprintf("@prefix hydra: <http://www.w3.org/ns/hydra/core#> .\n<%s> a hydra:%s ; hydra:totalItems %d ; hydra:last "+form, address(n), class, count, address(last))
	for _, w := range words {
		if next := address(n + 1); n*p.perPage < count {
			if p.words == "relative" {
				next = strings.TrimPrefix(next, "BASE")
			}
			out += fmt.Sprintf(" ; hydra:%s "+form, w, next)
		}
	}
	return out + " .\n"
}

// driver reads the portal.
func (p *portal) driver(t testing.TB, change ...func(*Options)) *Driver {
	t.Helper()
	o := Options{Location: p.URL(), HTTP: p.Client(), MaxBytes: 1 << 20}
	for _, f := range change {
		f(&o)
	}
	d, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// made is a dataset of tests.
func made(id string, daysOld int) dataset {
	d := connectortest.Described{Identifier: id, Title: "Set " + id, Modified: connectortest.Now().AddDate(0, 0, -daysOld)}
	return dataset{id, connectortest.DatasetTurtle("BASE/dataset/"+id, d), d.Modified}
}

// many are datasets, the first of which changed last.
func many(n int) []dataset {
	var out []dataset
	for i := range n {
		out = append(out, made(fmt.Sprintf("set-%02d", i), i))
	}
	return out
}

// told is what a pass gave, one line an item: its name and its datasets, or its error.
func (p *portal) told(t testing.TB, items []connectors.CatalogueItem) []string {
	t.Helper()
	var out []string
	for _, i := range items {
		line := i.File + ":"
		if i.Err != nil {
			line += " " + i.Err.Error()
		} else {
			for _, s := range i.Graph.Subjects(rdfType, dcatDataset) {
				line += " " + s.Value[strings.LastIndexByte(s.Value, '/')+1:]
			}
		}
		out = append(out, strings.ReplaceAll(line, p.URL(), "BASE"))
	}
	return out
}

// harvest lists everything.
func harvest(t testing.TB, d *Driver) (items []connectors.CatalogueItem, err error) {
	t.Helper()
	cursor := ""
	for range 1000 {
		page, err := d.List(t.Context(), time.Time{}, cursor)
		if err != nil {
			return items, err
		}
		items = append(items, page.Items...)
		if cursor = page.Next; cursor == "" {
			return items, nil
		}
	}
	t.Fatal("the pass does not end")
	return nil, nil
}

// sample reads a real file of the shared data; without it the test is skipped.
func sample(t testing.TB, elem ...string) string {
	t.Helper()
	root := os.Getenv("EHDSGW_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "..", "shared", "data")
	}
	raw, err := os.ReadFile(filepath.Join(append([]string{root, "catalogue", "samples"}, elem...)...))
	if err != nil {
		t.Skipf("the shared data is not here (EHDSGW_SHARED or ../shared/data beside the checkout): %v", err)
	}
	return string(raw)
}
