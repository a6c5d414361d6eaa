package shacl

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// parts reads a shape's path. A property shape with several paths, as merging files makes them, is
// taken apart: each file's path with what that file says about the shape.
func (c *compiler) parts(d *draft) []*draft {
	paths := d.statements["path"]
	switch len(paths) {
	case 0:
		return []*draft{c.head(d)}
	case 1:
		d.path = c.path(d.shape, paths[0])
		return []*draft{c.head(d)}
	}
	files := map[int]int{}
	for _, p := range paths {
		files[c.origin.file(p.index)]++
	}
	if len(files) < len(paths) {
		c.defect(d.shape, &paths[1], DefectSeveralPaths, true, "the first is used, the others are not checked", "%d sh:path where one may be", len(paths))
		d.path = c.path(d.shape, paths[0])
		return []*draft{c.head(d)}
	}
	c.defect(d.shape, &paths[1], DefectSeveralPaths, false, "taken apart: each file's path with what that file says about the shape",
		"%d files give it a sh:path each", len(paths))
	var out []*draft
	for _, p := range paths {
		file := c.origin.file(p.index)
		part := &draft{shape: &shape{term: d.term, variant: strconv.Itoa(file), severity: Violation}, statements: map[string][]statement{}}
		for predicate, list := range d.statements {
			for _, st := range list {
				if c.origin.file(st.index) == file {
					part.statements[predicate] = append(part.statements[predicate], st)
				}
			}
		}
		part.path = c.path(part.shape, p)
		out = append(out, c.head(part))
	}
	return out
}

// head reads what is neither path nor constraint: severity, messages, sh:deactivated and targets.
func (c *compiler) head(d *draft) *draft {
	if list := c.single(d, "severity"); len(list) > 0 {
		if list[0].value.Kind == rdf.IRI {
			d.severity = list[0].value.Value
		} else {
			c.defect(d.shape, &list[0], DefectIllFormed, false, "sh:Violation is assumed", "sh:severity is no IRI")
		}
	}
	for _, st := range d.statements["message"] {
		if st.value.Kind == rdf.Literal && (st.value.Datatype == rdf.XSDString || st.value.Lang != "") {
			d.messages = append(d.messages, st.value)
			continue
		}
		c.defect(d.shape, &st, DefectIllFormed, false, "the message is dropped", "sh:message is no string")
	}
	if list := c.single(d, "deactivated"); len(list) > 0 {
		v, ok := boolean(list[0].value)
		if !ok {
			c.defect(d.shape, &list[0], DefectIllFormed, false, "the shape stays active", "sh:deactivated is no boolean")
		}
		d.deactivated = ok && v
	}
	c.targets(d)
	return d
}

// constrain reads the constraints of a shape.
func (c *compiler) constrain(d *draft) {
	if len(d.statements["path"]) == 0 && c.isPropertyShape(d) {
		c.defect(d.shape, nil, DefectPathless, false, "read as a node shape: its constraints apply to the node itself", "property shape without sh:path")
	}
	if d.path == nil && len(d.statements["path"]) > 0 {
		return // an ill-formed path: there are no values to judge
	}
	c.unknownTerms(d)
	for _, p := range c.parameters {
		if list := d.statements[p.name]; len(list) > 0 {
			p.build(c, d, list)
		}
	}
	c.contradiction(d)
}

// isPropertyShape reports whether a node is typed as one, or used as one and not typed as a node shape.
func (c *compiler) isPropertyShape(d *draft) bool {
	isType := func(class rdf.Term) bool {
		return slices.ContainsFunc(d.statements[rdf.RDFType], func(st statement) bool { return st.value == class })
	}
	return isType(shPropertyShape) || !isType(shNodeShape) && c.g.Has(rdf.Term{}, shProperty, d.term)
}

// unknownTerms reports terms of the SHACL namespace that mean nothing in SHACL Core.
func (c *compiler) unknownTerms(d *draft) {
	var unknown []string
	for name := range d.statements {
		if !c.known[name] && !strings.Contains(name, ":") {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	for _, name := range unknown {
		c.defect(d.shape, &d.statements[name][0], DefectUnknownTerm, true, "ignored", "sh:%s is no term of SHACL Core", name)
	}
}

// otherTerms are the terms of the SHACL namespace that may be said of a shape and are no constraint.
var otherTerms = []string{
	"path", "targetClass", "targetNode", "targetObjectsOf", "targetSubjectsOf", "severity", "message", "deactivated",
	"name", "description", "order", "group", "defaultValue",
	"flags", "ignoredProperties", "qualifiedMinCount", "qualifiedMaxCount", "qualifiedValueShapesDisjoint",
	"inversePath", "alternativePath", "zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath",
	"declare", "prefixes", "entailment", "shapesGraph", "suggestedShapesGraph",
}

// contradiction reports counts that no data can satisfy.
func (c *compiler) contradiction(d *draft) {
	least, most := 0, -1
	for _, k := range d.constraints {
		switch k := k.(type) {
		case minCount:
			least = max(least, int(k))
		case maxCount:
			if most < 0 || int(k) < most {
				most = int(k)
			}
		}
	}
	if most >= 0 && least > most {
		c.defect(d.shape, nil, DefectContradiction, false, "both apply: no data conforms", "sh:minCount %d and sh:maxCount %d", least, most)
	}
}

// single returns the values of a parameter that may have one. Several are a defect, and all apply.
func (c *compiler) single(d *draft, name string) []statement {
	list := d.statements[name]
	if len(list) > 1 {
		c.defect(d.shape, &list[1], DefectSeveralValues, false, "all of them apply; of severities, the first", "%d values of sh:%s where one may be", len(list), name)
	}
	return list
}
