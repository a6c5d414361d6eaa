package rdf

import (
	"slices"
	"strings"
)

// maxNesting bounds the depth to which WriteTurtle nests blank nodes.
const maxNesting = 32

// layout says how WriteTurtle shows each blank node of a graph.
type layout struct {
	g *Graph
	// inline holds the blank nodes that are written inside the triple that
	// leads to them, cells of collections included.
	inline map[uint32]bool
	// lists maps the first cell of a collection to its items.
	lists map[uint32][]uint32
	// broken holds cells that do not end in rdf:nil as they should.
	broken map[uint32]bool

	first, rest, nothing uint32 // numbers of rdf:first, rdf:rest and rdf:nil
}

// absent is the number of a term that the graph does not hold.
const absent = ^uint32(0)

// newLayout decides for each blank node. Nodes that are not nested are roots;
// every blank node hangs below a root or lies on or below a cycle, and of
// those the one with the least label becomes a root until none is left.
func newLayout(g *Graph) *layout {
	l := &layout{
		g: g, inline: map[uint32]bool{}, lists: map[uint32][]uint32{}, broken: map[uint32]bool{},
		first: g.known(termFirst), rest: g.known(termRest), nothing: g.known(termNil),
	}
	done := map[uint32]bool{}
	var waiting []uint32
	for i := range g.nodes {
		id := uint32(i)
		switch {
		case g.nodes[id].chain[0].count == 0:
		case l.nestable(id):
			waiting = append(waiting, id)
		default:
			l.descend(id, done)
		}
	}
	slices.SortFunc(waiting, func(a, b uint32) int {
		return strings.Compare(g.term(a).Value, g.term(b).Value)
	})
	for _, id := range waiting {
		if !done[id] {
			l.descend(id, done)
		}
	}
	return l
}

// known returns the number of a term, or absent.
func (g *Graph) known(t Term) uint32 {
	if id, ok := g.terms.find(&t); ok {
		return id
	}
	return absent
}

// nestable reports whether exactly one triple leads to a blank node.
func (l *layout) nestable(id uint32) bool {
	return l.g.term(id).Kind == Blank && l.g.nodes[id].chain[2].count == 1
}

// descend decides for the blank nodes below a root, level by level. Nodes
// below the deepest level become roots themselves.
func (l *layout) descend(root uint32, done map[uint32]bool) {
	done[root] = true
	for roots := []uint32{root}; len(roots) > 0; {
		level := roots
		roots = nil
		for depth := 1; len(level) > 0; depth++ {
			var next []uint32
			for _, id := range level {
				for _, o := range l.objects(id) {
					if !l.nestable(o) || done[o] {
						continue
					}
					done[o] = true
					if depth > maxNesting {
						roots = append(roots, o)
						continue
					}
					l.inline[o] = true
					l.asList(o, done)
					next = append(next, o)
				}
			}
			level = next
		}
	}
}

// objects returns what a node leads to: the items of a collection, the
// objects of any other node.
func (l *layout) objects(id uint32) []uint32 {
	if items, ok := l.lists[id]; ok {
		return items
	}
	var out []uint32
	for at := l.g.nodes[id].chain[0].first; at != 0; at = l.g.links[at-1].next[0] {
		out = append(out, l.g.triples.list[at-1][2])
	}
	return out
}

// asList records id as a collection if it is the first cell of one: a chain
// of cells with one rdf:first and one rdf:rest each, to which nothing else
// leads, that ends in rdf:nil.
func (l *layout) asList(id uint32, done map[uint32]bool) {
	var cells, items []uint32
	seen := map[uint32]bool{}
	for cell := id; cell != l.nothing; {
		item, rest, ok := l.cell(cell)
		cells = append(cells, cell)
		if !ok || seen[cell] || l.broken[cell] || cell != id && done[cell] {
			for _, c := range cells {
				l.broken[c] = true
			}
			return
		}
		seen[cell] = true
		items = append(items, item)
		cell = rest
	}
	for _, c := range cells {
		done[c], l.inline[c] = true, true
	}
	l.lists[id] = items
}

// cell takes a collection's cell apart, if id is one.
func (l *layout) cell(id uint32) (item, rest uint32, ok bool) {
	g := l.g
	n := &g.nodes[id]
	if !l.nestable(id) || n.chain[0].count != 2 {
		return 0, 0, false
	}
	a := g.triples.list[n.chain[0].first-1]
	b := g.triples.list[n.chain[0].last-1]
	if a[1] == l.rest {
		a, b = b, a
	}
	return a[2], b[2], a[1] == l.first && b[1] == l.rest
}
