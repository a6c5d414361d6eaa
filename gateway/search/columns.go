package search

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/blevesearch/bleve/v2/index/scorch"
	segment "github.com/blevesearch/scorch_segment_api/v2"
)

// columns hold, for every document of one segment, what counting and ordering need. A segment never
// changes, so they are read once; asking the library for each document found took three times as long
// as finding it.
type columns struct {
	keys     []string
	modified []int64 // microseconds since 1970
	values   []valueColumn
}

// valueColumn is one facet: the values of document i are ordinals[start[i]:start[i+1]].
type valueColumn struct {
	start    []uint32
	ordinals []uint32
}

func (c valueColumn) of(doc uint64) []uint32 { return c.ordinals[c.start[doc]:c.start[doc+1]] }

// dictionary numbers the values of a facet.
type dictionary struct {
	ordinal map[string]uint32
	text    []string
}

func (d *dictionary) of(value []byte) uint32 {
	if n, ok := d.ordinal[string(value)]; ok {
		return n
	}
	n := uint32(len(d.text))
	d.text = append(d.text, string(value))
	d.ordinal[d.text[n]] = n
	return n
}

// cabinet keeps the columns of the segments in use.
type cabinet struct {
	mu           sync.Mutex
	bySegment    map[segment.Segment]*columns
	dictionaries []dictionary // by facet, in the order of Facets
}

func newCabinet() *cabinet {
	c := &cabinet{bySegment: map[segment.Segment]*columns{}, dictionaries: make([]dictionary, len(Facets()))}
	for i := range c.dictionaries {
		c.dictionaries[i].ordinal = map[string]uint32{}
	}
	return c
}

// texts are the values by facet and ordinal, as far as they are numbered now.
func (c *cabinet) texts() [][]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make([][]string, len(c.dictionaries))
	for i, d := range c.dictionaries {
		out[i] = d.text // only ever appended to
	}
	return out
}

// of gives the columns of a snapshot's segments, and drops those of segments that were merged away.
func (c *cabinet) of(snapshot *scorch.IndexSnapshot) ([]*columns, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	parts := snapshot.Segments()
	out := make([]*columns, len(parts))
	for i, p := range parts {
		s := p.Segment()
		known, ok := c.bySegment[s]
		if !ok {
			var err error
			if known, err = c.read(s); err != nil {
				return nil, err
			}
			c.bySegment[s] = known
		}
		out[i] = known
	}
	if len(c.bySegment) > 2*len(parts)+8 {
		kept := make(map[segment.Segment]*columns, len(parts))
		for i, p := range parts {
			kept[p.Segment()] = out[i]
		}
		c.bySegment = kept
	}
	return out, nil
}

// read reads the columns of one segment. c.mu is held.
func (c *cabinet) read(s segment.Segment) (*columns, error) {
	visitable, ok := s.(segment.DocValueVisitable)
	if !ok {
		return nil, fmt.Errorf("%w: a segment without values", ErrDamaged)
	}
	n := s.Count()
	out := &columns{keys: make([]string, n), modified: make([]int64, n), values: make([]valueColumn, len(c.dictionaries))}
	fields := []string{fieldModified, fieldVersion}
	place := map[string]int{}
	for i, f := range Facets() {
		fields, place[string(f)] = append(fields, string(f)), i
		out.values[i].start = make([]uint32, n+1)
	}
	var doc uint64
	visit := func(field string, term []byte) {
		switch i, isFacet := place[field]; {
		case isFacet:
			out.values[i].ordinals = append(out.values[i].ordinals, c.dictionaries[i].of(term))
		case field == fieldVersion:
			out.keys[doc], _, _ = strings.Cut(string(term), " ")
		case field == fieldModified:
			if at, err := time.Parse(modifiedLayout, string(term)); err == nil {
				out.modified[doc] = at.UnixMicro()
			}
		}
	}
	var state segment.DocVisitState
	for doc = range n {
		var err error
		if state, err = visitable.VisitDocValues(doc, fields, visit, state); err != nil {
			return nil, fmt.Errorf("search: %w", err)
		}
		for i := range out.values {
			out.values[i].start[doc+1] = uint32(len(out.values[i].ordinals))
		}
	}
	for i := range out.values {
		out.values[i].ordinals = slices.Clip(out.values[i].ordinals)
	}
	return out, nil
}
