package gateway

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue/cataloguetest"
	"github.com/ehdsgw/ehdsgw/gateway/publish"
)

// TestOneIdentifierOfTwoSources: the centre shows both, validated; and what changes its identifier at
// origin is still the dataset the centre knows.
func TestOneIdentifierOfTwoSources(t *testing.T) {
	t.Parallel()
	u := newUnion(t)
	write := func(source string, seed uint64, replace ...string) {
		t.Helper()
		dir := filepath.Join(u.dir, source)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		doc := string(cataloguetest.Synthetic{Datasets: 2, Seed: seed}.Document(0))
		for i := 0; i < len(replace); i += 2 {
			doc = strings.ReplaceAll(doc, replace[i], replace[i+1])
		}
		if err := os.WriteFile(filepath.Join(dir, "all.ttl"), []byte(doc), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const host, other = "catalogue.fr.example/dataset/", "other.fr.example/dataset/"
	write("one", 1)
	write("two", 2, host, other)
	source := func(name string) string {
		return fmt.Sprintf(`{name: %s, driver: rdffile, location: %q, interval: 0s, profile: r8}`, name, filepath.Join(u.dir, name))
	}
	u.harvests(source("one"), source("two"))
	shows := func(want ...string) {
		t.Helper()
		u.until(fmt.Sprintf("%v are shown and validated", want), func() error {
			var got []string
			for _, s := range u.catalogue() {
				got = append(got, s.Identifier)
			}
			slices.Sort(got)
			page, err := u.gateway.publisher.Status(t.Context(), publish.Query{Limit: 10})
			if err != nil || !slices.Equal(got, want) || page.Totals[catalogue.Validated] != len(want) {
				return fmt.Errorf("the centre shows %v; %v, %v", got, page.Totals, err)
			}
			return nil
		})
	}
	a, b := cataloguetest.Identifier(0), cataloguetest.Identifier(1)
	u.publish("one")
	shows(a, b)
	if r := u.publish("two"); r.Totals.Created != 2 || r.Totals.Quarantined != 0 {
		t.Fatalf("the second source: %+v", r.Totals)
	}
	shows(a, b, "two/"+a, "two/"+b)
	write("one", 1, `"`+a+`"`, `"NEW-0"`)
	if r := u.publish("one"); r.Totals.Updated != 1 || r.Totals.Created+r.Totals.Deleted != 0 || r.Updated[0].As != a {
		t.Fatalf("a new identifier: %+v, %+v", r.Totals, r.Updated)
	}
	shows(a, b, "two/"+a, "two/"+b)
	if row, err := u.gateway.publisher.Find(t.Context(), "NEW-0"); err != nil || row.Identifier != a || row.State != catalogue.Validated {
		t.Errorf("under its new identifier: %+v, %v", row, err)
	}
}
