package publish

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/cataloguetest"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/profile"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// What is spelt as releases before spelt it is published as it is spelt today, and the data holder is
// told where.
func TestObsoleteSpellingsAreRewritten(t *testing.T) {
	b := newBench(t)
	doc := document(t, "old.ttl", `ex:a a dcat:Dataset ; dct:identifier "a" ; dct:title "T"@en ; dct:accessRights ar:NON_PUBLIC ;
  <http://healthdataportal.eu/ns/health#hasCodeValues> [ a <http://www.w3.org/2004/02/skos/core#Concept> ; <http://www.w3.org/2004/02/skos/core#notation> "I10" ] ;
  dcat:contactPoint ex:c . ex:c <http://www.w3.org/ns/csvw#titles> "secret text" .`)
	b.src.pages = [][]connectors.CatalogueItem{{doc}}
	b.Sources[0].Normalise, b.Sources[0].Release = Migration("r5"), Release("r5")
	r := b.pass(Options{}, "+a")
	if r.Totals.Notes == 0 || r.Totals.Violations != 0 {
		t.Fatalf("%+v, findings %v", r.Totals, r.Findings)
	}
	for _, f := range r.Findings {
		if f.File != "old.ttl" || f.Line == 0 || f.Code != catalogue.CodeObsoleteNamespace || f.Hint == "" || f.Message == "" ||
			strings.Contains(f.String(), "secret") || strings.Contains(f.String(), "I10") {
			t.Errorf("finding %+v", f)
		}
	}
	content, _, ok, err := b.record.Description(t.Context(), "ds:FR:a")
	if err != nil || !ok || !strings.Contains(string(content), `hasCodeValues> "I10"`) || strings.Contains(string(content), "csvw#titles") {
		t.Errorf("kept %v\n%s", err, content)
	}
	if p := b.publication("a"); p.Release != profile.Release {
		t.Errorf("told as %s", p.Release)
	}
}

func TestMigrationsOfRuleSets(t *testing.T) {
	for name, want := range map[string]struct {
		release  string
		migrates bool
	}{
		"r5": {profile.Release, true}, "r8": {profile.Release, true}, "r8-public": {"r8-public", true}, "legal-minimum": {"legal-minimum", false}, "": {"", false},
	} {
		if got, m := Release(name), Migration(name); got != want.release || (m != nil) != want.migrates {
			t.Errorf("%q: %s, %t", name, got, m != nil)
		}
	}
	f := noteFinding(profile.Note{Severity: catalogue.Warning, Node: "b0", Was: "x", Why: "because", Line: 3, Col: 2}, "f")
	if f.Message != "x: because" || f.Node != "" || f.Line != 3 || f.Col != 2 || f.Severity != catalogue.Warning {
		t.Errorf("finding %+v", f)
	}
	if g, _, err := Migration("r8")(t.Context(), rdf.NewGraph(), "f"); err != nil || g.Len() != 0 {
		t.Errorf("of nothing: %v", err)
	}
}

// What is published under a derived identifier passes the rules the original passed, and the centre
// finds the identifier it is told by in the record.
func TestRepublishedIsFit(t *testing.T) {
	rules, err := profile.Open(profile.Release)
	if err != nil {
		t.Fatal(err)
	}
	cat := cataloguetest.Synthetic{Datasets: 20, Seed: 9}
	g, err := rdf.Read(t.Context(), bytes.NewReader(cat.Document(0)), rdf.Turtle, rdf.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	records, _, err := catalogue.Records(t.Context(), g, "doc.ttl")
	if err != nil || len(records) != cat.Datasets {
		t.Fatalf("%d records, %v", len(records), err)
	}
	for _, r := range records {
		name := catalogue.DerivedIdentifier("second", r.Identifier)
		content, digest, err := catalogue.Republished(t.Context(), r.NQuads, name)
		if err != nil {
			t.Fatal(err)
		}
		told, err := catalogue.ParseNQuadsRecord(t.Context(), content, digest)
		if err != nil || told.Identifier != name || told.ExchangeDigest != r.ExchangeDigest {
			t.Fatalf("%s: %q, %v", r.Identifier, told.Identifier, err)
		}
		before, after := rules.Validate(r), rules.Validate(told)
		if catalogue.Blocks(after) || len(after) != len(before) {
			t.Errorf("%s: %d findings, before %d: %v", r.Identifier, len(after), len(before), after)
		}
	}
}
