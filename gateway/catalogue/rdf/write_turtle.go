package rdf

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// WriteTurtle writes g as RDF 1.1 Turtle. The prefixes map a prefix without
// colon to its namespace; those in use are declared. The bytes depend on the
// triples, their blank node labels and the prefixes only, not on the order of
// insertion; the labels matter only for blank nodes that Turtle cannot nest,
// because more than one triple, a cycle or very deep nesting leads to them.
func WriteTurtle(w io.Writer, g *Graph, prefixes map[string]string) error {
	names, err := newNames(prefixes)
	if err != nil {
		return err
	}
	t := &turtleWriter{g: g, names: names, layout: newLayout(g)}
	var body []string
	for id := range g.nodes {
		if g.nodes[id].chain[0].count > 0 && !t.layout.inline[uint32(id)] {
			body = append(body, t.subject(uint32(id)))
		}
	}
	slices.Sort(body)
	bw := bufio.NewWriter(w)
	names.declare(bw)
	for i, s := range body {
		if i > 0 || len(names.used) > 0 {
			bw.WriteByte('\n')
		}
		bw.WriteString(s)
	}
	if err := bw.Flush(); err != nil {
		return fmt.Errorf("rdf: write Turtle: %w", err)
	}
	return nil
}

// names abbreviates IRIs.
type names struct {
	prefixes []string // longest namespace first
	spaces   map[string]string
	used     map[string]bool
	memo     map[string]string
}

// ErrPrefix is returned when a prefix for WriteTurtle is none by the grammar
// or its namespace is no absolute IRI.
var ErrPrefix = errors.New("rdf: not a prefix and namespace")

func newNames(prefixes map[string]string) (*names, error) {
	n := &names{spaces: prefixes, used: map[string]bool{}, memo: map[string]string{}}
	for prefix, ns := range prefixes {
		if prefix != "" && (charClass[prefix[0]]&classStart == 0 || !plainName(prefix)) || schemeLength(ns) == 0 || !plainIRI(ns) {
			return nil, fmt.Errorf("%w: %q: %q", ErrPrefix, prefix, ns)
		}
		n.prefixes = append(n.prefixes, prefix)
	}
	slices.SortFunc(n.prefixes, func(a, b string) int {
		if d := len(prefixes[b]) - len(prefixes[a]); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return n, nil
}

// declare writes the prefixes in use.
func (n *names) declare(w *bufio.Writer) {
	used := sortedKeys(n.used)
	for _, prefix := range used {
		fmt.Fprintf(w, "@prefix %s: <%s> .\n", prefix, n.spaces[prefix])
	}
}

// iri returns an IRI in Turtle.
func (n *names) iri(iri string) string {
	if s, ok := n.memo[iri]; ok {
		return s
	}
	s := string(appendTerm(nil, NewIRI(iri)))
	for _, prefix := range n.prefixes {
		if local, ok := strings.CutPrefix(iri, n.spaces[prefix]); ok && plainName(local) {
			n.used[prefix] = true
			s = prefix + ":" + local
			break
		}
	}
	n.memo[iri] = s
	return s
}

// plainName reports whether s can stand in a prefixed name without escapes:
// ASCII PN_CHARS not starting with '-', and dots inside.
func plainName(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '-' && i == 0:
			return false
		case charClass[c]&className != 0:
		case c == '.' && i > 0 && i < len(s)-1:
		default:
			return false
		}
	}
	return true
}

// plainIRI reports whether every character of s may stand in an IRIREF.
func plainIRI(s string) bool {
	for i := 0; i < len(s); i++ {
		if charClass[s[i]]&classIRI == 0 {
			return false
		}
	}
	return true
}

// term returns a term other than a nested blank node in Turtle.
func (n *names) term(t Term) string {
	switch {
	case t.Kind == IRI:
		return n.iri(t.Value)
	case t.Kind == Literal && t.Lang == "" && t.Datatype != XSDString:
		if bare(t) {
			return t.Value
		}
		b := append(appendEscaped([]byte{'"'}, t.Value), '"', '^', '^')
		return string(append(b, n.iri(t.Datatype)...))
	}
	return string(appendTerm(nil, t))
}

// bare reports whether a literal may be written without quotes.
func bare(t Term) bool {
	switch t.Datatype {
	case XSDBoolean:
		return t.Value == "true" || t.Value == "false"
	case XSDInteger, XSDDecimal, XSDDouble:
		return numberType(t.Value) == t.Datatype
	}
	return false
}

// numberType returns the datatype that s has as a number without quotes, or
// "" when it is none.
func numberType(s string) string {
	if s != "" && (s[0] == '+' || s[0] == '-') {
		s = s[1:]
	}
	whole := digits(s)
	s = s[whole:]
	fraction, dot := 0, false
	if s != "" && s[0] == '.' {
		dot = true
		fraction = digits(s[1:])
		s = s[1+fraction:]
	}
	switch {
	case s != "" && s[0]|0x20 == 'e' && whole+fraction > 0:
		s = s[1:]
		if s != "" && (s[0] == '+' || s[0] == '-') {
			s = s[1:]
		}
		if n := digits(s); n > 0 && n == len(s) {
			return XSDDouble
		}
	case s != "":
	case dot && fraction > 0:
		return XSDDecimal
	case !dot && whole > 0:
		return XSDInteger
	}
	return ""
}

// digits returns the number of digits s starts with.
func digits(s string) int {
	n := 0
	for n < len(s) && charClass[s[n]]&classDigit != 0 {
		n++
	}
	return n
}
