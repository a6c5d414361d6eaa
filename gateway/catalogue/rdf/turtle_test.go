package rdf

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestTurtleErrors(t *testing.T) {
	long := strings.Repeat("é", 20_000)
	tests := []struct {
		name, doc string
		want      SyntaxError
	}{
		{"undefined prefix as subject", "\n  ex:a a ex:B .", SyntaxError{Line: 2, Col: 3, Code: CodeUndefinedPrefix, Msg: `the prefix "ex:" is not defined`}},
		{"undefined prefix as predicate", "<a> ex:p <b> .", SyntaxError{Line: 1, Col: 5, Code: CodeUndefinedPrefix, Msg: `the prefix "ex:" is not defined`}},
		{"undefined prefix as datatype", "<a> <p> \"x\"^^ex:p .", SyntaxError{Line: 1, Col: 14, Code: CodeUndefinedPrefix, Msg: `the prefix "ex:" is not defined`}},
		{"undefined empty prefix", "<a> <p> :b .", SyntaxError{Line: 1, Col: 9, Code: CodeUndefinedPrefix, Msg: `the prefix ":" is not defined`}},
		{"column in code points", "<a> <p> \"é€😀\" , ex:b .", SyntaxError{Line: 1, Col: 17, Code: CodeUndefinedPrefix, Msg: `the prefix "ex:" is not defined`}},
		{"carriage return in a string", "<a> <p> \"x\ry\" .", SyntaxError{Line: 1, Col: 11, Code: CodeSyntax, Msg: "expected the closing quote of the string, found the end of the line"}},
		{"line feed in a string", "<a> <p> 'x\ny' .", SyntaxError{Line: 1, Col: 11, Code: CodeSyntax, Msg: "expected the closing quote of the string, found the end of the line"}},
		{"misspelt scheme", "<a> <p> <ht_tp://e/> .", SyntaxError{Line: 1, Col: 9, Code: CodeBadIRI, Msg: "<ht_tp://e/> is no IRI: what stands before the first ':' is not a scheme"}},
		{"no scheme", "<:a> <p> 1 .", SyntaxError{Line: 1, Col: 1, Code: CodeBadIRI, Msg: "<:a> is no IRI: what stands before the first ':' is not a scheme"}},
		{"column after long line", "<a> <p> \"" + long + "\" ; !", SyntaxError{Line: 1, Col: 20_014, Code: CodeSyntax, Msg: "expected a predicate, found '!'"}},
		{"line after long string", "<a> <p> \"\"\"" + strings.Repeat(long+"\n", 3) + "\"\"\" .\n ;", SyntaxError{Line: 5, Col: 2, Code: CodeSyntax, Msg: "expected a subject, found ';'"}},
		{"carriage return line feed", "<a> <p> <b> .\r\n\r\n ;", SyntaxError{Line: 3, Col: 2, Code: CodeSyntax, Msg: "expected a subject, found ';'"}},
		{"carriage return alone", "# c\r<a> <p>\r ;", SyntaxError{Line: 3, Col: 2, Code: CodeSyntax, Msg: "expected an object, found ';'"}},
		{"byte order mark has no column", "\uFEFF;", SyntaxError{Line: 1, Col: 1, Code: CodeSyntax, Msg: "expected a subject, found ';'"}},
		{"missing dot", "<a> <p> <b>\n<c> <p> <d> .", SyntaxError{Line: 2, Col: 1, Code: CodeSyntax, Msg: "expected ',', ';' or '.' after the object, found '<'"}},
		{"end of document", "<a> <p>", SyntaxError{Line: 1, Col: 8, Code: CodeSyntax, Msg: "expected an object, found the end of the document"}},
		{"unclosed string", "<a> <p> \"abc\n\" .", SyntaxError{Line: 1, Col: 13, Code: CodeSyntax, Msg: "expected the closing quote of the string, found the end of the line"}},
		{"unclosed long string", "<a> <p> \"\"\"abc\n\"\" ", SyntaxError{Line: 2, Col: 4, Code: CodeSyntax, Msg: "expected the closing quotes of the string, found the end of the document"}},
		{"unclosed property list", "<a> <p> [ <q> 1 .", SyntaxError{Line: 1, Col: 17, Code: CodeSyntax, Msg: "expected ',', ';' or ']' after the object, found '.'"}},
		{"bare word as object", "<a> <p> truth .", SyntaxError{Line: 1, Col: 9, Code: CodeSyntax, Msg: `expected an object, found the word "truth"`}},
		{"bare word as predicate", "<a> is <b> .", SyntaxError{Line: 1, Col: 5, Code: CodeSyntax, Msg: `expected a predicate, found the word "is"`}},
		{"unknown directive", " @prefixes a: <b:> .", SyntaxError{Line: 1, Col: 2, Code: CodeSyntax, Msg: "expected @prefix or @base, found @prefixes"}},
		{"directive without dot", "@base <a:b>\n<c> <d> <e> .", SyntaxError{Line: 2, Col: 1, Code: CodeSyntax, Msg: "expected '.' at the end of the directive, found '<'"}},
		{"space in IRI", "<a> <p> <b c> .", SyntaxError{Line: 1, Col: 11, Code: CodeBadIRI, Msg: "' ' may not stand in an IRI"}},
		{"escaped space in IRI", "<a> <p> <b\\u0020c> .", SyntaxError{Line: 1, Col: 11, Code: CodeBadIRI, Msg: "' ' may not stand in an IRI, escaped or not"}},
		{"echar in IRI", "<a> <p> <b\\n> .", SyntaxError{Line: 1, Col: 11, Code: CodeBadEscape, Msg: "unknown escape sequence"}},
		{"surrogate escape", "<a> <p> \"x\\uD800\" .", SyntaxError{Line: 1, Col: 11, Code: CodeBadEscape, Msg: "the escape names no character"}},
		{"escape beyond Unicode", "<a> <p> \"\\U00110000\" .", SyntaxError{Line: 1, Col: 10, Code: CodeBadEscape, Msg: "the escape names no character"}},
		{"short escape", "<a> <p> \"\\u12\" .", SyntaxError{Line: 1, Col: 10, Code: CodeBadEscape, Msg: "\\u needs four and \\U eight hexadecimal digits"}},
		{"unknown escape", "<a> <p> 'a\\zb' .", SyntaxError{Line: 1, Col: 11, Code: CodeBadEscape, Msg: "unknown escape sequence"}},
		{"bad local escape", "@prefix e: <e:> . e:a\\x <p> 1 .", SyntaxError{Line: 1, Col: 22, Code: CodeBadEscape, Msg: "unknown escape sequence in a prefixed name"}},
		{"bad percent", "@prefix e: <e:> . e:a%g0 <p> 1 .", SyntaxError{Line: 1, Col: 22, Code: CodeBadEscape, Msg: "'%' needs two hexadecimal digits"}},
		{"invalid UTF-8", "<a> <p>\n \"é\xff\" .", SyntaxError{Line: 2, Col: 4, Code: CodeBadEncoding, Msg: "the bytes are not valid UTF-8"}},
		{"UTF-8 broken off", "<a> <p> \"\xc3", SyntaxError{Line: 1, Col: 10, Code: CodeBadEncoding, Msg: "the bytes are not valid UTF-8"}},
		{"encoded surrogate", "<a> <p> \"\xed\xa0\x80\" .", SyntaxError{Line: 1, Col: 10, Code: CodeBadEncoding, Msg: "the bytes are not valid UTF-8"}},
		{"quoted triple", "<< <a> <b> <c> >> <p> 1 .", SyntaxError{Line: 1, Col: 1, Code: CodeUnsupported, Msg: "quoted triples are not supported"}},
		{"nested too deep", "<a> <p> [ <q> ( [ <r> ( 1 ) ] ) ] .", SyntaxError{Line: 1, Col: 23, Code: CodeTooDeep, Msg: "blank nodes and collections nest deeper than 3 levels"}},
		{"too many triples", "<a> <p> 1 , 2 ,\n 3 , 4 , 5, 6, 7 .", SyntaxError{Line: 2, Col: 16, Code: CodeTooLarge, Msg: "the document holds more than 6 triples"}},
		{"literal as subject", "1 <p> <o> .", SyntaxError{Line: 1, Col: 1, Code: CodeSyntax, Msg: "expected a subject, found '1'"}},
		{"sign without digits", "<a> <p> + .", SyntaxError{Line: 1, Col: 10, Code: CodeSyntax, Msg: "expected an object, found ' '"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := ReadOptions{File: "f.ttl", Base: "http://example.org/", MaxDepth: 3, MaxTriples: 6}
			for how, r := range map[string]io.Reader{
				"at once": strings.NewReader(tt.doc),
				"slow":    iotest.OneByteReader(strings.NewReader(tt.doc)),
				"eof too": iotest.DataErrReader(strings.NewReader(tt.doc)),
			} {
				_, err := ReadTurtle(t.Context(), r, o)
				want := tt.want
				want.File = "f.ttl"
				if diff := cmp.Diff(error(&want), err); diff != "" {
					t.Errorf("%s (-want +got):\n%s", how, diff)
				}
			}
		})
	}
}

func TestSyntaxErrorText(t *testing.T) {
	e := SyntaxError{File: "a.ttl", Line: 3, Col: 7, Msg: "m"}
	if got := e.Error(); got != "a.ttl:3:7: m" {
		t.Error(got)
	}
	e.File = ""
	if got := e.Error(); got != "3:7: m" {
		t.Error(got)
	}
}

func TestReadOptions(t *testing.T) {
	const doc = "<a:a> <a:p> \"" + "0123456789" + "\" .\n"
	read := func(o ReadOptions, text string) string {
		_, err := ReadTurtle(t.Context(), strings.NewReader(text), o)
		var e *SyntaxError
		if !errors.As(err, &e) {
			return fmt.Sprint(err)
		}
		return fmt.Sprintf("%d:%d %s", e.Line, e.Col, e.Code)
	}
	for _, tt := range []struct {
		name, doc string
		o         ReadOptions
		want      string
	}{
		{"exactly as large", doc, ReadOptions{MaxBytes: int64(len(doc))}, "<nil>"},
		{"one byte too large", doc, ReadOptions{MaxBytes: int64(len(doc)) - 1}, "1:27 too-large"},
		{"too large in a string", doc, ReadOptions{MaxBytes: 20}, "1:21 too-large"},
		{"too large in a character", "<a:a> <a:p> \"é\" .", ReadOptions{MaxBytes: 14}, "1:14 too-large"},
		{"relative IRI without base", " <a> <a:p> 1 .", ReadOptions{}, "1:2 bad-iri"},
		{"relative base", doc, ReadOptions{Base: "doc"}, "1:1 bad-iri"},
		{"base with a space", doc, ReadOptions{Base: "a:b c"}, "1:1 bad-iri"},
		{"base in the document", "BASE <http://e/> <a> <b> 1 .", ReadOptions{}, "<nil>"},
		{"empty document", "", ReadOptions{}, "<nil>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := read(tt.o, tt.doc); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestReaderFails(t *testing.T) {
	broken := errors.New("wire cut")
	for name, text := range map[string]string{
		"between statements": "<a:a> <a:b> <a:c> .\n",
		"in an escape":       "<a:a> <a:b> \"\\u12",
		"in a word":          "<a:a> a",
		"after a sign":       "<a:a> <a:b> +",
		"in a prefix":        "@pref",
	} {
		r := io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken))
		if _, err := ReadTurtle(t.Context(), r, ReadOptions{}); !errors.Is(err, broken) {
			t.Errorf("Turtle %s: %v", name, err)
		}
		r = io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken))
		if _, err := ReadNQuads(t.Context(), r, ReadOptions{}); name == "between statements" && !errors.Is(err, broken) {
			t.Errorf("N-Quads %s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ReadTurtle(ctx, strings.NewReader("<a:a> <a:b> 1 ."), ReadOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := ReadTurtle(t.Context(), stuck{}, ReadOptions{}); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("stuck reader: %v", err)
	}
}

// stuck is a reader that never gets anywhere.
type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

func TestEmitStops(t *testing.T) {
	stop := errors.New("enough")
	n := 0
	err := ParseTurtle(t.Context(), strings.NewReader("<a:a> <a:b> 1, 2, (3 4) ."), ReadOptions{}, func(Triple) error {
		if n++; n == 4 {
			return stop
		}
		return nil
	})
	if err != stop || n != 4 {
		t.Errorf("error %v after %d triples", err, n)
	}
}

func TestTurtleLongTokens(t *testing.T) {
	var doc bytes.Buffer
	text := strings.Repeat("ü\\u00FC\"", 40_000)
	iri := "http://example.org/" + strings.Repeat("é/", 40_000)
	fmt.Fprintf(&doc, "@prefix e: <http://example.org/> . <%s> e:%s '''%s''' .", iri, strings.Repeat("a.b", 40_000), text)
	g, err := ReadTurtle(t.Context(), iotest.HalfReader(&doc), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := Triple{
		S: NewIRI(iri), P: NewIRI("http://example.org/" + strings.Repeat("a.b", 40_000)),
		O: NewString(strings.Repeat("üü\"", 40_000)),
	}
	if !g.Has(want.S, want.P, want.O) {
		t.Error("long tokens came out changed")
	}
}

func TestBlankLabels(t *testing.T) {
	const doc = "_:anon-0 <a:p> [] , _:anon-u0 , _:b . _:b <a:q> ( [] ) ."
	g, err := ReadTurtle(t.Context(), strings.NewReader(doc), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	labels := map[string]bool{}
	for triple := range g.All() {
		for _, x := range []Term{triple.S, triple.O} {
			if x.Kind == Blank {
				labels[x.Value] = true
			}
		}
	}
	want := map[string]bool{"anon-u0": true, "anon-0": true, "anon-uu0": true, "b": true, "anon-1": true, "anon-2": true}
	if diff := cmp.Diff(want, labels); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
}

func TestReadTurtlePositions(t *testing.T) {
	const doc = `@prefix e: <http://e/> .
e:a a e:B ;
  e:p "é" , 2 ;
  e:q [
    e:r e:z
  ] .
[] e:l ( e:x
  e:y ) .
e:a e:s true .
`
	g, err := ReadTurtle(t.Context(), strings.NewReader(doc), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for triple := range g.All() {
		got = append(got, fmt.Sprintf("%d:%d %d %s", triple.Line, triple.Col, g.Line(triple.S), triple))
	}
	want := []string{
		"2:7 2 <http://e/a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://e/B> .",
		"3:7 2 <http://e/a> <http://e/p> \"é\" .",
		"3:13 2 <http://e/a> <http://e/p> \"2\"^^<http://www.w3.org/2001/XMLSchema#integer> .",
		"4:7 2 <http://e/a> <http://e/q> _:anon-0 .",
		"5:9 4 _:anon-0 <http://e/r> <http://e/z> .",
		"7:8 7 _:anon-1 <http://e/l> _:anon-2 .",
		"7:10 7 _:anon-2 <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> <http://e/x> .",
		"8:3 7 _:anon-2 <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> _:anon-3 .",
		"8:3 8 _:anon-3 <http://www.w3.org/1999/02/22-rdf-syntax-ns#first> <http://e/y> .",
		"8:7 8 _:anon-3 <http://www.w3.org/1999/02/22-rdf-syntax-ns#rest> <http://www.w3.org/1999/02/22-rdf-syntax-ns#nil> .",
		"9:9 2 <http://e/a> <http://e/s> \"true\"^^<http://www.w3.org/2001/XMLSchema#boolean> .",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("triples (-want +got):\n%s", diff)
	}
}
