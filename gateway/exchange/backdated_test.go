package exchange

import (
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// An act of the national system that leaves the applicant no time to answer is refused, with a flag for
// staff; without that, the application would be withdrawn at the next look at the clocks.
// shows R9.2.9
func TestAnActThatLeavesNoTimeToAnswer(t *testing.T) {
	ask := func(at string) nationalEvent {
		e := status("ask", "")
		e.Kind, e.At, e.Sections = connectors.EventInfoRequest, at, []ehds.InfoSection{{Number: 2, Fields: map[string]string{"a": "b"}}}
		return e
	}
	decide := func(o ehds.Outcome) func(string) nationalEvent {
		return func(at string) nationalEvent { e := decision("decide", "D1", o); e.At = at; return e }
	}
	for name, c := range map[string]struct {
		event func(string) nationalEvent
		days  int
		want  ehds.ApplicationState
	}{
		"a decision long ago":     {decide(ehds.Positive), -50, ehds.StateProcessing},
		"a decision of last week": {decide(ehds.Positive), -7, ehds.StateDecisionIssued},
		"a refusal long ago":      {decide(ehds.Negative), -50, ehds.StateDecisionIssued},
		"a request long ago":      {ask, -50, ehds.StateProcessing},
		"a request of last week":  {ask, -7, ehds.StateAwaitingInformation},
	} {
		t.Run(name, func(t *testing.T) {
			_, ncp, _ := pair(t)
			now := ncp.w.clock.Now()
			ncp.filed("A1", access.Screened{Track: ourTrack, At: now}, access.ProcessingStarted{Track: ourTrack, At: now})
			ncp.w.clock.Advance(60 * 24 * time.Hour)
			newEvents(ncp, &stream{}).happen(t, c.event(stamp(ncp.w.clock.Now().AddDate(0, 0, c.days))))
			ncp.round(ncp.timers())
			doc := ncp.doc("A1")
			if s := doc.Application.Tracks[0].Status; s != c.want {
				t.Errorf("%s, want %s", s, c.want)
			}
			refused := len(doc.Flags) > 0 && doc.Flags[len(doc.Flags)-1].Note == access.CodeDate
			if refused != (c.want == ehds.StateProcessing) {
				t.Errorf("flags %+v", doc.Flags)
			}
		})
	}
}
