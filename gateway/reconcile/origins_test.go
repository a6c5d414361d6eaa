package reconcile

import (
	"crypto/sha256"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/digest"
)

// What is shown is told apart by what we hold, whatever else a description says of identifiers.
func TestOrigins(t *testing.T) {
	t.Parallel()
	version := func(v string) digest.Sum { return sha256.Sum256([]byte(v)) }
	ours, err := digest.NewTree([]digest.Entry{{Identifier: "a", Digest: version("A")}, {Identifier: "b", Digest: version("B")}})
	if err != nil {
		t.Fatal(err)
	}
	shown := func(id, v string, origins ...string) Dataset {
		return Dataset{Identifier: id, Exchange: version(v).String(), Origins: origins}
	}
	for name, c := range map[string]struct {
		shown []Dataset
		want  map[string]string
	}{
		"the one we hold":            {[]Dataset{shown("c-1", "old", "0", "b")}, map[string]string{"b": "old"}},
		"none we hold":               {[]Dataset{shown("c-1", "A", "0", "z")}, map[string]string{"0": "A"}},
		"without origin":             {[]Dataset{shown("c-1", "A")}, map[string]string{"c-1": "A"}},
		"each names the other":       {[]Dataset{shown("c-1", "A", "a", "b"), shown("c-2", "B", "a", "b")}, map[string]string{"a": "A", "b": "B"}},
		"in the other order":         {[]Dataset{shown("c-2", "B", "a", "b"), shown("c-1", "A", "a", "b")}, map[string]string{"a": "A", "b": "B"}},
		"and one of them is old":     {[]Dataset{shown("c-2", "old", "a", "b"), shown("c-1", "A", "a", "b")}, map[string]string{"a": "A", "b": "old"}},
		"shown twice":                {[]Dataset{shown("c-1", "A", "a"), shown("c-2", "A", "a")}, map[string]string{"a": "A", "c-2": "A"}},
		"shown twice, the old first": {[]Dataset{shown("c-1", "old", "a"), shown("c-2", "A", "a")}, map[string]string{"a": "A", "c-1": "old"}},
	} {
		o := newOrigins(ours)
		for _, d := range c.shown {
			if err := o.see(d); err != nil {
				t.Fatal(err)
			}
		}
		want, got := map[string]string{}, map[string]string{}
		for id, v := range c.want {
			want[id] = version(v).String()
		}
		for _, e := range o.entries() {
			got[e.Identifier] = e.Digest.String()
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if err := newOrigins(ours).see(Dataset{Identifier: "c-1"}); err == nil {
		t.Error("a dataset without a digest was taken")
	}
}
