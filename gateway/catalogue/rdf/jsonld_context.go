package rdf

import (
	"errors"
	"fmt"
	"slices"
	"sort"

	"github.com/piprate/json-gold/ld"
)

// ldContext is an active context (JSON-LD 1.1 API §4.1) with what the names in
// it were found to mean. json-gold makes the contexts; reading by them is ours.
type ldContext struct {
	ld      *ld.Context
	base    reference
	names   map[string]*ldName    // members by their names
	types   map[string]ldType     // values of @type
	derived map[string]*ldContext // by the text of a local context, or by the term that scopes it

	baseless *ld.Context // ld without its base, once it was asked for
	scoping  bool        // a term brings a context
}

// Bounds of what is remembered of contexts: beyond them it is forgotten and
// found out again.
const (
	maxNames        = 1 << 12
	maxDerived      = 64
	longestContext  = 64 << 10
	maxContextLoads = 1000
)

// errUnusual says that the fast path does not do a construct. The node object
// around it is then expanded by json-gold.
var errUnusual = errors.New("rdf: left to json-gold")

func newLDContext(c *ld.Context) *ldContext {
	out := &ldContext{ld: c, names: map[string]*ldName{}, types: map[string]ldType{}, derived: map[string]*ldContext{}}
	if schemeLength(c.Values.Base) > 0 {
		out.base = splitReference(c.Values.Base)
	}
	for _, def := range c.TermDefinitions {
		out.scoping = out.scoping || def != nil && def.HasContext
	}
	return out
}

// local is the context after a local context that is written in the document.
func (p *jsonLD) local(c *ldContext, v jsonValue) (*ldContext, error) {
	p.key = p.appendText(append(p.key[:0], 'l'), v)
	if d, ok := c.derived[string(p.key)]; ok {
		return d, nil
	}
	key := ""
	if len(p.key) <= longestContext {
		key = string(p.key)
	}
	return p.derive(c, key, absoluteContexts(p.opts.Base, p.anyOf(v, true)), v.at)
}

// scoped is the context after one that belongs to the definition of a term
// (§4.1.9 of the Recommendation JSON-LD 1.1): kind 't' for a type, 'p' for a
// property.
func (p *jsonLD) scoped(c *ldContext, kind byte, term string, context any, at place) (*ldContext, error) {
	p.key = append(append(p.key[:0], kind), term...)
	if d, ok := c.derived[string(p.key)]; ok {
		return d, nil
	}
	if context == nil {
		return nil, errUnusual
	}
	d, err := p.derive(c, string(p.key), context, at)
	if err != nil && kind == 'p' {
		return nil, errUnusual // it may redefine protected terms, which only json-gold can say
	}
	return d, err
}

// derive has json-gold process a local context and remembers the result.
// Contexts that do not hold for nested nodes as usual are left to json-gold.
func (p *jsonLD) derive(c *ldContext, key string, context any, at place) (*ldContext, error) {
	if mentions(context, "@propagate") {
		return nil, errUnusual
	}
	if err := p.spend(len(c.ld.TermDefinitions), at); err != nil {
		return nil, err
	}
	p.loader.propagate = false
	var parsed *ld.Context
	err := p.guarded(at, func() (err error) {
		parsed, err = c.ld.Parse(context)
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case p.loader.propagate:
		return nil, errUnusual
	}
	d := newLDContext(parsed)
	if len(c.derived) >= maxDerived {
		clear(c.derived)
	}
	if key != "" {
		c.derived[key] = d
	}
	return d, nil
}

// Bounds of the work that contexts make, in terms copied: each context that is
// processed copies those before it.
const (
	contextWork        = 4_000_000
	contextWorkPerByte = 1 // of the document so far
)

// spend counts the work of contexts and refuses a document that makes much more
// of it than its size explains.
func (p *jsonLD) spend(terms int, at place) error {
	p.copied += int64(terms)
	if p.copied > p.allowed+contextWorkPerByte*(p.opts.MaxBytes-p.limit) {
		return p.errorAt(at, CodeTooLarge, "the contexts of the document take more work than its size allows")
	}
	return nil
}

// guarded calls json-gold and makes a SyntaxError of what it reports, and of
// the panics that it meets malformed documents with.
func (p *jsonLD) guarded(at place, call func() error) (err error) {
	p.loader.failed = nil
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("malformed JSON-LD: %v", r)
		}
		if err != nil {
			err = p.ldError(at, err)
		}
	}()
	return call()
}

// ldError is an error of json-gold at a place.
func (p *jsonLD) ldError(at place, err error) error {
	if f := p.loader.failed; f != nil {
		return p.errorAt(at, f.code, "%s", f.msg)
	}
	var e *ld.JsonLdError
	if errors.As(err, &e) && e.Details != nil {
		return p.errorAt(at, p.syntax, "%s: %v", e.Code, e.Details)
	}
	return p.errorAt(at, p.syntax, "%v", err)
}

// ldName is what a member's name means in a context.
type ldName struct {
	term     string
	keyword  string // or empty
	pred     Term   // of a property; zero when it is dropped from RDF
	dropped  bool   // means nothing: the member is passed over
	unusual  bool   // left to json-gold
	list     bool   // @container @list
	lang     bool   // @container @language
	coerced  string // @type of the term: an IRI, a keyword or empty
	language string // of strings, or empty
	def      *ld.TermDefinition
}

// name finds what a member's name means (IRI expansion with vocab, §5.2).
func (p *jsonLD) name(c *ldContext, key string) *ldName {
	if n, ok := c.names[key]; ok {
		return n
	}
	if len(c.names) >= maxNames {
		clear(c.names)
	}
	n := p.findName(c, key)
	c.names[key] = n
	return n
}

func (p *jsonLD) findName(c *ldContext, key string) *ldName {
	n := &ldName{term: key}
	iri, ok := p.expand(c, key, true, false)
	switch {
	case !ok:
		n.dropped = true
		return n
	case ld.IsKeyword(iri):
		n.keyword = iri
		return n
	case len(iri) > 1 && iri[:2] == "_:": // no predicate, yet its nodes count
	case schemeLength(iri) == 0:
		n.dropped = true
		return n
	case wellFormed(iri):
		n.pred = NewIRI(iri)
	}
	n.language = c.ld.Values.Language
	if def := c.ld.TermDefinitions[key]; def != nil {
		n.def = def
		n.coerced = def.Type
		n.unusual = def.Reverse || def.Nest != "" || def.Index != ""
		if def.HasLanguage {
			n.language = ""
			if def.Language != nil {
				n.language = *def.Language
			}
		}
		for _, container := range def.Container {
			switch container {
			case "@set":
			case "@list":
				n.list = true
			case "@language":
				n.lang = true
			default:
				n.unusual = true
			}
		}
	}
	return n
}

// ldType is what a value of @type means.
type ldType struct {
	term   Term // zero when it is no IRI
	iri    string
	scoped *ld.TermDefinition // when it brings a context
}

// typed finds what a value of @type means.
func (p *jsonLD) typed(c *ldContext, value string) ldType {
	if t, ok := c.types[value]; ok {
		return t
	}
	if len(c.types) >= maxNames {
		clear(c.types)
	}
	var t ldType
	if iri, ok := p.expand(c, value, true, true); ok {
		t.iri = iri
		t.term, _ = p.resource(iri)
	}
	if def := c.ld.TermDefinitions[value]; def != nil && def.HasContext {
		t.scoped = def
	}
	c.types[value] = t
	return t
}

// typeScoped is the context for the members of a node with these types: the
// contexts of the types' terms in code point order.
func (p *jsonLD) typeScoped(c *ldContext, types []jsonValue) (*ldContext, error) {
	var scoping []string
	for _, t := range types {
		if p.typed(c, t.text).scoped != nil && !slices.Contains(scoping, t.text) {
			scoping = append(scoping, t.text)
		}
	}
	sort.Strings(scoping)
	d := c
	for _, term := range scoping {
		var err error
		if d, err = p.scoped(d, 't', term, p.typed(c, term).scoped.Context, types[0].at); err != nil {
			return nil, err
		}
	}
	return d, nil
}
