package profile

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

func TestListsAgreeWithThePublishedCodes(t *testing.T) {
	lists := map[string]*List{}
	for _, r := range open(t, "r8-public").Rules("public") {
		if r.List != nil && r.List.Codes != nil {
			lists[filepath.Base(r.List.Namespaces[0])] = r.List
		}
	}
	names, err := fragment("health-lists")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"healthcategories", "health-theme", "publisher-type", "health-activity", "standard", "coding-system"} {
		list := lists[file]
		if list == nil {
			t.Errorf("no rule asks for the list %s", file)
			continue
		}
		doc, err := os.ReadFile(shared(t, "codelists", file+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var published struct {
			Concepts []struct{ Code, IRI string }
		}
		if err := json.Unmarshal(doc, &published); err != nil {
			t.Fatal(err)
		}
		for _, c := range published.Concepts {
			if name, ok := names.Object(rdf.NewIRI(c.IRI), rdfsLabel); !ok || name.Value == "" || len(name.Value) > 40 {
				t.Errorf("%s: %s has no short name", file, c.IRI)
			}
			if !slices.Contains(list.Codes, c.IRI) {
				t.Errorf("%s: %s is not in the list", file, c.IRI)
			}
		}
		if len(published.Concepts) != len(list.Codes) {
			t.Errorf("%s: %d codes, published are %d", file, len(list.Codes), len(published.Concepts))
		}
	}
}
