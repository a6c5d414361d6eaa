package catalogue

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

const prefixes = `@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix adms: <http://www.w3.org/ns/adms#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix h: <http://healthdataportal.eu/ns/health#> .
@prefix cv: <http://data.europa.eu/m8g/> . @prefix ex: <https://catalogue.example.org/> .
@prefix ar: <http://publications.europa.eu/resource/authority/access-right/> .
@prefix hc: <https://hdeu-dcat.data.health.europa.eu/resource/authority/healthcategories/> .
`

const twoDatasets = prefixes + `
ex:catalogue a dcat:Catalog, dcat:Dataset ; dct:title "Catalogue" ; dcat:dataset ex:a, ex:b ; dcat:record ex:ra .
ex:ra a dcat:CatalogRecord ; foaf:primaryTopic ex:a .
ex:a a dcat:Dataset ;
  dct:identifier "ds-a" ; dct:title "Claims"@en, "Remboursements"@FR ;
  dct:accessRights ar:NON_PUBLIC ; h:healthCategory hc:HRAD, hc:EHRS, ex:other ;
  dcat:theme <http://publications.europa.eu/resource/authority/data-theme/HEAL> ;
  adms:identifier [ a adms:Identifier ; skos:notation "A/1" ] ;
  h:hdab ex:body ; dct:isPartOf ex:catalogue ; dct:relation ex:b ; foaf:isPrimaryTopicOf ex:ra ;
  dcat:distribution [ a dcat:Distribution ; dct:identifier "dist-1" ; dcat:accessURL ex:access ] .
ex:b a dcat:Dataset ; dct:identifier "ds-b" ; dct:title "Cohort" ; h:hdab [ a foaf:Agent ; foaf:name "Body B" ] .
ex:body a foaf:Agent ; foaf:name "Body A" ; dct:identifier "0009" ; cv:contactPoint [ a cv:ContactPoint ; cv:email "desk@example.org" ] .
`

func parse(t testing.TB, doc string) *rdf.Graph {
	t.Helper()
	g, err := rdf.ReadTurtle(t.Context(), strings.NewReader(doc), rdf.ReadOptions{File: "doc.ttl"})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func records(t testing.TB, doc string) ([]Record, []Finding) {
	t.Helper()
	r, f, err := Records(t.Context(), parse(t, doc), "doc.ttl")
	if err != nil {
		t.Fatal(err)
	}
	return r, f
}

func one(t testing.TB, doc string) Record {
	t.Helper()
	r, f := records(t, doc)
	if len(r) != 1 || len(f) != 0 {
		t.Fatalf("%d records, findings %v", len(r), f)
	}
	return r[0]
}

func TestRecordsReadsEachDataset(t *testing.T) {
	got, findings := records(t, twoDatasets)
	if len(findings) != 0 || len(got) != 2 {
		t.Fatalf("%d records, findings %v", len(got), findings)
	}
	type seen struct {
		IRI, ID, Rights, HDAB string
		Title                 map[string]string
		Theme, Categories     []string
		Source                string
	}
	view := func(r Record) seen {
		return seen{r.IRI, r.Identifier, r.AccessRights, r.HDAB, r.Title, r.Theme, r.Categories, r.Source.String()}
	}
	want := []seen{
		{
			"https://catalogue.example.org/a", "ds-a", "NON_PUBLIC", "https://catalogue.example.org/body",
			map[string]string{"en": "Claims", "fr": "Remboursements"},
			[]string{"http://publications.europa.eu/resource/authority/data-theme/HEAL"}, []string{"EHRS", "HRAD"}, "doc.ttl:10",
		},
		{"https://catalogue.example.org/b", "ds-b", "", "Body B", map[string]string{"und": "Cohort"}, nil, nil, "doc.ttl:17"},
	}
	if diff := cmp.Diff(want, []seen{view(got[0]), view(got[1])}); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	a := got[0].Graph
	for name, subject := range map[string]string{"the other dataset": "b", "the catalogue": "catalogue", "the catalogue record": "ra"} {
		node := rdf.NewIRI("https://catalogue.example.org/" + subject)
		if a.Has(node, rdf.Term{}, rdf.Term{}) {
			t.Errorf("%s is described in the record", name)
		}
		if !a.Has(rdf.Term{}, rdf.Term{}, node) {
			t.Errorf("the link to %s is lost", name)
		}
	}
	if !a.Has(rdf.Term{}, rdf.NewIRI(rdf.NSCV+"email"), rdf.Term{}) {
		t.Error("the agent's contact point is missing")
	}
	if n := got[0].Line(rdf.NewIRI("https://catalogue.example.org/body")); n != 18 {
		t.Errorf("line of the body %d, want 18", n)
	}
}

func TestDigestDependsOnStatementsOnly(t *testing.T) {
	base := one(t, prefixes+`ex:a a dcat:Dataset ; dct:identifier "1" ; dct:publisher [ foaf:name "P" ; cv:contactPoint [ cv:email "p@example.org" ] ] .`)
	same := map[string]string{
		"labels": prefixes + `ex:a a dcat:Dataset ; dct:identifier "1" ; dct:publisher _:zz . _:zz foaf:name "P" ; cv:contactPoint _:a . _:a cv:email "p@example.org" .`,
		"order and repetition": prefixes + `_:x cv:email "p@example.org" . _:y cv:contactPoint _:x ; foaf:name "P", "P" .
			ex:a dct:publisher _:y ; dct:identifier "1" ; a dcat:Dataset .`,
		"full IRIs and typed strings": `<https://catalogue.example.org/a> a <http://www.w3.org/ns/dcat#Dataset> ;
			<http://purl.org/dc/terms/identifier> "1"^^<http://www.w3.org/2001/XMLSchema#string> ; <http://purl.org/dc/terms/publisher>
			[ <http://xmlns.com/foaf/0.1/name> "P" ; <http://data.europa.eu/m8g/contactPoint> [ <http://data.europa.eu/m8g/email> "p@example.org" ] ] .`,
		"next to other statements": prefixes + `ex:other foaf:name "Other" . ex:c a dcat:Catalog ; dcat:dataset ex:a .
			ex:a a dcat:Dataset ; dct:identifier "1" ; dct:publisher [ foaf:name "P" ; cv:contactPoint [ cv:email "p@example.org" ] ] .`,
	}
	for name, doc := range same {
		if got := one(t, doc); got.Digest != base.Digest || got.ExchangeDigest != base.ExchangeDigest {
			t.Errorf("%s: digest differs:\n%s\n%s", name, got.NQuads, base.NQuads)
		}
	}
	var nt strings.Builder
	if err := rdf.WriteNTriples(&nt, base.Graph.All()); err != nil {
		t.Fatal(err)
	}
	g, err := rdf.ReadNTriples(t.Context(), strings.NewReader(nt.String()), rdf.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	again, _, err := Records(t.Context(), g, "doc.nt")
	if err != nil || again[0].Digest != base.Digest {
		t.Errorf("as N-Triples: %v, digest %s, want %s", err, again[0].Digest, base.Digest)
	}
	for name, doc := range map[string]string{
		"a changed literal":  prefixes + `ex:a a dcat:Dataset ; dct:identifier "1" ; dct:publisher [ foaf:name "Q" ; cv:contactPoint [ cv:email "p@example.org" ] ] .`,
		"a moved blank node": prefixes + `ex:a a dcat:Dataset ; dct:identifier "1" ; dct:publisher [ foaf:name "P" ] ; cv:contactPoint [ cv:email "p@example.org" ] .`,
	} {
		if one(t, doc).Digest == base.Digest {
			t.Errorf("%s: digest is the same", name)
		}
	}
}

func TestExchangeDigestIgnoresWhatTheCentreRewrites(t *testing.T) {
	home, _ := records(t, twoDatasets)
	rewritten := twoDatasets
	for _, change := range [][2]string{
		{`dct:identifier "ds-a"`, `dct:identifier "EU-0001"`},
		{`skos:notation "A/1"`, `skos:notation "ds-a"`},
		{`dct:isPartOf ex:catalogue`, `dct:isPartOf <https://central.example.org/catalogue>`},
		{`foaf:isPrimaryTopicOf ex:ra ;`, ``},
		{`dct:identifier "dist-1"`, `dct:identifier "EU-0001-1"`},
	} {
		next := strings.Replace(rewritten, change[0], change[1], 1)
		if next == rewritten {
			t.Fatalf("%q is not in the document", change[0])
		}
		rewritten = next
	}
	there, _ := records(t, rewritten)
	if home[0].Digest == there[0].Digest {
		t.Error("the plain digests are the same")
	}
	if home[0].ExchangeDigest != there[0].ExchangeDigest {
		t.Error("the exchange digests differ")
	}
	for name, change := range map[string][2]string{
		"an agent's identifier": {`dct:identifier "0009"`, `dct:identifier "0010"`},
		"a title":               {`"Claims"@en`, `"Other claims"@en`},
		"a distribution":        {`dcat:accessURL ex:access`, `dcat:accessURL ex:other`},
	} {
		changed, _ := records(t, strings.Replace(twoDatasets, change[0], change[1], 1))
		if changed[0].ExchangeDigest == home[0].ExchangeDigest {
			t.Errorf("%s: the exchange digest is the same", name)
		}
	}
}

func TestDuplicateIdentifiers(t *testing.T) {
	got, findings := records(t, prefixes+"ex:a a dcat:Dataset ; dct:identifier \"1\" .\nex:b a dcat:Dataset ; dct:identifier \"1\" .\nex:c a dcat:Dataset .\nex:d a dcat:Dataset .")
	if len(got) != 3 || got[0].IRI != "https://catalogue.example.org/a" {
		t.Errorf("kept %d records", len(got))
	}
	want := []Finding{{
		File: "doc.ttl", Line: 8, Code: CodeDuplicateIdentifier, Severity: Violation,
		Subject: "https://catalogue.example.org/b", Identifier: "1", Property: rdf.NSDCT + "identifier", Path: "dct:identifier",
		Message: "another dataset of this source has the same dct:identifier; the first is kept", Hint: "the first is at doc.ttl:7",
	}}
	if diff := cmp.Diff(want, findings); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestIdentityDoesNotDependOnOrder(t *testing.T) {
	for _, ids := range []string{`"b", "a"`, `"a", "b"`, `<x:0>, "b", "a"`} {
		if got := one(t, prefixes+`ex:a a dcat:Dataset ; dct:identifier `+ids+` .`).Identifier; got != "a" {
			t.Errorf("%s: identifier %q, want a", ids, got)
		}
	}
	if got := one(t, prefixes+`ex:a a dcat:Dataset ; dct:accessRights ar:PUBLIC, ar:NON_PUBLIC .`).AccessRights; got != "" {
		t.Errorf("contradictory access rights read as %q", got)
	}
	if got := one(t, prefixes+`[] a dcat:Dataset ; dct:identifier "1" .`); got.IRI != "" || got.Identifier != "1" {
		t.Errorf("a blank dataset reads as %q %q", got.IRI, got.Identifier)
	}
}

func TestOversizedAndPoisonousDatasetsAreFindings(t *testing.T) {
	var large, tangled strings.Builder
	large.WriteString(prefixes + `ex:a a dcat:Dataset ; dct:identifier "big" ; dcat:keyword "k"`)
	for i := range MaxRecordTriples {
		fmt.Fprintf(&large, `, "k%d"`, i)
	}
	large.WriteString(" .\n")
	tangled.WriteString(prefixes + `ex:b a dcat:Dataset ; dct:identifier "knot" .`)
	for i := range 24 {
		fmt.Fprintf(&tangled, "ex:b dct:relation _:n%d .\n", i)
		for j := range 24 {
			if i != j {
				fmt.Fprintf(&tangled, "_:n%d dct:relation _:n%d .\n", i, j)
			}
		}
	}
	wide := prefixes + `ex:c a dcat:Dataset ; dct:identifier "wide" ; dct:description "` + strings.Repeat("x", MaxRecordBytes) + `" .`
	for _, c := range []struct{ name, doc, code, id string }{
		{"too many statements", large.String(), CodeRecordTooLarge, "big"},
		{"too many bytes", wide, CodeRecordTooLarge, "wide"},
		{"entangled blank nodes", tangled.String(), CodeRecordTooComplex, "knot"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, findings := records(t, c.doc+"\nex:ok a dcat:Dataset ; dct:identifier \"ok\" .")
			if len(got) != 1 || got[0].Identifier != "ok" {
				t.Errorf("kept %d records", len(got))
			}
			if len(findings) != 1 || findings[0].Code != c.code || findings[0].Identifier != c.id || !Blocks(findings) {
				t.Errorf("findings %v", findings)
			}
		})
	}
}

func TestRecordsStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r, _, err := Records(ctx, parse(t, twoDatasets), "doc.ttl"); !errors.Is(err, context.Canceled) || r != nil {
		t.Errorf("%d records, error %v", len(r), err)
	}
}

func TestReceivedRecordIsTheOneSent(t *testing.T) {
	sent, _ := records(t, twoDatasets)
	for _, s := range sent {
		got, err := ParseNQuadsRecord(t.Context(), s.NQuads, s.Digest)
		if err != nil {
			t.Fatal(err)
		}
		if got.Digest != s.Digest || got.ExchangeDigest != s.ExchangeDigest || got.Identifier != s.Identifier ||
			got.IRI != s.IRI || got.HDAB != s.HDAB || got.AccessRights != s.AccessRights || !cmp.Equal(got.Title, s.Title) {
			t.Errorf("received %+v, sent %+v", got, s)
		}
	}
}

func TestReceivedRecordIsRefused(t *testing.T) {
	dataset := `<x:d> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/dcat#Dataset> .` + "\n"
	for _, c := range []struct{ name, content, code string }{
		{"not N-Quads", "<x:d> a .\n", rdf.CodeNQuadsSyntax},
		{"no dataset", "<x:d> <x:p> \"o\" .\n", CodeNotOneDataset},
		{"empty", "", CodeNotOneDataset},
		{"two datasets", dataset + strings.Replace(dataset, "x:d", "x:e", 1), CodeNotOneDataset},
		{"a named graph", strings.Replace(dataset, " .", " <x:g> .", 1), CodeNotCanonical},
		{"statements nobody reaches", dataset + "<x:z> <x:p> \"o\" .\n", CodeNotCanonical},
		{"out of order", "<x:d> <x:p> \"o\" .\n" + "<x:d> <x:a> \"o\" .\n" + dataset, CodeNotCanonical},
		{"other labels", dataset + "<x:d> <x:p> _:b0 .\n", CodeNotCanonical},
		{"repeated", dataset + dataset, CodeNotCanonical},
		{"too large", dataset + strings.Repeat("#", MaxRecordBytes), CodeRecordTooLarge},
	} {
		_, err := ParseNQuadsRecord(t.Context(), []byte(c.content), rdf.Digest([]byte(c.content)))
		if fault.CodeOf(err) != c.code {
			t.Errorf("%s: error %v, want code %s", c.name, err, c.code)
		}
	}
	if _, err := ParseNQuadsRecord(t.Context(), []byte(dataset), rdf.Digest(nil)); fault.CodeOf(err) != CodeDigestMismatch {
		t.Errorf("wrong digest: %v", err)
	}
	if _, err := ParseNQuadsRecord(t.Context(), []byte(dataset), rdf.Digest([]byte(dataset))); err != nil {
		t.Errorf("the plain dataset: %v", err)
	}
}

func FuzzParseNQuadsRecord(f *testing.F) {
	g, err := rdf.ReadTurtle(f.Context(), strings.NewReader(twoDatasets), rdf.ReadOptions{})
	if err != nil {
		f.Fatal(err)
	}
	sent, _, err := Records(f.Context(), g, "")
	if err != nil {
		f.Fatal(err)
	}
	for _, r := range sent {
		f.Add(r.NQuads)
	}
	f.Add([]byte("<x:d> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/dcat#Dataset> .\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		r, err := ParseNQuadsRecord(t.Context(), content, rdf.Digest(content))
		if err != nil {
			return
		}
		if string(r.NQuads) != string(content) || r.Digest != rdf.Digest(content) {
			t.Errorf("accepted %q as %q", content, r.NQuads)
		}
	})
}
