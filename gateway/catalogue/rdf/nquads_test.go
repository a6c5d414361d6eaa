package rdf

import (
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestNQuadsErrors(t *testing.T) {
	tests := []struct {
		name, doc string
		want      SyntaxError
	}{
		{"relative IRI", "<a:s> <p> <a:o> .", SyntaxError{Line: 1, Col: 7, Code: CodeBadIRI, Msg: "the IRI <p> is not absolute"}},
		{"two on a line", "<a:s> <a:p> <a:o> . <a:s> <a:p> <a:o> .", SyntaxError{Line: 1, Col: 21, Code: CodeNQuadsSyntax, Msg: "expected the end of the line, found '<'"}},
		{"line break inside", "<a:s> <a:p>\n <a:o> .", SyntaxError{Line: 1, Col: 12, Code: CodeNQuadsSyntax, Msg: "expected an object, found the end of the line"}},
		{"literal graph", "<a:s> <a:p> <a:o> \"g\" .", SyntaxError{Line: 1, Col: 19, Code: CodeNQuadsSyntax, Msg: "expected a graph name or '.', found '\"'"}},
		{"blank predicate", "# c\n_:s _:p <a:o> .", SyntaxError{Line: 2, Col: 5, Code: CodeNQuadsSyntax, Msg: "expected a predicate, found '_'"}},
		{"colon in label", "_:a:b <a:p> <a:o> .", SyntaxError{Line: 1, Col: 4, Code: CodeNQuadsSyntax, Msg: "expected a predicate, found ':'"}},
		{"single quotes", "<a:s> <a:p> 'o' .", SyntaxError{Line: 1, Col: 13, Code: CodeNQuadsSyntax, Msg: `expected an object, found '\''`}},
		{"prefixed name", "e:s <a:p> <a:o> .", SyntaxError{Line: 1, Col: 1, Code: CodeNQuadsSyntax, Msg: "expected a subject, found 'e'"}},
		{"byte order mark", "\uFEFF<a:s> <a:p> <a:o> .", SyntaxError{Line: 1, Col: 1, Code: CodeNQuadsSyntax, Msg: `expected a subject, found '\ufeff'`}},
		{"bad language tag", "<a:s> <a:p> \"é\"@1 .", SyntaxError{Line: 1, Col: 17, Code: CodeNQuadsSyntax, Msg: "expected a language tag, found '1'"}},
		{"bad escape", "<a:s> <a:p> \"é\\x\" .", SyntaxError{Line: 1, Col: 15, Code: CodeBadEscape, Msg: "unknown escape sequence"}},
		{"too many", "<a:s> <a:p> <a:o> .\n<a:s> <a:p> <a:o> .\n<a:s> <a:p> <a:o> .\n", SyntaxError{Line: 3, Col: 1, Code: CodeTooLarge, Msg: "the document holds more than 2 statements"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ReadNQuads(t.Context(), iotest.OneByteReader(strings.NewReader(tt.doc)), ReadOptions{MaxTriples: 2})
			if diff := cmp.Diff(error(&tt.want), err); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadNQuads(t *testing.T) {
	const doc = "<a:s><a:p>\"x\\ty\\u00E9\\U0001F600\"@en-GB<a:g>.# c\r\n\r\n" +
		" _:s.1\t<a:p> _:o <a:g> . \n" +
		"<a:s> <a:p> \"\" ^^ <a:\\u00E9> ."
	got, err := ReadNQuads(t.Context(), strings.NewReader(doc), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	g := NewIRI("a:g")
	want := []Quad{
		{Triple{NewIRI("a:s"), NewIRI("a:p"), NewLang("x\tyé😀", "en-GB"), 1, 11}, g},
		{Triple{NewBlank("s.1"), NewIRI("a:p"), NewBlank("o"), 3, 14}, g},
		{Triple{NewIRI("a:s"), NewIRI("a:p"), NewTyped("", "a:é"), 4, 13}, Term{}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("quads (-want +got):\n%s", diff)
	}
	if _, err := ReadNTriples(t.Context(), strings.NewReader(doc), ReadOptions{}); err == nil {
		t.Error("N-Triples took a graph name")
	}
}
