package access

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// Some datasets are granted and others refused: the decision stays positive.
// shows R9.1.1
func TestPartialRefusal(t *testing.T) {
	a := applyAll(t, Application{}, submitted(ehds.DataAccessApplication, ours), Screened{ours, t0, "s"}, ProcessingStarted{ours, t0, "s"})
	g := grant()
	g.Granted = []ehds.GrantedDataset{{Holder: "H", DatasetID: "d1"}}
	refuse := func(o ehds.Outcome, g *ehds.PermitDetail, list ...ehds.RefusedDataset) DecisionIssued {
		c := card(o, "D-1", "")
		c.RefusedDatasets = list
		return DecisionIssued{Track: ours, At: t0, Card: c, Grant: g}
	}
	no := ehds.RefusedDataset{DatasetID: "d2", Reasons: "too few persons"}
	for name, c := range map[string]struct {
		e    DecisionIssued
		code string
	}{
		"granted and refused":     {refuse(ehds.Positive, g, no, ehds.RefusedDataset{DatasetID: "d1", Reasons: "r"}), CodeGrant},
		"refused twice":           {refuse(ehds.Positive, g, no, no), CodeGrant},
		"no reasons":              {refuse(ehds.Positive, g, ehds.RefusedDataset{DatasetID: "d2"}), CodeReasons},
		"no dataset":              {refuse(ehds.Positive, g, ehds.RefusedDataset{Reasons: "r"}), CodeGrant},
		"with a negative outcome": {refuse(ehds.Negative, nil, no), CodeGrant},
	} {
		t.Run(name, func(t *testing.T) { refused(t, a, c.e, t0, c.code) })
	}
	a, ef := step(t, a, refuse(ehds.Positive, g, no), t0)
	d := a.Tracks[0].Decision
	if d.Outcome != ehds.Positive || !cmp.Equal(d.Refused, []ehds.RefusedDataset{no}) {
		t.Errorf("%+v", d)
	}
	if sent := ef[0].(SendDecision).Card.RefusedDatasets; !cmp.Equal(sent, d.Refused) {
		t.Errorf("the card lists %v", sent)
	}
}

// The decision on an appeal is signed and has an id of its own.
// shows R10.0.5-6
func TestAppealsAreDecidedBySignedDecisions(t *testing.T) {
	a := decided(t, ehds.DataAccessApplication, ehds.Negative)
	a = applyAll(t, a, answer("D-1", ehds.AnswerAppeal, day(1)), AppealSubmitted{ours, "D-1", "A-1", day(2), "m"})
	yes := AppealDecided{Track: ours, At: day(9), Approved: true, Reasons: "law", Actor: "court", DecisionID: "D-1"}
	refused(t, a, yes, day(9), CodeDecision)
	yes.DecisionID = "A-D-1"
	a, _ = step(t, a, yes, day(9))
	if ap := a.Tracks[0].Decision.Appeal; ap.DecisionID != "A-D-1" || !ap.Decided.Equal(day(9)) {
		t.Errorf("%+v", ap)
	}
	again := DecisionIssued{Track: ours, At: day(12), Card: card(ehds.Positive, "A-D-1", "D-1"), Grant: grant()}
	refused(t, a, again, day(12), CodeDecision)
	again.Card.DecisionID = "D-2"
	again.Card.Timestamp = stamp(day(12))
	a, _ = step(t, a, again, day(12))
	if len(a.Tracks[0].SetAside) != 1 || a.Tracks[0].SetAside[0].Appeal.DecisionID != "A-D-1" {
		t.Errorf("%+v", a.Tracks[0].SetAside)
	}
}

// amended approves an amendment of the newest version that starts on a day.
func amended(t *testing.T, a Application, at, from time.Time) Application {
	t.Helper()
	p, _ := a.Tracks[0].Permit()
	id, err := ehds.ParsePermitID(p.ID)
	if err != nil {
		t.Fatal(err)
	}
	id.Version++
	v := permitBody(p.DecisionID, id.String(), from, p.Expires)
	return applyAll(t, a,
		PermitMoved{Track: ours, At: at, PermitID: p.ID, Event: ehds.PermitEventAmendmentAsked},
		PermitMoved{Track: ours, At: at, PermitID: p.ID, Event: ehds.PermitEventAmendmentApproved, New: &v})
}

// inForce names the version that allows access on each day.
func inForce(a Application, days ...int) map[int]string {
	out := map[int]string{}
	for _, n := range days {
		if v, ok := a.Tracks[0].InForce(day(n)); ok {
			out[n] = v.ID
		}
	}
	return out
}

// An amendment may start later: the version before holds until then. A second amendment before the
// first has started takes its place, and at no time have two versions force.
// shows R9.3.9-10 R9.4.1-4
func TestFutureDatedAmendments(t *testing.T) {
	const v1, v2, v3 = "DP-NL-2026-0001-v1", "DP-NL-2026-0001-v2", "DP-NL-2026-0001-v3"
	one := amended(t, granted(t), day(30), day(60))
	for _, c := range []struct {
		name string
		app  Application
		want map[int]string
	}{
		{"one", one, map[int]string{2: v1, 59: v1, 60: v2, 366: v2}},
		{"the second starts after the first", amended(t, one, day(40), day(90)), map[int]string{2: v1, 59: v1, 60: v2, 89: v2, 90: v3, 366: v3}},
		{"the second starts before the first", amended(t, one, day(40), day(45)), map[int]string{2: v1, 44: v1, 45: v3, 59: v3, 60: v3, 90: v3, 366: v3}},
		{"the second starts with the first", amended(t, one, day(40), day(60)), map[int]string{2: v1, 59: v1, 60: v3, 366: v3}},
		{"revoked between", applyAll(t, one, moved(one, ehds.PermitEventRevoked)), map[int]string{2: v1, 29: v1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for n, id := range c.want {
				if v, ok := c.app.Tracks[0].InForce(day(n)); !ok || v.ID != id {
					t.Errorf("day %d: %+v, want %s", n, v, id)
				}
			}
			for n := range 370 {
				holds := 0
				for i := range c.app.Tracks[0].Permits {
					if c.app.Tracks[0].Permits[i].inForce(day(n)) {
						holds++
					}
				}
				if gone := c.name == "revoked between" && n >= 30; holds > 1 || (n >= 2 && n < 367 && (holds == 0) != gone) {
					t.Fatalf("day %d: %d versions have force", n, holds)
				}
			}
		})
	}
}

// A suspension stops access and is no status that travels; it ends, or ends with the permit.
func TestSuspension(t *testing.T) {
	a := granted(t)
	stop := moved(a, ehds.PermitEventSuspended)
	silent := stop
	silent.Reason = ""
	refused(t, a, silent, day(30), CodeReasons)
	refused(t, a, moved(a, ehds.PermitEventResumed), day(30), CodeIllegal)
	a, ef := step(t, a, stop, day(30))
	wantEffects(t, ef, "set DP-NL-2026-0001-v1", "flag permit-suspended")
	if s := ef[0].(SetPermitStatus); s.Value != ehds.StatusSuspended {
		t.Errorf("%+v", s)
	}
	refused(t, a, stop, day(31), CodeIllegal)
	refused(t, a, side(ehds.SideDelivery, ehds.SideEventRequested, day(31)), day(31), CodeIllegal)
	if got := inForce(a, 29, 30, 100); !cmp.Equal(got, map[int]string{29: "DP-NL-2026-0001-v1"}) {
		t.Errorf("in force: %v", got)
	}
	asked := applyAll(t, a, moved(a, ehds.PermitEventAmendmentAsked))
	_, _, err := Apply(asked, moved(asked, ehds.PermitEventAmendmentApproved), day(31))
	if fault.CodeOf(err) != CodeIllegal {
		t.Errorf("a new version of a suspended permit: %v", err)
	}
	b, ef := step(t, a, moved(a, ehds.PermitEventResumed), day(40))
	wantEffects(t, ef, "set DP-NL-2026-0001-v1")
	if s := ef[0].(SetPermitStatus); s.Value != ehds.StatusValid || len(inForce(b, 40)) != 1 {
		t.Errorf("%+v", s)
	}
	gone, _ := step(t, a, moved(a, ehds.PermitEventRevoked), day(40))
	if v := gone.Tracks[0].Permits[0]; !v.Suspended.IsZero() || v.Phase.State != ehds.PermitRevoked {
		t.Errorf("%+v", v)
	}
	// Two versions that have not ended are suspended and resumed together.
	two := amended(t, granted(t), day(20), day(60))
	two, ef = step(t, two, moved(two, ehds.PermitEventSuspended), day(30))
	wantEffects(t, ef, "set DP-NL-2026-0001-v1", "set DP-NL-2026-0001-v2", "flag permit-suspended")
	if got := inForce(two, 40, 70); len(got) != 0 {
		t.Errorf("in force: %v", got)
	}
}

// shows R9.4.10-11
func TestRevocationNeedsReasons(t *testing.T) {
	a := granted(t)
	e := moved(a, ehds.PermitEventRevoked)
	e.Reason = ""
	refused(t, a, e, day(30), CodeReasons)
}

// A revocation set aside on appeal: the processing did not end, so nothing is to be deleted.
// shows R9.4.12-13
func TestRevocationAppealVoidsDeletion(t *testing.T) {
	a := granted(t)
	a = applyAll(t, a, moved(a, ehds.PermitEventRevoked))
	a = applyAll(t, a, moved(a, ehds.PermitEventRevocationAppeal))
	a = applyAll(t, a, moved(a, ehds.PermitEventAppealApproved))
	for _, k := range []ClockKind{ClockDeletion, ClockResults} {
		if c, ok := a.Tracks[0].Clock(k); !ok || c.State != ClockVoid {
			t.Errorf("%s: %+v", k, c)
		}
	}
	if v, ok := a.Tracks[0].InForce(day(31)); !ok || v.ID != "DP-NL-2026-0001-v2" {
		t.Errorf("%+v", v)
	}
}

// With the applicant's consent an access application is answered as a data request: an approval and an
// answer, no permit (Art. 68(3), 69(4)). The card says so.
func TestConversionToADataRequest(t *testing.T) {
	a := applyAll(t, Application{}, submitted(ehds.DataAccessApplication, ours), Screened{ours, t0, "s"}, ProcessingStarted{ours, t0, "s"})
	c := card(ehds.Positive, "D-1", "")
	c.ConvertedTo = ehds.DataAccessApplication
	refused(t, a, DecisionIssued{Track: ours, At: t0, Card: c}, t0, CodeGrant)
	refused(t, a, DecisionIssued{Track: ours, At: t0, Card: c, ConvertedTo: ehds.DataRequestApplication}, t0, CodeGrant)
	c.ConvertedTo = ehds.DataRequestApplication
	refused(t, a, DecisionIssued{Track: ours, At: t0, Card: c, Grant: grant()}, t0, CodeGrant)
	a, ef := step(t, a, DecisionIssued{Track: ours, At: t0, Card: c}, t0)
	if got := ef[0].(SendDecision).Card.ConvertedTo; got != ehds.DataRequestApplication || a.Tracks[0].Decision.ConvertedTo != got {
		t.Errorf("the card says %q", got)
	}
	a, ef = step(t, a, answer("D-1", ehds.AnswerAccept, day(1)), day(1))
	wantEffects(t, ef, "stop answer", "hand answer", "start data-answer 2027-02-03")
	if s, ok := a.Tracks[0].Side(ehds.SideAnswer, ""); !ok || s.State != ehds.SideApproved {
		t.Errorf("%+v", a.Tracks[0].Sides)
	}
	refused(t, a, PermitGranted{ours, day(2), permitBody("D-1", "DP-NL-2026-0001-v1", t0, day(365))}, day(2), CodeIllegal)
}
