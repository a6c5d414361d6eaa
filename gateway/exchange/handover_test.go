package exchange

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// Information reaches the permit system with its own body and attachments, under its own id.
// shows R7.5.2-3
func TestInformationIsHandedOver(t *testing.T) {
	w, ncp, centre := pair(t)
	ncp.receive(centre.sign(centre.envelope(ncp)))
	newEvents(ncp, &stream{}).happen(t, status("e1", "PRE_SCREENING"), status("e2", "AWAITING_ADDITIONAL_INFORMATION"))
	ask, sha := sentStatus(ncp, centreID, "A1")
	env := centre.envelope(ncp, seq(2), withAttachments(attachment("two", "22")), typed(ehds.ApplicationInfo, ehds.InfoBody{
		ApplicationID: "A1", Version: 1, RespondedAt: stamp(w.clock.Now()), Sections: []ehds.InfoAnswer{{Number: 7, Fields: map[string]any{"x": "y"}}},
	}), func(e *ehds.Envelope) { e.Track, e.Ref, e.RefSHA256 = &ourTrack, ask.Jti, sha })
	reply := ncp.inbox.Receive(t.Context(), []byte(centre.sign(env)), &parts{list: []part{{"two", strings.NewReader("22")}}})
	if reply.Fault != nil {
		t.Fatal(reply.Fault)
	}
	if b := lastResponse(t, ncp); b.Result != ehds.Validated {
		t.Fatalf("response %+v", b)
	}
	list := tasks(ncp)
	if len(list) != 2 {
		t.Fatalf("%d handovers", len(list))
	}
	s := &stream{}
	h := ncp.handover(s)
	if err := h.Try(t.Context(), list[1]); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(s.took, "; "); got != "two.pdf 22; info "+env.Jti+" "+hdabA+" 7" || ncp.row(list[1].ID).State != store.OutboxDelivered {
		t.Errorf("handed over: %s, row %s", got, ncp.row(list[1].ID).State)
	}
}

// What the record no longer holds cannot be handed over, and is not tried for ever.
func TestHandoverOfWhatIsGone(t *testing.T) {
	_, ncp, _ := pair(t)
	for _, what := range []access.Handover{access.HandSubmission, access.HandInfo} {
		row := ncp.queue("app:A1", ncp.compose.Task(store.ChannelPermits, "desk", taskHandover, "app:A1",
			handoverTask{HandToPermits: access.HandToPermits{What: what, Track: ourTrack}}))[0]
		s := &stream{}
		if err := ncp.handover(s).Try(t.Context(), row); err != nil {
			t.Fatal(err)
		}
		if r := ncp.row(row.ID); r.State != store.OutboxDead || r.Reason != "filing-erased" || len(s.took) != 0 {
			t.Errorf("%s: %s, %s, %v", what, r.State, r.Reason, s.took)
		}
	}
}

// appealed is a permit system that takes appeals.
type appealed []string

func (a *appealed) Appeal(_ context.Context, n connectors.AppealNotice) error {
	*a = append(*a, n.Ref+" "+n.Case+" "+n.Body.Text)
	return nil
}

// An appeal is never lost in silence: the permit system is told the answer and, where it takes one, the
// appeal; staff are told of the text in any case.
// shows R10.0.5
func TestAnAppealIsFlaggedAndHandedOver(t *testing.T) {
	w, ncp, centre := pair(t)
	ncp.receive(centre.sign(centre.envelope(ncp)))
	newEvents(ncp, &stream{}).happen(t, status("e1", "PRE_SCREENING"), status("e2", "PROCESSING"), decision("e3", "D1", ehds.Negative))
	env := centre.envelope(ncp, seq(2), typed(ehds.AppealSubmit, ehds.AppealBody{ApplicationID: "A1", DecisionID: "D1",
		AppealID: "P1", Text: "canary", Date: stamp(w.clock.Now())}), func(e *ehds.Envelope) { e.Track = &ourTrack })
	if r := ncp.receive(centre.sign(env)); r.Fault != nil {
		t.Fatal(r.Fault)
	}
	flags := ncp.doc("A1").Flags
	if len(flags) != 1 || flags[0].Code != "appeal-submitted" || flags[0].Note != env.Jti || flags[0].At.IsZero() {
		t.Errorf("flags %+v", flags)
	}
	for name, takes := range map[string]*appealed{"a system without appeals": nil, "a system with appeals": {}} {
		s := &stream{}
		h := ncp.handover(s)
		var want []string
		if takes != nil {
			h.Systems["desk"] = System{Permits: s, Extras: connectors.Extras{Appeals: takes}}
			want = []string{env.Jti + " app:A1 canary"}
		}
		for _, task := range tasks(ncp)[1:] {
			if err := h.hand(t.Context(), task); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if got := strings.Join(s.took, "; "); got != "answer APPEAL" {
			t.Errorf("%s: handed over: %s", name, got)
		}
		if takes != nil && !slices.Equal(*takes, want) {
			t.Errorf("appeals handed over: %q, want %q", *takes, want)
		}
	}
}
