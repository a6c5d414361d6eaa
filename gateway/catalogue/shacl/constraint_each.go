package shacl

import "github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"

// test is a constraint that judges each value for itself (most of SHACL §4).
type test interface {
	// pass reports whether a value is as it should be.
	pass(r *run, value node) bool
	// name is the component, and asked what it asks for.
	name() string
	asked() want
}

// detailed is a test that can say why a value did not pass.
type detailed interface {
	explain(r *run, value node, result *Result)
}

// eachValue makes a constraint of a test.
type eachValue struct{ test }

func each(t test) constraint { return eachValue{t} }

func (k eachValue) check(r *run, s *shape, focus node, from, to int) bool {
	ok := true
	for i := from; i < to && r.err == nil; i++ {
		value := r.values[i]
		if k.pass(r, value) {
			continue
		}
		if ok = false; r.quiet > 0 {
			return false
		}
		result := r.report(s, k.name(), focus, value, k.asked())
		if d, can := k.test.(detailed); can && result != nil {
			d.explain(r, value, result)
		}
	}
	r.worked(to - from)
	return ok
}

func (k eachValue) shapes() []*shape {
	if ref, ok := k.test.(referrer); ok {
		return ref.shapes()
	}
	return nil
}

// class is sh:class (SHACL §4.1.1).
type class struct {
	constant
	term rdf.Term
}

func (k class) pass(r *run, value node) bool { return r.isInstance(value, r.constant(k.constant)) }
func (k class) name() string                 { return ClassComponent }
func (k class) asked() want                  { return want{terms: []rdf.Term{k.term}} }

// datatype is sh:datatype (SHACL §4.1.2): the datatype, and a lexical form it knows.
type datatype struct {
	term  rdf.Term
	valid func(lexical string) bool // nil: any
}

func (k datatype) pass(r *run, value node) bool {
	t := r.term(value)
	return t.Kind == rdf.Literal && t.Datatype == k.term.Value && (k.valid == nil || k.valid(t.Value))
}
func (k datatype) name() string { return DatatypeComponent }
func (k datatype) asked() want  { return want{terms: []rdf.Term{k.term}} }

// nodeKind is sh:nodeKind (SHACL §4.1.3).
type nodeKind struct {
	term   rdf.Term
	permit [4]bool // by rdf.Kind
}

// nodeKinds are the values sh:nodeKind may have.
var nodeKinds = map[rdf.Term][4]bool{
	sh("BlankNode"):          {rdf.Blank: true},
	sh("IRI"):                {rdf.IRI: true},
	sh("Literal"):            {rdf.Literal: true},
	sh("BlankNodeOrIRI"):     {rdf.Blank: true, rdf.IRI: true},
	sh("BlankNodeOrLiteral"): {rdf.Blank: true, rdf.Literal: true},
	sh("IRIOrLiteral"):       {rdf.IRI: true, rdf.Literal: true},
}

func (k nodeKind) pass(r *run, value node) bool { return k.permit[r.term(value).Kind] }
func (k nodeKind) name() string                 { return NodeKindComponent }
func (k nodeKind) asked() want                  { return want{terms: []rdf.Term{k.term}} }

// in is sh:in (SHACL §4.8.3).
type in struct {
	terms []rdf.Term
	index map[rdf.Term]struct{}
}

func (k *in) pass(r *run, value node) bool {
	_, ok := k.index[r.term(value)]
	return ok
}
func (k *in) name() string { return InComponent }
func (k *in) asked() want  { return want{terms: k.terms} }

func buildClass(c *compiler, d *draft, list []statement) {
	for _, st := range list {
		if st.value.Kind == rdf.Literal {
			c.defect(d.shape, &st, DefectIllFormed, true, "the constraint is dropped", "sh:class %s is no class", st.value)
			continue
		}
		d.constraints = append(d.constraints, each(class{c.constant(st.value), st.value}))
	}
}

func buildDatatype(c *compiler, d *draft, _ []statement) {
	for _, st := range c.single(d, "datatype") {
		if st.value.Kind != rdf.IRI {
			c.defect(d.shape, &st, DefectIllFormed, true, "the constraint is dropped", "sh:datatype %s is no IRI", st.value)
			continue
		}
		d.constraints = append(d.constraints, each(datatype{st.value, lexicalForms[st.value.Value]}))
	}
}

func buildNodeKind(c *compiler, d *draft, _ []statement) {
	for _, st := range c.single(d, "nodeKind") {
		permit, ok := nodeKinds[st.value]
		if !ok {
			c.defect(d.shape, &st, DefectIllFormed, true, "the constraint is dropped", "sh:nodeKind %s", st.value)
			continue
		}
		d.constraints = append(d.constraints, each(nodeKind{st.value, permit}))
	}
}

func buildIn(c *compiler, d *draft, _ []statement) {
	for _, st := range c.single(d, "in") {
		members, err := c.list(st.value)
		if err != nil {
			c.defect(d.shape, &st, DefectIllFormed, true, "the constraint is dropped", "sh:in: %v", err)
			continue
		}
		k := &in{terms: members, index: make(map[rdf.Term]struct{}, len(members))}
		for _, m := range members {
			k.index[m] = struct{}{}
		}
		d.constraints = append(d.constraints, each(k))
	}
}
