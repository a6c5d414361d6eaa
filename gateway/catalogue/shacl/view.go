package shacl

import "github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"

// node is a term during one validation: first the numbers of the data's terms, then those of the
// background's terms that the data does not mention, then constants that neither mentions. So two nodes
// are the same term when they are the same number.
type node uint32

const noNode node = 1<<32 - 1

// view is the data and the background as one graph.
type view struct {
	shapes    *Shapes
	data      *rdf.Graph
	dataTerms uint32
	backTerms uint32
	ids       []int64         // of the constants in the data: 0 not looked up, -1 not there, else one more
	toBack    []int64         // of the data's terms in the background, likewise
	fromBack  map[rdf.ID]node // of the background's terms in the data
	classes   bool            // somebody knows of subclasses
}

// open looks at a data graph.
func (v *view) open(s *Shapes, data *rdf.Graph) {
	v.shapes, v.data, v.dataTerms, v.backTerms = s, data, uint32(data.IDs()), 0
	if cap(v.ids) < len(s.constants) {
		v.ids = make([]int64, len(s.constants))
	}
	v.ids = v.ids[:len(s.constants)]
	clear(v.ids)
	v.classes = s.backClass
	if id, ok := v.id(constSubClassOf); ok && !v.classes {
		cur := data.Find(rdf.AnyID, id, rdf.AnyID)
		v.classes = cur.Next()
	}
	if s.back == nil {
		return
	}
	v.backTerms = uint32(s.back.IDs())
	if n := data.IDs(); cap(v.toBack) < n {
		v.toBack = make([]int64, n)
	}
	v.toBack = v.toBack[:data.IDs()]
	clear(v.toBack)
	if v.fromBack == nil {
		v.fromBack = map[rdf.ID]node{}
	}
}

// close forgets the data.
func (v *view) close() {
	v.data = nil
	clear(v.fromBack)
}

// id returns the number of a constant in the data.
func (v *view) id(k constant) (rdf.ID, bool) {
	switch n := v.ids[k]; {
	case n > 0:
		return rdf.ID(n - 1), true
	case n < 0:
		return 0, false
	}
	id, ok := v.data.ID(v.shapes.constants[k].term)
	if ok {
		v.ids[k] = int64(id) + 1
	} else {
		v.ids[k] = -1
	}
	return id, ok
}

// constant returns the node of a constant.
func (v *view) constant(k constant) node {
	if id, ok := v.id(k); ok {
		return node(id)
	}
	if c := v.shapes.constants[k]; c.inBack {
		return node(v.dataTerms + uint32(c.back))
	}
	return node(v.dataTerms + v.backTerms + uint32(k))
}

// inData returns the number of a node in the data.
func (v *view) inData(n node) (rdf.ID, bool) { return rdf.ID(n), uint32(n) < v.dataTerms }

// inBack returns the number of a node in the background.
func (v *view) inBack(n node) (rdf.ID, bool) {
	switch {
	case v.shapes.back == nil || uint32(n) >= v.dataTerms+v.backTerms:
		return 0, false
	case uint32(n) >= v.dataTerms:
		return rdf.ID(uint32(n) - v.dataTerms), true
	case v.toBack[n] == 0:
		v.toBack[n] = -1
		// A blank node of the data is none of the background's.
		if t := v.data.Term(rdf.ID(n)); t.Kind != rdf.Blank {
			if id, ok := v.shapes.back.ID(t); ok {
				v.toBack[n] = int64(id) + 1
			}
		}
	}
	return rdf.ID(v.toBack[n] - 1), v.toBack[n] > 0
}

// ofBack returns the node of a term of the background.
func (v *view) ofBack(id rdf.ID) node {
	n, ok := v.fromBack[id]
	if !ok {
		n = node(v.dataTerms + uint32(id))
		if t := v.shapes.back.Term(id); t.Kind != rdf.Blank {
			if in, ok := v.data.ID(t); ok {
				n = node(in)
			}
		}
		v.fromBack[id] = n
	}
	return n
}

// term returns a node as a term.
func (v *view) term(n node) rdf.Term {
	switch i := uint32(n); {
	case i < v.dataTerms:
		return v.data.Term(rdf.ID(n))
	case i < v.dataTerms+v.backTerms:
		return v.shapes.back.Term(rdf.ID(i - v.dataTerms))
	default:
		return v.shapes.constants[i-v.dataTerms-v.backTerms].term
	}
}
