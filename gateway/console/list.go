package console

import (
	"bytes"
	"context"
	"net/http"
	"strconv"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
	"github.com/ehdsgw/ehdsgw/gateway/search"
)

// listed is a list as JSON.
type listed struct {
	Query    string                          `json:"query,omitempty"`
	Filter   map[search.Facet][]string       `json:"filter,omitempty"`
	Total    int                             `json:"total"`
	Page     int                             `json:"page"`
	Pages    int                             `json:"pages"`
	Next     string                          `json:"next,omitempty"`
	Previous string                          `json:"previous,omitempty"`
	Datasets []search.Document               `json:"datasets"`
	Facets   map[search.Facet][]search.Count `json:"facets"`
}

// list answers GET /catalogue.
func (c *Catalogue) list(a *answer, p *pages) error {
	asked, err := askOf(a.r.URL.Query(), a.languages)
	if err != nil {
		return err
	}
	found, err := c.Shelf.Search(a.r.Context(), asked.q)
	if err != nil {
		return err
	}
	if asked.page > asked.pages(found.Total) {
		return refusal{http.StatusNotFound, CodeNotFound, "the catalogue has fewer pages"}
	}
	switch a.form.name {
	case formHTML.name:
		return p.list(a, c, asked, found)
	case formJSON.name:
		return a.sendJSON(c.asJSON(asked, found))
	}
	g, err := c.asGraph(a.r.Context(), asked, found)
	if err != nil {
		return err
	}
	return a.sendGraph(g)
}

// at is the absolute address of another page of what was asked.
func (c *Catalogue) at(a ask, page int) string {
	u := c.Base + "/catalogue"
	if q := a.values(page).Encode(); q != "" {
		u += "?" + q
	}
	return u
}

func (c *Catalogue) asJSON(a ask, r search.Result) listed {
	out := listed{Query: a.q.Text, Filter: a.q.Filter, Total: r.Total, Page: a.page, Pages: a.pages(r.Total), Datasets: r.Hits, Facets: r.Count}
	if a.page < out.Pages {
		out.Next = c.at(a, a.page+1)
	}
	if a.page > 1 {
		out.Previous = c.at(a, a.page-1)
	}
	return out
}

// Terms of paging (W3C Hydra Core Vocabulary) and of a catalogue.
const nsHydra = "http://www.w3.org/ns/hydra/core#"

var (
	rdfType     = rdf.NewIRI(rdf.RDFType)
	dcatCatalog = rdf.NewIRI(rdf.NSDCAT + "Catalog")
	dcatDataset = rdf.NewIRI(rdf.NSDCAT + "dataset")
	dctTitle    = rdf.NewIRI(rdf.NSDCT + "title")
)

// asGraph is a page with the descriptions in full, as a collection with a view of it.
func (c *Catalogue) asGraph(ctx context.Context, a ask, r search.Result) (*rdf.Graph, error) {
	g := rdf.NewGraph()
	hydra := func(name string) rdf.Term { return rdf.NewIRI(nsHydra + name) }
	add := func(s, p, o rdf.Term) { g.Add(rdf.Triple{S: s, P: p, O: o}) }
	collection, view := rdf.NewIRI(c.Base+"/catalogue"), rdf.NewIRI(c.at(a, a.page))
	if view == collection {
		view = rdf.NewIRI(c.Base + "/catalogue?page=1")
	}
	add(collection, rdfType, dcatCatalog)
	add(collection, rdfType, hydra("Collection"))
	for lang, title := range c.Title {
		add(collection, dctTitle, rdf.NewLang(title, lang))
	}
	add(collection, hydra("totalItems"), rdf.NewTyped(strconv.Itoa(r.Total), rdf.XSDInteger))
	add(collection, hydra("view"), view)
	add(view, rdfType, hydra("PartialCollectionView"))
	last := a.pages(r.Total)
	for _, link := range []struct {
		name string
		page int
	}{{"first", 1}, {"last", last}, {"next", a.page + 1}, {"previous", a.page - 1}} {
		if link.page >= 1 && link.page <= last {
			add(view, hydra(link.name), rdf.NewIRI(c.at(a, link.page)))
		}
	}
	contents, err := c.contents(ctx, r.Hits)
	if err != nil {
		return nil, err
	}
	for i, content := range contents {
		subject, err := describe(ctx, g, content, "d"+strconv.Itoa(i)+"x")
		if err != nil {
			return nil, err
		}
		add(collection, dcatDataset, subject)
	}
	return g, nil
}

// maxContents bounds the descriptions of one page, in bytes of N-Quads: a page of the default size fits
// whatever is in it (catalogue.MaxRecordBytes), the longest page of the largest descriptions does not.
const maxContents = 32 << 20

// contents reads the descriptions of a page in full, but for those withdrawn since they were found.
func (c *Catalogue) contents(ctx context.Context, hits []search.Document) ([][]byte, error) {
	var out [][]byte
	bytes := 0
	for _, hit := range hits {
		d, ok, err := c.Shelf.Read(ctx, hit.Key)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		if bytes += len(d.Content); bytes > maxContents {
			return nil, refusal{http.StatusBadRequest, CodeQuery, "the question cannot be answered: these descriptions are too large for one page; ask for fewer with a smaller limit"}
		}
		out = append(out, d.Content)
	}
	return out, nil
}

// describe adds a description to a graph and returns the dataset's node. scope keeps the blank nodes
// of several descriptions apart.
func describe(ctx context.Context, g *rdf.Graph, content []byte, scope string) (rdf.Term, error) {
	var dataset rdf.Term
	apart := func(t rdf.Term) rdf.Term {
		if t.Kind == rdf.Blank {
			return rdf.NewBlank(scope + t.Value)
		}
		return t
	}
	err := rdf.ParseNQuads(ctx, bytes.NewReader(content), rdf.ReadOptions{}, func(q rdf.Quad) error {
		t := rdf.Triple{S: apart(q.S), P: q.P, O: apart(q.O)}
		if t.P == rdfType && t.O.Value == rdf.NSDCAT+"Dataset" {
			dataset = t.S
		}
		g.Add(t)
		return nil
	})
	return dataset, err
}

// sendGraph answers with a graph in the form asked for.
func (a *answer) sendGraph(g *rdf.Graph) error {
	var out bytes.Buffer
	var err error
	prefixes := rdf.Prefixes()
	prefixes["hydra"] = nsHydra
	switch a.form.name {
	case formNQuads.name:
		err = rdf.WriteNQuads(&out, g.Quads())
	case formJSONLD.name:
		err = rdf.WriteJSONLD(&out, g.Quads(), prefixes)
	default:
		err = rdf.WriteTurtle(&out, g, prefixes)
	}
	if err != nil {
		return err
	}
	a.send(a.form.contentType(), out.Bytes(), fresh)
	return nil
}
