package ehds

import "testing"

func TestLookupKnowsTheClosedSet(t *testing.T) {
	seen := map[MessageType]bool{}
	for _, r := range TypeRules() {
		if seen[r.Type] {
			t.Errorf("%s is listed twice", r.Type)
		}
		seen[r.Type] = true
		if got, ok := Lookup(r.Type); !ok || got.Type != r.Type {
			t.Errorf("Lookup(%s) = %v, %v", r.Type, got.Type, ok)
		}
		if r.Directions&Up != 0 && len(r.Up) == 0 {
			t.Errorf("%s travels upwards and nobody may send it", r.Type)
		}
		if r.Directions&Up == 0 && len(r.Up) != 0 {
			t.Errorf("%s has upward senders and does not travel upwards", r.Type)
		}
		ack := len(r.Type) > 3 && r.Type[len(r.Type)-3:] == "ack"
		if r.Answered == ack {
			t.Errorf("%s: answered %v; everything but acknowledgements is", r.Type, r.Answered)
		}
		if ack && !r.NeedsRef {
			t.Errorf("%s acknowledges without a reference", r.Type)
		}
	}
	for _, bad := range []MessageType{"", "dataset.Create", "dataset.create ", "permit.query.response", ".response",
		"dataset.create.response.response", "application.ack.response"} {
		if _, ok := Lookup(bad); ok {
			t.Errorf("Lookup(%q) succeeds", bad)
		}
	}
}

func TestResponsesTravelTheOtherWay(t *testing.T) {
	for _, r := range TypeRules() {
		if !r.Answered {
			continue
		}
		resp, ok := Lookup(r.Type.Response())
		if !ok {
			t.Errorf("%s has no response", r.Type)
			continue
		}
		if !resp.Type.IsResponse() || resp.Type.Answers() != r.Type {
			t.Errorf("%s does not answer %s", resp.Type, r.Type)
		}
		if resp.Answered || !resp.NeedsRef || resp.NeedsTrack != r.NeedsTrack || resp.Case != r.Case {
			t.Errorf("rule of %s: %+v", resp.Type, resp)
		}
		if (r.Directions&Up != 0) != (resp.Directions&Down != 0) || (r.Directions&Down != 0) != (resp.Directions&Up != 0) {
			t.Errorf("%s travels %b, its response %b", r.Type, r.Directions, resp.Directions)
		}
	}
}

func TestAllowedFollowsMarks(t *testing.T) {
	for _, c := range []struct {
		typ  MessageType
		dir  Direction
		mark Mark
		want bool
	}{
		{DatasetCreate, Up, MarkNCP, true},
		{DatasetCreate, Up, MarkUHDAS, true},
		{DatasetCreate, Up, MarkHDAB, false},
		{DatasetCreate, Up, MarkCentralPlatform, false},
		{DatasetCreate, Down, MarkCentralPlatform, false},
		{ApplicationSubmit, Down, MarkCentralPlatform, true},
		{ApplicationSubmit, Down, MarkNCP, false},
		{ApplicationSubmit, Up, MarkNCP, false},
		{ApplicationStatus, Up, MarkNCP, true},
		{ApplicationStatus, Down, MarkCentralPlatform, true},
		{DatasetCreate.Response(), Down, MarkCentralPlatform, true},
		{ApplicationSubmit.Response(), Up, MarkNCP, true},
		{ApplicationSubmit.Response(), Up, MarkHDAB, false},
		{ExchangeVoid, Up, MarkAuthorisedParticipant, true},
	} {
		r, ok := Lookup(c.typ)
		if !ok {
			t.Fatalf("no rule for %s", c.typ)
		}
		if got := r.Allowed(c.dir, func(m Mark) bool { return m == c.mark }); got != c.want {
			t.Errorf("%s %b by %s: %v, want %v", c.typ, c.dir, c.mark, got, c.want)
		}
		if r.Allowed(c.dir, func(Mark) bool { return false }) {
			t.Errorf("%s %b is allowed without a mark", c.typ, c.dir)
		}
	}
}

func TestTypeRulesCannotBeChanged(t *testing.T) {
	rules := TypeRules()
	rules[0].Type, rules[0].Answered = "changed", false
	if r, ok := Lookup(DatasetCreate); !ok || !r.Answered {
		t.Error("a caller changed the table")
	}
}
