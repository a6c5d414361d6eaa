package rdf

import "iter"

// Graph is a set of triples in the order they were added, indexed by subject,
// predicate and object. Two triples that differ only in their position are
// the same. The zero value is not ready; use NewGraph. A Graph may be read by
// many goroutines while none adds to it; a loop over it may add to it and
// sees, or does not see, what it added.
type Graph struct {
	terms   termTable
	triples tupleSet[[3]uint32]
	nodes   []node // by the number of the term
	links   []link // by the number of the triple
}

// node is where a term occurs: a chain of triples for each of the three
// places.
type node struct {
	chain [3]chain
	// line is where the term is first written as a subject.
	line uint32
}

// chain is a list of triples linked through link.next, in insertion order.
// Its numbers are one more than those of the triples, so that 0 is the end.
type chain struct{ first, last, count uint32 }

// link is what is kept of a triple beside its terms: the next triple of each
// of its chains and where it was read.
type link struct {
	next      [3]uint32
	line, col uint32
}

// NewGraph returns an empty graph.
func NewGraph() *Graph {
	return &Graph{terms: newTermTable(), triples: newTupleSet[[3]uint32]()}
}

// Add puts t into the graph and reports whether it was new. The position of
// the first of equal triples is kept.
func (g *Graph) Add(t Triple) bool { return g.add(&t, t.Line) }

// add is Add with the line on which the subject itself is written.
func (g *Graph) add(t *Triple, subjectLine int) bool {
	k := [3]uint32{g.subject(&t.S), g.id(&t.P), g.id(&t.O)}
	if !g.triples.add(k) {
		return false
	}
	if g.links == nil {
		g.links = make([]link, 0, cap(g.triples.list))
	}
	g.links = append(g.links, link{line: uint32(t.Line), col: uint32(t.Col)})
	at := uint32(len(g.links))
	for place, id := range k {
		c := &g.nodes[id].chain[place]
		if c.count == 0 {
			c.first = at
		} else {
			g.links[c.last-1].next[place] = at
		}
		c.last = at
		c.count++
	}
	if n := &g.nodes[k[0]]; n.line == 0 {
		n.line = uint32(subjectLine)
	}
	return true
}

// id returns the number of a term, giving it one if it has none.
func (g *Graph) id(t *Term) uint32 {
	id := g.terms.number(t)
	if int(id) == len(g.nodes) {
		if g.nodes == nil {
			g.nodes = make([]node, 0, cap(g.terms.terms))
		}
		g.nodes = append(g.nodes, node{})
	}
	return id
}

// subject is id for a subject, which is often that of the triple before.
func (g *Graph) subject(t *Term) uint32 {
	if n := len(g.triples.list); n > 0 {
		if last := g.triples.list[n-1][0]; g.terms.terms[last] == *t {
			return last
		}
	}
	return g.id(t)
}

// term returns the term with a number.
func (g *Graph) term(id uint32) Term { return g.terms.terms[id] }

// triple returns triple number i.
func (g *Graph) triple(i uint32) Triple {
	k, l := &g.triples.list[i], &g.links[i]
	return Triple{S: g.term(k[0]), P: g.term(k[1]), O: g.term(k[2]), Line: int(l.line), Col: int(l.col)}
}

// Len returns the number of triples.
func (g *Graph) Len() int { return len(g.links) }

// All yields every triple in insertion order.
func (g *Graph) All() iter.Seq[Triple] {
	return func(yield func(Triple) bool) {
		for i := 0; i < len(g.links); i++ {
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

// match calls visit with the number of each matching triple until it returns
// false. It walks the shortest chain that covers the pattern.
func (g *Graph) match(s, p, o Term, visit func(uint32) bool) {
	var want [3]uint32
	var set [3]bool
	best := -1
	for place, t := range [3]Term{s, p, o} {
		if t.IsZero() {
			continue
		}
		id, ok := g.terms.find(&t)
		if !ok {
			return
		}
		want[place], set[place] = id, true
		if best < 0 || g.nodes[id].chain[place].count < g.nodes[want[best]].chain[best].count {
			best = place
		}
	}
	if best < 0 {
		for i := uint32(0); int(i) < len(g.links) && visit(i); i++ {
		}
		return
	}
	for at := g.nodes[want[best]].chain[best].first; at != 0; at = g.links[at-1].next[best] {
		k := &g.triples.list[at-1]
		if (!set[0] || k[0] == want[0]) && (!set[1] || k[1] == want[1]) && (!set[2] || k[2] == want[2]) && !visit(at-1) {
			return
		}
	}
}
