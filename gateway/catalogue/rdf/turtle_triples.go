package rdf

// Terms of the grammar itself.
var (
	termType  = NewIRI(RDFType)
	termFirst = NewIRI(RDFFirst)
	termRest  = NewIRI(RDFRest)
	termNil   = NewIRI(RDFNil)
)

// triples parses a subject with its predicates and objects, and the space
// after them.
func (p *turtle) triples() error {
	s := placed{place: p.here()}
	var err error
	switch p.peek() {
	case '[':
		var filled bool
		s.Term = p.newBlank()
		if filled, err = p.propertyList(s); err != nil {
			return err
		}
		return p.about(s, filled)
	case '(':
		s.Term, err = p.collection(func(Term) error { return nil })
	default:
		s.Term, err = p.node("a subject")
	}
	if err != nil {
		return err
	}
	return p.about(s, false)
}

// node parses a subject or graph name that is a single token.
func (p *turtle) node(what string) (Term, error) {
	switch c := p.peek(); {
	case c == '_':
		return p.label()
	case c == '<':
		return p.iriTerm()
	case p.startsName() || c == ':':
		return p.prefixedName(what)
	}
	return Term{}, p.expected(what)
}

// about parses what is said of the subject. A property list that says
// something may be all.
func (p *turtle) about(s placed, filled bool) error {
	p.space()
	if c := p.peek(); filled && (c == '.' || c == '}' && p.wrapped) {
		return nil
	}
	return p.predicateObjectList(s)
}

// predicateObjectList parses predicates with their objects, at least one.
func (p *turtle) predicateObjectList(s placed) error {
	for {
		pred, err := p.predicate()
		if err != nil {
			return err
		}
		if err := p.objectList(s, pred); err != nil {
			return err
		}
		if p.peek() != ';' {
			return nil
		}
		for p.peek() == ';' {
			p.pos++
			p.space()
		}
		if c := p.peek(); c == '.' || c == ']' || c == '}' && p.wrapped {
			return nil
		}
	}
}

// predicate parses an IRI or the word "a".
func (p *turtle) predicate() (Term, error) {
	switch c := p.peek(); {
	case c == '<':
		return p.iriTerm()
	case p.startsName() || c == ':':
		iri, word, err := p.name()
		if err != nil {
			return Term{}, err
		}
		switch word {
		case "":
			return NewIRI(iri), nil
		case "a":
			return termType, nil
		}
		return Term{}, p.strayWord("a predicate", word)
	}
	return Term{}, p.expected("a predicate")
}

// objectList parses objects separated by commas, at least one, and the space
// after them.
func (p *turtle) objectList(s placed, pred Term) error {
	for {
		p.space()
		if err := p.object(s, pred); err != nil {
			return err
		}
		p.space()
		if p.peek() != ',' {
			return nil
		}
		p.pos++
	}
}

// object parses one object and emits its triple, then what the object itself
// holds.
func (p *turtle) object(s placed, pred Term) error {
	at := p.here()
	var o Term
	var err error
	switch c := p.peek(); {
	case c == '<':
		o, err = p.iriTerm()
	case c == '"' || c == '\'':
		o, err = p.literal()
	case c == '_':
		o, err = p.label()
	case c == '[':
		o = p.newBlank()
		if err := p.put(s, pred, o, at); err != nil {
			return err
		}
		_, err = p.propertyList(placed{o, at})
		return err
	case c == '(':
		_, err = p.collection(func(head Term) error { return p.put(s, pred, head, at) })
		return err
	case c == '+' || c == '-' || c == '.' || c != eof && charClass[c]&classDigit != 0:
		o, err = p.number()
	case p.startsName() || c == ':':
		o, err = p.nameOrBoolean()
	default:
		err = p.expected("an object")
	}
	if err != nil {
		return err
	}
	return p.put(s, pred, o, at)
}
