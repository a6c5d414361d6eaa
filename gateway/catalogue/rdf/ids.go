package rdf

import "math"

// ID is the number of a term of one graph. Numbers run from 0, are not reused and mean nothing in
// another graph. Whoever asks a graph many questions asks by number: a term is looked up once.
type ID uint32

// AnyID stands for any term in Find.
const AnyID ID = math.MaxUint32

// ID returns the number of a term and whether the graph mentions it.
func (g *Graph) ID(t Term) (ID, bool) {
	id, ok := g.terms.find(&t)
	return ID(id), ok
}

// IDs is how many terms have a number: those from 0 to one below it.
func (g *Graph) IDs() int { return len(g.nodes) }

// Term returns the term with a number that ID gave.
func (g *Graph) Term(id ID) Term { return g.term(uint32(id)) }

// Triple returns the triple with a position that Cursor.Index gave, counted from 0 in insertion order.
func (g *Graph) Triple(i int) Triple { return g.triple(uint32(i)) }

// Cursor walks the triples that Find found, in insertion order, without allocating. Before the first
// Next it stands on none.
type Cursor struct {
	g       *Graph
	want    [3]ID
	place   int // of the chain that is walked; -1 for all triples
	current uint32
	next    uint32
	steps   int
}

// Find is Match by numbers; AnyID matches any term. The graph must not grow while the cursor is used.
func (g *Graph) Find(s, p, o ID) Cursor {
	c := Cursor{g: g, want: [3]ID{s, p, o}, place: -1, next: 1}
	for place, id := range c.want {
		if id == AnyID {
			continue
		}
		chain := g.nodes[id].chain[place]
		if c.place < 0 || chain.count < g.nodes[c.want[c.place]].chain[c.place].count {
			c.place, c.next = place, chain.first
		}
	}
	return c
}

// Next moves to the next triple and reports whether there is one.
func (c *Cursor) Next() bool {
	for c.next != 0 && int(c.next) <= len(c.g.links) {
		c.steps++
		c.current = c.next
		k := &c.g.triples.list[c.current-1]
		if c.place < 0 {
			c.next++
		} else {
			c.next = c.g.links[c.current-1].next[c.place]
		}
		if (c.want[0] == AnyID || uint32(c.want[0]) == k[0]) && (c.want[1] == AnyID || uint32(c.want[1]) == k[1]) &&
			(c.want[2] == AnyID || uint32(c.want[2]) == k[2]) {
			return true
		}
	}
	return false
}

// S, P and O are the numbers of the current triple's terms.
func (c *Cursor) S() ID { return ID(c.g.triples.list[c.current-1][0]) }

// P is the predicate's number.
func (c *Cursor) P() ID { return ID(c.g.triples.list[c.current-1][1]) }

// O is the object's number.
func (c *Cursor) O() ID { return ID(c.g.triples.list[c.current-1][2]) }

// Index is the current triple's position, for Graph.Triple.
func (c *Cursor) Index() int { return int(c.current - 1) }

// Steps is how many triples were looked at so far, the passed over included: the work that was done.
func (c *Cursor) Steps() int { return c.steps }
