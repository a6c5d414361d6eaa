package exchange

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// asked is a permit system that takes change requests.
type asked []string

func (a *asked) ChangeRequest(_ context.Context, r connectors.ChangeRequest) error {
	*a = append(*a, r.Ref+" "+r.Case+" "+string(r.Body.Kind)+" "+r.Body.Text)
	return nil
}

// ask lets the centre bring what the permit holder asks for.
func (l *permitLife) ask(centre *node, n int64, permit string, kind ehds.ChangeKind) (ehds.Envelope, ehds.ResponseBody) {
	l.t.Helper()
	e := centre.envelope(l.n, seq(n), typed(ehds.PermitChangeRequest, ehds.PermitChangeRequestBody{
		ApplicationID: "A1", RequestID: "R1", PermitID: permit, Kind: kind, Text: "canary", Date: stamp(l.w.clock.Now()),
	}), func(e *ehds.Envelope) { e.Track, e.Profile = &ourTrack, ehds.ProfileExt1 })
	if r := l.n.receive(centre.sign(e)); r.Fault != nil {
		l.t.Fatal(r.Fault)
	}
	return e, lastResponse(l.t, l.n)
}

// What a permit holder asks for moves the permit, flags the case and reaches the system that takes it, from
// where the answer becomes a new version; what the permit's state does not allow is refused with that state.
// shows R9.4.1-2 R9.4.12
func TestAPermitHolderAsksForAChange(t *testing.T) {
	l := newPermitLife(t)
	centre := newPeer(l.w, centreID, ehds.MarkCentralPlatform)
	v1 := l.newest()
	refused := func(n int64, permit string, kind ehds.ChangeKind, code string) {
		t.Helper()
		before := len(tasks(l.n))
		if _, b := l.ask(centre, n, permit, kind); b.Result != ehds.NotValidated || b.Findings[0].Code != code || len(tasks(l.n)) != before {
			t.Errorf("%s of %s: %+v, want %s", kind, permit, b, code)
		}
	}
	refused(3, "DP-FR-AAA-2020-10000000-v1", ehds.ChangeAmendment, "permit-does-not-match")
	refused(4, v1, ehds.ChangeRevocationAppeal, "illegal-transition") // it has its force
	e, b := l.ask(centre, 5, v1, ehds.ChangeAmendment)
	if b.Result != ehds.Validated {
		t.Fatalf("response %+v", b)
	}
	refused(6, v1, ehds.ChangeAmendment, "illegal-transition") // one waits
	doc := l.n.doc("A1")
	if f := doc.Flags[len(doc.Flags)-1]; f.Code != "permit-change-requested" || f.Note != e.Jti {
		t.Errorf("flag %+v", f)
	}
	if s := doc.Application.Tracks[0].Permits[0].Phase.Export(); s != ehds.PermitStatusAmendmentRequested {
		t.Errorf("the permit is %s", s)
	}
	list := tasks(l.n)
	task := list[len(list)-1]
	for name, takes := range map[string]*asked{"a system without changes": nil, "a system with changes": {}} {
		h := l.n.handover(&stream{})
		if takes != nil {
			h.Systems["desk"] = System{Permits: &stream{}, Extras: connectors.Extras{ChangeRequests: takes}}
		}
		if err := h.hand(t.Context(), task); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if takes != nil && !slices.Equal(*takes, []string{e.Jti + " app:A1 AMENDMENT canary"}) {
			t.Errorf("%s: %q", name, *takes)
		}
	}
	l.tell(ehds.PermitEventAmendmentApproved, with("Grace")) // nobody has to say again that it was asked for
	if v2 := l.newest(); !strings.HasSuffix(v2, "-v2") || l.status(v1) != ehds.StatusInvalid {
		t.Errorf("the newest version is %s; flags %+v", v2, l.n.doc("A1").Flags)
	}
	if task.Channel != store.ChannelPermits || task.Target != "desk" {
		t.Errorf("task %+v", task)
	}
}
