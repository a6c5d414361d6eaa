package connectortest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
)

// CatalogueHarness connects the suite of the catalogue family to a driver.
type CatalogueHarness struct {
	// New sets up an empty source, which ends with the test.
	New func(t testing.TB) *CatalogueSource
}

// Described is what the suite asks to be said of a dataset: a dcat:Dataset with these. DatasetTurtle
// writes it down.
type Described struct {
	Identifier string    // dct:identifier: letters, digits and hyphens
	Title      string    // dct:title
	Modified   time.Time // when the source last changed the description
}

// CatalogueSource is a source in the hands of the suite. Open and Put are needed; what else is nil or
// zero leaves its cases out.
type CatalogueSource struct {
	// Open makes a driver that reads the source. It is called again to restart.
	Open func(t testing.TB) connectors.Catalogue
	// Put adds datasets, or changes those that are there.
	Put func(t testing.TB, all ...Described)
	// Remove takes a dataset away.
	Remove func(t testing.TB, identifier string)
	// Spoil makes the document with the dataset malformed.
	Spoil func(t testing.TB, identifier string)
	// Fail makes the source give out nothing any more.
	Fail func(t testing.TB)
	// Relative adds a dataset whose node is written as a relative reference, and says for which IRI
	// that stands.
	Relative func(t testing.TB) string
	// Page is the number of datasets after which a page is full; 0 for a source of one page.
	Page int
	// Secrets are texts that must not show in names or errors: credentials.
	Secrets []string
	// Wire is the server behind which the source is; nil for a source that is not reached by HTTP.
	Wire *Wire
	// MaxBody is the number of bytes of one answer that the driver reads at most.
	MaxBody int64
}

// DatasetTurtle describes a dataset in Turtle. The statement stands for itself: it needs no prefix.
func DatasetTurtle(iri string, d Described) string {
	const at = "2006-01-02T15:04:05Z"
	return fmt.Sprintf("<%s> a <http://www.w3.org/ns/dcat#Dataset> ;\n"+
		"    <http://purl.org/dc/terms/identifier> %q ;\n    <http://purl.org/dc/terms/title> %q@en ;\n"+
		"    <http://purl.org/dc/terms/modified> \"%s\"^^<http://www.w3.org/2001/XMLSchema#dateTime> .\n",
		iri, d.Identifier, d.Title, d.Modified.UTC().Format(at))
}

// catalogueCase is one run of one case.
type catalogueCase struct {
	t testing.TB
	*CatalogueSource
}

// catalogueRule is a sentence of the contract: what it says, whether the source can show it, and the check.
type catalogueRule struct {
	name string
	can  func(*CatalogueSource) bool
	run  func(context.Context, *catalogueCase) error
}

func always(*CatalogueSource) bool  { return true }
func paged(s *CatalogueSource) bool { return s.Page > 0 }
func wired(s *CatalogueSource) bool { return s.Wire != nil && s.MaxBody > 0 }

// catalogueRules is the contract.
func catalogueRules() []catalogueRule {
	rules := []catalogueRule{
		{"an empty source gives no items", always, emptySource},
		{"every dataset is given once", always, everyDataset},
		{"an item is a graph or bytes or an error, with a name", always, itemsWhole},
		{"the same listing gives the same items", always, sameTwice},
		{"a change is seen", always, changeSeen},
		{"more datasets than a page come in pages", paged, inPages},
		{"a cursor is resumed by another driver", paged, cursorResumed},
		{"a source of one page says so", always, pagedHonest},
		{"a cancelled context ends a listing", always, listCancelled},
		{"a malformed document is an item with an error and the rest goes on", func(s *CatalogueSource) bool { return s.Spoil != nil }, malformedGoesOn},
		{"a source that fails is an error", func(s *CatalogueSource) bool { return s.Fail != nil }, failingIsError},
		{"a source that fails midway is an error", func(s *CatalogueSource) bool { return s.Fail != nil && paged(s) }, failingMidway},
		{"since is honoured as far as the driver says", always, sinceHonest},
		{"a removal is told or seen", func(s *CatalogueSource) bool { return s.Remove != nil }, removalHonest},
		{"names and errors carry no secrets", func(s *CatalogueSource) bool { return len(s.Secrets) > 0 }, noSecrets},
		{"relative references do not depend on the machine", func(s *CatalogueSource) bool { return s.Relative != nil }, relativeResolved},
	}
	return append(rules, wireRules()...)
}

// RunCatalogue runs the contract of the catalogue family.
func RunCatalogue(t *testing.T, h CatalogueHarness) {
	for _, r := range catalogueRules() {
		t.Run(strings.ReplaceAll(r.name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			s := h.New(t)
			if !r.can(s) {
				t.Skip("the harness cannot make the source do this")
			}
			if err := r.run(t.Context(), &catalogueCase{t, s}); err != nil {
				t.Error(err)
			}
		})
	}
}

// fill puts n datasets and returns their identifiers.
func (c *catalogueCase) fill(n int) []string {
	c.t.Helper()
	var all []Described
	var ids []string
	for i := range n {
		d := Described{Identifier: fmt.Sprintf("set-%03d", i), Title: fmt.Sprintf("Set %d", i), Modified: Now().AddDate(0, 0, -i-1)}
		all, ids = append(all, d), append(ids, d.Identifier)
	}
	c.Put(c.t, all...)
	return ids
}

// some is a number of datasets that fills more than one page where there are pages.
func (c *catalogueCase) some() int { return max(3, 2*c.Page+1) }

// want compares what a pass gave with what the source holds.
func (p *passed) want(ids []string) error {
	if len(p.errs) > 0 {
		return fmt.Errorf("items with errors: %v", p.errs)
	}
	if got := slices.Sorted(maps.Keys(p.titles)); !slices.Equal(got, slices.Sorted(slices.Values(ids))) {
		return fmt.Errorf("datasets %v, want %v", got, ids)
	}
	for id, n := range p.times {
		if n != 1 {
			return fmt.Errorf("dataset %s was given %d times", id, n)
		}
	}
	return nil
}
