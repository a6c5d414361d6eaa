package shacl

import (
	"slices"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// target selects focus nodes of the data (SHACL §2.1.3).
type target interface {
	// focus adds the focus nodes to out.
	focus(r *run, out *set)
}

type (
	targetNode       constant
	targetClass      constant
	targetSubjectsOf constant
	targetObjectsOf  constant
)

// targetBuilders make a target of the value of a target property.
var targetBuilders = map[rdf.Term]func(constant) target{
	sh("targetNode"):       func(k constant) target { return targetNode(k) },
	sh("targetClass"):      func(k constant) target { return targetClass(k) },
	sh("targetSubjectsOf"): func(k constant) target { return targetSubjectsOf(k) },
	sh("targetObjectsOf"):  func(k constant) target { return targetObjectsOf(k) },
}

// targets reads the targets of a shape.
func (c *compiler) targets(d *draft) {
	for _, name := range []string{"targetNode", "targetClass", "targetSubjectsOf", "targetObjectsOf"} {
		for _, st := range d.statements[name] {
			if name == "targetNode" && st.value.Kind == rdf.Blank || name != "targetNode" && st.value.Kind != rdf.IRI {
				c.defect(d.shape, &st, DefectIllFormed, true, "the target is dropped", "sh:%s %s", name, st.value)
				continue
			}
			d.targets = append(d.targets, targetBuilders[sh(name)](c.constant(st.value)))
		}
	}
	if d.term.Kind == rdf.IRI && c.isClass(d.term) {
		d.targets = append(d.targets, targetClass(c.constant(d.term)))
	}
}

// isClass reports whether a node is a shape by type and an instance of rdfs:Class, so that the class is
// its own target (SHACL §2.1.3.3).
func (c *compiler) isClass(term rdf.Term) bool {
	types := c.g.Objects(term, rdfType)
	if !slices.Contains(types, shNodeShape) && !slices.Contains(types, shPropertyShape) {
		return false
	}
	for i := 0; i < len(types); i++ {
		if types[i] == rdfsClass {
			return true
		}
		for _, super := range c.g.Objects(types[i], subClassOf) {
			if !slices.Contains(types, super) {
				types = append(types, super)
			}
		}
	}
	return false
}

func (t targetNode) focus(r *run, out *set) { out.add(r.constant(constant(t))) }

// focus of a class are its instances in the data; its subclasses may be known to the background only.
func (t targetClass) focus(r *run, out *set) {
	class := r.constant(constant(t))
	r.subclasses(class, func(sub node) {
		if id, ok := r.inData(sub); ok {
			r.incoming(id, constType, out)
		}
	})
}

func (t targetSubjectsOf) focus(r *run, out *set) { r.ends(constant(t), out, true) }
func (t targetObjectsOf) focus(r *run, out *set)  { r.ends(constant(t), out, false) }

// incoming adds the subjects of the data's triples with a predicate and object.
func (r *run) incoming(object rdf.ID, predicate constant, out *set) {
	p, ok := r.id(predicate)
	if !ok {
		return
	}
	cur := r.data.Find(rdf.AnyID, p, object)
	for cur.Next() {
		out.add(node(cur.S()))
	}
	r.worked(cur.Steps())
}

// ends adds one end of the data's triples with a predicate.
func (r *run) ends(predicate constant, out *set, subjects bool) {
	p, ok := r.id(predicate)
	if !ok {
		return
	}
	cur := r.data.Find(rdf.AnyID, p, rdf.AnyID)
	for cur.Next() {
		out.add(node(far(&cur, subjects)))
	}
	r.worked(cur.Steps())
}
