package rdf

import (
	"context"
	"io"
	"strconv"
)

// ReadRDFXML reads an RDF 1.1 XML document into a graph. Blank nodes are
// labelled as ReadTurtle does it. Syntax and bounds are reported as
// *SyntaxError.
func ReadRDFXML(ctx context.Context, r io.Reader, o ReadOptions) (*Graph, error) {
	g := NewGraph()
	err := parseRDFXML(ctx, r, o, func(t Triple, subjectLine int) error {
		g.add(&t, subjectLine)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return g, nil
}

// ParseRDFXML reads an RDF 1.1 XML document and calls emit for each triple in
// the order of the document, repeated ones included; see ParseTurtle for what
// emit may do. It holds the elements that are open, one text, and the names
// given by rdf:ID, which the document may give only once.
//
// Beyond the Recommendation it takes white space inside an empty property
// element. It takes less than XML 1.0 in four points: UTF-8 only, no external
// entities, no parameter entities or declared attributes, and no markup inside
// entities; these are refused with CodeUnsupported.
func ParseRDFXML(ctx context.Context, r io.Reader, o ReadOptions, emit func(Triple) error) error {
	return parseRDFXML(ctx, r, o, func(t Triple, _ int) error { return emit(t) })
}

// rdfxml is the parser of one document, by the grammar of RDF 1.1 XML Syntax
// §7.2.
type rdfxml struct {
	xmlScanner
	opts  ReadOptions
	emit  func(t Triple, subjectLine int) error
	ids   map[string]struct{} // IRIs made by rdf:ID (§7.2.34)
	value []byte              // text of the property element being read
	count int
	anon  int
}

// xmlScope is what an element inherits from those around it.
type xmlScope struct {
	base reference
	lang string
}

func parseRDFXML(ctx context.Context, r io.Reader, o ReadOptions, emit func(Triple, int) error) error {
	o = o.withDefaults()
	p := &rdfxml{
		xmlScanner: xmlScanner{
			lexer:    lexer{source: newSource(ctx, r, o, CodeRDFXMLSyntax), names: newInterner()},
			entities: map[string]string{},
			// A nested node takes two elements, and rdf:RDF is around all.
			maxOpen: 2*o.MaxDepth + 3,
		},
		opts: o, emit: emit, ids: map[string]struct{}{},
	}
	var top xmlScope
	if o.Base != "" {
		if schemeLength(o.Base) == 0 || !plainIRI(o.Base) {
			return p.errorAt(place{1, 1}, CodeBadIRI, "the base %q is not an absolute IRI", o.Base)
		}
		top.base = splitReference(o.Base)
	}
	p.skipBOM()
	return p.document(top)
}

// skipBOM passes over a byte order mark, which takes no column.
func (p *rdfxml) skipBOM() {
	if r, size := p.peekRune(0); r == '\uFEFF' && size > 0 {
		p.pos += size
		p.at = p.pos
	}
}

// document parses the document element (production doc).
func (p *rdfxml) document(top xmlScope) error {
	if err := p.nextTag(); err != nil {
		return err
	}
	var err error
	if p.tok.name.space == NSRDF && p.tok.name.local == "RDF" {
		err = p.root(top)
	} else {
		err = p.nodeElement(top, nil)
	}
	if err != nil {
		return err
	}
	return p.nextTag()
}

// root parses rdf:RDF (production RDF).
func (p *rdfxml) root(sc xmlScope) error {
	e, err := p.element(sc)
	if err != nil {
		return err
	}
	if len(e.syntax) > 0 || len(e.properties) > 0 {
		return p.misplaced(e)
	}
	for {
		if err := p.nextTag(); err != nil || p.tok.kind == xmlEndTag {
			return err
		}
		if err := p.nodeElement(e.xmlScope, nil); err != nil {
			return err
		}
	}
}

// nextTag passes over comments, instructions and white space to the next tag
// or the end of the document.
func (p *rdfxml) nextTag() error {
	for {
		if err := p.next(); err != nil {
			return err
		}
		switch p.tok.kind {
		case xmlChars:
			if !isXMLSpace(p.tok.text) {
				return p.errorAt(p.tok.at, p.syntax, "text may stand only inside a property element")
			}
		case xmlStartTag, xmlEndTag, xmlEOF:
			return nil
		}
	}
}

// put emits a triple whose object stands at the given place.
func (p *rdfxml) put(s placed, pred, o Term, at place) error {
	if p.count++; p.count > p.opts.MaxTriples {
		return p.errorAt(at, CodeTooLarge, "the document holds more than %d triples", p.opts.MaxTriples)
	}
	return p.emit(Triple{S: s.Term, P: pred, O: o, Line: at.line, Col: at.col}, s.line)
}

// newBlank returns a blank node that no rdf:nodeID names.
func (p *rdfxml) newBlank() Term {
	b := append(make([]byte, 0, 16), anonPrefix...)
	b = strconv.AppendInt(b, int64(p.anon), 10)
	p.anon++
	return NewBlank(string(b))
}
