package rdf

import "iter"

// Graph is a set of triples in the order they were added, indexed by subject,
// predicate and object. Two triples that differ only in their position are
// the same. The zero value is not ready; use NewGraph. A Graph may be read by
// many goroutines while none adds to it; a loop over it may add to it and
// sees, or does not see, what it added.
type Graph struct {
	ids     termIDs
	nodes   []node
	entries []entry
	seen    map[[3]uint32]struct{}
}

// node is a term with the chains of the entries it occurs in, one chain for
// each of the three places.
type node struct {
	term  Term
	chain [3]chain
	// line is where the term is first written as a subject.
	line int
}

// chain is a list of entries linked through entry.next, in insertion order.
// Its indices are one more than those of Graph.entries, so that 0 is the end.
type chain struct{ first, last, count uint32 }

// entry is a triple by the numbers of its terms.
type entry struct {
	term [3]uint32
	next [3]uint32
	line uint32
	col  uint32
}

// NewGraph returns an empty graph.
func NewGraph() *Graph {
	return &Graph{ids: newTermIDs(), seen: map[[3]uint32]struct{}{}}
}

// Add puts t into the graph and reports whether it was new. The position of
// the first of equal triples is kept.
func (g *Graph) Add(t Triple) bool { return g.add(t, t.Line) }

// add is Add with the line on which the subject itself is written.
func (g *Graph) add(t Triple, subjectLine int) bool {
	k := [3]uint32{g.id(t.S), g.id(t.P), g.id(t.O)}
	if _, dup := g.seen[k]; dup {
		return false
	}
	g.seen[k] = struct{}{}
	g.entries = append(g.entries, entry{term: k, line: uint32(t.Line), col: uint32(t.Col)})
	at := uint32(len(g.entries))
	for place, id := range k {
		c := &g.nodes[id].chain[place]
		if c.count == 0 {
			c.first = at
		} else {
			g.entries[c.last-1].next[place] = at
		}
		c.last = at
		c.count++
	}
	if n := &g.nodes[k[0]]; n.line == 0 {
		n.line = subjectLine
	}
	return true
}

// id returns the number of a term, giving it one if it has none.
func (g *Graph) id(t Term) uint32 {
	id, ok := g.ids.find(t)
	if !ok {
		id = uint32(len(g.nodes))
		g.ids.put(t, id)
		g.nodes = append(g.nodes, node{term: t})
	}
	return id
}

// triple returns entry i as a triple.
func (g *Graph) triple(i uint32) Triple {
	e := &g.entries[i]
	return Triple{
		S:    g.nodes[e.term[0]].term,
		P:    g.nodes[e.term[1]].term,
		O:    g.nodes[e.term[2]].term,
		Line: int(e.line), Col: int(e.col),
	}
}

// Len returns the number of triples.
func (g *Graph) Len() int { return len(g.entries) }

// All yields every triple in insertion order.
func (g *Graph) All() iter.Seq[Triple] {
	return func(yield func(Triple) bool) {
		for i := 0; i < len(g.entries); i++ {
			if !yield(g.triple(uint32(i))) {
				return
			}
		}
	}
}

// Quads yields every triple as a quad of the default graph, the form that
// Canonical and WriteNQuads take.
func (g *Graph) Quads() iter.Seq[Quad] {
	return func(yield func(Quad) bool) {
		for t := range g.All() {
			if !yield(Quad{Triple: t}) {
				return
			}
		}
	}
}

// Match yields, in insertion order, the triples that have the given subject,
// predicate and object, where a zero Term matches any.
func (g *Graph) Match(s, p, o Term) iter.Seq[Triple] {
	return func(yield func(Triple) bool) {
		g.match(s, p, o, func(i uint32) bool { return yield(g.triple(i)) })
	}
}

// match calls visit with the index of each matching entry until it returns
// false. It walks the shortest chain that covers the pattern.
func (g *Graph) match(s, p, o Term, visit func(uint32) bool) {
	var want [3]uint32
	var set [3]bool
	best := -1
	for place, t := range [3]Term{s, p, o} {
		if t.IsZero() {
			continue
		}
		id, ok := g.ids.find(t)
		if !ok {
			return
		}
		want[place], set[place] = id, true
		if best < 0 || g.nodes[id].chain[place].count < g.nodes[want[best]].chain[best].count {
			best = place
		}
	}
	if best < 0 {
		for i := uint32(0); int(i) < len(g.entries) && visit(i); i++ {
		}
		return
	}
	for at := g.nodes[want[best]].chain[best].first; at != 0; at = g.entries[at-1].next[best] {
		e := &g.entries[at-1]
		if (!set[0] || e.term[0] == want[0]) && (!set[1] || e.term[1] == want[1]) &&
			(!set[2] || e.term[2] == want[2]) && !visit(at-1) {
			return
		}
	}
}
