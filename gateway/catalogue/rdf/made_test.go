package rdf

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// madeHead declares the prefixes of the made records.
func madeHead() []byte {
	var b bytes.Buffer
	prefixes := Prefixes()
	for _, prefix := range sortedKeys(prefixes) {
		fmt.Fprintf(&b, "@prefix %s: <%s> .\n", prefix, prefixes[prefix])
	}
	return b.Bytes()
}

var (
	madeText  = strings.Repeat("Registry of hospital stays and diagnoses, 1998–2024. ", 4)
	madeTexte = strings.Repeat("Registre des séjours hospitaliers et des diagnostics. ", 4)
)

// appendMade appends description number i of a dataset in Turtle: 37 triples
// with four blank nodes, as the records of national catalogues have them.
func appendMade(b []byte, i int) []byte {
	return fmt.Appendf(b, `
<https://data.example.org/dataset/%[1]d> a dcat:Dataset ;
    dct:identifier "DS-%[1]d" ;
    dct:title "Dataset number %[1]d"@en , "Jeu de données %[1]d"@fr ;
    dct:description """%[2]s"""@en , "%[3]s"@fr ;
    dct:accessRights <http://publications.europa.eu/resource/authority/access-right/NON_PUBLIC> ;
    dct:language <http://publications.europa.eu/resource/authority/language/ENG> ;
    dcat:theme <http://publications.europa.eu/resource/authority/data-theme/HEAL> ;
    dcat:keyword "hospital"@en , "séjour"@fr ;
    dct:type <http://publications.europa.eu/resource/authority/dataset-type/STATISTICAL> ;
    dct:provenance <https://data.example.org/provenance> ;
    dcat:landingPage <https://data.example.org/page/%[1]d> ;
    dct:issued "2024-05-%02[4]d"^^xsd:date ;
    dct:modified "2025-05-%02[4]dT12:00:00Z"^^xsd:dateTime ;
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
`, i, madeText, madeTexte, i%28+1)
}

// madeTriples is the number of triples of a made record.
const madeTriples = 37

// catalogue makes a Turtle document of n dataset records.
func catalogue(n int) []byte {
	b := madeHead()
	for i := range n {
		b = appendMade(b, i)
	}
	return b
}

// appendMadeLines appends three N-Triples with names that no other number has.
func appendMadeLines(b []byte, i int) []byte {
	return fmt.Appendf(b, `<https://data.example.org/dataset/%[1]d> <http://purl.org/dc/terms/title> "Dataset \"number\" %[1]d"@en .
<https://data.example.org/dataset/%[1]d> <http://purl.org/dc/terms/publisher> _:agent%[1]d .
_:agent%[1]d <http://xmlns.com/foaf/0.1/name%[1]d> "%[2]s"^^<http://www.w3.org/2001/XMLSchema#type%[1]d> .
`, i, madeText)
}

// endless reads what is appended piece by piece, up to size bytes and the end
// of a piece.
type endless struct {
	next  func(b []byte, i int) []byte
	buf   []byte
	piece []byte // what is left of buf
	i     int
	size  int64
}

func (e *endless) Read(p []byte) (int, error) {
	if len(e.piece) == 0 {
		if e.size <= 0 {
			return 0, io.EOF
		}
		e.buf = e.next(e.buf[:0], e.i)
		e.piece = e.buf
		e.i++
		e.size -= int64(len(e.piece))
	}
	n := copy(p, e.piece)
	e.piece = e.piece[n:]
	return n, nil
}
