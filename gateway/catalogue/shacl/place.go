package shacl

import "github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"

// place finds where the data says that a focus has a value: the triple that leads to it, else the line
// where the focus is described, else one where it is mentioned.
func (r *run) place(p *pathNode, focus, value node) (line, col int) {
	f, inData := r.inData(focus)
	if v, ok := r.inData(value); ok && value != noNode && p != nil {
		if line, col := r.leading(p, f, inData, v); line > 0 {
			return line, col
		}
	}
	if !inData {
		return 0, 0
	}
	if line := r.data.Line(r.data.Term(f)); line > 0 {
		return line, 0
	}
	cur := r.data.Find(rdf.AnyID, rdf.AnyID, f)
	if cur.Next() {
		t := r.data.Triple(cur.Index())
		return t.Line, t.Col
	}
	return 0, 0
}

// leading finds the triple by which a path leads to a value: from the focus itself when the path is one
// step, else the first that ends at the value with a property of the path.
func (r *run) leading(p *pathNode, focus rdf.ID, inData bool, value rdf.ID) (line, col int) {
	start := rdf.AnyID
	if inData && p.op != opSequence && p.op != opZeroOrMore && p.op != opOneOrMore {
		start = focus
	}
	var look func(n *pathNode, back bool) bool
	look = func(n *pathNode, back bool) bool {
		if n.op == opPredicate {
			id, ok := r.id(n.constant)
			if !ok {
				return false
			}
			cur := r.data.Find(start, id, value)
			if back {
				cur = r.data.Find(value, id, start)
			}
			if cur.Next() {
				t := r.data.Triple(cur.Index())
				line, col = t.Line, t.Col
			}
			r.worked(cur.Steps())
			return line > 0
		}
		for i := len(n.parts) - 1; i >= 0; i-- { // the last step leads to the value
			if look(n.parts[i], back != (n.op == opInverse)) {
				return true
			}
		}
		return false
	}
	look(p, false)
	return line, col
}

// maxOwnerDepth is how far the owner of a blank node may be away.
const maxOwnerDepth = 16

// owner finds the nearest named node that leads to a blank node.
func (r *run) owner(n node) rdf.Term {
	id, ok := r.inData(n)
	for i := 0; ok && i < maxOwnerDepth; i++ {
		cur := r.data.Find(rdf.AnyID, rdf.AnyID, id)
		if !cur.Next() {
			break
		}
		id = cur.S()
		if t := r.data.Term(id); t.Kind == rdf.IRI {
			return t
		}
	}
	return rdf.Term{}
}
