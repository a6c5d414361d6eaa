package connectortest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// maxPages ends a pass that does not end itself.
const maxPages = 1000

// Terms by which the suite knows a dataset.
var (
	rdfType       = rdf.NewIRI(rdf.RDFType)
	dcatDataset   = rdf.NewIRI(rdf.NSDCAT + "Dataset")
	dcatCatalog   = rdf.NewIRI(rdf.NSDCAT + "Catalog")
	dctIdentifier = rdf.NewIRI(rdf.NSDCT + "identifier")
	dctTitle      = rdf.NewIRI(rdf.NSDCT + "title")
)

// passed is what a pass gave.
type passed struct {
	items      []connectors.CatalogueItem
	pages      []connectors.CataloguePage
	titles     map[string]string // by identifier
	times      map[string]int    // how often, by identifier
	nodes      map[string]string // IRI by identifier
	errs       []error           // of items
	tombstones []string
}

func newPassed() *passed {
	return &passed{titles: map[string]string{}, times: map[string]int{}, nodes: map[string]string{}}
}

// pass reads a source to its end. What it returns with an error is what came before.
func pass(ctx context.Context, d connectors.Catalogue, since time.Time, cursor string) (*passed, error) {
	p := newPassed()
	seen := map[string]bool{cursor: true}
	for range maxPages {
		page, err := d.List(ctx, since, cursor)
		if err != nil {
			if len(page.Items)+len(page.Tombstones) > 0 || page.Next != "" {
				return p, fmt.Errorf("a page came with the error: %w", err)
			}
			return p, err
		}
		if err := p.take(ctx, page); err != nil {
			return p, err
		}
		if page.Next == "" {
			return p, nil
		}
		if seen[page.Next] {
			return p, errCircle
		}
		seen[page.Next] = true
		cursor = page.Next
	}
	return p, errCircle
}

// errCircle is a contract broken, never an answer of a driver.
var errCircle = errors.New("the pages do not end")

func (p *passed) take(ctx context.Context, page connectors.CataloguePage) error {
	p.pages = append(p.pages, page)
	p.tombstones = append(p.tombstones, page.Tombstones...)
	for _, i := range page.Items {
		p.items = append(p.items, i)
		g, err := i.Open(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			p.errs = append(p.errs, fmt.Errorf("%s: %w", i.File, err))
			continue
		}
		if g != nil {
			p.datasets(g)
		}
	}
	return nil
}

func (p *passed) datasets(g *rdf.Graph) {
	for _, s := range g.Subjects(rdfType, dcatDataset) {
		id, ok := g.Object(s, dctIdentifier)
		if !ok || g.Has(s, rdfType, dcatCatalog) {
			continue
		}
		title, _ := g.Object(s, dctTitle)
		p.titles[id.Value], p.nodes[id.Value] = title.Value, s.Value
		p.times[id.Value]++
	}
}

// all is a whole pass of a new driver.
func (c *catalogueCase) all(ctx context.Context) (*passed, error) {
	return pass(ctx, c.Open(c.t), time.Time{}, "")
}
