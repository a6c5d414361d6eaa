package shacl

import (
	"slices"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// Path is a SHACL property path (SHACL §2.3.1). The zero Path is none.
type Path struct{ root *pathNode }

// pathOp is the sort of a path.
type pathOp uint8

const (
	opPredicate pathOp = iota
	opInverse
	opSequence
	opAlternative
	opZeroOrMore
	opOneOrMore
	opZeroOrOne
)

// pathNode is a path as a tree. It is not changed once made.
type pathNode struct {
	op        pathOp
	predicate rdf.Term
	constant  constant // the predicate's
	parts     []*pathNode
}

// IsZero reports whether p is no path.
func (p Path) IsZero() bool { return p.root == nil }

// Predicate returns the property of a path that is a single one.
func (p Path) Predicate() (rdf.Term, bool) {
	if p.root == nil || p.root.op != opPredicate {
		return rdf.Term{}, false
	}
	return p.root.predicate, true
}

// Predicates returns the properties that p mentions, in order, each once.
func (p Path) Predicates() []rdf.Term {
	var out []rdf.Term
	var walk func(*pathNode)
	walk = func(n *pathNode) {
		if n.op == opPredicate && !slices.Contains(out, n.predicate) {
			out = append(out, n.predicate)
		}
		for _, part := range n.parts {
			walk(part)
		}
	}
	if p.root != nil {
		walk(p.root)
	}
	return out
}

// String renders the path in the syntax of SPARQL 1.1 §9 with full IRIs.
func (p Path) String() string { return p.Compact(nil) }

// Compact renders the path in the syntax of SPARQL 1.1 §9, for example dct:publisher/foaf:name. The
// prefixes map a prefix without colon to its namespace.
func (p Path) Compact(prefixes map[string]string) string {
	if p.root == nil {
		return ""
	}
	var b strings.Builder
	p.root.write(&b, prefixes, 0)
	return b.String()
}

// binding is how tightly the operators bind: what stands inside a tighter one needs parentheses.
var binding = [...]int{opPredicate: 4, opInverse: 2, opSequence: 1, opAlternative: 0, opZeroOrMore: 3, opOneOrMore: 3, opZeroOrOne: 3}

func (n *pathNode) write(b *strings.Builder, prefixes map[string]string, tight int) {
	if binding[n.op] < tight {
		b.WriteByte('(')
		defer b.WriteByte(')')
	}
	switch n.op {
	case opPredicate:
		b.WriteString(compactIRI(n.predicate.Value, prefixes))
	case opInverse:
		b.WriteByte('^')
		n.parts[0].write(b, prefixes, 3)
	case opSequence, opAlternative:
		for i, part := range n.parts {
			if i > 0 {
				b.WriteByte("/|"[n.op-opSequence])
			}
			part.write(b, prefixes, binding[n.op]+1)
		}
	default:
		n.parts[0].write(b, prefixes, 4)
		b.WriteByte("*+?"[n.op-opZeroOrMore])
	}
}

// compactIRI abbreviates an IRI by the longest namespace that fits, or puts it in angle brackets.
func compactIRI(iri string, prefixes map[string]string) string {
	best, space := "", ""
	for prefix, ns := range prefixes {
		if len(ns) > len(space) && strings.HasPrefix(iri, ns) && !strings.ContainsAny(iri[len(ns):], "/#:?") {
			best, space = prefix, ns
		}
	}
	if space == "" {
		return "<" + iri + ">"
	}
	return best + ":" + iri[len(space):]
}
