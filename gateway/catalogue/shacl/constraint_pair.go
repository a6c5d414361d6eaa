package shacl

import "github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"

// pair is a constraint between the values and those of another property of the focus (SHACL §4.5).
type pair struct {
	component string
	constant
	term rdf.Term
}

func (k *pair) check(r *run, s *shape, focus node, from, to int) bool {
	others := r.set()
	defer r.free(others)
	r.step(k.constant, focus, false, others)
	ok := true
	fail := func(value node) {
		if ok = false; r.quiet == 0 {
			r.report(s, k.component, focus, value, want{terms: []rdf.Term{k.term}})
		}
	}
	switch k.component {
	case EqualsComponent:
		r.equals(from, to, others, fail)
	case DisjointComponent:
		for i := from; i < to; i++ {
			if others.has(r.values[i]) {
				fail(r.values[i])
			}
		}
	default:
		r.lessThan(from, to, others, k.component == LessThanOrEqualsComponent, fail)
	}
	r.worked(to - from + len(others.list))
	return ok
}

// equals is sh:equals (SHACL §4.5.1): the values that only one side has.
func (r *run) equals(from, to int, others *set, fail func(node)) {
	own := r.set()
	defer r.free(own)
	for i := from; i < to; i++ {
		own.add(r.values[i])
		if !others.has(r.values[i]) {
			fail(r.values[i])
		}
	}
	for _, v := range others.list {
		if !own.has(v) {
			fail(v)
		}
	}
}

// lessThan is sh:lessThan or sh:lessThanOrEquals (SHACL §4.5.3, §4.5.4): each pair that is not so.
func (r *run) lessThan(from, to int, others *set, orEqual bool, fail func(node)) {
	for i := from; i < to && r.err == nil; i++ {
		v := valueOf(r.term(r.values[i]))
		for _, o := range others.list {
			order, ok := v.compare(valueOf(r.term(o)))
			if !ok || order > 0 || order == 0 && !orEqual {
				fail(r.values[i])
			}
		}
		r.worked(len(others.list))
	}
}

func pairs(name, component string, onPath bool) parameter {
	return parameter{name, func(c *compiler, d *draft, list []statement) {
		for _, st := range list {
			if st.value.Kind != rdf.IRI || onPath && d.path == nil {
				c.defect(d.shape, &st, DefectIllFormed, true, "the constraint is dropped", "sh:%s %s", name, st.value)
				continue
			}
			d.constraints = append(d.constraints, &pair{component: component, constant: c.constant(st.value), term: st.value})
		}
	}}
}
