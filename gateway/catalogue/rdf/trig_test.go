package rdf

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTriGErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, doc string
		want      SyntaxError
	}{
		{"graph in a graph", "<a> {\n { <a> <b> <c> } }", SyntaxError{Line: 2, Col: 2, Msg: "expected a subject, found '{'"}},
		{"graph name in a graph", "{ <a> { <a> <b> <c> } }", SyntaxError{Line: 1, Col: 7, Msg: "expected a predicate, found '{'"}},
		{"directive in a graph", "{ @prefix : <a:> . }", SyntaxError{Line: 1, Col: 3, Msg: "expected a subject, found '@'"}},
		{"graph that does not end", "<a> { <a> <b> <c> .", SyntaxError{Line: 1, Col: 20, Msg: "expected a subject, found the end of the document"}},
		{"statement cut short", "<a> { <a> <b> <c>", SyntaxError{Line: 1, Col: 18, Msg: "expected ',', ';', '.' or '}' after the object, found the end of the document"}},
		{"no dot outside", "<a> <b> <c> }", SyntaxError{Line: 1, Col: 13, Msg: "expected ',', ';' or '.' after the object, found '}'"}},
		{"lone properties inside a property list", "{ [ <b> [ <c> ] ] }", SyntaxError{Line: 1, Col: 15, Msg: "expected an object, found ']'"}},
		{"GRAPH without a name", "GRAPH { }", SyntaxError{Line: 1, Col: 7, Msg: "expected the name of the graph, found '{'"}},
		{"GRAPH with properties", "GRAPH [ <a> <b> ] { }", SyntaxError{Line: 1, Col: 9, Msg: "expected ']': a graph's name has no properties, found '<'"}},
		{"properties as a name", "[ <a> <b> ] { }", SyntaxError{Line: 1, Col: 13, Msg: "expected a predicate, found '{'"}},
		{"collection as a name", "( 1 ) { }", SyntaxError{Line: 1, Col: 7, Msg: "expected a predicate, found '{'"}},
		{"literal as a name", "\"a\" { }", SyntaxError{Line: 1, Col: 1, Msg: "expected a subject, found '\"'"}},
		{"GRAPH without a graph", "GRAPH <a> <b> <c> .", SyntaxError{Line: 1, Col: 11, Msg: "expected '{' after the name of the graph, found '<'"}},
		{"dot after a graph", "{ } .", SyntaxError{Line: 1, Col: 5, Msg: "expected a subject, found '.'"}},
		{"only a name", "<a> .", SyntaxError{Line: 1, Col: 5, Msg: "expected a predicate, found '.'"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.want.Code = CodeTriGSyntax
			_, err := ReadTriG(t.Context(), strings.NewReader(tt.doc), ReadOptions{Base: "http://e/"})
			if diff := cmp.Diff(error(&tt.want), err); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTriGPositions(t *testing.T) {
	t.Parallel()
	const doc = `@prefix : <x:> .
:a :p 1 .
:g { :a :p _:b . [ :q "é" , 2 ] }
graph [] { _:b a :C . }
{ (:x) :p [] }
[] { } [] :p 3 . PREFIX graph: <y:> graph:a { graph:a a graph: }`
	quads, err := ReadTriG(t.Context(), strings.NewReader(doc), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, q := range quads {
		got = append(got, fmt.Sprintf("%d:%d %s", q.Line, q.Col, q))
	}
	const integer = "^^<" + XSDInteger + ">"
	want := []string{
		`2:7 <x:a> <x:p> "1"` + integer + ` .`,
		`3:12 <x:a> <x:p> _:b <x:g> .`,
		`3:23 _:anon-0 <x:q> "é" <x:g> .`,
		`3:29 _:anon-0 <x:q> "2"` + integer + ` <x:g> .`,
		`4:18 _:b <` + RDFType + `> <x:C> _:anon-1 .`,
		`5:4 _:anon-2 <` + RDFFirst + `> <x:x> .`,
		`5:6 _:anon-2 <` + RDFRest + `> <` + RDFNil + `> .`,
		`5:11 _:anon-2 <x:p> _:anon-3 .`,
		`6:14 _:anon-5 <x:p> "3"` + integer + ` .`,
		`6:57 <y:a> <` + RDFType + `> <y:> <y:a> .`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("quads (-want +got):\n%s", diff)
	}
}

// Every Turtle document is a TriG document that says the same (TriG §2.1).
func TestTriGReadsTurtle(t *testing.T) {
	t.Parallel()
	const base = "https://w3c.github.io/rdf-tests/rdf/rdf11/rdf-turtle/"
	dir := sharedDir(t, "catalogue", "w3c", "rdf", "rdf11", "rdf-turtle")
	for _, c := range readManifest(t, dir, base) {
		o := ReadOptions{File: c.action, Base: base + c.action}
		g, err := ReadTurtle(t.Context(), open(t, dir, c.action), o)
		quads, trigErr := ReadTriG(t.Context(), open(t, dir, c.action), o)
		switch {
		case err != nil:
		case trigErr != nil:
			t.Errorf("%s: TriG refuses it: %v", c.name, trigErr)
		case canonicalGraph(t, g) != canonicalQuads(t, quads):
			t.Errorf("%s: TriG reads another graph", c.name)
		}
	}
}

func TestTriGBounds(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		doc  string
		o    ReadOptions
		code string
	}{
		"statements of all graphs": {"<x:a> { <x:a> <x:b> 1 } { <x:a> <x:b> 1, 2 }", ReadOptions{MaxTriples: 2}, CodeTooLarge},
		"depth":                    {"{ [ <x:b> [ <x:b> [] ] ] }", ReadOptions{MaxDepth: 2}, CodeTooDeep},
		"relative graph name":      {"<a> { }", ReadOptions{}, CodeBadIRI},
		"undefined prefix":         {"a:b { }", ReadOptions{}, CodeUndefinedPrefix},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := ReadTriG(t.Context(), strings.NewReader(tt.doc), tt.o)
			var e *SyntaxError
			if !errors.As(err, &e) || e.Code != tt.code {
				t.Errorf("%v, want code %s", err, tt.code)
			}
		})
	}
}
