package search

import (
	"cmp"
	"container/heap"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/blevesearch/bleve/v2/search"
	index "github.com/blevesearch/bleve_index_api"
)

// found is a document that matches.
type found struct {
	score    float64
	modified int64
	key      string
	segment  int
	local    uint64
}

// before orders what is found: the better first, then the one that changed last, then by key.
func (f found) before(o found) int {
	return cmp.Or(cmp.Compare(o.score, f.score), cmp.Compare(o.modified, f.modified), strings.Compare(f.key, o.key))
}

// best is a heap of the best documents so far, the worst of them on top.
type best []found

func (b best) Len() int           { return len(b) }
func (b best) Less(i, j int) bool { return b[i].before(b[j]) > 0 }
func (b best) Swap(i, j int)      { b[i], b[j] = b[j], b[i] }
func (b *best) Push(v any)        { *b = append(*b, v.(found)) }
func (b *best) Pop() any {
	last := (*b)[len(*b)-1]
	*b = (*b)[:len(*b)-1]
	return last
}

// collection counts what matches and keeps the best.
type collection struct {
	columns []*columns
	first   []uint64 // number of the first document of each segment
	size    int      // how many of the best are kept
	total   int
	counts  [][]int32 // by facet and ordinal
	best    best
}

// collect takes everything a searcher finds.
func (c *collection) collect(ctx context.Context, s search.Searcher, r index.IndexReader) error {
	matches := &search.SearchContext{DocumentMatchPool: search.NewDocumentMatchPool(s.DocumentMatchPoolSize()+1, 0), IndexReader: r}
	for {
		if c.total%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		m, err := s.Next(matches)
		if err != nil {
			return fmt.Errorf("search: %w", err)
		}
		if m == nil {
			return nil
		}
		c.take(m.IndexInternalID.Value(), m.Score)
		matches.DocumentMatchPool.Put(m)
	}
}

func (c *collection) take(number uint64, score float64) {
	c.total++
	at, exact := slices.BinarySearch(c.first, number)
	if !exact {
		at--
	}
	in, local := c.columns[at], number-c.first[at]
	for i := range in.values {
		for _, o := range in.values[i].of(local) {
			c.counts[i][o]++
		}
	}
	if len(c.best) == c.size && score < c.best[0].score {
		return
	}
	f := found{score, in.modified[local], in.keys[local], at, local}
	switch {
	case len(c.best) < c.size:
		heap.Push(&c.best, f)
	case f.before(c.best[0]) < 0:
		c.best[0] = f
		heap.Fix(&c.best, 0)
	}
}

// page are the best from offset on, in order.
func (c *collection) page(offset int) []found {
	slices.SortFunc(c.best, found.before)
	return c.best[min(offset, len(c.best)):]
}

// facets are the counts by value, the most frequent first, then by value.
func (c *collection) facets(texts [][]string) map[Facet][]Count {
	out := map[Facet][]Count{}
	for i, f := range Facets() {
		list := []Count{}
		for o, n := range c.counts[i] {
			if n > 0 {
				list = append(list, Count{texts[i][o], int(n)})
			}
		}
		slices.SortFunc(list, func(a, b Count) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Value, b.Value))
		})
		out[f] = list[:min(len(list), maxFacet)]
	}
	return out
}
