package rdf

// Objects returns the objects of the triples with subject s and predicate p,
// each once, in insertion order; a zero term matches any.
func (g *Graph) Objects(s, p Term) []Term {
	return g.collect(s, p, Term{}, 2)
}

// Object returns the first object of the triples with subject s and predicate
// p, and whether there is one.
func (g *Graph) Object(s, p Term) (Term, bool) {
	var out Term
	g.match(s, p, Term{}, func(i uint32) bool {
		out = g.term(g.triples.list[i][2])
		return false
	})
	return out, !out.IsZero()
}

// Subjects returns the subjects of the triples with predicate p and object o,
// each once, in insertion order; a zero term matches any.
func (g *Graph) Subjects(p, o Term) []Term {
	return g.collect(Term{}, p, o, 0)
}

// Has reports whether a triple matches; a zero term matches any.
func (g *Graph) Has(s, p, o Term) bool {
	found := false
	g.match(s, p, o, func(uint32) bool {
		found = true
		return false
	})
	return found
}

// Line returns the line where s is first written as a subject, or 0 when s is
// no subject or its place is unknown.
func (g *Graph) Line(s Term) int {
	id, ok := g.terms.find(&s)
	if !ok || g.nodes[id].chain[0].count == 0 {
		return 0
	}
	return int(g.nodes[id].line)
}

// collect returns the terms at one place of the matching triples, each once.
func (g *Graph) collect(s, p, o Term, place int) []Term {
	var out []Term
	var seen map[uint32]struct{}
	wild := 0
	for _, t := range [3]Term{s, p, o} {
		if t.IsZero() {
			wild++
		}
	}
	if wild > 1 {
		seen = map[uint32]struct{}{}
	}
	g.match(s, p, o, func(i uint32) bool {
		id := g.triples.list[i][place]
		if seen != nil {
			if _, dup := seen[id]; dup {
				return true
			}
			seen[id] = struct{}{}
		}
		out = append(out, g.term(id))
		return true
	})
	return out
}
