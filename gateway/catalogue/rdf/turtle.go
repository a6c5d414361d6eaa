package rdf

import (
	"context"
	"io"
	"strconv"
	"strings"
)

// ReadTurtle reads an RDF 1.1 Turtle document into a graph. Labels of blank
// nodes are kept as written; those of anonymous blank nodes begin with
// "anon-" and are the same each time the document is read. Syntax and bounds
// are reported as *SyntaxError.
func ReadTurtle(ctx context.Context, r io.Reader, o ReadOptions) (*Graph, error) {
	return readGraph(ctx, r, o, CodeSyntax, (*turtle).statement)
}

// readGraph reads all statements into one graph, which learns where each
// subject is written.
func readGraph(ctx context.Context, r io.Reader, o ReadOptions, syntax string, statement func(*turtle) error) (*Graph, error) {
	g := NewGraph()
	err := newTurtle(ctx, r, o, syntax, func(q Quad, subjectLine int) error {
		g.add(&q.Triple, subjectLine)
		return nil
	}).document(statement)
	if err != nil {
		return nil, err
	}
	return g, nil
}

// ParseTurtle reads an RDF 1.1 Turtle document and calls emit for each triple
// in the order of the document, repeated ones included. It holds no more of
// the document than its longest token and the prefixes. An error of emit ends the reading and
// is returned as it is.
func ParseTurtle(ctx context.Context, r io.Reader, o ReadOptions, emit func(Triple) error) error {
	return newTurtle(ctx, r, o, CodeSyntax, func(q Quad, _ int) error { return emit(q.Triple) }).document((*turtle).statement)
}

// turtle is the parser of one document, in Turtle or in TriG.
type turtle struct {
	lexer
	opts     ReadOptions
	base     reference
	prefixes map[string]string
	graph    Term // the graph that statements are about
	wrapped  bool // inside '{' and '}'
	emit     func(q Quad, subjectLine int) error
	count    int
	depth    int
	anon     int
}

// placed is a term of the document with the place where it is written.
type placed struct {
	Term
	place
}

func newTurtle(ctx context.Context, r io.Reader, o ReadOptions, syntax string, emit func(Quad, int) error) *turtle {
	o = o.withDefaults()
	return &turtle{
		lexer:    lexer{source: newSource(ctx, r, o, syntax), names: newInterner()},
		opts:     o,
		prefixes: map[string]string{},
		emit:     emit,
	}
}

// document parses statements up to the end.
func (p *turtle) document(statement func(*turtle) error) error {
	o := p.opts
	if o.Base != "" {
		if schemeLength(o.Base) == 0 || !plainIRI(o.Base) {
			return p.errorAt(place{1, 1}, CodeBadIRI, "the base %q is not an absolute IRI", o.Base)
		}
		p.base = splitReference(o.Base)
	}
	p.skipBOM()
	for {
		p.space()
		if p.peek() == eof {
			return p.broken()
		}
		if err := statement(p); err != nil {
			return err
		}
	}
}

// skipBOM passes over a byte order mark, which takes no column.
func (p *turtle) skipBOM() {
	if r, size := p.peekRune(0); r == '\uFEFF' && size > 0 {
		p.pos += size
		p.at = p.pos
	}
}

// space passes over white space and comments.
func (p *turtle) space() {
	for {
		p.skip(classSpace)
		if p.peek() != '#' {
			return
		}
		p.skipLine()
	}
}

// put emits a triple whose object stands at the given place.
func (p *turtle) put(s placed, pred, o Term, at place) error {
	if p.count++; p.count > p.opts.MaxTriples {
		return p.errorAt(at, CodeTooLarge, "the document holds more than %d triples", p.opts.MaxTriples)
	}
	return p.emit(Quad{Triple: Triple{S: s.Term, P: pred, O: o, Line: at.line, Col: at.col}, G: p.graph}, s.line)
}

// newBlank returns a blank node that no label of the document names.
func (p *turtle) newBlank() Term {
	b := append(make([]byte, 0, 16), anonPrefix...)
	b = strconv.AppendInt(b, int64(p.anon), 10)
	p.anon++
	return NewBlank(string(b))
}

// anonPrefix begins the labels of anonymous blank nodes, a number following.
// A label of the document that begins so gets a 'u' inserted, which keeps the
// two sorts apart and different labels different.
const anonPrefix = "anon-"

// label scans a blank node label.
func (p *turtle) label() (Term, error) {
	label, err := p.blankLabel()
	if rest, ok := strings.CutPrefix(label, anonPrefix); ok {
		label = anonPrefix + "u" + rest
	}
	return NewBlank(label), err
}

// statement parses a directive or triples with the final dot.
func (p *turtle) statement() error {
	if ok, err := p.directive(); ok || err != nil {
		return err
	}
	if err := p.triples(); err != nil {
		return err
	}
	return p.dot(afterObject)
}

const afterObject = "',', ';' or '.' after the object"

// dot passes over a full stop.
func (p *turtle) dot(what string) error {
	if p.peek() != '.' {
		return p.expected(what)
	}
	p.pos++
	return nil
}
