package connectortest

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

func (c *permitsCase) decided(t *testing.T, o ehds.Outcome) (connectors.Submission, connectors.PermitEvent) {
	t.Helper()
	s := c.submit(t, 1)
	c.h.Decide(t, c.p, s, o)
	events, _ := c.all(t, "")
	processing, at := -1, -1
	for i, e := range events {
		switch {
		case e.Status == string(ehds.StateProcessing):
			processing = i
		case e.Kind == connectors.EventDecision && at >= 0:
			t.Fatal("two decisions were told")
		case e.Kind == connectors.EventDecision:
			at = i
		}
	}
	if at < 0 || processing < 0 || processing > at {
		t.Fatalf("PROCESSING at %d, decision at %d of %d events", processing, at, len(events))
	}
	d := events[at].Decision
	if d.Outcome != o || d.DecisionID == "" || d.ApplicationID != s.Application.ApplicationID ||
		d.Signatory.Name == "" || d.Signatory.JobTitle == "" {
		t.Fatalf("the decision is not complete: %+v", d)
	}
	if _, err := time.Parse(time.RFC3339, d.Timestamp); err != nil {
		t.Fatalf("time of the decision: %v", err)
	}
	return s, events[at]
}

func decisionTold(t *testing.T, c *permitsCase) {
	s, e := c.decided(t, ehds.Positive)
	if (s.Application.Kind == ehds.DataAccessApplication) != (e.Grant != nil) {
		t.Fatalf("kind %s, grant %v", s.Application.Kind, e.Grant != nil)
	}
	if g := e.Grant; g != nil && (g.ApplicationID != e.Decision.ApplicationID || g.DecisionID != e.Decision.DecisionID ||
		len(g.Granted) == 0 || len(g.Purposes) == 0 || len(g.Persons) == 0 || g.Duration.From == "" || g.Duration.To == "" ||
		g.SPE.Operator == "" || g.Investigator == "" || g.Data.Format == "" || len(g.Data.Categories) == 0) {
		t.Errorf("the grant does not fill Art. 68(10): %+v", g)
	}
	c.p = c.h.Open(t, c.host)
	again, _ := c.all(t, "")
	for _, r := range again {
		if r.ID == e.ID && !cmp.Equal(r, e) {
			t.Errorf("the decision changed over a restart:\n%s", cmp.Diff(e, r))
		}
	}
}

func refusalGrantsNothing(t *testing.T, c *permitsCase) {
	_, e := c.decided(t, ehds.Negative)
	if e.Grant != nil {
		t.Errorf("a refusal grants %+v", e.Grant)
	}
	if e.Decision.Reasons == "" {
		t.Error("a refusal without reasons")
	}
}

func answerOf(s connectors.Submission, id string, n int) connectors.DecisionAnswer {
	return connectors.DecisionAnswer{Ref: fmt.Sprintf("answer-%d", n), Case: s.Case, Track: s.Track,
		Body: ehds.DecisionAnswerBody{ApplicationID: s.Application.ApplicationID, DecisionID: id,
			Answer: ehds.AnswerAccept, RespondedAt: "2026-11-05T08:00:00Z"}}
}

func answerRepeated(t *testing.T, c *permitsCase) {
	s, e := c.decided(t, ehds.Positive)
	for range 2 {
		if err := c.p.Answer(t.Context(), answerOf(s, e.Decision.DecisionID, 1)); err != nil {
			t.Fatalf("Answer: %v", err)
		}
	}
}

func answerToAnother(t *testing.T, c *permitsCase) {
	s, e := c.decided(t, ehds.Positive)
	wantKind(t, c.p.Answer(t.Context(), answerOf(s, e.Decision.DecisionID+"x", 1)), fault.Conflict, fault.Invalid)
}
