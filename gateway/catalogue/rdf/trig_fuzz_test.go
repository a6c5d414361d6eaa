package rdf

import (
	"bytes"
	"testing"
)

func FuzzTriG(f *testing.F) {
	for _, doc := range []string{
		"", "{}", "<a> { <a> <b> <c> } <d> <e> <f> .", "GRAPH _:g { _:g <p> [ <q> ( 1 _:g ) ] . }",
		"@prefix : <x:> . :g { :a :p 'x'@en . [ :q true ] } [] { } [ :q 1 ] .", "prefix graph: <y:> graph:a { graph:a a graph: ; }",
		"graph [] { _:anon-0 <p> [] } _:anon-0 <p> [] .", "{ (1 2) <p> <<", "<a> { <a> <b> \"\\u00e9\\n\" . . }", "{ { } }", "graph",
	} {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		checkPieces(t, TriG, doc)
		quads, err := ReadTriG(t.Context(), bytes.NewReader(doc), fuzzOptions)
		if err != nil {
			checkRefusal(t, err, doc)
			return
		}
		want := canonicalOrSkip(t, quads)
		var nq bytes.Buffer
		if err := WriteNQuads(&nq, each(quads)); err != nil {
			t.Fatal(err)
		}
		again, err := ReadNQuads(t.Context(), &nq, ReadOptions{})
		if err != nil {
			t.Fatalf("own N-Quads: %v", err)
		}
		if got := canonicalOrSkip(t, again); got != want {
			t.Fatalf("N-Quads changed the dataset:\n%s\n%s", want, got)
		}
		if again, err = ReadTriG(t.Context(), bytes.NewReader(trigOf(quads)), ReadOptions{}); err != nil {
			t.Fatalf("own TriG: %v", err)
		}
		if got := canonicalOrSkip(t, again); got != want {
			t.Fatalf("TriG changed the dataset:\n%s\n%s", want, got)
		}
	})
}

// trigOf writes quads as TriG, each in a graph block of its own.
func trigOf(quads []Quad) []byte {
	var b []byte
	for _, q := range quads {
		b = appendTerm(b, q.G)
		b = append(b, '{')
		b = appendQuad(b, Quad{Triple: q.Triple})
		b = append(b, '}', '\n')
	}
	return b
}
