package shacl

import "github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"

// bound is sh:minExclusive, sh:minInclusive, sh:maxExclusive or sh:maxInclusive (SHACL §4.3).
type bound struct {
	component string
	term      rdf.Term
	value     ordered
	sign      int  // of the comparison that passes: 1 for a minimum
	inclusive bool // whether equal passes too
}

func (k *bound) pass(r *run, value node) bool {
	order, ok := valueOf(r.term(value)).compare(k.value)
	return ok && (order*k.sign > 0 || k.inclusive && order == 0)
}
func (k *bound) name() string { return k.component }
func (k *bound) asked() want  { return want{terms: []rdf.Term{k.term}} }

func bounds(name, component string, sign int, inclusive bool) parameter {
	return parameter{name, func(c *compiler, d *draft, _ []statement) {
		for _, st := range c.single(d, name) {
			v := valueOf(st.value)
			if v.order == unordered {
				c.defect(d.shape, &st, DefectIllFormed, false, "it applies: no value can be compared with it", "sh:%s %s has no order", name, st.value)
			}
			d.constraints = append(d.constraints, each(&bound{component, st.value, v, sign, inclusive}))
		}
	}}
}
