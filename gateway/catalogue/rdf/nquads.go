package rdf

import (
	"context"
	"io"
)

// ReadNTriples reads an RDF 1.1 N-Triples document into a graph. Labels of
// blank nodes are kept as written. Syntax and bounds are reported as
// *SyntaxError.
func ReadNTriples(ctx context.Context, r io.Reader, o ReadOptions) (*Graph, error) {
	g := NewGraph()
	err := ParseNTriples(ctx, r, o, func(t Triple) error {
		g.Add(t)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return g, nil
}

// ReadNQuads reads an RDF 1.1 N-Quads document and returns its statements in
// order, repeated ones included. Labels of blank nodes are kept as written.
// Syntax and bounds are reported as *SyntaxError.
func ReadNQuads(ctx context.Context, r io.Reader, o ReadOptions) ([]Quad, error) {
	var quads []Quad
	err := ParseNQuads(ctx, r, o, func(q Quad) error {
		quads = append(quads, q)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return quads, nil
}

// ParseNTriples is the streaming form of ReadNTriples; see ParseTurtle for
// what emit may do.
func ParseNTriples(ctx context.Context, r io.Reader, o ReadOptions, emit func(Triple) error) error {
	p := newLines(ctx, r, o, CodeNTriplesSyntax)
	return p.document(func(q Quad) error { return emit(q.Triple) })
}

// ParseNQuads is the streaming form of ReadNQuads; see ParseTurtle for what
// emit may do.
func ParseNQuads(ctx context.Context, r io.Reader, o ReadOptions, emit func(Quad) error) error {
	p := newLines(ctx, r, o, CodeNQuadsSyntax)
	p.graphs = true
	return p.document(emit)
}

// lines is the parser of the formats with one statement to a line.
type lines struct {
	lexer
	maxTriples int
	graphs     bool
}

func newLines(ctx context.Context, r io.Reader, o ReadOptions, syntax string) *lines {
	o = o.withDefaults()
	return &lines{
		lexer:      lexer{source: newSource(ctx, r, o, syntax), names: newInterner()},
		maxTriples: o.MaxTriples,
	}
}

// document parses all lines.
func (p *lines) document(emit func(Quad) error) error {
	for count := 0; ; {
		p.skip(classSpace)
		switch p.peek() {
		case eof:
			return p.broken()
		case '#':
			p.skipLine()
			continue
		}
		if count++; count > p.maxTriples {
			return p.errorf(CodeTooLarge, "the document holds more than %d statements", p.maxTriples)
		}
		q, err := p.statement()
		if err != nil {
			return err
		}
		if err := emit(q); err != nil {
			return err
		}
	}
}

// statement parses a statement up to the end of its line.
func (p *lines) statement() (q Quad, err error) {
	if q.S, err = p.node("a subject"); err != nil {
		return q, err
	}
	p.skip(classBlank)
	if q.P, err = p.iri("a predicate"); err != nil {
		return q, err
	}
	p.skip(classBlank)
	at := p.here()
	q.Line, q.Col = at.line, at.col
	if p.peek() == '"' {
		q.O, err = p.literal()
	} else {
		q.O, err = p.node("an object")
	}
	if err != nil {
		return q, err
	}
	p.skip(classBlank)
	if c := p.peek(); p.graphs && c != '.' {
		if q.G, err = p.node("a graph name or '.'"); err != nil {
			return q, err
		}
		p.skip(classBlank)
	}
	return q, p.end()
}

// end parses the full stop and what may follow it on the line.
func (p *lines) end() error {
	if p.peek() != '.' {
		return p.expected("'.' at the end of the statement")
	}
	p.pos++
	p.skip(classBlank)
	switch p.peek() {
	case '#':
		p.skipLine()
	case eof, '\n', '\r':
	default:
		return p.expected("the end of the line")
	}
	return nil
}

// node parses an IRI or a blank node.
func (p *lines) node(what string) (Term, error) {
	if p.peek() == '_' {
		label, err := p.blankLabel()
		return NewBlank(label), err
	}
	return p.iri(what)
}

// iri parses an absolute IRI.
func (p *lines) iri(what string) (Term, error) {
	if p.peek() != '<' {
		return Term{}, p.expected(what)
	}
	if iri, ok := p.knownIRI(); ok {
		return NewIRI(iri), nil
	}
	raw, iri, err := p.iriRef()
	if err != nil {
		return Term{}, err
	}
	s, known := p.names.slot(raw)
	if known { // it did not lie in the buffer before
		return NewIRI(s.val), nil
	}
	key := string(raw)
	val := key[1:]
	if len(iri) != len(val) {
		val = string(iri)
	}
	if schemeLength(val) == 0 {
		return Term{}, p.errorAt(p.placeOf(p.pos-len(raw)-1), CodeBadIRI, "the IRI <%s> is not absolute", val)
	}
	p.names.put(s, key, val)
	return NewIRI(val), nil
}

// literal parses a literal with its language tag or datatype.
func (p *lines) literal() (Term, error) {
	value, err := p.shortString()
	if err != nil {
		return Term{}, err
	}
	p.skip(classBlank)
	switch p.peek() {
	case '@':
		lang, err := p.langTag()
		return NewLang(value, lang), err
	case '^':
		if p.peekAt(1) != '^' {
			return Term{}, p.expected("'^^' before the datatype")
		}
		p.pos += 2
		p.skip(classBlank)
		datatype, err := p.iri("a datatype")
		return NewTyped(value, datatype.Value), err
	}
	return NewString(value), nil
}
