package rdf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/piprate/json-gold/ld"
)

// ReadJSONLD reads a JSON-LD 1.1 document and returns its statements,
// repeated ones included. Syntax, bounds and unknown contexts are reported as
// *SyntaxError.
func ReadJSONLD(ctx context.Context, r io.Reader, o ReadOptions) ([]Quad, error) {
	var quads []Quad
	err := ParseJSONLD(ctx, r, o, func(q Quad) error {
		quads = append(quads, q)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return quads, nil
}

// ParseJSONLD reads a JSON-LD 1.1 document and calls emit for each statement;
// see ParseTurtle for what emit may do. Contexts are those in the document,
// those of ReadOptions.Contexts and the bundled ones (BundledContexts); none
// is ever fetched.
//
// A document of up to 4 MiB may have any shape. A longer one is read one
// element at a time, in constant memory: an array of nodes, or an object with
// its @context first, then @id and @type, and then long arrays in @graph or in
// plain properties, each item of which is an element. A long document of
// another shape is refused with CodeUnsupported.
//
// As the Recommendation has it, members without meaning in the context and
// statements with IRIs that are none are passed over, and base directions are
// not kept. Beyond it, a relative IRI where no base is known is an error.
// Integers keep all their digits. Language tags become lower case.
func ParseJSONLD(ctx context.Context, r io.Reader, o ReadOptions, emit func(Quad) error) error {
	return parseJSONLD(ctx, r, o, ldTuning{whole: wholeJSONLD}, emit)
}

// ldTuning is what tests change to compare one way of reading with another.
type ldTuning struct {
	whole int64  // size up to which a document is taken into memory whole
	slow  bool   // leave every element to json-gold
	left  func() // told of each node left to json-gold
	most  int    // values held at once, or 0 for the usual bound
	work  int64  // of contexts besides that of its size, or 0 likewise
}

// wholeJSONLD is the size up to which a document is taken into memory whole.
const wholeJSONLD = 4 << 20

// jsonLD is the parser of one document.
type jsonLD struct {
	jsonReader
	opts   ReadOptions
	loader *contextLoader
	emit   func(Quad) error
	quads  []Quad // of the element being read
	graph  Term   // the graph that statements are about
	out    bool   // that graph has no name in RDF: its statements are dropped
	count  int
	anon   int
	key    []byte

	options *ld.JsonLdOptions
	left    func()
	work    int   // members and items read
	wasted  int   // of them in nodes that were then left to json-gold
	copied  int64 // terms of contexts
	allowed int64
}

func parseJSONLD(ctx context.Context, r io.Reader, o ReadOptions, tune ldTuning, emit func(Quad) error) error {
	o = o.withDefaults()
	head, err := io.ReadAll(io.LimitReader(r, tune.whole+1))
	if err != nil {
		return fmt.Errorf("rdf: read: %w", err)
	}
	long := int64(len(head)) > tune.whole
	var doc io.Reader = bytes.NewReader(head)
	if long {
		doc = io.MultiReader(doc, r)
	}
	p := &jsonLD{
		jsonReader: newJSONReader(ctx, doc, o), opts: o, emit: emit,
		loader: &contextLoader{ctx: ctx, given: o.Contexts}, left: tune.left,
		allowed: contextWork,
	}
	if tune.work > 0 {
		p.allowed = tune.work
	}
	if tune.most > 0 {
		p.most = tune.most
	}
	if tune.slow {
		p.wasted = maxWasted + 1
	}
	if o.Base != "" && (schemeLength(o.Base) == 0 || !plainIRI(o.Base)) {
		return p.errorAt(place{1, 1}, CodeBadIRI, "the base %q is not an absolute IRI", o.Base)
	}
	p.skipBOM()
	p.options = ld.NewJsonLdOptions(o.Base)
	p.options.DocumentLoader = p.loader
	c := newLDContext(ld.NewContext(nil, p.options))
	if long {
		return p.long(c)
	}
	return p.whole(c)
}

// skipBOM passes over a byte order mark, which takes no column.
func (p *jsonLD) skipBOM() {
	if r, size := p.peekRune(0); r == '\uFEFF' && size > 0 {
		p.pos += size
		p.at = p.pos
	}
}

// whole reads a document that is in memory.
func (p *jsonLD) whole(c *ldContext) error {
	if err := p.begins(); err != nil {
		return err
	}
	v, err := p.value()
	if err != nil {
		return err
	}
	if err := p.end(); err != nil {
		return err
	}
	return p.top(c, v)
}

// begins checks that the document is an array or an object.
func (p *jsonLD) begins() error {
	if c := p.ws(); c != '[' && c != '{' {
		return p.syntaxf("expected an array or an object, found %s", p.next())
	}
	return nil
}

// top reads an element of the document: a node, or an array of elements.
// Scalars there say nothing.
func (p *jsonLD) top(c *ldContext, v jsonValue) error {
	switch v.kind {
	case jsonArray:
		for _, item := range p.children(v) {
			if err := p.top(c, item); err != nil {
				return err
			}
		}
	case jsonObject:
		if err := p.topNode(c, v); err != nil {
			return err
		}
		return p.flush()
	}
	return nil
}

// topNode reads a node that nothing refers to. Where it has nothing but a
// graph, that is the default graph.
func (p *jsonLD) topNode(c *ldContext, v jsonValue) error {
	err := p.node(c, v, nodeAt{top: true}, nil)
	if errors.Is(err, errUnusual) {
		return p.errorAt(v.at, CodeUnsupported, "the object cannot be read as a node")
	}
	return err
}

// flush emits the statements of the element.
func (p *jsonLD) flush() error {
	for i := range p.quads {
		if p.count++; p.count > p.opts.MaxTriples {
			return p.errorAt(place{p.quads[i].Line, p.quads[i].Col}, CodeTooLarge, "the document holds more than %d statements", p.opts.MaxTriples)
		}
		if err := p.emit(p.quads[i]); err != nil {
			return err
		}
	}
	p.quads = p.quads[:0]
	return nil
}

// put keeps a statement, unless one of its terms is zero: what is not an IRI
// stays out of RDF.
func (p *jsonLD) put(s, pred, o Term, at place) {
	if p.out || s.Kind == 0 || pred.Kind == 0 || o.Kind == 0 {
		return
	}
	p.quads = append(p.quads, Quad{Triple: Triple{S: s, P: pred, O: o, Line: at.line, Col: at.col}, G: p.graph})
}

// within runs f with the statements in the graph g; zero drops them.
func (p *jsonLD) within(g Term, f func() error) error {
	graph, out := p.graph, p.out
	p.graph, p.out = g, p.out || g.IsZero()
	err := f()
	p.graph, p.out = graph, out
	return err
}

// newBlank returns a blank node that no label of the document names.
func (p *jsonLD) newBlank() Term {
	b := append(make([]byte, 0, 16), anonPrefix...)
	b = strconv.AppendInt(b, int64(p.anon), 10)
	p.anon++
	return NewBlank(string(b))
}
