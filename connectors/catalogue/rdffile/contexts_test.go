package rdffile

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A JSON-LD document is read with the contexts that were given; one that was not is never fetched.
func TestContexts(t *testing.T) {
	t.Parallel()
	const context = "https://holder.example/context.jsonld"
	dir := tree(t, map[string]string{"a.jsonld": `{"@context": "` + context + `", "@id": "https://holder.example/1", "name": "Sleep"}`})
	given := map[string][]byte{context: []byte(`{"@context": {"name": "http://purl.org/dc/terms/title"}}`)}
	got, _, err := pass(t, driver(t, Options{Location: dir, Contexts: given}))
	if diff := cmp.Diff([]string{"a.jsonld: 1 triples"}, got); diff != "" || err != nil {
		t.Errorf("error %v (-want +got):\n%s", err, diff)
	}
	got, _, err = pass(t, driver(t, Options{Location: dir}))
	if len(got) != 1 || err != nil || got[0][len(got[0])-len(" unknown-context"):] != " unknown-context" {
		t.Errorf("without it: %q, %v", got, err)
	}
}
