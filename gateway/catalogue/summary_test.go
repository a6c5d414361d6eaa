package catalogue

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

func TestSummarise(t *testing.T) {
	g := parse(t, prefixes+`
@prefix adms: <http://www.w3.org/ns/adms#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix h: <http://healthdataportal.eu/ns/health#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:d a dcat:Dataset ; dct:identifier "c-1" ; dct:title "Stays"@EN, "Séjours"@fr, "No language" ; dct:description "Long."@en ;
  dcat:keyword "b"@en, "a"@en, "k", <x:iri> ; dct:accessRights <http://publications.europa.eu/resource/authority/access-right/PUBLIC> ;
  dcat:theme <http://publications.europa.eu/resource/authority/data-theme/HEAL>, <x:other> ;
  h:healthTheme <https://hdeu-dcat.data.health.europa.eu/resource/authority/health-theme/ONCO> ;
  h:healthCategory <https://hdeu-dcat.data.health.europa.eu/resource/authority/healthcategories/EHRS>, <x:unknown> ;
  dct:publisher [ foaf:name "Institute" ] ; h:hdab <x:body> ;
  dct:modified "2024-05-06"^^xsd:date, "2025-01-02T03:04:05+01:00"^^xsd:dateTime, "soon" ;
  adms:identifier [ skos:notation "fi-9" ], [ skos:notation "doi" ] .`)
	got := Summarise(g, g.Subjects(rdfType, classDataset)[0])
	want := Summary{
		IRI: got.IRI, Identifier: "c-1", Origins: []string{"doi", "fi-9"},
		Title: map[string]string{"en": "Stays", "fr": "Séjours", "und": "No language"}, Description: map[string]string{"en": "Long."},
		Keywords: map[string][]string{"en": {"a", "b"}, "und": {"k"}}, Categories: []string{"EHRS"}, Themes: []string{"HEAL", "ONCO", "x:other"},
		Access: "PUBLIC", Publisher: "Institute", HDAB: "x:body", Modified: time.Date(2025, 1, 2, 2, 4, 5, 0, time.UTC),
	}
	if diff := cmp.Diff(want, got); diff != "" || got.IRI == "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
}

func TestSummaryIsBounded(t *testing.T) {
	g := rdf.NewGraph()
	s := rdf.NewIRI("x:d")
	add := func(p string, o rdf.Term) { g.Add(rdf.Triple{S: s, P: rdf.NewIRI(p), O: o}) }
	for i := range 200 {
		tag := "x-" + strings.Repeat("a", i+1)
		add(rdf.NSDCT+"title", rdf.NewLang(strings.Repeat("é", 10_000), tag))
		add(rdf.NSDCAT+"keyword", rdf.NewLang("k", tag))
		add(rdf.NSDCAT+"keyword", rdf.NewLang(tag, "en"))
		add(rdf.NSDCAT+"theme", rdf.NewIRI("x:"+tag))
	}
	got := Summarise(g, s)
	if len(got.Title) != maxSummaryTexts || len(got.Keywords) > maxSummaryTexts || len(got.Keywords["en"]) > maxSummaryTexts || len(got.Themes) != maxSummaryValues {
		t.Errorf("%d titles, keywords in %d languages, %d themes", len(got.Title), len(got.Keywords), len(got.Themes))
	}
	for lang, text := range got.Title {
		if len(text) != maxSummaryText || strings.Trim(text, "é") != "" {
			t.Fatalf("a title of %d bytes in %s", len(text), lang)
		}
	}
}
