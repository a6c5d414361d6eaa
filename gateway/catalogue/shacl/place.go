package shacl

import "github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"

// at sets the place of a result.
func (r *Result) at(file string, line, col int) { r.File, r.Line, r.Col = file, line, col }

// place finds where the data says that a focus has a value: the triple that leads to it, else the line
// where the focus is described, else one where it is mentioned.
func (r *run) place(p *pathNode, focus, value node) (file string, line, col int) {
	f, inData := r.inData(focus)
	if v, ok := r.inData(value); ok && value != noNode && p != nil {
		if triple := r.leading(p, f, inData, v); triple >= 0 {
			return r.origin.placeOf(r.data, triple)
		}
	}
	if !inData {
		return "", 0, 0
	}
	if cur := r.data.Find(f, rdf.AnyID, rdf.AnyID); cur.Next() {
		file, _, _ := r.origin.placeOf(r.data, cur.Index())
		return file, r.origin.line(r.data, cur.Index()), 0
	}
	if cur := r.data.Find(rdf.AnyID, rdf.AnyID, f); cur.Next() {
		return r.origin.placeOf(r.data, cur.Index())
	}
	return "", 0, 0
}

// leading finds the triple by which a path leads to a value: from the focus itself when the path is one
// step, else the first that ends at the value with a property of the path. It is -1 when there is none.
func (r *run) leading(p *pathNode, focus rdf.ID, inData bool, value rdf.ID) (triple int) {
	start := rdf.AnyID
	if inData && p.op != opSequence && p.op != opZeroOrMore && p.op != opOneOrMore {
		start = focus
	}
	var look func(n *pathNode, back bool) int
	look = func(n *pathNode, back bool) int {
		if n.op == opPredicate {
			id, ok := r.id(n.constant)
			if !ok {
				return -1
			}
			cur := r.data.Find(start, id, value)
			if back {
				cur = r.data.Find(value, id, start)
			}
			defer func() { r.worked(cur.Steps()) }()
			if cur.Next() {
				return cur.Index()
			}
			return -1
		}
		for i := len(n.parts) - 1; i >= 0; i-- { // the last step leads to the value
			if triple := look(n.parts[i], back != (n.op == opInverse)); triple >= 0 {
				return triple
			}
		}
		return -1
	}
	return look(p, false)
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
