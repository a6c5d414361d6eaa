package rdf

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// inRDF wraps elements in rdf:RDF, on the line of its start tag.
func inRDF(content string) string {
	return `<rdf:RDF xmlns:rdf="` + NSRDF + `" xmlns:e="http://e/">` + content + "</rdf:RDF>"
}

// inRDFCol is the column at which the content of inRDF begins.
var inRDFCol = strings.Index(inRDF(""), "</") + 1

func TestRDFXMLErrors(t *testing.T) {
	tests := []struct {
		name, doc, code string
		line, col       int
		msg             string
	}{
		{"empty", "", CodeRDFXMLSyntax, 1, 1, "the document has no element"},
		{"text first", "x<a/>", CodeRDFXMLSyntax, 1, 1, "there is text outside the document element"},
		{"no namespace", "\n<a/>", CodeRDFXMLSyntax, 2, 1, "the element a has no namespace"},
		{"undeclared prefix", inRDF("<x:a/>"), CodeUndefinedPrefix, 1, inRDFCol, `the prefix "x" is not declared`},
		{"wrong end", inRDF("\n<e:a>é</e:b>"), CodeRDFXMLSyntax, 2, 6, "text may stand only inside a property element"},
		{"crossed tags", inRDF("\n<e:a><e:p>é</e:a>"), CodeRDFXMLSyntax, 2, 12, "expected </e:p>, found </e:a>"},
		{"cut off", "<e:a xmlns:e='http://e/'>\n  <e:p>", CodeRDFXMLSyntax, 2, 8, "the document ends before </e:p>"},
		{"cut off in a tag", "<e:a xmlns:e='http://e/'", CodeRDFXMLSyntax, 1, 25, "the document ends inside a tag"},
		{"two documents", inRDF("") + "<a/>", CodeRDFXMLSyntax, 1, len(inRDF("")) + 1, "there is a second document element"},
		{"attribute twice", inRDF("\n<e:a e:p='1' e:p='2'/>"), CodeRDFXMLSyntax, 2, 18, "the attribute e:p occurs twice"},
		{"attribute twice by namespace", inRDF("\n<e:a xmlns:f='http://e/' e:p='1' f:p='2'/>"), CodeRDFXMLSyntax, 2, 38, "the attribute f:p occurs twice"},
		{"less-than in a value", inRDF("\n<e:a e:p='<'/>"), CodeRDFXMLSyntax, 2, 11, "'<' may not stand in an attribute value"},
		{"end of CDATA in text", inRDF("\n<e:a><e:p>]]></e:p></e:a>"), CodeRDFXMLSyntax, 2, 11, "']]>' may not stand in text"},
		{"control character", inRDF("\n<e:a><e:p>\x01</e:p></e:a>"), CodeRDFXMLSyntax, 2, 11, "the control character U+0001 may not occur in XML"},
		{"not a character", inRDF("\n<e:a><e:p>\uFFFE</e:p></e:a>"), CodeRDFXMLSyntax, 2, 11, "the character U+FFFE may not occur in XML"},
		{"not UTF-8", inRDF("\n<e:a><e:p>\xff</e:p></e:a>"), CodeBadEncoding, 2, 11, "the bytes are not valid UTF-8"},
		{"other encoding", `<?xml version="1.0" encoding="ISO-8859-1"?><a/>`, CodeUnsupported, 1, 1, `the encoding "ISO-8859-1" is not supported; convert the document to UTF-8`},
		{"plain ampersand", inRDF("\n<e:a rdf:about='http://a/?x&y'/>"), CodeRDFXMLSyntax, 2, 30, "expected ';' after &y"},
		{"unknown entity", inRDF("\n<e:a rdf:about='http://a/&y;'/>"), CodeUnsupported, 2, 26, "the entity &y; is not declared in this document; others are not fetched"},
		{"bad reference", inRDF("\n<e:a e:p='&#xD800;'/>"), CodeBadEscape, 2, 12, "the reference names no character that XML allows"},
		{"relative IRI", inRDF("\n<e:a rdf:about='a'/>"), CodeBadIRI, 2, 16, `the relative IRI "a" has no base`},
		{"space in an IRI", inRDF("\n<e:a rdf:about='http://a/ b'/>"), CodeBadIRI, 2, 16, `the IRI "http://a/ b" holds a character that an IRI may not hold`},
		{"ID twice", inRDF("\n<e:a xml:base='http://b/' rdf:ID='i'/>\n<e:a xml:base='http://b/x/..' rdf:ID='i'/><e:a xml:base='http://b/' rdf:ID='i'/>"), CodeRDFXMLSyntax, 3, 76, `rdf:ID "i" occurs twice`},
		{"two subjects", inRDF("\n<e:a rdf:about='http://a/' rdf:nodeID='a'/>"), CodeRDFXMLSyntax, 2, 39, "the attributes rdf:about and rdf:nodeID may not stand here together"},
		{"two nodes", inRDF("\n<e:a><e:p><e:b/><e:c/></e:p></e:a>"), CodeRDFXMLSyntax, 2, 17, "a property element may hold one node element only"},
		{"node beside text", inRDF("\n<e:a><e:p>x<e:b/></e:p></e:a>"), CodeRDFXMLSyntax, 2, 12, `a node element may not stand beside text or a datatype; markup as text needs rdf:parseType="Literal"`},
		{"filled and resource", inRDF("\n<e:a><e:p rdf:resource='http://a/'><e:b/></e:p></e:a>"), CodeRDFXMLSyntax, 2, 36, "a property element with these attributes must be empty"},
		{"plain attribute", inRDF("\n<e:a p='x'/>"), CodeRDFXMLSyntax, 2, 8, "the attribute p has no namespace"},
		{"language", inRDF("\n<e:a xml:lang='en_GB' e:p='x'/>"), CodeRDFXMLSyntax, 2, 15, "xml:lang is not a language tag"},
		{"comment", inRDF("\n<!-- a -- b -->"), CodeRDFXMLSyntax, 2, 10, "'--' may not stand in a comment"},
		{"late declaration", "\n<?xml version='1.0'?><a/>", CodeRDFXMLSyntax, 2, 1, "the XML declaration stands only at the very beginning, and is spelt xml"},
		{"turtle", "@prefix a: <http://a/> .", CodeRDFXMLSyntax, 1, 1, "there is text outside the document element"},
		{"HTML", "<!DOCTYPE html><html><body>Not found</body></html>", CodeRDFXMLSyntax, 1, 16, "the element html has no namespace"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ReadRDFXML(t.Context(), iotest.OneByteReader(strings.NewReader(tt.doc)), ReadOptions{})
			want := &SyntaxError{Line: tt.line, Col: tt.col, Code: tt.code, Msg: tt.msg}
			if diff := cmp.Diff(error(want), err); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestRDFXMLBounds(t *testing.T) {
	deep := inRDF(strings.Repeat("<e:a><e:p>", 4) + strings.Repeat("</e:p></e:a>", 4))
	tests := []struct {
		name, doc, code string
		o               ReadOptions
	}{
		{"depth", deep, CodeTooDeep, ReadOptions{MaxDepth: 2}},
		{"triples", inRDF("<e:a/><e:a/><e:a/>"), CodeTooLarge, ReadOptions{MaxTriples: 2}},
		{"bytes", inRDF("<e:a/>"), CodeTooLarge, ReadOptions{MaxBytes: 90}},
		{"bytes of entities", `<!DOCTYPE a [<!ENTITY l "` + strings.Repeat("l", 4000) + `">]>` + inRDF("<e:a><e:p>"+strings.Repeat("&l;", 3)+"</e:p></e:a>"), CodeTooLarge, ReadOptions{MaxBytes: 8 << 10}},
		{"attributes", inRDF("<e:a" + attributes(1000) + "/>"), CodeTooLarge, ReadOptions{}},
		{"entities in entities", laughs(), CodeTooLarge, ReadOptions{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ReadRDFXML(t.Context(), strings.NewReader(tt.doc), tt.o)
			if e, ok := err.(*SyntaxError); !ok || e.Code != tt.code || e.Line != 1 || e.Col < 2 {
				t.Errorf("%#v, want %s", err, tt.code)
			}
		})
	}
}

// attributes are n of them, each with its own name.
func attributes(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, " e:p%d=''", i)
	}
	return b.String()
}

// laughs is a document whose last entity would be a billion times the first.
func laughs() string {
	var b strings.Builder
	b.WriteString(`<!DOCTYPE a [<!ENTITY l0 "lol">`)
	for i := range 9 {
		fmt.Fprintf(&b, `<!ENTITY l%d "%s">`, i+1, strings.Repeat(fmt.Sprintf("&l%d;", i), 10))
	}
	return b.String() + "]>" + inRDF("<e:a><e:p>&l9;</e:p></e:a>")
}

func TestRDFXMLEntities(t *testing.T) {
	const head = `<?xml version="1.0" encoding='utf-8' standalone = "yes" ?>
<!DOCTYPE rdf:RDF SYSTEM "http://127.0.0.1:1/never.dtd" [
  <!-- names -->
  <!ENTITY e "http://e/"><!ENTITY e "http://second/">
  <!ENTITY a "&e;a&#x2F;">
  <!ENTITY lt "&#38;#60;">
  <!ENTITY mark "<b>">
  <!ENTITY file SYSTEM "file:///etc/passwd">
  <!ELEMENT x (#PCDATA)>
]>
`
	tests := []struct{ name, doc, want string }{
		{"in attribute and text", inRDF(`<rdf:Description rdf:about="&a;1"><e:p>&a;&lt;&#65;</e:p></rdf:Description>`), "<http://e/a/1> <http://e/p> \"http://e/a/<A\" ."},
		{"in a namespace", `<rdf:RDF xmlns:rdf="` + NSRDF + `" xmlns:x="&e;x#"><x:T rdf:about="&e;s"/></rdf:RDF>`, "<http://e/s> <" + RDFType + "> <http://e/x#T> ."},
		{"external", inRDF("<e:a><e:p>&file;</e:p></e:a>"), CodeUnsupported},
		{"markup", inRDF("<e:a><e:p>&mark;</e:p></e:a>"), CodeUnsupported},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g, err := ReadRDFXML(t.Context(), strings.NewReader(head+tt.doc), ReadOptions{})
			if e, ok := err.(*SyntaxError); ok {
				if e.Code != tt.want {
					t.Errorf("%v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want+"\n", canonicalGraph(t, g)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestRDFXMLPlacesAndLabels(t *testing.T) {
	doc := strings.ReplaceAll(inRDF(`
<e:a rdf:nodeID="anon-0">
  <e:p>é</e:p> <e:q rdf:resource="http://o/"/>
  <e:r><e:b rdf:nodeID="x."/></e:r>
  <e:s><rdf:Description e:t="v"/></e:s>
  <e:u rdf:parseType="Literal">a<b xmlns="http://b/" z="1" a="&lt;"><!-- c --><?pi  d?></b></e:u>
</e:a>`), "\n", "\r\n")
	var got []string
	err := ParseRDFXML(t.Context(), strings.NewReader(doc), ReadOptions{}, func(tr Triple) error {
		got = append(got, fmt.Sprintf("%d:%d %s", tr.Line, tr.Col, tr))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"2:1 _:anon-u0 <" + RDFType + "> <http://e/a> .",
		"3:8 _:anon-u0 <http://e/p> \"é\" .",
		"3:34 _:anon-u0 <http://e/q> <http://o/> .",
		"4:8 _:anon-u0 <http://e/r> _:x.-dot .",
		"4:8 _:x.-dot <" + RDFType + "> <http://e/b> .",
		"5:8 _:anon-u0 <http://e/s> _:anon-0 .",
		"5:29 _:anon-0 <http://e/t> \"v\" .",
		"6:32 _:anon-u0 <http://e/u> \"a<b xmlns=\\\"http://b/\\\" a=\\\"&lt;\\\" z=\\\"1\\\"><!-- c --><?pi d?></b>\"^^<" + NSRDF + "XMLLiteral> .",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRDFXMLSamples(t *testing.T) {
	dir := sharedDir(t, "catalogue", "samples")
	files, err := filepath.Glob(filepath.Join(dir, "*", "*", "*.rdf"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			f, err := os.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			g, err := Read(t.Context(), f, RDFXML, ReadOptions{File: filepath.Base(file)})
			if err != nil {
				t.Fatal(err)
			}
			if g.Len() < 10 {
				t.Errorf("%d triples", g.Len())
			}
			roundTrip(t, g)
		})
	}
}

// The reader holds no more of a document than what is open.
func TestRDFXMLHoldsNothing(t *testing.T) {
	const size, bound = 16 << 20, 3 << 20
	record := func(b []byte, i int) []byte {
		if i == 0 {
			b = append(b, strings.TrimSuffix(inRDF(""), "</rdf:RDF>")...)
		}
		return fmt.Appendf(b, `<e:Dataset rdf:about="http://e/%[1]d"><e:title xml:lang="en">Title %[1]d of %[2]s</e:title>
<e:publisher><e:Agent><e:name%[1]d>%[2]s</e:name%[1]d></e:Agent></e:publisher></e:Dataset>`, i, strings.Repeat("Registry of hospital stays. ", 8))
	}
	start := liveBytes()
	n, most := 0, uint64(0)
	err := ParseRDFXML(t.Context(), &endless{next: record, size: size}, ReadOptions{}, func(Triple) error {
		if n++; n%50_000 == 0 {
			most = max(most, liveBytes())
		}
		return nil
	})
	// The generated document has no end tag.
	if e, ok := err.(*SyntaxError); !ok || e.Msg != "the document ends before </rdf:RDF>" || most == 0 {
		t.Fatalf("%d triples, most %d: %v", n, most, err)
	}
	if most > start+bound {
		t.Errorf("%d bytes held while reading %d bytes", most-start, size)
	}
}
