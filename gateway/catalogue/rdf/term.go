package rdf

// Kind tells the three sorts of RDF term apart. The zero Kind belongs to the
// zero Term, which stands for "no term": a wildcard in Graph.Match, the
// default graph in Quad.G.
type Kind uint8

// The kinds of term of RDF 1.1 Concepts §3.1.
const (
	IRI Kind = iota + 1
	Blank
	Literal
)

// Term is an RDF term: an IRI, a blank node or a literal. Terms are
// comparable with == and may be map keys. Equality is RDF term equality
// except that language tags are compared as written; the canonical form
// lower-cases them.
type Term struct {
	// Kind is the sort of term.
	Kind Kind
	// Value is the IRI, the blank node's label without "_:", or the
	// literal's lexical form.
	Value string
	// Datatype is the literal's datatype IRI, always set for literals.
	Datatype string
	// Lang is the literal's language tag as written, or empty.
	Lang string
}

// NewIRI returns the IRI v, which is taken as it is.
func NewIRI(v string) Term { return Term{Kind: IRI, Value: v} }

// NewBlank returns the blank node with the given label, without "_:".
func NewBlank(label string) Term { return Term{Kind: Blank, Value: label} }

// NewString returns the plain literal v, of datatype xsd:string.
func NewString(v string) Term { return Term{Kind: Literal, Value: v, Datatype: XSDString} }

// NewLang returns the literal v with a language tag, of datatype
// rdf:langString.
func NewLang(v, lang string) Term {
	return Term{Kind: Literal, Value: v, Datatype: RDFLangString, Lang: lang}
}

// NewTyped returns the literal v of the given datatype IRI; an empty datatype
// means xsd:string.
func NewTyped(v, datatype string) Term {
	if datatype == "" {
		datatype = XSDString
	}
	return Term{Kind: Literal, Value: v, Datatype: datatype}
}

// IsZero reports whether t is no term at all.
func (t Term) IsZero() bool { return t.Kind == 0 }

// String returns the term in N-Triples form, with the escapes of canonical
// N-Quads; the zero term gives the empty string.
func (t Term) String() string { return string(appendTerm(nil, t)) }

// Triple is an RDF triple with the place it was read from.
type Triple struct {
	// S, P and O are subject, predicate and object.
	S, P, O Term
	// Line and Col are where the object starts in its source, from 1, Col in
	// code points; 0 when unknown. They are not part of the triple's identity.
	Line, Col int
}

// String returns the triple in N-Triples form, without a line break.
func (t Triple) String() string { return string(appendQuad(nil, Quad{Triple: t})) }

// Quad is a triple in a named graph, or in the default graph when G is zero.
type Quad struct {
	Triple
	// G names the graph: an IRI, a blank node or the zero term.
	G Term
}

// String returns the quad in N-Quads form, without a line break.
func (q Quad) String() string { return string(appendQuad(nil, q)) }
