package search

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/query"
)

// Weights of where a word is found. A word as written counts twice as much as its stem.
const (
	weightTitle       = 6
	weightKeyword     = 4
	weightDescription = 1
)

// maxFacet bounds the values of a facet that are counted.
const maxFacet = 100

// Search answers a query. Errors are ErrQuery, ErrClosed, ErrDamaged or the context's.
func (x *Index) Search(ctx context.Context, q Query) (Result, error) {
	if err := q.Check(); err != nil {
		return Result{}, err
	}
	var out Result
	err := x.use(func(bleve.Index) (err error) {
		out, err = x.find(ctx, q)
		return err
	})
	return out, err
}

// find answers a query that was checked. x.index is open.
func (x *Index) find(ctx context.Context, q Query) (Result, error) {
	low, err := x.index.Advanced()
	if err != nil {
		return Result{}, fmt.Errorf("search: %w", err)
	}
	r, err := low.Reader()
	if err != nil {
		return Result{}, fmt.Errorf("search: %w", err)
	}
	defer r.Close()
	snapshot, ok := r.(*scorch.IndexSnapshot)
	if !ok {
		return Result{}, fmt.Errorf("%w: an index of another kind", ErrDamaged)
	}
	c, err := x.collection(snapshot, q)
	if err != nil {
		return Result{}, err
	}
	must, may := q.words(x.words)
	s, err := asked(must, may, q.Filter).Searcher(ctx, snapshot, x.index.Mapping(), search.SearcherOptions{})
	if err != nil {
		return Result{}, fmt.Errorf("search: %w", err)
	}
	defer s.Close()
	if err := c.collect(ctx, s, snapshot); err != nil {
		return Result{}, err
	}
	out := Result{Total: c.total, Count: c.facets(x.cabinet.texts()), Hits: []Document{}}
	for _, f := range c.page(q.Offset) {
		d, err := shown(snapshot.Segments()[f.segment], f.local)
		if err != nil {
			return Result{}, err
		}
		out.Hits = append(out.Hits, d)
	}
	return out, nil
}

// collection is made for one question to one state of the index.
func (x *Index) collection(snapshot *scorch.IndexSnapshot, q Query) (*collection, error) {
	c := &collection{size: q.Offset + q.limit()}
	var err error
	if c.columns, err = x.cabinet.of(snapshot); err != nil {
		return nil, err
	}
	var first uint64
	for _, s := range snapshot.Segments() {
		c.first = append(c.first, first)
		first += uint64(s.FullSize())
	}
	for _, t := range x.cabinet.texts() {
		c.counts = append(c.counts, make([]int32, len(t)))
	}
	return c, nil
}

// shown reads a document as it is listed.
func shown(s *scorch.SegmentSnapshot, local uint64) (d Document, err error) {
	failed := s.VisitDocument(local, func(field string, _ byte, value []byte, _ []uint64) bool {
		if field != fieldShown {
			return true
		}
		err = json.Unmarshal(value, &d)
		return false
	})
	if err = errors.Join(failed, err); err != nil {
		return d, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return d, nil
}

// asked is the library's form of a query.
func asked(must, may []word, filter map[Facet][]string) query.Query {
	b := bleve.NewBooleanQuery()
	for _, w := range must {
		b.AddMust(w.query())
	}
	for _, w := range may {
		b.AddShould(w.query())
	}
	if len(must) == 0 {
		b.AddMust(bleve.NewMatchAllQuery())
	}
	var filters []query.Query
	for _, f := range slices.Sorted(maps.Keys(filter)) {
		if len(filter[f]) == 0 {
			continue
		}
		var any []query.Query
		for _, v := range filter[f] {
			t := bleve.NewTermQuery(v)
			t.SetField(string(f))
			any = append(any, t)
		}
		filters = append(filters, bleve.NewDisjunctionQuery(any...))
	}
	if len(filters) > 0 {
		b.AddFilter(bleve.NewConjunctionQuery(filters...))
	}
	return b
}

// query finds a word in any of its forms.
func (w word) query() query.Query {
	var any []query.Query
	for _, in := range []struct {
		field  string
		weight float64
	}{{fieldTitle, weightTitle}, {fieldKeyword, weightKeyword}, {fieldDescription, weightDescription}} {
		form := func(text string, weight float64) {
			t := bleve.NewTermQuery(text)
			t.SetField(in.field)
			t.SetBoost(weight)
			any = append(any, t)
		}
		form(w.exact, in.weight)
		for _, s := range w.stems {
			form(s, in.weight/2)
		}
	}
	return bleve.NewDisjunctionQuery(any...)
}
