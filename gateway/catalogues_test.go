package gateway

import (
	"bytes"
	"os"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// The legal minimum asks for a custodian, which Release 8 recommends.
func TestLegalMinimumOfASource(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("catalogue/profile/testdata/full.ttl")
	if err != nil {
		t.Fatal(err)
	}
	g, err := rdf.Read(t.Context(), bytes.NewReader(bytes.ReplaceAll(doc, []byte("geodcatap:custodian"), []byte("geodcatap:other"))), rdf.Turtle, rdf.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	records, _, err := catalogue.Records(t.Context(), g, "full.ttl")
	if err != nil || len(records) != 1 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	for minimum, blocks := range map[bool]bool{false: false, true: true} {
		validate, err := ruleSet("r8", minimum)
		if err != nil {
			t.Fatal(err)
		}
		if f := validate(records[0]); catalogue.Blocks(f) != blocks || len(f) == 0 {
			t.Errorf("with the minimum %t: %v", minimum, f)
		}
	}
	if _, err := ruleSet("r9", false); err == nil {
		t.Error("Release 9 has a rule set")
	}
}
