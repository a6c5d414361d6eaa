package shacl

import (
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

const prefixes = `@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://example.org/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
`

// graph reads Turtle with the usual prefixes on the two lines before it.
func graph(t testing.TB, turtle string) *rdf.Graph {
	t.Helper()
	g, err := rdf.Read(t.Context(), strings.NewReader(prefixes+turtle), rdf.Turtle, rdf.ReadOptions{Base: "http://example.org/"})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func compile(t testing.TB, turtle string, o Options) *Shapes {
	t.Helper()
	s, err := Compile(graph(t, turtle), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(t testing.TB, s *Shapes, turtle string) *Report {
	t.Helper()
	r, err := s.Validate(t.Context(), graph(t, turtle))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// brief is a report as lines "focus path component value line:col".
func brief(r *Report) string {
	var b strings.Builder
	for _, res := range r.Results {
		short := func(s string) string {
			return strings.NewReplacer("http://example.org/", "ex:", NS, "", "ConstraintComponent", "").Replace(s)
		}
		b.WriteString(short(res.Focus.Value) + " " + short(res.Path.String()) + " " + short(res.Component) + " " + short(res.Value.String()) + "\n")
	}
	return b.String()
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	s := compile(t, `ex:S a sh:NodeShape ; sh:targetClass ex:C ;
		sh:property [ sh:path ex:p ; sh:maxCount 1 ; sh:nodeKind sh:IRI ] , [ sh:path ex:q ; sh:minCount 1 ] ,
		[ sh:path ( ex:r ex:p ) ; sh:datatype xsd:integer ] .`, Options{})
	r := validate(t, s, `ex:a a ex:C ;
  ex:p ex:b ,
       "c" ;
  ex:r ex:z .
ex:z ex:p "d" .`)
	want := map[string][2]int{MaxCountComponent: {5, 8}, NodeKindComponent: {5, 8}, MinCountComponent: {3, 0}, DatatypeComponent: {7, 11}}
	if len(r.Results) != len(want) {
		t.Fatalf("%d results:\n%s", len(r.Results), brief(r))
	}
	for _, res := range r.Results {
		if got := [2]int{res.Line, res.Col}; got != want[res.Component] {
			t.Errorf("%s at %v, want %v", res.Component, got, want[res.Component])
		}
	}
}
