package rdf

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/cataloguetest"
)

func TestJSONLDErrors(t *testing.T) {
	tests := []struct {
		name, doc, code string
		line, col       int
		msg             string
	}{
		{"empty", "", CodeJSONLDSyntax, 1, 1, "expected an array or an object, found the end of the document"},
		{"HTML", "\n <html>", CodeJSONLDSyntax, 2, 2, "expected an array or an object, found '<'"},
		{"cut off", "{\"a\":\n\"é", CodeJSONLDSyntax, 2, 3, "the document ends inside a string"},
		{"trailing comma", "[\n 1,\n]", CodeJSONLDSyntax, 3, 1, `a comma may not stand before ']'`},
		{"missing comma", "{\"a\": 1\n \"b\": 2}", CodeJSONLDSyntax, 2, 2, `expected ',' or '}' in the object, found '"'`},
		{"name without quotes", "{a: 1}", CodeJSONLDSyntax, 1, 2, "expected the name of a member in double quotes, found 'a'"},
		{"twice", "{\"é\": 1,\n \"b\": 2, \"b\": 3}", CodeJSONLDSyntax, 2, 10, `the member "b" occurs twice`},
		{"twice among many", manyMembers(40, `"m7": 1`), CodeJSONLDSyntax, 1, 352, `the member "m7" occurs twice`},
		{"two documents", "{}\n{}", CodeJSONLDSyntax, 2, 1, "expected the end of the document, found '{'"},
		{"leading zero", "[01]", CodeJSONLDSyntax, 1, 4, "a number may not begin with 0 and a digit"},
		{"too large a number", "[1,  -1e400]", CodeJSONLDSyntax, 1, 6, "the number is too large"},
		{"no digit", "[1.]", CodeJSONLDSyntax, 1, 4, "expected a digit, found ']'"},
		{"tab in a string", "[\"\t\"]", CodeJSONLDSyntax, 1, 3, "the control character U+0009 must be escaped in a string"},
		{"half a pair", `["é\ud800\u0041"]`, CodeBadEscape, 1, 4, "\\u needs four hexadecimal digits, and half a surrogate pair is no character"},
		{"unknown escape", `["\x"]`, CodeBadEscape, 1, 3, "unknown escape sequence"},
		{"not UTF-8", "[\"\xff\"]", CodeBadEncoding, 1, 3, "the bytes are not valid UTF-8"},
		{"word", "[nul]", CodeJSONLDSyntax, 1, 2, "expected a JSON value, found 'n'"},
		{"unknown context", "{\n \"@context\": [{}, \"https://example.org/c\"]}", CodeUnknownContext, 2, 14, `the context "https://example.org/c" is not known and is not fetched; give it with --context https://example.org/c=FILE, or under contexts of the source`},
		{"unknown context inside", "{\n \"http://p/\": {\"@context\": \"https://example.org/c\", \"http://q/\": 1}}", CodeUnknownContext, 2, 28, `the context "https://example.org/c" is not known and is not fetched; give it with --context https://example.org/c=FILE, or under contexts of the source`},
		{"relative IRI", `{"@id": "a", "http://p/": 1}`, CodeBadIRI, 1, 9, `the relative IRI "a" has no base`},
		{"not an @id", "[\n{\"@id\": 1}]", CodeJSONLDSyntax, 2, 1, "invalid @id value: value of @id must be a string"},
		{"datatype", `{"http://p/": {"@value": "v", "@type": "t"}}`, CodeJSONLDSyntax, 1, 40, `invalid typed value: the datatype "t" is no absolute IRI`},
		{"language of a number", "{\"http://p/\":\n {\"@value\": 1, \"@language\": \"en\"}}", CodeJSONLDSyntax, 1, 1, "invalid language-tagged value: only strings may be language-tagged"},
		{"cyclic terms", `{"@context": {"a": "a:b"}}`, CodeJSONLDSyntax, 1, 14, "cyclic IRI mapping: a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ReadJSONLD(t.Context(), iotest.OneByteReader(strings.NewReader(tt.doc)), ReadOptions{})
			want := &SyntaxError{Line: tt.line, Col: tt.col, Code: tt.code, Msg: tt.msg}
			if diff := cmp.Diff(error(want), err); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// manyMembers is an object with n members and one more.
func manyMembers(n int, last string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"m%d": 1,`, i)
	}
	return "{" + b.String() + last + "}"
}

func TestJSONLDBounds(t *testing.T) {
	circle := map[string][]byte{"http://c/": []byte(`{"@context": "http://c/"}`)}
	tests := []struct {
		name, doc, code string
		o               ReadOptions
	}{
		{"depth", strings.Repeat("[", 300) + strings.Repeat("]", 300), CodeTooDeep, ReadOptions{}},
		{"depth set", `{"http://p/": [{"http://p/": [{"http://p/": [{"http://p/": []}]}]}]}`, CodeTooDeep, ReadOptions{MaxDepth: 2}},
		{"statements", `[{"http://p/": [1, 2, 3]}]`, CodeTooLarge, ReadOptions{MaxTriples: 2}},
		{"bytes", `{"http://p/": 1}`, CodeTooLarge, ReadOptions{MaxBytes: 10}},
		{"digits", "[" + strings.Repeat("1", 500) + "]", CodeTooLarge, ReadOptions{}},
		{"contexts in a circle", `{"@context": "http://c/"}`, CodeTooLarge, ReadOptions{Contexts: circle}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ReadJSONLD(t.Context(), strings.NewReader(tt.doc), tt.o)
			if e, ok := err.(*SyntaxError); !ok || e.Code != tt.code || e.Line != 1 || e.Col < 1 {
				t.Errorf("%v, want %s", err, tt.code)
			}
		})
	}
}

// A long document may have any number of elements, each of which is bounded.
func TestJSONLDElementsAreBounded(t *testing.T) {
	read := func(doc string) error {
		return parseJSONLD(t.Context(), strings.NewReader(doc), ReadOptions{}, ldTuning{most: 10}, func(Quad) error { return nil })
	}
	if err := read("[" + strings.Repeat(`{"http://p/": [1, 2]}, `, 50) + "{}]"); err != nil {
		t.Error(err)
	}
	err := read(`[{}, {"http://p/": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]}]`)
	if e, ok := err.(*SyntaxError); !ok || e.Code != CodeTooLarge || e.Col != 52 {
		t.Error(err)
	}
}

// What contexts cost is bounded by the size of the document.
func TestJSONLDContextWorkIsBounded(t *testing.T) {
	read := func(doc string) error {
		return parseJSONLD(t.Context(), strings.NewReader(doc), ReadOptions{}, ldTuning{whole: wholeJSONLD, work: 1}, func(Quad) error { return nil })
	}
	var terms, own, same strings.Builder
	for i := range 200 {
		fmt.Fprintf(&terms, `"t%d": "a:b", `, i)
	}
	for i := range 60 {
		fmt.Fprintf(&own, `{"@context": {"c%d": "a:b"}, "t1": 1},`, i)
		fmt.Fprintf(&same, `{"@context": {"c0": "a:b"}, "t1": %d},`, i)
	}
	doc := func(nodes string) string {
		return `{"@context": {` + terms.String() + `"z": "a:b"}, "@graph": [` + nodes + `{}]}`
	}
	if err := read(doc(same.String())); err != nil {
		t.Error(err)
	}
	for name, nodes := range map[string]string{
		"own contexts":           own.String(),
		"contexts for json-gold": strings.ReplaceAll(same.String(), `"t1"`, `"@included": {"@context": {"d": "a:b"}, "d": 1}, "t1"`),
	} {
		err := read(doc(nodes))
		if e, ok := err.(*SyntaxError); !ok || e.Code != CodeTooLarge || e.Col < 1000 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestJSONLDPlacesAndLabels(t *testing.T) {
	const doc = `{
  "@context": {"e": "http://e/", "link": {"@id": "e:link", "@type": "@id"}},
  "@id": "_:a b",
  "@type": "e:T",
  "e:p": ["é", {"@value": "v", "@language": "en-GB"}, 12345678901234567890, 1.50, true],
  "link": ["_:anon-0", {"e:q": {"@list": [1]}}]
}`
	var got []string
	err := ParseJSONLD(t.Context(), strings.NewReader(doc), ReadOptions{}, func(q Quad) error {
		got = append(got, fmt.Sprintf("%d:%d %s", q.Line, q.Col, q))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"4:12 _:anon-x612062 <" + RDFType + "> <http://e/T> .",
		"5:11 _:anon-x612062 <http://e/p> \"é\" .",
		"5:16 _:anon-x612062 <http://e/p> \"v\"@en-gb .",
		"5:55 _:anon-x612062 <http://e/p> \"12345678901234567890\"^^<" + XSDInteger + "> .",
		"5:77 _:anon-x612062 <http://e/p> \"1.5E0\"^^<" + XSDDouble + "> .",
		"5:83 _:anon-x612062 <http://e/p> \"true\"^^<" + XSDBoolean + "> .",
		"6:12 _:anon-x612062 <http://e/link> _:anon-u0 .",
		"6:24 _:anon-x612062 <http://e/link> _:anon-0 .",
		"6:43 _:anon-1 <" + RDFFirst + "> \"1\"^^<" + XSDInteger + "> .",
		"6:42 _:anon-1 <" + RDFRest + "> <" + RDFNil + "> .",
		"6:32 _:anon-0 <http://e/q> _:anon-1 .",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// ldWays reads a document in each of the ways that must not differ: whole, by
// element, and with every element expanded by json-gold.
func ldWays(t *testing.T, doc []byte, o ReadOptions) map[string]string {
	t.Helper()
	out := map[string]string{}
	for name, tune := range map[string]ldTuning{"whole": {whole: wholeJSONLD}, "by element": {}, "json-gold": {whole: wholeJSONLD, slow: true}} {
		var quads []Quad
		err := parseJSONLD(t.Context(), bytes.NewReader(doc), o, tune, func(q Quad) error {
			quads = append(quads, q)
			return nil
		})
		switch e, ok := err.(*SyntaxError); {
		case err == nil:
			out[name] = canonicalOf(t, quads)
		case ok && e.Code == CodeUnsupported && name == "by element":
		case ok:
			out[name] = "refused with " + e.Code
		default:
			t.Fatal(err)
		}
	}
	return out
}

func TestJSONLDWaysAgree(t *testing.T) {
	dir := sharedDir(t, "catalogue")
	given, err := os.ReadFile(filepath.Join(dir, "samples", "dcat-ap-3.0.1", "context.jsonld"))
	if err != nil {
		t.Fatal(err)
	}
	contexts := contextsIn(t, filepath.Join(dir, "w3c", "tests", "toRdf"), "https://w3c.github.io/json-ld-api/tests/toRdf/")
	contexts[exampleContext] = given
	byElement, documents := 0, 0
	for _, pattern := range []string{"samples/*/*.jsonld", "samples/*/*/*.jsonld", "w3c/tests/toRdf/*-in.jsonld"} {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, file := range files {
			name := filepath.Base(file)
			if strings.HasPrefix(pattern, "w3c") && slices.Contains(strings.Fields(ldDiffers), strings.TrimSuffix(name, "-in.jsonld")) {
				continue
			}
			t.Run(name, func(t *testing.T) {
				doc, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				ways := ldWays(t, doc, ReadOptions{Base: "https://w3c.github.io/json-ld-api/tests/toRdf/" + name, Contexts: contexts})
				documents++
				for way, got := range ways {
					if way == "by element" {
						byElement++
					}
					if diff := cmp.Diff(ways["whole"], got); diff != "" {
						t.Errorf("%s (-whole +%s):\n%s", way, way, diff)
					}
				}
			})
		}
	}
	t.Logf("%d documents read whole and by json-gold, %d of them by element: the same", documents, byElement)
}

// exampleContext is the context that the samples of DCAT-AP name.
const exampleContext = "https://semiceu.github.io/uri.semic.eu-generated/DCAT-AP/releases/3.0.0/html/examples/context.jsonld"

// ldDiffers are the inputs of the suite in which a node left to json-gold would
// have an empty string: then json-gold resolves the relative IRIs, not quite as
// RFC 3986 and the suite have it.
const ldDiffers = "0122 0123 0124 0125"

func TestJSONLDGenerated(t *testing.T) {
	o := ReadOptions{Base: "http://example.org/"}
	for seed := range 3 {
		page := cataloguetest.Synthetic{Datasets: 20, PerDocument: 20, Seed: uint64(seed)}.Document(0)
		g, err := ReadTurtle(t.Context(), bytes.NewReader(page), ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		want := canonicalGraph(t, g)
		for name, prefixes := range map[string]map[string]string{"compact": Prefixes(), "expanded": nil} {
			var doc bytes.Buffer
			if err := WriteJSONLD(&doc, g.Quads(), prefixes); err != nil {
				t.Fatal(err)
			}
			if n := leftToJSONGold(t, doc.Bytes(), o); n > 0 {
				t.Errorf("%s: %d nodes left to json-gold", name, n)
			}
			for way, got := range ldWays(t, doc.Bytes(), o) {
				if diff := cmp.Diff(strings.ToLower(want), strings.ToLower(got)); diff != "" {
					t.Errorf("%s, %s (-want +got):\n%s", name, way, diff)
				}
			}
		}
	}
}

// leftToJSONGold counts the nodes of a document that the fast path does not do.
func leftToJSONGold(t *testing.T, doc []byte, o ReadOptions) (n int) {
	t.Helper()
	tune := ldTuning{whole: wholeJSONLD, left: func() { n++ }}
	if err := parseJSONLD(t.Context(), bytes.NewReader(doc), o, tune, func(Quad) error { return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

// Catalogues as they are in service are read without json-gold, but for their
// contexts; what is rare is left to it.
func TestJSONLDFastPath(t *testing.T) {
	tests := []struct {
		name, doc string
		left      int
	}{
		{"contexts of types", `{"@context": "https://semiceu.github.io/DCAT-AP/releases/3.0.1/context/dcat-ap.jsonld", "@type": "Catalogue", "title": "t",
			"dataset": [{"@type": "Dataset", "title": "u", "publisher": {"@type": "Agent", "name": "v"}}, "http://d/"]}`, 0},
		{"context of a property", `{"@context": {"p": {"@id": "http://p/", "@context": {"q": "http://q/"}}}, "p": {"q": [1, {"q": 2}]}}`, 0},
		{"context inside", `{"http://p/": [{"@context": {"q": "http://q/"}, "q": 1}, {"@context": {"q": "http://q/"}, "q": 1}]}`, 0},
		{"lists and languages", `{"@context": {"l": {"@id": "http://l/", "@container": "@list"}, "m": {"@id": "http://m/", "@container": ["@language", "@set"]}}, "l": [1, [2]], "m": {"en": ["x"], "@none": "y"}}`, 0},
		{"reverse", `{"@id": "http://a/", "@reverse": {"http://p/": {"http://q/": 1}}, "http://r/": {}}`, 1},
		{"index", `{"@context": {"i": {"@id": "http://i/", "@container": "@index"}}, "http://p/": [{"i": {"k": "v"}}, {"http://q/": 1}]}`, 1},
		{"propagate", `{"http://p/": {"@context": {"@propagate": false, "q": "http://q/"}, "q": {"q": 1}}}`, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if n := leftToJSONGold(t, []byte(tt.doc), ReadOptions{}); n != tt.left {
				t.Errorf("%d nodes left to json-gold, want %d", n, tt.left)
			}
			ways := ldWays(t, []byte(tt.doc), ReadOptions{})
			if diff := cmp.Diff(ways["json-gold"], ways["whole"]); diff != "" || ways["whole"] == "" {
				t.Errorf("(-json-gold +whole):\n%s", diff)
			}
		})
	}
}

func TestBundledContexts(t *testing.T) {
	for _, iri := range BundledContexts() {
		doc := fmt.Sprintf(`{"@context": %q, "@id": "http://a/", "http://p/": 1}`, iri)
		if quads, err := ReadJSONLD(t.Context(), strings.NewReader(doc), ReadOptions{}); err != nil || len(quads) != 1 {
			t.Errorf("%s: %d statements, %v", iri, len(quads), err)
		}
	}
}

// The bundled context of DCAT-AP reads documents as the published one does.
func TestBundledDCATAPReadsAsPublished(t *testing.T) {
	dir := sharedDir(t, "catalogue", "contexts")
	published, err := os.ReadFile(filepath.Join(dir, "dcat-ap-3.0.1.jsonld"))
	if err != nil {
		t.Fatal(err)
	}
	const ours = "https://semiceu.github.io/DCAT-AP/releases/3.0.1/context/dcat-ap.jsonld"
	v, err := contextDocument(t.Context(), "published", published)
	if err != nil {
		t.Fatal(err)
	}
	// The published context is not valid JSON-LD 1.1: it defines Xsd:decimal and
	// others, compact IRIs, as IRIs that they do not expand to.
	defs := v.(map[string]any)["@context"].(map[string]any)
	for term := range defs {
		if strings.HasPrefix(term, "Xsd:") {
			delete(defs, term)
		}
	}
	if published, err = json.Marshal(v); err != nil {
		t.Fatal(err)
	}
	statements := 0
	for class, def := range defs {
		terms := map[string]any{}
		if m, ok := def.(map[string]any); ok && m["@context"] != nil {
			terms = m["@context"].(map[string]any)
		}
		doc := fmt.Sprintf(`{"@context": "CONTEXT", "@type": %q, "other": 1`, class)
		for _, term := range sortedKeys(terms) {
			doc += fmt.Sprintf(`, %q: ["http://v/", "text", {"en": "x"}, {"@type": "Dataset", "keyword": "k"}]`, term)
		}
		doc += "}"
		read := func(context string) string {
			quads, err := ReadJSONLD(t.Context(), strings.NewReader(strings.Replace(doc, "CONTEXT", context, 1)),
				ReadOptions{Base: "http://b/", Contexts: map[string][]byte{"published:": published}})
			if err != nil {
				t.Fatal(err)
			}
			statements += len(quads)
			return canonicalOf(t, quads)
		}
		if diff := cmp.Diff(read("published:"), read(ours)); diff != "" {
			t.Errorf("%s (-published +ours):\n%s", class, diff)
		}
	}
	if statements < 1000 {
		t.Errorf("only %d statements compared", statements)
	}
}

func TestWriteJSONLD(t *testing.T) {
	const doc = `@prefix e: <http://e/> . @prefix dct: <http://purl.org/dc/terms/> .
{ e:a a e:T, e:U ; dct:title "a"@en, "b" ; e:n 12, 007, true, 1.5, 1e0, <dct:x>, <http://purl.org/dc/terms/y> ; e:list (1 [] ("x")), () ; e:in [ e:p [ e:q _:b ] ] .
  _:b e:r _:b . e:c a "literal" . }
e:g { e:a e:p _:b, [ e:p "\u0001" ] . }
_:g { [] e:p _:g . }`
	quads, err := ReadTriG(t.Context(), strings.NewReader(doc), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for name, prefixes := range map[string]map[string]string{
		"compact": {"e": "http://e/", "dct": "http://purl.org/dc/terms/", "rdf": NSRDF, "xsd": "http://www.w3.org/2001/XMLSchema", "": "http://none/"}, "expanded": nil,
	} {
		t.Run(name, func(t *testing.T) {
			var out, again bytes.Buffer
			if err := WriteJSONLD(&out, each(quads), prefixes); err != nil {
				t.Fatal(err)
			}
			slices.Reverse(quads)
			if err := WriteJSONLD(&again, each(quads), prefixes); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(out.String(), again.String()); diff != "" {
				t.Errorf("depends on the order:\n%s", diff)
			}
			back, err := ReadJSONLD(t.Context(), &again, ReadOptions{})
			if err != nil {
				t.Fatalf("own JSON-LD refused: %v\n%s", err, out.String())
			}
			if diff := cmp.Diff(canonicalOf(t, quads), canonicalOf(t, back)); diff != "" {
				t.Errorf("(-want +got):\n%s\n%s", diff, out.String())
			}
			golden(t, filepath.Join("testdata", "jsonld", name+".jsonld"), out.Bytes())
		})
	}
}

// golden compares with a file, which it writes first when it is absent and
// EHDSGW_GOLDEN is set.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if os.Getenv("EHDSGW_GOLDEN") != "" {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// A long document is read in constant memory, in each of its shapes.
func TestJSONLDHoldsNothing(t *testing.T) {
	const size, bound = 4 << 20, 2 << 20
	heads := map[string]string{
		"array": "[", "graph": `{"@context": {"e": "http://e/"}, "@graph": [`,
		"catalogue": `{"@context": {"e": "http://e/"}, "@id": "http://c/", "@type": "e:Catalogue", "e:title": "All", "e:dataset": [`,
	}
	for name, head := range heads {
		t.Run(name, func(t *testing.T) {
			record := func(b []byte, i int) []byte {
				if i == 0 {
					b = append(b, head...)
				} else {
					b = append(b, ',')
				}
				return fmt.Appendf(b, `{"@id": "http://d/%[1]d", "@type": "http://e/Dataset", "http://e/title%[1]d": {"@value": "Title %[1]d of %[2]s"},
"http://e/publisher": {"http://e/name": "%[1]d"}}`, i, strings.Repeat("Registry of hospital stays. ", 8))
			}
			start := liveBytes()
			n, most := 0, uint64(0)
			err := parseJSONLD(t.Context(), &endless{next: record, size: size}, ReadOptions{}, ldTuning{whole: 64 << 10}, func(Quad) error {
				if n++; n%20_000 == 0 {
					most = max(most, liveBytes())
				}
				return nil
			})
			if e, ok := err.(*SyntaxError); !ok || e.Code != CodeJSONLDSyntax || most == 0 { // it has no end
				t.Fatalf("%d statements, most %d: %v", n, most, err)
			}
			if most > start+bound {
				t.Errorf("%d bytes held while reading %d bytes", most-start, size)
			}
		})
	}
}

func TestJSONLDLongShapes(t *testing.T) {
	tests := []struct{ name, doc, want string }{
		{"graph", `{"@context": {}, "@graph": [{"@id": "http://a/", "http://p/": 1}]}`, "<http://a/> <http://p/> \"1\"^^<" + XSDInteger + "> .\n"},
		{"named graph", `{"@id": "http://g/", "@graph": [{"@id": "http://a/", "http://p/": "x"}]}`, "<http://a/> <http://p/> \"x\" <http://g/> .\n"},
		{"rest", `{"@id": "http://a/", "http://p/": ["x"], "http://q/": "y"}`, "<http://a/> <http://p/> \"x\" .\n<http://a/> <http://q/> \"y\" .\n"},
		{"labels across elements", `[{"@id": "_:b1", "http://p/": "x"}, {"@id": "http://a/", "http://q/": {"@id": "_:b1"}}, {"http://p/": "y"}, {"http://p/": "z"}]`,
			"<http://a/> <http://q/> _:c14n2 .\n_:c14n0 <http://p/> \"z\" .\n_:c14n1 <http://p/> \"y\" .\n_:c14n2 <http://p/> \"x\" .\n"},
		{"type after", `{"@id": "http://a/", "http://p/": ["x"], "@type": "http://T/"}`, CodeUnsupported},
		{"name after", `{"@graph": [], "@id": "http://a/"}`, CodeUnsupported},
		{"context after", `{"@id": "http://a/", "@context": {}}`, CodeUnsupported},
		{"property after", `{"@graph": [], "http://p/": 1}`, CodeUnsupported},
		{"twice", `{"@graph": [], "@graph": []}`, CodeJSONLDSyntax},
		{"scalar", `"x"`, CodeJSONLDSyntax},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var quads []Quad
			err := parseJSONLD(t.Context(), strings.NewReader(tt.doc), ReadOptions{}, ldTuning{}, func(q Quad) error {
				quads = append(quads, q)
				return nil
			})
			got := ""
			if e, ok := err.(*SyntaxError); ok {
				got = e.Code
			} else {
				got = canonicalOf(t, quads)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s\n%v", diff, err)
			}
		})
	}
}
