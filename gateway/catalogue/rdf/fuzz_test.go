package rdf

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// fuzzLimits keep one case short.
var fuzzLimits = Limits{MaxQuads: 2_000, MaxNDegreeCalls: 2_000}

// fuzzOptions likewise.
var fuzzOptions = ReadOptions{Base: "http://example.org/dir/doc", MaxBytes: 1 << 16, MaxTriples: 1_000, MaxDepth: 20}

// canonicalOrSkip returns the canonical form, or skips what is too complex.
func canonicalOrSkip(t *testing.T, quads []Quad) string {
	t.Helper()
	b, err := Canonical(t.Context(), each(quads), fuzzLimits)
	if errors.Is(err, ErrPoison) {
		t.Skip("too complex")
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// checkRefusal fails the test unless err is a syntax error at a place inside
// the document.
func checkRefusal(t *testing.T, err error, doc []byte) {
	t.Helper()
	var e *SyntaxError
	if !errors.As(err, &e) {
		t.Fatalf("refused with %v", err)
	}
	lines := 1 + bytes.Count(doc, []byte{'\n'}) + bytes.Count(doc, []byte{'\r'})
	if e.Line < 1 || e.Line > lines || e.Col < 1 || e.Col > len(doc)+1 || e.Code == "" || e.Msg == "" {
		t.Fatalf("%d lines, error at %d:%d, code %q: %s", lines, e.Line, e.Col, e.Code, e.Msg)
	}
}

// checkPieces fails the test unless a document reads the same, place by place,
// whether its bytes come at once or one by one.
func checkPieces(t *testing.T, f Format, doc []byte) {
	t.Helper()
	read := func(r io.Reader) (quads []Quad, err error) {
		err = Parse(t.Context(), r, f, fuzzOptions, func(q Quad) error {
			quads = append(quads, q)
			return nil
		})
		return quads, err
	}
	whole, err := read(bytes.NewReader(doc))
	pieces, piecesErr := read(iotest.OneByteReader(bytes.NewReader(doc)))
	if diff := cmp.Diff(err, piecesErr); diff != "" {
		t.Fatalf("error (-at once +byte by byte):\n%s", diff)
	}
	if !slices.Equal(whole, pieces) {
		t.Fatalf("at once:\n%v\nbyte by byte:\n%v", whole, pieces)
	}
}

// quadsOf returns a graph's triples as quads.
func quadsOf(g *Graph) []Quad { return slices.Collect(g.Quads()) }

func FuzzTurtle(f *testing.F) {
	for _, doc := range []string{
		"", "@prefix e: <http://e/> .\ne:a a e:B ; e:p 1, -.5, 1e3, true, \"x\"@en-GB, '''l\no'n\"g'''^^e:t .",
		"PREFIX : <#>\nbase <../>\n:a :p ( 1 ( ) [ :q [] ; ] ) . [ :r <?q> ] . [] :s <//h/./x/..> .",
		"<a> <b> \"\\u00e9\\U0001F600\\t\\\"\" . # c\r\n_:a.b <p> _:anon-0 , [] .",
		"@prefix a.b: <x:> . a.b:c\\~d%20.e:f a <\\u00e9> .", "\uFEFF@base <http://a> . <> <> <> .",
		"(1 2) <p> (3) . _:x <p> _:x , _:y . _:y <q> _:x .", "<< <a> <b> <c> >> <d> 1 .",
		"<a> <p> [ <p> [ <p> [ <p> \"\xff\" ] ] ] .", "<a> <p> 1.e , 1. .", "<a> a.b:c <d> .", "<a> <b> '",
	} {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		checkPieces(t, Turtle, doc)
		g, err := ReadTurtle(t.Context(), bytes.NewReader(doc), fuzzOptions)
		if err != nil {
			checkRefusal(t, err, doc)
			return
		}
		want := canonicalOrSkip(t, quadsOf(g))
		var ttl, nt bytes.Buffer
		if err := WriteTurtle(&ttl, g, map[string]string{"": "http://example.org/", "e": "http://e/"}); err != nil {
			t.Fatal(err)
		}
		if err := WriteNTriples(&nt, g.All()); err != nil {
			t.Fatal(err)
		}
		h, err := ReadTurtle(t.Context(), &ttl, ReadOptions{MaxDepth: 2*maxNesting + 2})
		if err != nil {
			t.Fatalf("own Turtle: %v", err)
		}
		if got := canonicalOrSkip(t, quadsOf(h)); got != want {
			t.Fatalf("Turtle changed the graph:\n%s\n%s", want, got)
		}
		if h, err = ReadNTriples(t.Context(), &nt, ReadOptions{}); err != nil {
			t.Fatalf("own N-Triples: %v", err)
		}
		if got := canonicalOrSkip(t, quadsOf(h)); got != want {
			t.Fatalf("N-Triples changed the graph:\n%s\n%s", want, got)
		}
	})
}

func FuzzNTriples(f *testing.F) {
	for _, doc := range []string{
		"", "<a:a> <a:b> <a:c> .\n# c\n_:x <a:b> \"\\n\\u00e9\"@en .\r\n\r_:x <a:b> \"1\"^^<a:t> . # d",
		"<a:a><a:b>_:x.1.", "<a:../b/./c> <a:b> <a://> .", "<a:a> <a:b> \"\x00\" .", "<a> <b> <c> .", "_:a_ <a:b> \"", "<a:\\u0041> <a:b> _:.",
	} {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		checkPieces(t, NTriples, doc)
		g, err := ReadNTriples(t.Context(), bytes.NewReader(doc), fuzzOptions)
		if err != nil {
			checkRefusal(t, err, doc)
			return
		}
		want := canonicalOrSkip(t, quadsOf(g))
		var ttl, nt bytes.Buffer
		if err := WriteNTriples(&nt, g.All()); err != nil {
			t.Fatal(err)
		}
		h, err := ReadNTriples(t.Context(), &nt, ReadOptions{})
		if err != nil {
			t.Fatalf("own N-Triples: %v", err)
		}
		if got := canonicalOrSkip(t, quadsOf(h)); got != want {
			t.Fatalf("N-Triples changed the graph:\n%s\n%s", want, got)
		}
		if err := WriteTurtle(&ttl, g, nil); err != nil {
			t.Fatal(err)
		}
		if h, err = ReadTurtle(t.Context(), &ttl, ReadOptions{}); err != nil {
			t.Fatalf("own Turtle: %v", err)
		}
		if got := canonicalOrSkip(t, quadsOf(h)); got != want {
			t.Fatalf("Turtle changed the graph:\n%s\n%s", want, got)
		}
	})
}

func FuzzNQuads(f *testing.F) {
	for _, doc := range []string{
		"", "<a:a> <a:b> <a:c> <a:g> .\n_:x <a:b> \"x\" _:x .\n_:y <a:b> _:x .", "<a:a><a:b>\"\"@en<a:g>.", "_:a <a:b> _:b _:c.d .", "<a:a> <a:b> \"\" \"\" .",
	} {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		checkPieces(t, NQuads, doc)
		quads, err := ReadNQuads(t.Context(), bytes.NewReader(doc), fuzzOptions)
		if err != nil {
			checkRefusal(t, err, doc)
			return
		}
		want := canonicalOrSkip(t, quads)
		var nq bytes.Buffer
		if err := WriteNQuads(&nq, each(quads)); err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{nq.String(), want} {
			again, err := ReadNQuads(t.Context(), bytes.NewReader([]byte(text)), ReadOptions{})
			if err != nil {
				t.Fatalf("own N-Quads: %v", err)
			}
			if got := canonicalOrSkip(t, again); got != want {
				t.Fatalf("N-Quads changed the dataset:\n%s\n%s", want, got)
			}
		}
	})
}
