package central

import (
	"context"
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

// serveCatalogue handles GET /catalogue: the datasets of all nations (Art. 79(2)). Asked for N-Quads or
// Turtle it gives the descriptions in pages (?page=, ?limit=, ?modified_since=), else the whole list in
// short. In N-Quads each description is a graph of its own; in Turtle those of a page run together.
func (c *Central) serveCatalogue(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Vary", "Accept")
	for _, f := range []rdf.Format{rdf.NQuads, rdf.Turtle} {
		if wants(r, f) {
			c.servePage(w, r, f)
			return
		}
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

// wants says whether a form of RDF is asked for, by name or by Accept.
func wants(r *http.Request, form rdf.Format) bool {
	if f := r.URL.Query().Get("format"); f != "" {
		named, _ := rdf.FormatOfName("." + f)
		return named == form || f == string(form)
	}
	return strings.Contains(strings.Join(r.Header.Values("Accept"), ","), form.MediaType())
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

func (c *Central) servePage(w http.ResponseWriter, r *http.Request, form rdf.Format) {
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
	shown, view := all[from:min(from+win.limit, len(all))], c.view(win, len(all), last)
	if form == rdf.NQuads {
		c.writeQuads(w, r, view, shown)
		return
	}
	for i, d := range shown {
		if err := c.list(r.Context(), view, view, d, "d"+strconv.Itoa(i)+"x"); err != nil {
			c.writeTurtle(w, r, nil, err)
			return
		}
	}
	c.writeTurtle(w, r, view, nil)
}

// list names a dataset in the page's own statements and adds its description to a graph.
func (c *Central) list(ctx context.Context, page, into *rdf.Graph, d dataset, scope string) error {
	subject, err := c.show(ctx, into, d, scope)
	if err != nil {
		return err
	}
	collection := rdf.NewIRI(c.o.Entity + "/catalogue")
	page.Add(rdf.Triple{S: collection, P: dcatDataset, O: subject})
	page.Add(rdf.Triple{S: collection, P: dcatRecord, O: rdf.NewIRI(c.recordURL(d.CentralID))})
	return nil
}

// view is what a page says of itself: the collection and its pages.
func (c *Central) view(win window, total, last int) *rdf.Graph {
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
	return g
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
