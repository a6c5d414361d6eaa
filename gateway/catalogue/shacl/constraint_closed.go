package shacl

import "github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"

// closed is sh:closed true with sh:ignoredProperties (SHACL §4.8.1).
type closed struct {
	permit []constant // the properties a node may have
}

func (k *closed) check(r *run, s *shape, focus node, from, to int) bool {
	permitted := r.set()
	defer r.free(permitted)
	for _, p := range k.permit {
		if id, ok := r.id(p); ok {
			permitted.add(node(id))
		}
	}
	ok := true
	for i := from; i < to; i++ {
		id, in := r.inData(r.values[i])
		if !in {
			continue
		}
		cur := r.data.Find(id, rdf.AnyID, rdf.AnyID)
		for cur.Next() {
			if permitted.has(node(cur.P())) {
				continue
			}
			if ok = false; r.quiet > 0 {
				return false
			}
			k.report(r, s, focus, cur.Index())
		}
		r.worked(cur.Steps())
	}
	return ok
}

// report shows the property that may not be there as the path.
func (k *closed) report(r *run, s *shape, focus node, triple int) {
	if at := r.report(s, ClosedComponent, focus, noNode, want{}); at != nil {
		t := r.data.Triple(triple)
		at.Path, at.Value = Path{&pathNode{op: opPredicate, predicate: t.P}}, t.O
		at.at(r.origin.placeOf(r.data, triple))
	}
}

// buildClosed permits the properties that are paths of the shape's own property shapes.
func buildClosed(c *compiler, d *draft, _ []statement) {
	for _, st := range c.single(d, "closed") {
		v, ok := boolean(st.value)
		if !ok {
			c.defect(d.shape, &st, DefectIllFormed, true, "the constraint is dropped", "sh:closed %s is no boolean", st.value)
		}
		if !v {
			continue
		}
		k := &closed{}
		for _, ignored := range c.single(d, "ignoredProperties") {
			members, err := c.list(ignored.value)
			if err != nil {
				c.defect(d.shape, &ignored, DefectIllFormed, false, "no property is ignored", "sh:ignoredProperties: %v", err)
			}
			for _, m := range members {
				k.permit = append(k.permit, c.constant(m))
			}
		}
		for _, p := range d.statements["property"] {
			for _, path := range c.g.Objects(p.value, shPath) {
				if path.Kind == rdf.IRI {
					k.permit = append(k.permit, c.constant(path))
				}
			}
		}
		d.constraints = append(d.constraints, k)
	}
}
