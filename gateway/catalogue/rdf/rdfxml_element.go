package rdf

import "strings"

// rdfElement is the start tag of an element as RDF/XML sees it (§6.1.2).
type rdfElement struct {
	xmlScope
	at         place
	name       string    // the IRI of the element
	syntax     []xmlAttr // rdf:ID, about, nodeID, resource, datatype, parseType
	properties []xmlAttr // property attributes, whose space holds the whole IRI
}

// get finds an attribute of the syntax.
func (e *rdfElement) get(local string) (xmlAttr, bool) {
	for _, a := range e.syntax {
		if a.local == local {
			return a, true
		}
	}
	return xmlAttr{}, false
}

// has reports whether the element has an attribute of the syntax.
func (e *rdfElement) has(local string) bool {
	_, ok := e.get(local)
	return ok
}

// element takes over the start tag in tok. Its attributes are sorted into
// those of the syntax and those that say something; xml:base and xml:lang
// change the scope.
func (p *rdfxml) element(sc xmlScope) (rdfElement, error) {
	e := rdfElement{xmlScope: sc, at: p.tok.at}
	iri, err := p.nameIRI(p.tok.name, e.at)
	if err != nil {
		return e, err
	}
	e.name = iri
	for _, a := range p.tok.attrs {
		if a.space == nsXML && a.local == "base" {
			if e.base, err = p.newBase(sc, a); err != nil {
				return e, err
			}
		}
	}
	for _, a := range p.tok.attrs {
		if err := p.sort(&e, a); err != nil {
			return e, err
		}
	}
	return e, nil
}

// newBase resolves xml:base.
func (p *rdfxml) newBase(sc xmlScope, a xmlAttr) (reference, error) {
	iri, err := p.resolveIn(sc, a.value, a.at)
	return splitReference(iri), err
}

// sort puts an attribute where it belongs (§6.1.4, §7.2.1 to §7.2.7).
func (p *rdfxml) sort(e *rdfElement, a xmlAttr) error {
	switch {
	case a.space == nsXML:
		if a.local == "lang" {
			if a.value != "" && !isLangTag(a.value) {
				return p.errorAt(a.at, p.syntax, "xml:lang is not a language tag")
			}
			e.lang = a.value
		}
		return nil
	case a.space == "" && len(a.local) >= 3 && strings.EqualFold(a.local[:3], "xml"):
		return nil // reserved by XML; means nothing here
	case a.space == "":
		switch a.local {
		case "ID", "about", "resource", "parseType", "type":
			a.space = NSRDF // spelt as before namespaces
		default:
			return p.errorAt(a.at, p.syntax, "the attribute %s has no namespace", a.local)
		}
	}
	if a.space == NSRDF {
		switch a.local {
		case "ID", "about", "nodeID", "resource", "datatype", "parseType":
			for _, b := range e.syntax {
				if b.local == a.local {
					return p.errorAt(a.at, p.syntax, "the attribute rdf:%s occurs twice", a.local)
				}
			}
			e.syntax = append(e.syntax, a)
			return nil
		case "RDF", "Description", "li", "aboutEach", "aboutEachPrefix", "bagID":
			return p.errorAt(a.at, p.syntax, "rdf:%s may not be an attribute", a.local)
		}
	}
	iri, err := p.nameIRI(a.xmlQName, a.at)
	a.space = iri
	e.properties = append(e.properties, a)
	return err
}

// nameIRI is the IRI that a name stands for (§6.1.2): namespace and local name
// run together.
func (p *rdfxml) nameIRI(n xmlQName, at place) (string, error) {
	if n.space == "" {
		return "", p.errorAt(at, p.syntax, "the element %s has no namespace", n.local)
	}
	p.scratch = append(append(p.scratch[:0], n.space...), n.local...)
	iri := p.intern(p.scratch)
	if schemeLength(iri) == 0 || !plainIRI(iri) {
		return "", p.errorAt(at, CodeBadIRI, "%s stands for <%s>, which is not an absolute IRI", n.written(), iri)
	}
	return iri, nil
}

// resolveIn makes an IRI absolute.
func (p *rdfxml) resolveIn(sc xmlScope, iri string, at place) (string, error) {
	if !plainIRI(iri) {
		return "", p.errorAt(at, CodeBadIRI, "the IRI %q holds a character that an IRI may not hold", iri)
	}
	if schemeLength(iri) > 0 {
		return iri, nil
	}
	if sc.base.scheme == "" {
		return "", p.errorAt(at, CodeBadIRI, "the relative IRI %q has no base", iri)
	}
	return sc.base.resolve(iri), nil
}

// made is the IRI that rdf:ID makes: new in this document (§7.2.34).
func (p *rdfxml) made(sc xmlScope, a xmlAttr) (Term, error) {
	if !isNCName(a.value) {
		return Term{}, p.errorAt(a.at, p.syntax, "rdf:ID %q is not an XML name without colon", a.value)
	}
	iri, err := p.resolveIn(sc, "#"+a.value, a.at)
	if err != nil {
		return Term{}, err
	}
	if _, taken := p.ids[iri]; taken {
		return Term{}, p.errorAt(a.at, p.syntax, "rdf:ID %q occurs twice", a.value)
	}
	p.ids[iri] = struct{}{}
	return NewIRI(iri), nil
}

// labelled is the blank node that rdf:nodeID names.
func (p *rdfxml) labelled(a xmlAttr) (Term, error) {
	if !isNCName(a.value) {
		return Term{}, p.errorAt(a.at, p.syntax, "rdf:nodeID %q is not an XML name without colon", a.value)
	}
	return NewBlank(ownLabel(a.value)), nil
}

// ownLabel keeps a label of the document apart from those of newBlank, and
// makes it one that N-Triples can write: an XML name may end in a dot.
func ownLabel(label string) string {
	if rest, ok := strings.CutPrefix(label, anonPrefix); ok {
		label = anonPrefix + "u" + rest
	}
	if strings.HasSuffix(label, ".") || strings.HasSuffix(label, dotMark) {
		label += dotMark
	}
	return label
}

// dotMark follows a label that ends in a dot, or in this mark itself.
const dotMark = "-dot"

// isLangTag reports whether s has the form of a language tag (the terminal
// LANGTAG of Turtle).
func isLangTag(s string) bool {
	class := classStart
	for part := range strings.SplitSeq(s, "-") {
		if part == "" {
			return false
		}
		for i := range len(part) {
			if charClass[part[i]]&class == 0 {
				return false
			}
		}
		class = classStart | classDigit
	}
	return true
}
