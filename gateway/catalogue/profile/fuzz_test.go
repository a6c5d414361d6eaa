package profile

import (
	"bytes"
	"os"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// FuzzProfile judges and migrates whatever parses: nothing panics, findings and notes are complete, a
// migration is idempotent and its outcome is judged the same twice.
func FuzzProfile(f *testing.F) {
	doc, err := os.ReadFile("testdata/full.ttl")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(doc)
	f.Add([]byte(migrationPrefixes + `ex:d a dcat:Dataset ; dct:publisher ex:d, ex:b ; dcat:contactPoint ex:b, "x" . ex:b dcat:contactPoint ex:b ; a vcard:Kind ; vcard:hasEmail ex:d .`))
	f.Add([]byte(migrationPrefixes + `ex:d a dcat:Dataset ; h:hasCodeValues [ skos:notation "x" ], ex:d ; dcat:distribution ex:d ; h:publisherNote "n" ; old:codeValues 3 .`))
	var sets []*RuleSet
	for _, a := range RuleSets() {
		if a.Level == "own" || a.Level == "" {
			sets = append(sets, open(f, a.Name))
		}
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		g, err := rdf.Read(t.Context(), bytes.NewReader(doc), rdf.Turtle, rdf.ReadOptions{Base: "https://base.example.org/", MaxBytes: 1 << 16})
		if err != nil {
			return
		}
		out, notes, err := Migrate(g, "r5", Release)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range notes {
			if n.Why == "" || n.Was == "" {
				t.Errorf("incomplete note %+v", n)
			}
		}
		idempotent(t, out, "r5", Release)
		records, _, err := catalogue.Records(t.Context(), out, "f.ttl")
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			for _, s := range sets {
				for _, f := range s.Validate(r) {
					if f.Code == "" || f.Message == "" || f.Severity == "" {
						t.Errorf("%s: incomplete finding %+v", s.Name, f)
					}
				}
			}
		}
	})
}
