package shacl

import (
	"strconv"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// parameter is a property that declares a constraint, and how the constraint is made.
type parameter struct {
	name  string
	build func(c *compiler, d *draft, list []statement)
}

// parameters of SHACL Core, in the order in which constraints are checked: the cheap ones first.
func parameters() []parameter {
	return []parameter{
		counts("minCount", true, func(n int) constraint { return minCount(n) }),
		counts("maxCount", true, func(n int) constraint { return maxCount(n) }),
		{"nodeKind", buildNodeKind},
		{"datatype", buildDatatype},
		{"in", buildIn},
		bounds("minExclusive", MinExclusiveComponent, 1, false),
		bounds("minInclusive", MinInclusiveComponent, 1, true),
		bounds("maxExclusive", MaxExclusiveComponent, -1, false),
		bounds("maxInclusive", MaxInclusiveComponent, -1, true),
		counts("minLength", false, func(n int) constraint { return each(length{n, false}) }),
		counts("maxLength", false, func(n int) constraint { return each(length{n, true}) }),
		{"languageIn", buildLanguageIn},
		{"uniqueLang", buildUniqueLang},
		pairs("equals", EqualsComponent, false),
		pairs("disjoint", DisjointComponent, false),
		pairs("lessThan", LessThanComponent, true),
		pairs("lessThanOrEquals", LessThanOrEqualsComponent, true),
		{"pattern", buildPattern},
		{"closed", buildClosed},
		{"hasValue", buildHasValue},
		{"class", buildClass},
		{"property", shapesOf(func(s []*shape) constraint { return property(s) })},
		{"node", shapesOf(func(s []*shape) constraint { return each(conform(s)) })},
		{"not", shapesOf(func(s []*shape) constraint { return each(not(s)) })},
		{"and", listOfShapes(AndComponent)},
		{"or", listOfShapes(OrComponent)},
		{"xone", listOfShapes(XoneComponent)},
		{"qualifiedValueShape", buildQualified},
		{"sparql", buildSPARQL},
	}
}

// shapesOf adds a constraint for each value of a parameter that names a shape.
func shapesOf(of func([]*shape) constraint) func(*compiler, *draft, []statement) {
	return func(c *compiler, d *draft, list []statement) {
		for _, st := range list {
			if st.value.Kind == rdf.Literal {
				c.defect(d.shape, &st, DefectIllFormed, true, "the constraint is dropped", "%s is no shape", st.value)
				continue
			}
			d.constraints = append(d.constraints, of(c.shape(st.value)))
		}
	}
}

// listOfShapes adds a constraint for each value of a parameter that lists shapes.
func listOfShapes(component string) func(*compiler, *draft, []statement) {
	return func(c *compiler, d *draft, list []statement) {
		for _, st := range list {
			members, err := c.list(st.value)
			if err != nil {
				c.defect(d.shape, &st, DefectIllFormed, true, "the constraint is dropped", "%s: %v", st.value, err)
				continue
			}
			k := &logical{component: component}
			for _, m := range members {
				k.members = append(k.members, c.shape(m))
			}
			d.constraints = append(d.constraints, each(k))
		}
	}
}

// counts adds a constraint for each value of a parameter that is a number of values or characters.
func counts(name string, onPath bool, of func(int) constraint) parameter {
	return parameter{name, func(c *compiler, d *draft, _ []statement) {
		for _, st := range c.single(d, name) {
			n, err := strconv.Atoi(strings.TrimPrefix(st.value.Value, "+"))
			switch {
			case err != nil || n < 0 || st.value.Kind != rdf.Literal || !integerType(st.value.Datatype):
				c.defect(d.shape, &st, DefectIllFormed, true, "the constraint is dropped", "sh:%s %s is no number", name, st.value)
			case onPath && d.path == nil:
				c.defect(d.shape, &st, DefectIllFormed, true, "the constraint is dropped", "sh:%s without sh:path", name)
			default:
				d.constraints = append(d.constraints, of(n))
			}
		}
	}}
}
