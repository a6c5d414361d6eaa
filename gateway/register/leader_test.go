package register

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// The project leader is a person whom a refused application names nowhere but in section 2: no grant says
// who it is.
//
// shows R16.0.4
func TestTheProjectLeaderIsVeiled(t *testing.T) {
	t.Parallel()
	b := form(t, legal)
	b.Title = "Asthma, led by Tove Lindqvist"
	b.Form["section2"] = json.RawMessage(`{"projectLeader": "Tove Lindqvist", "projectName": "Clean air"}`)
	list := Project(Source{
		Application: access.Application{ID: "A1", Kind: ehds.DataAccessApplication, Received: day(1), Tracks: []access.Track{{
			Key: ehds.Track{CatalogID: "cat", HDAB: hdab}, Status: ehds.StateDecisionIssued,
			Decision: &access.Decision{ID: "D1", Outcome: ehds.Negative, Issued: day(2), Status: ehds.DecisionNegativeIssued},
		}}},
		Filing: b, Cards: []ehds.DecisionBody{{DecisionID: "D1", Reasons: "Tove Lindqvist does not say why Clean air needs it; Lindqvist was asked."}},
	})
	text, err := json.Marshal(list)
	if err != nil || strings.Contains(string(text), "Tove") || strings.Contains(string(text), "Lindqvist") {
		t.Errorf("%v %s", err, text)
	}
	if !strings.Contains(string(text), "Clean air") {
		t.Error("the project is no person")
	}
}

// A measure does not name whom it is against, also not by its reasons.
func TestAMeasureNamesNobody(t *testing.T) {
	t.Parallel()
	e := Measure("enf:FR:1", ehds.EnforcementBody{Against: "USER", Subject: "Tove Lindqvist", Reasons: "Tove Lindqvist kept copies; so did Lindqvist's brother."}, day(1))
	if strings.Contains(e.Reasons, "Lindqvist") {
		t.Error(e.Reasons)
	}
}
