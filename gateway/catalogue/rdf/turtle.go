package rdf

import (
	"bytes"
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

// directive parses a directive, if one is next, and reports whether it was.
func (p *turtle) directive() (bool, error) {
	switch c := p.peek(); {
	case c == '@':
		return true, p.atDirective()
	case c|0x20 == 'p' && p.keyword("PREFIX"):
		return true, p.prefixDirective()
	case c|0x20 == 'b' && p.keyword("BASE"):
		return true, p.baseDirective()
	}
	return false, nil
}

// keyword passes over a word, in letters of any case, and reports whether it
// was next.
func (p *turtle) keyword(word string) bool {
	after := p.peekAt(len(word))
	if after != eof && (charClass[after]&className != 0 || after == ':' || after == '.' || after >= 0x80) {
		return false
	}
	next := p.buf[p.pos:]
	if len(next) < len(word) || !bytes.EqualFold(next[:len(word)], []byte(word)) {
		return false
	}
	p.pos += len(word)
	return true
}

// atDirective parses "@prefix … ." or "@base … .".
func (p *turtle) atDirective() error {
	at := p.here()
	word, err := p.langTag()
	if err != nil {
		return err
	}
	switch word {
	case "prefix":
		err = p.prefixDirective()
	case "base":
		err = p.baseDirective()
	default:
		if err := p.broken(); err != nil {
			return err
		}
		return p.errorAt(at, p.syntax, "expected @prefix or @base, found @%s", word)
	}
	if err != nil {
		return err
	}
	p.space()
	return p.dot("'.' at the end of the directive")
}

// dot passes over a full stop.
func (p *turtle) dot(what string) error {
	if p.peek() != '.' {
		return p.expected(what)
	}
	p.pos++
	return nil
}

// prefixDirective parses a prefix and the namespace it stands for.
func (p *turtle) prefixDirective() error {
	p.space()
	p.token()
	if p.startsName() {
		p.nameRun()
	}
	prefix := string(p.text())
	p.done()
	if p.peek() != ':' {
		return p.expected("a prefix followed by ':'")
	}
	p.pos++
	p.space()
	if p.peek() != '<' {
		return p.expected("the namespace IRI in '<' and '>'")
	}
	ns, err := p.iri()
	if err != nil {
		return err
	}
	if p.prefixes[prefix] != ns {
		p.prefixes[prefix] = ns
		p.names.forget()
	}
	return nil
}

// baseDirective parses a new base IRI.
func (p *turtle) baseDirective() error {
	p.space()
	if p.peek() != '<' {
		return p.expected("the base IRI in '<' and '>'")
	}
	base, err := p.iri()
	if err != nil {
		return err
	}
	p.base = splitReference(base)
	p.names.forget()
	return nil
}
