package fdp

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// point is a FAIR Data Point that behaves as the reference server does, and misbehaves on request. In
// its documents "BASE" stands for its own address.
type point struct {
	server *httptest.Server
	base   string // its address

	mu     sync.Mutex
	docs   map[string]string           // Turtle by path
	drafts map[string]bool             // shown to those who are logged in only, and told by /meta
	closed map[string]bool             // shown to those who are logged in only
	faults map[string]http.HandlerFunc // by path: what is done instead
	paged  map[string][]string         // paths of the children by "{path}/page/{kind}"
	broken map[string]bool             // malformed, by path; in pages they are whole
	login  Login                       // zero: nobody can log in
	uses   int                         // of a token, until it expires; 0 means for ever
	token  string
	left   int
	asked  []string // method, path and query, in order
}

func newPoint(t testing.TB, docs map[string]string) *point {
	t.Helper()
	p := idle()
	p.server = httptest.NewUnstartedServer(p)
	p.server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	p.server.StartTLS()
	t.Cleanup(p.server.Close)
	p.base = p.server.URL
	for path, doc := range docs {
		p.docs[path] = doc
	}
	return p
}

// idle is a point that does not serve yet.
func idle() *point {
	return &point{docs: map[string]string{}, drafts: map[string]bool{}, closed: map[string]bool{}, faults: map[string]http.HandlerFunc{},
		broken: map[string]bool{}, paged: map[string][]string{}}
}

// url is the address of a path.
func (p *point) url(path string) string { return p.base + path }

// fault makes a path misbehave.
func (p *point) fault(path string, h http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults[path] = h
}

// requests are those so far, forgotten once told.
func (p *point) requests() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := p.asked
	p.asked = nil
	return out
}

func (p *point) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, r.Method+" "+r.URL.RequestURI())
	path := strings.TrimSuffix(r.URL.Path, "/")
	if h := p.faults[path]; h != nil {
		h(w, r)
		return
	}
	if r.URL.Path == "/tokens" {
		p.tokens(w, r)
		return
	}
	known := false
	if given := r.Header.Get("Authorization"); given != "" {
		if p.uses > 0 && p.left <= 0 || given != "Bearer "+p.token {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		p.left--
		known = true
	}
	doc, ok := p.docs[path]
	above, isMeta := strings.CutSuffix(path, "/meta")
	_, metaKnown := p.docs[above]
	switch list, pages := p.paged[path]; {
	case pages:
		p.page(w, r, list)
	case isMeta && metaKnown:
		p.meta(w, known)
	case !ok:
		http.NotFound(w, r)
	case (p.drafts[path] || p.closed[path]) && !known:
		w.WriteHeader(http.StatusForbidden)
	default:
		w.Header().Set("Content-Type", "text/turtle;charset=UTF-8")
		if p.broken[path] {
			doc += "<<"
		}
		p.write(w, doc)
	}
}

func (p *point) write(w http.ResponseWriter, doc string) {
	_, _ = fmt.Fprintln(w, strings.ReplaceAll(doc, "BASE", p.base)) // the client went away
}

// tokens is the login.
func (p *point) tokens(w http.ResponseWriter, r *http.Request) {
	var in Login
	if r.Method != http.MethodPost || json.NewDecoder(r.Body).Decode(&in) != nil || in != p.login || in.Email == "" {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	p.token, p.left = fmt.Sprintf("token.%d", len(p.asked)), p.uses
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"token": p.token}) // the client went away
}

// meta tells the states of everything; the reference server tells those of the resource's parts.
func (p *point) meta(w http.ResponseWriter, known bool) {
	children := map[string]string{}
	for path := range p.docs {
		children[p.base+path] = "PUBLISHED"
		if p.drafts[path] {
			children[p.base+path] = "DRAFT"
		}
	}
	out := map[string]any{"member": nil, "state": nil, "path": map[string]any{}}
	if known {
		out["state"] = map[string]any{"current": "PUBLISHED", "children": children}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(out) // the client went away
}

// page gives some children with the links of RFC 8288, as the reference server writes them.
func (p *point) page(w http.ResponseWriter, r *http.Request, children []string) {
	number := func(name string, zero int) int {
		if n, err := strconv.Atoi(r.URL.Query().Get(name)); err == nil {
			return n
		}
		return zero
	}
	page, size := number("page", 0), number("size", 10)
	last := (len(children)+size-1)/size - 1
	link := func(n int, rel string) string {
		return fmt.Sprintf(`<%s%s/?page=%d&size=%d>; rel="%s"`, p.base, strings.TrimSuffix(r.URL.Path, "/"), n, size, rel)
	}
	links := []string{link(0, "first"), link(last, "last")}
	if page > 0 && page <= last {
		links = append(links, link(page-1, "prev"))
	}
	if page < last {
		links = append(links, link(page+1, "next"))
	}
	w.Header().Set("Link", strings.Join(links, ", "))
	w.Header().Set("Content-Type", "text/turtle;charset=UTF-8")
	for i := page * size; i < min((page+1)*size, len(children)); i++ {
		p.write(w, p.docs[children[i]])
	}
}

// driver reads the point.
func (p *point) driver(t testing.TB, change ...func(*Options)) *Driver {
	t.Helper()
	o := Options{Location: p.base, HTTP: p.server.Client(), Timeout: 10 * time.Second}
	for _, f := range change {
		f(&o)
	}
	d, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// pass lists everything.
func pass(t testing.TB, d *Driver) (items []connectors.CatalogueItem, pages int, err error) {
	t.Helper()
	for cursor := ""; ; {
		page, err := d.List(t.Context(), time.Time{}, cursor)
		if err != nil {
			return items, pages, err
		}
		items, pages = append(items, page.Items...), pages+1
		if cursor = page.Next; cursor == "" {
			return items, pages, nil
		}
		if pages > 1000 {
			t.Fatal("the pass does not end")
		}
	}
}

// told is what a pass gave, each item as "path: what", with BASE for the point's address.
func (p *point) told(t testing.TB, items []connectors.CatalogueItem) []string {
	t.Helper()
	var out []string
	for _, i := range items {
		if (i.Graph == nil) == (i.Err == nil) {
			t.Errorf("%s: graph %v and error %v", i.File, i.Graph, i.Err)
			continue
		}
		what := ""
		if i.Err != nil {
			what = i.Err.Error()
		} else {
			what = fmt.Sprintf("%d triples", i.Graph.Len())
		}
		out = append(out, strings.ReplaceAll(i.File+": "+what, p.base, "BASE"))
	}
	return out
}

// sharedDir is a folder of the shared data; without it the test is skipped.
func sharedDir(t testing.TB, elem ...string) string {
	t.Helper()
	root := os.Getenv("EHDSGW_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "..", "shared", "data")
	}
	dir := filepath.Join(append([]string{root}, elem...)...)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the shared data is not here (EHDSGW_SHARED or ../shared/data beside the checkout): %v", err)
	}
	return dir
}

// sample reads a real file and moves it to the point: each of the origins becomes BASE.
func sample(t testing.TB, name string, origins ...string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(sharedDir(t, "catalogue", "samples"), filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	doc := string(raw)
	for _, o := range origins {
		if !strings.Contains(doc, o) {
			t.Fatalf("%s does not speak of %s", name, o)
		}
		doc = strings.ReplaceAll(doc, o, "BASE")
	}
	return doc
}

// turtle reads a document of the point.
func (p *point) turtle(t testing.TB, doc string) *rdf.Graph {
	t.Helper()
	g, err := rdf.ReadTurtle(t.Context(), strings.NewReader(strings.ReplaceAll(doc, "BASE", p.base)), rdf.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// canonical is a graph as sorted lines, with BASE for the point's address.
func (p *point) canonical(t testing.TB, g *rdf.Graph) []string {
	t.Helper()
	raw, err := rdf.Canonical(t.Context(), g.Quads(), rdf.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return slices.Collect(strings.Lines(strings.ReplaceAll(string(raw), p.base, "BASE")))
}
