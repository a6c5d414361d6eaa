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
	for _, bad := range []MessageType{"", "dataset.Create", "dataset.create ", "permit.wish.response", ".response",
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

// TestAcrossFollowsTheSideOfACase: in profile peer-1 the hub where the applicant filed speaks as the
// centre does in the star, and the deciding hub as a participant.
func TestAcrossFollowsTheSideOfACase(t *testing.T) {
	t.Parallel()
	ncp := func(m Mark) bool { return m == MarkNCP }
	for _, c := range []struct {
		typ  MessageType
		want Side
	}{
		{ApplicationSubmit, Filing}, {ApplicationAmended, Filing}, {ApplicationWithdraw, Filing}, {ApplicationInfo, Filing},
		{DecisionAnswer, Filing}, {DecisionAck, Filing}, {AppealSubmit, Filing}, {ApplicationShared, Filing}, {ApplicationShared.Response(), Deciding},
		{ApplicationAck, Deciding}, {ApplicationStatus, Deciding}, {ApplicationInfoRequest, Deciding}, {ApplicationInfoAck, Deciding},
		{ApplicationExtension, Deciding}, {ApplicationDecision, Deciding}, {PermitIssued, Deciding}, {PermitChanged, Deciding}, {AppealAck, Deciding},
		{ApplicationSubmit.Response(), Deciding}, {ApplicationDecision.Response(), Filing},
		{ExchangeVoid, Filing | Deciding}, {ExchangeVoid.Response(), Filing | Deciding},
		{DatasetCreate, 0}, {ReportBiennial, 0}, {ResultsRecord, 0}, {EnforcementRecord, 0}, {CatalogueDigest, 0}, {DatasetCreate.Response(), 0},
	} {
		r, ok := Lookup(c.typ)
		if !ok {
			t.Fatalf("no rule for %s", c.typ)
		}
		for _, side := range []Side{Filing, Deciding} {
			if got := r.AllowedAcross(side, ncp); got != (c.want&side != 0) {
				t.Errorf("%s by side %d: %v", c.typ, side, got)
			}
		}
		if r.AllowedAcross(0, ncp) || r.AllowedAcross(Filing|Deciding, func(m Mark) bool { return m != MarkNCP }) {
			t.Errorf("%s goes across without a side or without the mark of a contact point", c.typ)
		}
		if got := r.CaseOn(ProfilePeer1); (got == CaseNational) != (c.want != 0) || c.want == 0 && got != r.Case {
			t.Errorf("%s: a case of kind %v", c.typ, got)
		}
	}
}

func TestSideOfACase(t *testing.T) {
	t.Parallel()
	nat := NationalCase("FI", "6a70b4d104db074a00fd0001")
	for country, want := range map[string]Side{"FI": Filing, "FR": Deciding} {
		if got := SideOf(nat, country); got != want {
			t.Errorf("%s: %d", country, got)
		}
	}
	if SideOf(ApplicationCase("a"), "FI") != 0 {
		t.Error("an application at the centre goes across")
	}
	if nat.ApplicationID() != "6a70b4d104db074a00fd0001" || DatasetCase("FI", "x").ApplicationID() != "" {
		t.Error("the application's id")
	}
	if r, _ := Lookup(ApplicationSubmit); r.CaseOn(ProfilePeer1) != CaseNational || r.CaseOn(ProfileR8) != CaseApplication {
		t.Error("the kind of case by profile")
	}
}
