package rdf

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// catalogue makes a Turtle document of n dataset records.
func catalogue(n int) []byte {
	var b bytes.Buffer
	for prefix, ns := range Prefixes() {
		fmt.Fprintf(&b, "@prefix %s: <%s> .\n", prefix, ns)
	}
	text := strings.Repeat("Registry of hospital stays and diagnoses, 1998–2024. ", 4)
	for i := range n {
		fmt.Fprintf(&b, `
<https://data.example.org/dataset/%[1]d> a dcat:Dataset ;
    dct:identifier "DS-%[1]d" ;
    dct:title "Dataset number %[1]d"@en , "Datensatz Nummer %[1]d"@de ;
    dct:description """%[2]s"""@en ;
    dct:accessRights <http://publications.europa.eu/resource/authority/access-right/NON_PUBLIC> ;
    dct:language <http://publications.europa.eu/resource/authority/language/ENG> ;
    dct:issued "2024-05-%02[3]d"^^xsd:date ;
    healthdcatap:numberOfRecords %[1]d ;
    dct:publisher [ a foaf:Agent ; foaf:name "Agency %[1]d" ;
        cv:contactPoint [ a vcard:Kind ; vcard:hasEmail <mailto:office%[1]d@example.org> ] ] ;
    dcat:distribution [ a dcat:Distribution ; dcat:accessURL <https://data.example.org/access/%[1]d> ;
        dcat:byteSize %[1]d ; dct:format <http://publications.europa.eu/resource/authority/file-type/CSV> ] .
`, i, text, i%28+1)
	}
	return b.Bytes()
}

func BenchmarkParseTurtle(b *testing.B) {
	doc := catalogue(4000)
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		err := ParseTurtle(b.Context(), bytes.NewReader(doc), ReadOptions{}, func(Triple) error { return nil })
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadTurtle(b *testing.B) {
	doc := catalogue(4000)
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ReadTurtle(b.Context(), bytes.NewReader(doc), ReadOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseNTriples(b *testing.B) {
	g, err := ReadTurtle(b.Context(), bytes.NewReader(catalogue(2000)), ReadOptions{})
	if err != nil {
		b.Fatal(err)
	}
	var doc bytes.Buffer
	if err := WriteNTriples(&doc, g.All()); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(doc.Len()))
	b.ReportAllocs()
	for b.Loop() {
		err := ParseNTriples(b.Context(), bytes.NewReader(doc.Bytes()), ReadOptions{}, func(Triple) error { return nil })
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCanonical(b *testing.B) {
	for _, n := range []int{1, 1000} {
		b.Run(fmt.Sprintf("records=%d", n), func(b *testing.B) {
			g, err := ReadTurtle(b.Context(), bytes.NewReader(catalogue(n)), ReadOptions{})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Canonical(b.Context(), g.Quads(), Limits{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkWriteTurtle(b *testing.B) {
	g, err := ReadTurtle(b.Context(), bytes.NewReader(catalogue(1000)), ReadOptions{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		var out bytes.Buffer
		if err := WriteTurtle(&out, g, Prefixes()); err != nil {
			b.Fatal(err)
		}
	}
}
