package exchange

import (
	"testing"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// What would be refused is foreseen, by the case and by what was told and not read yet; nothing changes.
func TestEventsAreForeseen(t *testing.T) {
	l := newPermitLife(t)
	of := func(event ehds.PermitEvent, set func(*nationalEvent)) nationalEvent {
		l.told++
		e := status("foreseen-"+string(rune('a'+l.told)), "")
		e.Kind, e.At, e.Reason = connectors.EventPermit, stamp(l.w.clock.Now()), "r"
		e.Permit = &connectors.PermitChange{Event: event}
		if set != nil {
			set(&e)
		}
		return e
	}
	foresee := func(name, code string, list ...nationalEvent) {
		t.Helper()
		before := l.n.counts()
		if err := l.events.Foresee(t.Context(), list); fault.CodeOf(err) != code {
			t.Errorf("%s: %v, want %q", name, err, code)
		}
		if after := l.n.counts(); after != before {
			t.Errorf("%s changed the record: %+v", name, after)
		}
	}
	appeal, restored := of(ehds.PermitEventRevocationAppeal, nil), of(ehds.PermitEventAppealApproved, nil)
	foresee("restored without a revocation", "illegal-transition", appeal, restored)
	foresee("an amendment nobody asked for", "illegal-transition", of(ehds.PermitEventAmendmentApproved, with("Grace")))
	foresee("asked for and approved", "", of(ehds.PermitEventAmendmentAsked, nil), of(ehds.PermitEventAmendmentApproved, with("Grace")))
	foresee("another version", "permit-does-not-match", of(ehds.PermitEventRevoked, func(e *nationalEvent) { e.Permit.PermitID = "DP-FR-HDH-2027-00000000-v1" }))
	foreign := of(ehds.PermitEventRevoked, nil)
	foreign.Case = "app:none"
	foresee("a case that is none", "unknown-case", foreign)
	l.events.source.events = append(l.events.source.events, of(ehds.PermitEventRevoked, nil)) // told, and not read yet
	foresee("revoked twice", "illegal-transition", of(ehds.PermitEventRevoked, nil))
	foresee("restored after a revocation that waits", "", appeal, restored)
}
