package central

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/roles"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// Terms of paging (W3C Hydra Core Vocabulary, collections).
const nsHydra = "http://www.w3.org/ns/hydra/core#"

// Pages of the public catalogue.
const (
	defaultPage = 100
	maxPage     = 1000
)

// listed is an entry of the public catalogue.
type listed struct {
	CentralID  string            `json:"central_id"`
	Nation     string            `json:"nation"`
	Identifier string            `json:"identifier"`
	Digest     string            `json:"digest"`
	Title      map[string]string `json:"title"`
}

// serveCatalogue handles GET /catalogue: the datasets of all nations (Art. 79(2)). Asked for Turtle it
// gives the descriptions in pages (?page=, ?limit=, ?modified_since=), else the whole list in short.
func (c *Central) serveCatalogue(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Vary", "Accept")
	if wantsTurtle(r) {
		c.servePage(w, r)
		return
	}
	datasets := c.published(time.Time{})
	out := make([]listed, 0, len(datasets))
	for _, d := range datasets {
		out = append(out, listed{d.CentralID, d.Nation, d.Identifier, d.Digest, d.Title})
	}
	roles.WriteJSON(w, http.StatusOK, out)
}

// published are the datasets shown that changed at since or later, by nation and identifier at origin.
func (c *Central) published(since time.Time) []dataset {
	c.mu.Lock()
	out := make([]dataset, 0, len(c.state.datasets))
	for _, d := range c.state.datasets {
		if !d.Deleted && !d.Changed.Before(since) {
			out = append(out, *d)
		}
	}
	c.mu.Unlock()
	slices.SortFunc(out, func(a, b dataset) int {
		return strings.Compare(a.Nation+"\n"+a.Identifier, b.Nation+"\n"+b.Identifier)
	})
	return out
}

// wantsTurtle says whether Turtle is asked for, by name or by Accept.
func wantsTurtle(r *http.Request) bool {
	if f := r.URL.Query().Get("format"); f != "" {
		return f == "ttl" || f == "turtle"
	}
	return strings.Contains(strings.Join(r.Header.Values("Accept"), ","), "text/turtle")
}

// window is what one request asks for.
type window struct {
	page, limit int
	since       time.Time
	sinceText   string
}

func windowOf(q url.Values) (w window, ok bool) {
	w = window{page: 1, limit: defaultPage, sinceText: q.Get("modified_since")}
	for name, into := range map[string]*int{"page": &w.page, "limit": &w.limit} {
		if text := q.Get(name); text != "" {
			n, err := strconv.Atoi(text)
			if err != nil || n < 1 {
				return w, false
			}
			*into = n
		}
	}
	if w.sinceText == "" {
		return w, w.limit <= maxPage
	}
	var err error
	if w.since, err = time.Parse(time.RFC3339Nano, w.sinceText); err != nil {
		w.since, err = time.Parse(time.DateOnly, w.sinceText)
	}
	return w, err == nil && w.limit <= maxPage
}

// url is the address of another page of the same window.
func (w window) url(base string, page int) string {
	q := url.Values{"page": {strconv.Itoa(page)}, "limit": {strconv.Itoa(w.limit)}}
	if w.sinceText != "" {
		q.Set("modified_since", w.sinceText)
	}
	return base + "?" + q.Encode()
}

func (c *Central) servePage(w http.ResponseWriter, r *http.Request) {
	win, ok := windowOf(r.URL.Query())
	if !ok {
		roles.WriteProblem(w, roles.NewProblem(http.StatusBadRequest, "malformed", "page, limit or modified_since cannot be read"))
		return
	}
	all := c.published(win.since)
	last := max(1, (len(all)+win.limit-1)/win.limit)
	if win.page > last {
		roles.WriteProblem(w, roles.NewProblem(http.StatusNotFound, "not-found", "the catalogue has fewer pages"))
		return
	}
	from := (win.page - 1) * win.limit
	g, err := c.page(r.Context(), all[from:min(from+win.limit, len(all))], win, len(all), last)
	c.writeTurtle(w, r, g, err)
}

// page is the graph of one page: the collection, the view, the descriptions.
func (c *Central) page(ctx context.Context, datasets []dataset, win window, total, last int) (*rdf.Graph, error) {
	g := rdf.NewGraph()
	base := c.o.Entity + "/catalogue"
	collection, view := rdf.NewIRI(base), rdf.NewIRI(win.url(base, win.page))
	hydra := func(name string) rdf.Term { return rdf.NewIRI(nsHydra + name) }
	add := func(s, p, o rdf.Term) { g.Add(rdf.Triple{S: s, P: p, O: o}) }
	add(collection, rdfType, dcatCatalog)
	add(collection, rdfType, hydra("Collection"))
	add(collection, dctTitle, rdf.NewLang("EU dataset catalogue", "en"))
	add(collection, hydra("totalItems"), rdf.NewTyped(strconv.Itoa(total), rdf.XSDInteger))
	add(collection, hydra("view"), view)
	add(view, rdfType, hydra("PartialCollectionView"))
	for _, link := range []struct {
		name string
		page int
	}{{"first", 1}, {"last", last}, {"next", win.page + 1}, {"previous", win.page - 1}} {
		if link.page >= 1 && link.page <= last {
			add(view, hydra(link.name), rdf.NewIRI(win.url(base, link.page)))
		}
	}
	for i, d := range datasets {
		subject, err := c.show(ctx, g, d, "d"+strconv.Itoa(i)+"x")
		if err != nil {
			return nil, err
		}
		add(collection, dcatDataset, subject)
		add(collection, dcatRecord, rdf.NewIRI(c.recordURL(d.CentralID)))
	}
	return g, nil
}

// serveDataset handles GET /catalogue/datasets/{id}: one description by the centre's identifier.
func (c *Central) serveDataset(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	d, ok := c.state.datasets[r.PathValue("id")]
	var copied dataset
	if ok {
		copied = *d
	}
	c.mu.Unlock()
	switch {
	case !ok:
		roles.WriteProblem(w, roles.NewProblem(http.StatusNotFound, "not-found", "no such dataset is shown"))
		return
	case copied.Deleted:
		roles.WriteProblem(w, roles.NewProblem(http.StatusGone, "gone", "the dataset is no longer shown"))
		return
	}
	g := rdf.NewGraph()
	_, err := c.show(r.Context(), g, copied, "d")
	c.writeTurtle(w, r, g, err)
}

// writeTurtle answers with a graph, or says that the client has it.
func (c *Central) writeTurtle(w http.ResponseWriter, r *http.Request, g *rdf.Graph, err error) {
	var text bytes.Buffer
	if err == nil {
		prefixes := rdf.Prefixes()
		prefixes["hydra"] = nsHydra
		err = rdf.WriteTurtle(&text, g, prefixes)
	}
	if err != nil {
		c.o.Logger.Error("the catalogue cannot be shown", "error", err)
		roles.WriteProblem(w, roles.NewProblem(http.StatusServiceUnavailable, "try-later", ""))
		return
	}
	sum := sha256.Sum256(text.Bytes())
	tag := `"` + hex.EncodeToString(sum[:16]) + `"`
	h := w.Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", "public, no-cache")
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", "text/turtle;charset=utf-8")
	_, _ = w.Write(text.Bytes()) // the client is gone: nothing to mend
}
