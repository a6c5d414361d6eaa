package rdf

// nodeElement parses the node element whose start tag is in tok, up to its end
// tag (production nodeElement, §7.2.11). What names the node is told to link
// before the rest is read.
func (p *rdfxml) nodeElement(sc xmlScope, link func(node Term, at place) error) error {
	e, err := p.element(sc)
	if err != nil {
		return err
	}
	s, err := p.subject(&e)
	if err != nil {
		return err
	}
	if link != nil {
		if err := link(s.Term, s.place); err != nil {
			return err
		}
	}
	if e.name != NSRDF+"Description" {
		if err := p.put(s, termType, NewIRI(e.name), e.at); err != nil {
			return err
		}
	}
	if err := p.propertyAttributes(s, &e); err != nil {
		return err
	}
	return p.propertyElements(s, e.xmlScope)
}

// notNodes are the names of the RDF namespace that a node element may not have
// (§7.2.2 to §7.2.5).
var notNodes = map[string]bool{
	NSRDF + "RDF": true, NSRDF + "ID": true, NSRDF + "about": true, NSRDF + "parseType": true, NSRDF + "resource": true,
	NSRDF + "nodeID": true, NSRDF + "datatype": true, NSRDF + "li": true,
	NSRDF + "aboutEach": true, NSRDF + "aboutEachPrefix": true, NSRDF + "bagID": true,
}

// subject finds what a node element is about.
func (p *rdfxml) subject(e *rdfElement) (placed, error) {
	s := placed{place: e.at}
	if notNodes[e.name] {
		return s, p.errorAt(e.at, p.syntax, "<%s> may not be a node element", e.name)
	}
	if len(e.syntax) == 0 {
		s.Term = p.newBlank()
		return s, nil
	}
	a := e.syntax[0]
	if len(e.syntax) > 1 {
		return s, p.misplaced(*e)
	}
	var err error
	switch a.local {
	case "ID":
		s.Term, err = p.made(e.xmlScope, a)
	case "nodeID":
		s.Term, err = p.labelled(a)
	case "about":
		var iri string
		iri, err = p.resolveIn(e.xmlScope, a.value, a.at)
		s.Term = NewIRI(iri)
	default:
		err = p.misplaced(*e)
	}
	return s, err
}

// misplaced refuses the attributes of an element.
func (p *rdfxml) misplaced(e rdfElement) error {
	all := append(append([]xmlAttr(nil), e.syntax...), e.properties...)
	last := all[len(all)-1]
	if len(all) == 1 {
		return p.errorAt(last.at, p.syntax, "the attribute %s may not stand here", last.written())
	}
	return p.errorAt(last.at, p.syntax, "the attributes %s and %s may not stand here together", all[0].written(), last.written())
}

// propertyAttributes emits what the attributes of an element say of s
// (§7.2.11, §7.2.21).
func (p *rdfxml) propertyAttributes(s placed, e *rdfElement) error {
	for _, a := range e.properties {
		o := NewString(a.value)
		switch {
		case a.space == RDFType:
			iri, err := p.resolveIn(e.xmlScope, a.value, a.at)
			if err != nil {
				return err
			}
			o = NewIRI(iri)
		case e.lang != "":
			o = NewLang(a.value, e.lang)
		}
		if err := p.put(s, NewIRI(a.space), o, a.at); err != nil {
			return err
		}
	}
	return nil
}

// propertyElements parses the property elements of s up to the end tag around
// them.
func (p *rdfxml) propertyElements(s placed, sc xmlScope) error {
	for items := 0; ; {
		if err := p.nextTag(); err != nil || p.tok.kind == xmlEndTag {
			return err
		}
		e, err := p.element(sc)
		if err != nil {
			return err
		}
		if e.name == NSRDF+"li" {
			items++
			e.name = memberName(items)
		}
		if err := p.propertyElement(s, &e); err != nil {
			return err
		}
	}
}
