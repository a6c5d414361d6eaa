package rdf

import (
	"bytes"
	"fmt"
	"testing"
)

// BenchmarkRDFXML reads descriptions of 2,000 datasets.
func BenchmarkRDFXML(b *testing.B) {
	var doc bytes.Buffer
	doc.WriteString(`<rdf:RDF xmlns:rdf="` + NSRDF + `" xmlns:dcat="` + NSDCAT + `" xmlns:dct="` + NSDCT + `" xmlns:foaf="` + NSFOAF + `">`)
	const n = 2_000
	for i := range n {
		fmt.Fprintf(&doc, `
  <dcat:Dataset rdf:about="https://data.example.org/dataset/%[1]d">
    <dct:identifier>DS-%[1]d</dct:identifier>
    <dct:title xml:lang="en">Dataset number %[1]d</dct:title>
    <dct:description xml:lang="en">Registry of hospital stays &amp; diagnoses, kept since 1998 by the agency for health statistics.</dct:description>
    <dct:language rdf:resource="http://publications.europa.eu/resource/authority/language/ENG"/>
    <dct:modified rdf:datatype="http://www.w3.org/2001/XMLSchema#date">2025-05-01</dct:modified>
    <dct:publisher><foaf:Agent><foaf:name>Agency %[1]d</foaf:name></foaf:Agent></dct:publisher>
    <dcat:distribution>
      <dcat:Distribution rdf:about="https://data.example.org/distribution/%[1]d">
        <dcat:accessURL rdf:resource="https://data.example.org/access/%[1]d"/>
      </dcat:Distribution>
    </dcat:distribution>
  </dcat:Dataset>`, i)
	}
	doc.WriteString("\n</rdf:RDF>\n")
	b.SetBytes(int64(doc.Len()))
	for b.Loop() {
		got := 0
		err := ParseRDFXML(b.Context(), bytes.NewReader(doc.Bytes()), ReadOptions{}, func(Triple) error { got++; return nil })
		if err != nil || got != n*12 {
			b.Fatalf("%d triples, %v", got, err)
		}
	}
}
