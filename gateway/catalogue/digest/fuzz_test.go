package digest

import (
	"encoding/json"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// FuzzTake gives a descent arbitrary answers: it ends with an error or goes on, and what it then says
// of the other side is at most what was shown.
func FuzzTake(f *testing.F) {
	ours := tree(f, entries(100))
	for _, n := range []int{0, 3, 99, 200} {
		raw, err := json.Marshal(answer(tree(f, entries(n)), []string{"", "0"}, 2))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw, raw)
	}
	f.Fuzz(func(t *testing.T, first, second []byte) {
		d := NewDescent(ours)
		for _, raw := range [][]byte{first, second} {
			var a ehds.CatalogueDigestAnswer
			if json.Unmarshal(raw, &a) != nil {
				return
			}
			if len(d.Ask()) == 0 || d.Take(a) != nil {
				return
			}
		}
		count, _ := d.Theirs()
		shown := 0
		for _, x := range d.Differences() {
			if x.Kind != Missing {
				shown++
			}
		}
		if shown > max(count, 0) {
			t.Errorf("%d entries of a catalogue of %d", shown, count)
		}
	})
}
