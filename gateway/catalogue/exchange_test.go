package catalogue

import (
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// The exchange form by leaving out lines is the exchange form by canonicalising what is left.
func TestExchangeDigestIsThatOfTheExchangeForm(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body  string
		lines bool
	}{
		"nothing to leave out":       {`dct:title "a"`, true},
		"identifiers":                {`dct:identifier "a", "b"@EN, "b"@en, "\"q\"\n\u00e9" ; dct:title "t"@EN`, true},
		"links that are not told of": {`dct:isPartOf ex:c ; foaf:isPrimaryTopicOf ex:r ; adms:identifier ex:i`, true},
		"a link that is told of":     {`dct:isPartOf ex:c . ex:c dct:title "c"`, false},
		"told of, and kept":          {`dct:isPartOf ex:c ; dct:relation ex:c . ex:c dct:relation [ dct:title "c" ]`, false},
		"a blank identifier":         {`adms:identifier [ skos:notation "A" ]`, false},
		"a blank distribution's":     {`dcat:distribution [ a dcat:Distribution ; dct:identifier "d" ]`, false},
		"a named distribution's":     {`dcat:distribution ex:d . ex:d a dcat:Distribution ; dct:identifier "d"`, true},
		"blank nodes elsewhere":      {`dct:identifier "a" ; dct:relation [ dct:title "x" ], [ dct:title "x" ], [ dct:relation [] ]`, true},
	} {
		g := parse(t, prefixes+`ex:a a dcat:Dataset ; `+c.body+` .`)
		d := newDocument(g)
		root := rdf.NewIRI("https://catalogue.example.org/a")
		own, _, err := d.subgraph(root)
		if err != nil {
			t.Fatal(err)
		}
		nquads, err := d.work.canonical(t.Context(), own)
		if err != nil {
			t.Fatal(err)
		}
		stripped, err := d.exchanged(own, root)
		if err != nil {
			t.Fatal(err)
		}
		form, err := d.work.canonical(t.Context(), stripped)
		if err != nil {
			t.Fatal(err)
		}
		got, err := d.exchangeDigest(t.Context(), own, root, nquads)
		if err != nil || got != rdf.Digest(form) {
			t.Errorf("%s: another digest, %v\n%s\n%s", name, err, nquads, form)
		}
		lines, ok := rewritable(own, root)
		if ok != c.lines {
			t.Errorf("%s: by lines %t", name, ok)
		}
		for line := range lines {
			if !strings.Contains(string(nquads), line+"\n") {
				t.Errorf("%s: the canonical form has no line %s", name, line)
			}
		}
	}
}
