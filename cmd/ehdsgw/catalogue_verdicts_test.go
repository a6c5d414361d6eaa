package main

import (
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/profile"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// Long work says how far it is, every few seconds and not for each dataset.
func TestValidationTellsItsProgress(t *testing.T) {
	t.Parallel()
	var said strings.Builder
	now := time.Unix(0, 0)
	b, err := newBench([]string{profile.LegalMinimum}, "en", &said, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	r := catalogue.Record{Subject: rdf.NewIRI("https://example.org/d"), Graph: rdf.NewGraph()}
	for range 10 {
		now = now.Add(time.Second)
		b.validate(r)
	}
	if got := said.String(); got != "5 datasets judged\n10 datasets judged\n" {
		t.Errorf("said %q", got)
	}
}
