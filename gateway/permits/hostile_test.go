package permits_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/vectors"
	"github.com/ehdsgw/ehdsgw/gateway/permits"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// TestHostileVectors judges the permits and status lists of every vector; none is valid, and the
// honest permit is.
func TestHostileVectors(t *testing.T) {
	world, suites, err := vectors.Load()
	if err != nil {
		t.Fatal(err)
	}
	var keys jose.KeySet
	if err := json.Unmarshal(world.AnchorKeys, &keys); err != nil {
		t.Fatal(err)
	}
	judge := func(d vectors.Document) permits.Result {
		return permits.Verify(d.Token, permits.Options{
			Anchors: []federation.Anchor{{Entity: world.Anchor, Keys: keys}}, Status: d.Status, At: time.Unix(world.At, 0),
		})
	}
	count := 0
	for _, s := range suites {
		mine := func(v vectors.Vector) bool { return v.Run == "gateway/permits TestHostileVectors" }
		for name, control := range s.Controls {
			if !slices.ContainsFunc(s.Vectors, func(v vectors.Vector) bool { return mine(v) && v.Control == name }) {
				continue
			}
			if r := judge(control); r.Verdict != permits.Valid {
				t.Errorf("control %s: %s, %s (%s)", name, r.Verdict, r.Reason, r.Detail)
			}
		}
		for _, v := range s.Vectors {
			if !mine(v) {
				continue
			}
			count++
			if r := judge(v.Attack); r.Verdict == permits.Valid || r.Reason != v.Rule {
				t.Errorf("%s: %s is %s for %q (%s), want %q", v.ID, v.Title, r.Verdict, r.Reason, r.Detail, v.Rule)
			}
		}
	}
	t.Logf("hostile vectors read by permit verification: %d", count)
	if count == 0 {
		t.Error("no vector names this test")
	}
}
