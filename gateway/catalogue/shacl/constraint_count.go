package shacl

import "github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"

type (
	// minCount is sh:minCount (SHACL §4.2.1).
	minCount int
	// maxCount is sh:maxCount (SHACL §4.2.2).
	maxCount int
)

func (k minCount) check(r *run, s *shape, focus node, from, to int) bool {
	if to-from >= int(k) {
		return true
	}
	r.report(s, MinCountComponent, focus, noNode, want{number: int(k)})
	return false
}

// check of a maximum shows the place of the first value too many.
func (k maxCount) check(r *run, s *shape, focus node, from, to int) bool {
	if to-from <= int(k) {
		return true
	}
	if r.quiet == 0 {
		r.reportAt(s, MaxCountComponent, focus, r.values[from+int(k)], want{number: int(k)})
	}
	return false
}

// hasValue is sh:hasValue (SHACL §4.8.2).
type hasValue struct {
	constant
	term rdf.Term
}

func (k hasValue) check(r *run, s *shape, focus node, from, to int) bool {
	wanted := r.constant(k.constant)
	for _, v := range r.values[from:to] {
		if v == wanted {
			return true
		}
	}
	if r.quiet == 0 {
		r.report(s, HasValueComponent, focus, noNode, want{terms: []rdf.Term{k.term}})
	}
	return false
}

func buildHasValue(c *compiler, d *draft, list []statement) {
	for _, st := range list {
		d.constraints = append(d.constraints, hasValue{c.constant(st.value), st.value})
	}
}

// property is sh:property (SHACL §4.7.2): the property shapes report for themselves.
type property []*shape

func (k property) check(r *run, _ *shape, _ node, from, to int) bool {
	ok := true
	for i := from; i < to && r.err == nil; i++ {
		for _, s := range k {
			if !r.shape(s, r.values[i]) {
				if ok = false; r.quiet > 0 {
					return false
				}
			}
		}
	}
	return ok
}

func (k property) shapes() []*shape { return k }
