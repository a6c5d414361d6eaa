package shacl

import "github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"

// path puts the values of a path at a node on top of r.values, each once (SHACL §2.3.1).
func (r *run) path(p *pathNode, from node) {
	if p.op == opPredicate && r.shapes.back == nil {
		// The common case: the triples of a graph differ, so do the objects.
		s, ok := r.inData(from)
		if !ok {
			return
		}
		if id, ok := r.id(p.constant); ok {
			cur := r.data.Find(s, id, rdf.AnyID)
			for cur.Next() {
				r.values = append(r.values, node(cur.O()))
			}
			r.worked(cur.Steps())
		}
		return
	}
	out := r.set()
	r.walk(p, from, out)
	r.values = append(r.values, out.list...)
	r.free(out)
}

// walk adds the values of a path at a node to out.
func (r *run) walk(p *pathNode, from node, out *set) {
	if r.err != nil {
		return
	}
	switch p.op {
	case opPredicate:
		r.step(p.constant, from, false, out)
	case opInverse:
		if inner := p.parts[0]; inner.op == opPredicate {
			r.step(inner.constant, from, true, out)
			return
		}
		r.walk(p.parts[0].inverted(), from, out)
	case opAlternative:
		for _, part := range p.parts {
			r.walk(part, from, out)
		}
	case opSequence:
		r.sequence(p.parts, from, out)
	case opZeroOrOne:
		out.add(from)
		r.walk(p.parts[0], from, out)
	case opZeroOrMore, opOneOrMore:
		r.closure(p, from, out)
	}
}

// sequence follows one path after the other.
func (r *run) sequence(parts []*pathNode, from node, out *set) {
	here, next := r.set(), r.set()
	here.add(from)
	for i, part := range parts {
		if i == len(parts)-1 {
			for _, n := range here.list {
				r.walk(part, n, out)
			}
			break
		}
		next.reset()
		for _, n := range here.list {
			r.walk(part, n, next)
		}
		here, next = next, here
	}
	r.free(here)
	r.free(next)
}

// closure follows a path again and again, to each node once.
func (r *run) closure(p *pathNode, from node, out *set) {
	reached := r.set()
	if p.op == opZeroOrMore {
		reached.add(from)
	} else {
		r.walk(p.parts[0], from, reached)
	}
	for i := 0; i < len(reached.list) && r.err == nil; i++ {
		r.walk(p.parts[0], reached.list[i], reached)
	}
	for _, n := range reached.list {
		out.add(n)
	}
	r.free(reached)
}

// inverted is the path that leads the other way.
func (n *pathNode) inverted() *pathNode {
	switch n.op {
	case opPredicate:
		return &pathNode{op: opInverse, parts: []*pathNode{n}}
	case opInverse:
		return n.parts[0]
	}
	out := &pathNode{op: n.op, parts: make([]*pathNode, len(n.parts))}
	for i, part := range n.parts {
		at := i
		if n.op == opSequence {
			at = len(n.parts) - 1 - i
		}
		out.parts[at] = part.inverted()
	}
	return out
}

// step follows one property, forward or back, through the data and the background.
func (r *run) step(property constant, from node, back bool, out *set) {
	if s, ok := r.inData(from); ok {
		if p, ok := r.id(property); ok {
			cur := along(r.data, s, p, back)
			for cur.Next() {
				out.add(node(far(&cur, back)))
			}
			r.worked(cur.Steps())
		}
	}
	if s, ok := r.inBack(from); ok {
		if k := r.shapes.constants[property]; k.inBack {
			cur := along(r.shapes.back, s, k.back, back)
			for cur.Next() {
				out.add(r.ofBack(far(&cur, back)))
			}
			r.worked(cur.Steps())
		}
	}
	r.worked(1)
}

// along finds the triples of a node and a property.
func along(g *rdf.Graph, from, property rdf.ID, back bool) rdf.Cursor {
	if back {
		return g.Find(rdf.AnyID, property, from)
	}
	return g.Find(from, property, rdf.AnyID)
}

// far is the end of a triple that along leads to.
func far(cur *rdf.Cursor, back bool) rdf.ID {
	if back {
		return cur.S()
	}
	return cur.O()
}

// subclasses calls visit with a class and all classes below it (SHACL §1.1, SHACL subclass).
func (r *run) subclasses(class node, visit func(node)) {
	if !r.classes {
		visit(class)
		return
	}
	below := r.set()
	below.add(class)
	for i := 0; i < len(below.list) && r.err == nil; i++ {
		visit(below.list[i])
		r.step(constSubClassOf, below.list[i], true, below)
	}
	r.free(below)
}

// isInstance reports whether a node is a SHACL instance of a class.
func (r *run) isInstance(n, class node) bool {
	types := r.set()
	defer r.free(types)
	r.step(constType, n, false, types)
	if !r.classes {
		return types.has(class)
	}
	for i := 0; i < len(types.list) && r.err == nil; i++ {
		if types.list[i] == class {
			return true
		}
		r.step(constSubClassOf, types.list[i], false, types)
	}
	return false
}
