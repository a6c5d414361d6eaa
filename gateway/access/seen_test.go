package access

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// A body sees how far another is and what it decided, and nothing of how.
// shows R7.3.6
func TestWhatOneBodySeesOfAnother(t *testing.T) {
	a := applyAll(t, Application{}, submitted(ehds.DataAccessApplication, ours, second),
		Screened{ours, t0, "clerk-of-ours"}, ProcessingStarted{ours, t0, "clerk-of-ours"},
		DecisionIssued{Track: ours, At: t0, Card: card(ehds.Negative, "D-1", ""), Actor: "clerk-of-ours"})
	before := a.Clone()
	if d := cmp.Diff(a.Tracks[0], a.SeenBy(ours.HDAB).Tracks[0]); d != "" {
		t.Errorf("its own track: %s", d)
	}
	seen := a.SeenBy(second.HDAB)
	want := Track{Key: ours, Procedure: ehds.ProcedureStandard, Status: ehds.StateDecisionIssued,
		Decision: &Decision{ID: "D-1", Outcome: ehds.Negative, Issued: t0, Status: ehds.DecisionNegativeIssued}}
	if d := cmp.Diff(want, seen.Tracks[0]); d != "" {
		t.Errorf("another's track: %s", d)
	}
	raw, err := json.Marshal(seen)
	if err != nil || strings.Contains(string(raw), "clerk-of-ours") {
		t.Errorf("the staff of another body show: %v", err)
	}
	if d := cmp.Diff(before, a) + cmp.Diff(a.Tracks[1], seen.Tracks[1]); d != "" {
		t.Error(d)
	}
}
