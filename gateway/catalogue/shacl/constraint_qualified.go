package shacl

import (
	"slices"
	"strconv"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// qualified is sh:qualifiedValueShape with its counts (SHACL §4.7.3).
type qualified struct {
	value       []*shape
	siblings    [][]*shape // a value that conforms to one of them does not count
	least, most int        // -1: no such bound
}

func (k *qualified) check(r *run, s *shape, focus node, from, to int) bool {
	n := 0
	for i := from; i < to && r.err == nil; i++ {
		if k.counts(r, r.values[i]) {
			n++
		}
	}
	if r.err != nil {
		return true
	}
	few, many := k.least >= 0 && n < k.least, k.most >= 0 && n > k.most
	if r.quiet > 0 {
		return !few && !many
	}
	if few {
		r.report(s, QualifiedMinCountComponent, focus, noNode, want{number: k.least, terms: names(k.value)})
	}
	if many {
		r.report(s, QualifiedMaxCountComponent, focus, noNode, want{number: k.most, terms: names(k.value)})
	}
	return !few && !many
}

func (k *qualified) counts(r *run, value node) bool {
	if !r.conforms(k.value, value) {
		return false
	}
	for _, sibling := range k.siblings {
		if r.conforms(sibling, value) {
			return false
		}
	}
	return true
}

func (k *qualified) shapes() []*shape {
	return append(slices.Clone(k.value), slices.Concat(k.siblings...)...)
}

func buildQualified(c *compiler, d *draft, list []statement) {
	if d.path == nil {
		c.defect(d.shape, &list[0], DefectIllFormed, true, "the constraint is dropped", "sh:qualifiedValueShape without sh:path")
		return
	}
	least, most := c.qualifiedCount(d, "qualifiedMinCount"), c.qualifiedCount(d, "qualifiedMaxCount")
	disjoint := false
	for _, st := range c.single(d, "qualifiedValueShapesDisjoint") {
		v, _ := boolean(st.value)
		disjoint = disjoint || v
	}
	for _, st := range list {
		if st.value.Kind == rdf.Literal {
			c.defect(d.shape, &st, DefectIllFormed, true, "the constraint is dropped", "%s is no shape", st.value)
			continue
		}
		k := &qualified{value: c.shape(st.value), least: least, most: most}
		if disjoint {
			for _, sibling := range c.siblings(d, list) {
				k.siblings = append(k.siblings, c.shape(sibling))
			}
		}
		d.constraints = append(d.constraints, k)
	}
}

// siblings are the qualified value shapes of the other property shapes of the shapes this one is a
// property of (SHACL §4.7.3, sibling shapes).
func (c *compiler) siblings(d *draft, own []statement) []rdf.Term {
	var out []rdf.Term
	for _, parent := range c.g.Subjects(shProperty, d.term) {
		for _, p := range c.g.Objects(parent, shProperty) {
			for _, q := range c.g.Objects(p, sh("qualifiedValueShape")) {
				isOwn := slices.ContainsFunc(own, func(st statement) bool { return st.value == q })
				if !isOwn && q.Kind != rdf.Literal && !slices.Contains(out, q) {
					out = append(out, q)
				}
			}
		}
	}
	return out
}

// qualifiedCount reads one of the counts; -1 when there is none. Of several the stricter applies.
func (c *compiler) qualifiedCount(d *draft, name string) int {
	count := -1
	for _, st := range c.single(d, name) {
		n, err := strconv.Atoi(st.value.Value)
		if err != nil || n < 0 || !integerType(st.value.Datatype) {
			c.defect(d.shape, &st, DefectIllFormed, true, "the count is dropped", "sh:%s %s is no number", name, st.value)
			continue
		}
		if count < 0 || name == "qualifiedMinCount" && n > count || name == "qualifiedMaxCount" && n < count {
			count = n
		}
	}
	return count
}
