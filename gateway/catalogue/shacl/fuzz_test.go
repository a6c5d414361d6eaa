package shacl

import (
	"errors"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// FuzzValidate lets foreign shapes judge foreign data: work stays within its bounds, a report is the same
// each time, its RDF agrees with it, and conformance is as when nobody wants results.
func FuzzValidate(f *testing.F) {
	for _, seed := range [][2]string{
		{speaking, `ex:x a ex:C ; ex:size 1 , 2 ; ex:who [ ex:name 5 ] .`},
		{`ex:S sh:targetSubjectsOf ex:p ; sh:node ex:S ; sh:property [ sh:path [ sh:zeroOrMorePath [ sh:inversePath ex:p ] ] ; sh:node ex:S ; sh:not ex:S ] .`, `ex:a ex:p ex:b . ex:b ex:p ex:a .`},
		{`ex:S sh:targetNode 5 , ex:a ; sh:or ( [ sh:datatype xsd:integer ] ex:S ) ; sh:pattern "^[\\i-]+$" ; sh:flags "ix" ; sh:minInclusive 3 ; sh:languageIn ( "en" ) .`, `ex:a ex:p "x"@en .`},
		{`ex:S a sh:PropertyShape ; sh:path ( ex:p ex:q ) , ex:q ; sh:qualifiedValueShape ex:S ; sh:qualifiedMaxCount 0 ; sh:qualifiedValueShapesDisjoint true ; sh:targetObjectsOf ex:p .`, `ex:a ex:p [ ex:q [ ] ] .`},
		{`_:l rdf:first ex:p ; rdf:rest _:l . ex:S sh:targetNode ex:a ; sh:property [ sh:path _:l ; sh:and _:l ; sh:closed 5 ; sh:lessThan ex:p ] .`, `ex:a ex:p 1 , "2026-01-01"^^xsd:date .`},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, shapesTurtle, dataTurtle string) {
		parse := func(turtle string) *rdf.Graph {
			g, err := rdf.Read(t.Context(), strings.NewReader(prefixes+turtle), rdf.Turtle, rdf.ReadOptions{MaxBytes: 1 << 16, MaxTriples: 2_000})
			if err != nil {
				t.Skip()
			}
			return g
		}
		shapesGraph, data := parse(shapesTurtle), parse(dataTurtle)
		o := Options{MaxSteps: 200_000, MaxResults: 1_000, Background: []*rdf.Graph{shapesGraph}}
		for _, o := range []Options{o, {MaxSteps: o.MaxSteps, MaxResults: o.MaxResults, More: []Source{{Graph: data}}}} {
			s, err := Compile(shapesGraph, o)
			if err != nil {
				t.Fatal(err)
			}
			r, err := s.Validate(t.Context(), data)
			if err != nil {
				if !errors.Is(err, ErrTooMuchWork) {
					t.Fatal(err)
				}
				continue
			}
			again, err := s.Validate(t.Context(), data)
			if err != nil || brief(again) != brief(r) {
				t.Fatalf("first\n%sthen\n%s%v", brief(r), brief(again), err)
			}
			if n := len(r.Graph().Subjects(rdfType, sh("ValidationReport"))); n != 1 || r.Conforms != (len(r.Results) == 0) {
				t.Fatalf("%d reports of %d results, conforms %v", n, len(r.Results), r.Conforms)
			}
			w := NewWording("fr", nil)
			for i := range r.Results {
				if f := w.Finding("", &r.Results[i]); f.Message == "" || f.Code == "" {
					t.Fatalf("%+v", f)
				}
			}
		}
	})
}
