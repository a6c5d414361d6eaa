package ckan

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/catalogue/origin"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// maxTriples bounds a page beside its bytes.
const maxTriples = 2_000_000

// Terms of DCAT by which a page is known.
var (
	dcatDataset       = rdf.NewIRI(rdf.NSDCAT + "Dataset")
	dcatDatasetSeries = rdf.NewIRI(rdf.NSDCAT + "DatasetSeries")
	dcatCatalog       = rdf.NewIRI(rdf.NSDCAT + "Catalog")
	dcatDatasetOf     = rdf.NewIRI(rdf.NSDCAT + "dataset")
)

// dcatPage reads one page of ckanext-dcat.
func (d *Driver) dcatPage(ctx context.Context, at position) (connectors.CataloguePage, error) {
	address, err := d.address(at)
	if err != nil {
		return connectors.CataloguePage{}, err
	}
	g, final, err := d.fetch(ctx, address, at.n)
	var syntax *rdf.SyntaxError
	if errors.As(err, &syntax) {
		return d.malformed(at, syntax)
	}
	if err != nil {
		return connectors.CataloguePage{}, fmt.Errorf("ckan: page %d: %w", at.n, err)
	}
	hydra, total, next, err := paging(g, final, d.portal)
	if err != nil {
		return connectors.CataloguePage{}, fmt.Errorf("ckan: page %d: %w", at.n, err)
	}
	if !hydra && !g.Has(rdf.Term{}, rdfType, dcatCatalog) {
		return connectors.CataloguePage{}, fmt.Errorf("page %d: %w", at.n, ErrNotCatalogue)
	}
	again, beside, cursor, err := d.advance(at, told{names: datasets(g), total: total, next: next})
	if err != nil {
		return connectors.CataloguePage{}, err
	}
	if len(again) > 0 {
		g = without(g, again)
	}
	item := connectors.CatalogueItem{File: d.place(at.n), Graph: g}
	return connectors.CataloguePage{Items: append([]connectors.CatalogueItem{item}, beside...), Next: cursor}, nil
}

// fetch reads a page and tells where it was found after redirects.
func (d *Driver) fetch(ctx context.Context, address string, n int) (g *rdf.Graph, final *url.URL, err error) {
	err = d.portal.Get(ctx, address, d.accept(), func(a origin.Answer) error {
		final = a.URL
		format, err := d.format(a)
		if err != nil {
			return err
		}
		g, err = rdf.Read(ctx, a.Body, format, rdf.ReadOptions{
			File: d.place(n), Base: a.URL.String(), MaxBytes: d.o.MaxBytes, MaxTriples: maxTriples, Contexts: d.o.Contexts,
		})
		return err
	})
	return g, final, err
}

func (d *Driver) accept() string {
	if d.o.Format != "" {
		return d.o.Format.MediaType()
	}
	f, _ := rdf.FormatOfName(d.listing.Path)
	return f.MediaType()
}

// format is the one that was set, or that of the Content-Type.
func (d *Driver) format(a origin.Answer) (rdf.Format, error) {
	if d.o.Format != "" {
		return d.o.Format, nil
	}
	if f, ok := rdf.FormatOfMediaType(a.Header.Get("Content-Type")); ok {
		return f, nil
	}
	f, _ := rdf.FormatOfName(d.listing.Path)
	return "", fmt.Errorf("%w: %w; if the portal misnames it, set format: %s", origin.ErrFetch, origin.ErrMediaType, f)
}

// malformed makes an item of a page that is not well-formed and goes on with the next number: the link
// is lost with the page, and whether there is a next page is known from the total before, or a guess
// that is made once.
func (d *Driver) malformed(at position, syntax *rdf.SyntaxError) (connectors.CataloguePage, error) {
	page := connectors.CataloguePage{Items: []connectors.CatalogueItem{{File: d.place(at.n), Err: syntax}}}
	u, err := url.ParseRequestURI(at.uri)
	if err != nil {
		return connectors.CataloguePage{}, ErrCursor
	}
	q := u.Query()
	number, err := strconv.Atoi(q.Get("page"))
	if err != nil || at.blind {
		return connectors.CataloguePage{}, fmt.Errorf("ckan: page %d: what follows cannot be known: %w", at.n, syntax)
	}
	q.Set("page", strconv.Itoa(number+1))
	u.RawQuery = q.Encode()
	d.pass.next = position{n: at.n + 1, given: at.given, total: unknown, blind: true, uri: u.RequestURI()}.String()
	page.Next = d.pass.next
	return page, nil
}

// datasets names what a page counts as datasets: what its catalogue lists, and what else is one.
func datasets(g *rdf.Graph) []string {
	var names []string
	seen := map[rdf.Term]bool{}
	add := func(t rdf.Term) {
		if !seen[t] && t.Kind == rdf.IRI {
			seen[t] = true
			names = append(names, t.Value)
		}
	}
	for _, catalog := range g.Subjects(rdfType, dcatCatalog) {
		seen[catalog] = true // every catalogue is a dataset (DCAT 3 §6.3)
		for _, o := range g.Objects(catalog, dcatDatasetOf) {
			add(o)
		}
	}
	for _, class := range []rdf.Term{dcatDataset, dcatDatasetSeries} {
		for _, s := range g.Subjects(rdfType, class) {
			add(s)
		}
	}
	return names
}

// without is a graph in which some nodes are no datasets any more.
func without(g *rdf.Graph, names []string) *rdf.Graph {
	drop := make(map[rdf.Term]bool, len(names))
	for _, n := range names {
		drop[rdf.NewIRI(n)] = true
	}
	out := rdf.NewGraph()
	for t := range g.All() {
		if t.P == rdfType && t.O == dcatDataset && drop[t.S] {
			continue
		}
		out.Add(t)
	}
	return out
}
