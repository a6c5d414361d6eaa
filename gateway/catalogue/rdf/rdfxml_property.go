package rdf

import "strconv"

// memberName is the container membership property number n (§7.4).
func memberName(n int) string { return NSRDF + "_" + strconv.Itoa(n) }

// notProperties are the names of the RDF namespace that a property element may
// not have.
var notProperties = map[string]bool{
	NSRDF + "RDF": true, NSRDF + "ID": true, NSRDF + "about": true, NSRDF + "parseType": true, NSRDF + "resource": true,
	NSRDF + "nodeID": true, NSRDF + "datatype": true, NSRDF + "Description": true,
	NSRDF + "aboutEach": true, NSRDF + "aboutEachPrefix": true, NSRDF + "bagID": true,
}

// statement is the part of a triple that a property element gives, with the
// name of the triple where it has one.
type statement struct {
	s    placed
	pred Term
	name Term // rdf:ID, or zero
}

// propertyElement parses a property element up to its end tag (production
// propertyElt, §7.2.14).
func (p *rdfxml) propertyElement(s placed, e *rdfElement) error {
	if notProperties[e.name] {
		return p.errorAt(e.at, p.syntax, "<%s> may not be a property element", e.name)
	}
	st := statement{s: s, pred: NewIRI(e.name)}
	if a, ok := e.get("ID"); ok {
		var err error
		if st.name, err = p.made(e.xmlScope, a); err != nil {
			return err
		}
	}
	if e.has("about") {
		return p.misplaced(*e)
	}
	if a, ok := e.get("parseType"); ok {
		if len(e.properties) > 0 || e.has("resource") || e.has("nodeID") || e.has("datatype") {
			return p.misplaced(*e)
		}
		switch a.value {
		case "Resource":
			return p.parseResource(st, e)
		case "Collection":
			return p.parseCollection(st, e)
		}
		return p.parseLiteral(st)
	}
	if e.has("resource") || e.has("nodeID") || len(e.properties) > 0 {
		return p.emptyProperty(st, e)
	}
	return p.content(st, e)
}

// say emits the triple of a property element and, when it has a name, the four
// that describe it (§7.3).
func (p *rdfxml) say(st statement, o Term, at place) error {
	if err := p.put(st.s, st.pred, o, at); err != nil || st.name.IsZero() {
		return err
	}
	name := placed{st.name, at}
	for _, part := range [...]struct {
		pred string
		o    Term
	}{
		{RDFType, NewIRI(NSRDF + "Statement")}, {NSRDF + "subject", st.s.Term},
		{NSRDF + "predicate", st.pred}, {NSRDF + "object", o},
	} {
		if err := p.put(name, NewIRI(part.pred), part.o, at); err != nil {
			return err
		}
	}
	return nil
}

// emptyProperty parses a property element whose attributes are all
// (production emptyPropertyElt, §7.2.21).
func (p *rdfxml) emptyProperty(st statement, e *rdfElement) error {
	resource, isResource := e.get("resource")
	label, isBlank := e.get("nodeID")
	if isResource && isBlank || e.has("datatype") {
		return p.misplaced(*e)
	}
	o := placed{place: e.at}
	switch {
	case isResource:
		iri, err := p.resolveIn(e.xmlScope, resource.value, resource.at)
		if err != nil {
			return err
		}
		o = placed{NewIRI(iri), resource.at}
	case isBlank:
		blank, err := p.labelled(label)
		if err != nil {
			return err
		}
		o = placed{blank, label.at}
	default:
		o.Term = p.newBlank()
	}
	if err := p.say(st, o.Term, o.place); err != nil {
		return err
	}
	if err := p.propertyAttributes(o, e); err != nil {
		return err
	}
	if err := p.nextTag(); err != nil {
		return err
	}
	if p.tok.kind != xmlEndTag {
		return p.errorAt(p.tok.at, p.syntax, "a property element with these attributes must be empty")
	}
	return nil
}

// content parses a property element that holds a node element or text
// (productions resourcePropertyElt and literalPropertyElt, §7.2.15, §7.2.16).
func (p *rdfxml) content(st statement, e *rdfElement) error {
	at := p.here()
	p.value = p.value[:0]
	for {
		if err := p.next(); err != nil {
			return err
		}
		switch p.tok.kind {
		case xmlChars:
			p.value = append(p.value, p.tok.text...)
		case xmlStartTag:
			if !isXMLSpace(p.value) || e.has("datatype") {
				return p.errorAt(p.tok.at, p.syntax, "a node element may not stand beside text or a datatype; markup as text needs rdf:parseType=\"Literal\"")
			}
			return p.nested(st, e.xmlScope)
		case xmlEndTag:
			o, err := p.literalTerm(e)
			if err != nil {
				return err
			}
			return p.say(st, o, at)
		}
	}
}

// nested parses the one node element of a property element.
func (p *rdfxml) nested(st statement, sc xmlScope) error {
	err := p.nodeElement(sc, func(o Term, at place) error { return p.say(st, o, at) })
	if err != nil {
		return err
	}
	if err := p.nextTag(); err != nil {
		return err
	}
	if p.tok.kind != xmlEndTag {
		return p.errorAt(p.tok.at, p.syntax, "a property element may hold one node element only")
	}
	return nil
}

// literalTerm is the literal that the text of a property element makes.
func (p *rdfxml) literalTerm(e *rdfElement) (Term, error) {
	value := p.intern(p.value)
	if a, ok := e.get("datatype"); ok {
		datatype, err := p.resolveIn(e.xmlScope, a.value, a.at)
		return NewTyped(value, datatype), err
	}
	if e.lang != "" {
		return NewLang(value, e.lang), nil
	}
	return NewString(value), nil
}

// parseResource parses rdf:parseType="Resource" (§7.2.18).
func (p *rdfxml) parseResource(st statement, e *rdfElement) error {
	node := placed{p.newBlank(), e.at}
	if err := p.say(st, node.Term, node.place); err != nil {
		return err
	}
	return p.propertyElements(node, e.xmlScope)
}

// parseCollection parses rdf:parseType="Collection" (§7.2.19), writing each
// cell of the list as its item comes.
func (p *rdfxml) parseCollection(st statement, e *rdfElement) error {
	cell := placed{place: e.at}
	for {
		if err := p.nextTag(); err != nil {
			return err
		}
		if p.tok.kind == xmlEndTag {
			if cell.IsZero() {
				return p.say(st, termNil, e.at)
			}
			return p.put(cell, termRest, termNil, p.tok.at)
		}
		err := p.nodeElement(e.xmlScope, func(item Term, at place) error {
			next := placed{p.newBlank(), at}
			var err error
			if cell.IsZero() {
				err = p.say(st, next.Term, at)
			} else {
				err = p.put(cell, termRest, next.Term, at)
			}
			if err != nil {
				return err
			}
			cell = next
			return p.put(cell, termFirst, item, at)
		})
		if err != nil {
			return err
		}
	}
}
