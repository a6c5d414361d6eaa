package rdf

import (
	"context"
	"io"
)

// ReadTriG reads an RDF 1.1 TriG document and returns its statements in
// order, repeated ones included. A label names the same blank node in all the
// graphs of the document (TriG §2.3). Blank nodes and errors are as in
// ReadTurtle.
func ReadTriG(ctx context.Context, r io.Reader, o ReadOptions) ([]Quad, error) {
	var quads []Quad
	err := ParseTriG(ctx, r, o, func(q Quad) error {
		quads = append(quads, q)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return quads, nil
}

// ParseTriG is the streaming form of ReadTriG; see ParseTurtle for what it
// holds and what emit may do.
func ParseTriG(ctx context.Context, r io.Reader, o ReadOptions, emit func(Quad) error) error {
	p := newTurtle(ctx, r, o, CodeTriGSyntax, func(q Quad, _ int) error { return emit(q) })
	return p.document((*turtle).block)
}

// block parses a directive, a graph, or triples of the default graph with the
// final dot (TriG §6.3, rules 1 to 5).
func (p *turtle) block() error {
	if ok, err := p.directive(); ok || err != nil {
		return err
	}
	switch c := p.peek(); {
	case c == '{':
		return p.wrappedGraph(Term{})
	case c == '[':
		return p.bracketBlock()
	case c == '(':
		return p.statement()
	case c|0x20 == 'g' && p.keyword("GRAPH"):
		return p.graphBlock()
	}
	s := placed{place: p.here()}
	var err error
	if s.Term, err = p.node("a subject"); err != nil {
		return err
	}
	return p.triplesOrGraph(s, false)
}

// bracketBlock parses what follows a '[': a blank node without label may name
// a graph, one with properties may only be a subject.
func (p *turtle) bracketBlock() error {
	s := placed{Term: p.newBlank(), place: p.here()}
	filled, err := p.propertyList(s)
	if err != nil {
		return err
	}
	return p.triplesOrGraph(s, filled)
}

// triplesOrGraph parses what follows the first term of a block: the graph it
// names, or what is said of it.
func (p *turtle) triplesOrGraph(s placed, filled bool) error {
	p.space()
	if p.peek() == '{' && !filled {
		return p.wrappedGraph(s.Term)
	}
	if err := p.about(s, filled); err != nil {
		return err
	}
	return p.dot(afterObject)
}

// graphBlock parses the rest of "GRAPH name { … }".
func (p *turtle) graphBlock() error {
	p.space()
	var name Term
	var err error
	if p.peek() == '[' {
		p.pos++
		p.space()
		if p.peek() != ']' {
			return p.expected("']': a graph's name has no properties")
		}
		p.pos++
		name = p.newBlank()
	} else if name, err = p.node("the name of the graph"); err != nil {
		return err
	}
	p.space()
	if p.peek() != '{' {
		return p.expected("'{' after the name of the graph")
	}
	return p.wrappedGraph(name)
}

// wrappedGraph parses "{ … }" about the named graph; the dot after the last
// triples may be missing.
func (p *turtle) wrappedGraph(name Term) error {
	p.pos++
	p.graph, p.wrapped = name, true
	for {
		p.space()
		if p.peek() == '}' {
			break
		}
		if err := p.triples(); err != nil {
			return err
		}
		if p.peek() == '}' {
			break
		}
		if err := p.dot("',', ';', '.' or '}' after the object"); err != nil {
			return err
		}
	}
	p.pos++
	p.graph, p.wrapped = Term{}, false
	return nil
}
