package dispatcher_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// TestAPermitTheGatewayDidNotMove: what the gateway refused of a permit is not shown as done, and can be
// told again, mended.
func TestAPermitTheGatewayDidNotMove(t *testing.T) {
	t.Parallel()
	h := newHouse(t, twoSystems())
	s, at := h.processing(1)
	h.must(200, "one", "POST", at+"/decision", card(ehds.Positive, "D-1"))
	const id = "DP-FR-ONE-2026-0001-v1"
	if err := h.d.Distribute(t.Context(), connectors.PermitNotice{ID: "n-1", Case: s.Case, Track: s.Track, PermitID: id,
		Status: ehds.PermitStatusGranted, From: "2027-02-01", To: "2029-01-31"}); err != nil {
		t.Fatal(err)
	}
	path := at + "/permits/" + id + "/changes"
	revoke := map[string]any{"event": ehds.PermitEventRevoked, "reason": "Art. 63(2)"}
	h.must(200, "one", "POST", path, revoke)
	e := h.last()
	refusal, err := json.Marshal(connectors.EventRefusal{Event: e.ID, Kind: e.Kind, At: "2026-11-03T10:00:00Z", Code: "permit-does-not-match",
		Status: ehds.StateDecisionIssued, Decision: ehds.DecisionPositiveAccepted, DecisionID: "D-1",
		PermitID: id, Permit: ehds.PermitPhase{State: ehds.PermitGranted}})
	if err != nil {
		t.Fatal(err)
	}
	mail := connectors.Mail{Key: connectors.RefusalPrefix(s.Case, s.Track) + e.ID, Case: s.Case, Value: refusal}
	if err := h.host.Mailbox.Batch(t.Context(), []connectors.Mail{mail}, nil); err != nil {
		t.Fatal(err)
	}
	if got := string(h.must(200, "one", "GET", at+"/permits", nil)); !strings.Contains(got, `"GRANTED"`) {
		t.Errorf("shown as %s", got)
	}
	h.must(200, "one", "POST", path, revoke)
}

// TestTwoCasesOfOneNumber: an application that another hub filed may bear the number of one of the centre's.
// Neither is shown in the place of the other, and no step meets both.
func TestTwoCasesOfOneNumber(t *testing.T) {
	t.Parallel()
	h := newHouse(t, twoSystems())
	ours, theirs := submission(1), submission(1)
	h.submit(ours)
	number := theirs.Application.ApplicationID
	theirs.Ref, theirs.Case = "ref-peer", "nat:NL:"+number
	theirs.Application.Title, theirs.Application.Version = "Another application", 9
	h.submit(theirs)
	list := string(h.must(200, "one", "GET", "/applications", nil))
	if strings.Count(list, `"application_id":"`+number+`"`) != 1 || strings.Count(list, `"application_id":"`+theirs.Case+`"`) != 1 {
		t.Errorf("one application in the place of another: %s", list)
	}
	h.must(200, "one", "POST", "/applications/"+number+"/status", map[string]string{"status": "PRE_SCREENING"})
	if e := h.last(); e.Case != ours.Case {
		t.Errorf("a step of %s moved %s", ours.Case, e.Case)
	}
	at := "/applications/" + theirs.Case
	for _, s := range []string{"PRE_SCREENING", "PROCESSING"} {
		h.must(200, "one", "POST", at+"/status", map[string]string{"status": s})
	}
	h.must(200, "one", "POST", at+"/decision", card(ehds.Positive, "D-1"))
	if e := h.last(); e.Case != theirs.Case || e.Decision.ApplicationID != number || e.Grant.ApplicationID != number {
		t.Errorf("a decision on %s: %+v", theirs.Case, e)
	}
}
