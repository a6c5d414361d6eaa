package exchange

import (
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// What the case would refuse of a signed version is refused when the body tells it: nothing is signed, no
// task is given up unseen, and the body's system learns why.
func TestAVersionTheCaseRefusesIsNeverSigned(t *testing.T) {
	for name, c := range map[string]struct {
		set  func(*nationalEvent)
		note string
	}{
		"longer than the one before": {func(e *nationalEvent) { e.Permit.Grant.Duration.To = "2030-01-01" }, "duration-too-long"},
		"it starts after its end":    {func(e *nationalEvent) { e.Permit.From = "2039-01-01" }, "event-incomplete"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newPermitLife(t)
			l.tell(ehds.PermitEventAmendmentAsked, nil)
			signed, now := len(l.hand.signed), l.newest()
			l.tell(ehds.PermitEventAmendmentApproved, func(e *nationalEvent) { with("Grace")(e); c.set(e) })
			if len(l.hand.signed) != signed || l.newest() != now {
				t.Errorf("%d signed", len(l.hand.signed)-signed)
			}
			if got := l.flag(); got != c.note {
				t.Errorf("flag %q, want %q", got, c.note)
			}
			for _, r := range l.n.rows() {
				if r.State == store.OutboxDead {
					t.Errorf("a task was given up: %s %s", r.Type, r.Reason)
				}
			}
		})
	}
}
