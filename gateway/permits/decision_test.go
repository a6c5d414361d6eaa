package permits_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/permits"
)

// A decision is signed by its body, dated, and proved from itself.
// shows R9.1.2
// shows R9.1.1-4
func TestSignedDecisions(t *testing.T) {
	d := newDesk(t)
	claims := ehds.DecisionClaims{Iss: d.hda.ID, Sub: "app:A1", Jti: "D1", Decision: &ehds.DecisionBody{
		ApplicationID: "A1", DecisionID: "D1", Outcome: ehds.Negative, Timestamp: "2027-03-01T10:00:00Z", Reasons: "why",
	}}
	token, err := d.office.SignDecision(t.Context(), d.hda.ID, claims)
	if err != nil {
		t.Fatal(err)
	}
	now := d.f.Clock.Now()
	got, err := permits.ProveDecision(token, d.f.Anchors(), now)
	claims.Iat = now.Unix()
	if diff := cmp.Diff(claims, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
	parts := strings.Split(token, ".")
	for name, bad := range map[string]string{
		"changed": parts[0] + "." + parts[1] + "x." + parts[2], "no signature": parts[0] + "." + parts[1] + ".", "a permit": signedPermit(t, d), "empty": "",
	} {
		if _, err := permits.ProveDecision(bad, d.f.Anchors(), now); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := permits.ProveDecision(token, nil, now); err == nil {
		t.Error("proved without an anchor")
	}
	if _, err := permits.ProveDecision(token, d.f.Anchors(), now.Add(-time.Hour)); err == nil {
		t.Error("a decision of the future was taken")
	}
}

func signedPermit(t *testing.T, d *desk) string {
	t.Helper()
	token, err := d.office.SignPermit(t.Context(), d.hda.ID, d.claims)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestDecisionsThatAreNotSigned(t *testing.T) {
	d := newDesk(t)
	card, appeal := &ehds.DecisionBody{}, &ehds.AppealOutcome{}
	for name, c := range map[string]ehds.DecisionClaims{
		"of another": {Iss: d.ncp.ID, Decision: card}, "of nothing": {Iss: d.hda.ID}, "of two things": {Iss: d.hda.ID, Decision: card, Appeal: appeal},
	} {
		if token, err := d.office.SignDecision(t.Context(), d.hda.ID, c); err == nil || token != "" {
			t.Errorf("%s: signed", name)
		}
	}
}
