package catalogue

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// descriptions is a Turtle document of n datasets with 37 triples and four
// blank nodes each.
func descriptions(n int) []byte {
	var b bytes.Buffer
	prefixes := rdf.Prefixes()
	for prefix, ns := range prefixes {
		fmt.Fprintf(&b, "@prefix %s: <%s> .\n", prefix, ns)
	}
	text := strings.Repeat("Registry of hospital stays and diagnoses, 1998–2024. ", 4)
	for i := range n {
		fmt.Fprintf(&b, `
<https://data.example.org/dataset/%[1]d> a dcat:Dataset ;
    dct:identifier "DS-%[1]d" ;
    dct:title "Dataset number %[1]d"@en , "Jeu de données %[1]d"@fr ;
    dct:description "%[2]s"@en , "%[2]s"@fr ;
    dct:accessRights <http://publications.europa.eu/resource/authority/access-right/NON_PUBLIC> ;
    dct:language <http://publications.europa.eu/resource/authority/language/ENG> ;
    dct:type <http://publications.europa.eu/resource/authority/dataset-type/STATISTICAL> ;
    dct:provenance <https://data.example.org/provenance> ;
    dcat:landingPage <https://data.example.org/page/%[1]d> ;
    dcat:theme <http://publications.europa.eu/resource/authority/data-theme/HEAL> ;
    dcat:keyword "hospital"@en , "séjour"@fr ;
    dct:issued "2024-05-%02[3]d"^^xsd:date ;
    dct:modified "2025-05-%02[3]dT12:00:00Z"^^xsd:dateTime ;
    dct:spatial <http://publications.europa.eu/resource/authority/country/FRA> ;
    dct:temporal [ a dct:PeriodOfTime ; dcat:startDate "1998-01-01"^^xsd:date ; dcat:endDate "2024-12-31"^^xsd:date ] ;
    healthdcatap:numberOfRecords %[1]d ;
    healthdcatap:minTypicalAge 0 ;
    healthdcatap:maxTypicalAge 110 ;
    dct:publisher [ a foaf:Agent ; foaf:name "Agency %[1]d" ;
        cv:contactPoint [ a vcard:Kind ; vcard:hasEmail <mailto:office%[1]d@example.org> ] ] ;
    dcat:distribution [ a dcat:Distribution ; dct:title "All of it"@en ;
        dcat:accessURL <https://data.example.org/access/%[1]d> ;
        dcat:byteSize %[1]d ; dct:format <http://publications.europa.eu/resource/authority/file-type/CSV> ;
        dct:license <http://publications.europa.eu/resource/authority/licence/CC_BY_4_0> ] .
`, i, text, i%28+1)
	}
	return b.Bytes()
}

// BenchmarkRecords takes a page of 100 datasets apart: each becomes a record
// with both digests.
func BenchmarkRecords(b *testing.B) {
	const datasets = 100
	g, err := rdf.ReadTurtle(b.Context(), bytes.NewReader(descriptions(datasets)), rdf.ReadOptions{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		records, findings, err := Records(b.Context(), g, "page.ttl")
		if err != nil || len(records) != datasets || len(findings) > 0 || records[0].Graph.Len() != 37 {
			b.Fatal(len(records), findings, err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/datasets, "µs/record")
}
