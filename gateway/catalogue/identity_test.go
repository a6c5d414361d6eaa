package catalogue

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// What is published under another identifier is one description still: the centre takes it, finds
// the identifier it is told by, and the exchange form is that of the original.
func TestRepublished(t *testing.T) {
	t.Parallel()
	all, _ := records(t, twoDatasets)
	for _, r := range all {
		name := DerivedIdentifier("second", r.Identifier)
		content, digest, err := Republished(t.Context(), r.NQuads, name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ParseNQuadsRecord(t.Context(), content, digest)
		if err != nil || got.Identifier != name || got.IRI != r.IRI {
			t.Errorf("%s: is %q, %v", r.Identifier, got.Identifier, err)
		}
		if got.ExchangeDigest != r.ExchangeDigest || got.Digest == r.Digest {
			t.Errorf("%s: the exchange form is another", r.Identifier)
		}
		origins := notations(got.Graph, got.Subject)
		if !origins[r.Identifier] || r.Identifier == "ds-a" && !origins["A/1"] {
			t.Errorf("%s: identifiers elsewhere %v", r.Identifier, origins)
		}
		again, _, err := Republished(t.Context(), content, name)
		if err != nil || bytes.Count(again, []byte("notation")) != len(origins)+1 {
			t.Errorf("%s: republished again: %v\n%s", r.Identifier, err, again)
		}
	}
}

// Several identifiers all stay known; one that is known already is not told twice.
func TestRepublishedKeepsEveryIdentifier(t *testing.T) {
	t.Parallel()
	r := one(t, prefixes+`ex:a a dcat:Dataset ; dct:identifier "1", "2" ; adms:identifier [ a adms:Identifier ; skos:notation "2" ] .`)
	content, _, err := Republished(t.Context(), r.NQuads, "s/1")
	if err != nil || bytes.Count(content, []byte("notation")) != 2 || strings.Count(string(content), "dc/terms/identifier") != 1 {
		t.Errorf("%v\n%s", err, content)
	}
	for name, bad := range map[string]string{
		"no dataset":  `<x:a> <x:p> <x:b> .`,
		"malformed":   `<x:a> <x:p> .`,
		"two of them": `<x:a> <` + rdf.RDFType + `> <` + classDataset.Value + "> .\n<x:b> <" + rdf.RDFType + `> <` + classDataset.Value + `> .`,
	} {
		if _, _, err := Republished(t.Context(), []byte(bad+"\n"), "x"); err == nil {
			t.Errorf("%s: republished", name)
		}
	}
}
