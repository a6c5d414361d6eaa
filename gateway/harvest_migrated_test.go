package gateway

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
)

// asInRelease5 writes the full description of Release 8 as a catalogue of Release 5 did: agents with contact
// points in vCard, the lists' host of the time, and a name of a draft.
func asInRelease5(t *testing.T) string {
	t.Helper()
	doc, err := os.ReadFile(filepath.Join("catalogue", "profile", "testdata", "full.ttl"))
	if err != nil {
		t.Fatal(err)
	}
	text := regexp.MustCompile(`cv:email "([^"]*)"`).ReplaceAllString(string(doc), "vcard:hasEmail <mailto:$1>")
	return strings.NewReplacer(
		"cv:contactPoint [ a cv:ContactPoint", "dcat:contactPoint [ a vcard:Kind", "cv:contactPage", "vcard:hasURL",
		"https://hdeu-dcat.data.health.europa.eu/", "http://13.81.34.152:1101/", "minTypicalAge", "minimumTypicalAge", "csvw:title ", "csvw:titles ",
	).Replace(text)
}

// TestSourceOfAnEarlierRelease: what a source writes by Release 5 is published as Release 8, each change
// told to the data holder; as Release 8, the same document is quarantined.
func TestSourceOfAnEarlierRelease(t *testing.T) {
	t.Parallel()
	u := newUnion(t)
	dir := filepath.Join(u.dir, "old")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "full.ttl"), []byte(asInRelease5(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	source := "{name: %s, driver: rdffile, location: %q, interval: 0s, profile: %s}"
	u.harvests(fmt.Sprintf(source, "as-r8", dir, "r8"), fmt.Sprintf(source, "as-r5", dir, "r5"))
	if r := u.publish("as-r8"); len(r.Created) != 0 || len(r.Quarantined) != 1 {
		t.Errorf("Release 8: %+v", r)
	}
	if r := u.publish("as-r5"); len(r.Created) != 1 || len(r.Quarantined) != 0 || len(r.Findings) == 0 {
		t.Errorf("Release 5: %+v", r)
	} else {
		for _, f := range r.Findings {
			if f.Severity != catalogue.Info || f.Code != catalogue.CodeObsoleteNamespace {
				t.Errorf("finding %s", f)
			}
		}
	}
	u.until("it is shown", func() error {
		if n := len(u.catalogue()); n != 1 {
			return fmt.Errorf("%d are shown", n)
		}
		return nil
	})
}
