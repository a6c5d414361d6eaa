package exchange

import (
	"context"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

func (n *node) hold() *Hold {
	return &Hold{Inbox: n.inbox, Record: n.record, Bound: 5 * time.Minute, Every: time.Second, After: time.After}
}

// A message whose predecessor never comes is applied when its wait is over, with a word about the gap.
func TestHoldBound(t *testing.T) {
	w, ncp, centre := pair(t)
	for _, mod := range []func(*ehds.Envelope){seq(1), void(6), void(4), void(3),
		func(e *ehds.Envelope) { e.Seq = 7; e.Profile = "x" }} {
		ncp.receive(centre.sign(centre.envelope(ncp, mod)))
	}
	before := len(ncp.rows())
	w.clock.Advance(4 * time.Minute)
	ncp.receive(centre.sign(centre.envelope(ncp, void(9))))
	if n, err := ncp.hold().Release(t.Context()); err != nil || n != 0 {
		t.Fatalf("released %d before the bound, %v", n, err)
	}
	w.clock.Advance(time.Minute)
	for range 3 { // each round goes as far as one gap, at least
		if _, err := ncp.hold().Release(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if applied, waiting := ncp.place("app:A1", centreID); applied != 7 || waiting != 1 {
		t.Errorf("applied %d, %d wait", applied, waiting)
	}
	var gaps []bool
	for _, r := range ncp.rows()[before:] {
		b := responseOf(t, r)
		gaps = append(gaps, len(b.Findings) == 1 && b.Findings[0].Code == "seq-gap" && b.Result == ehds.Validated)
	}
	if len(gaps) != 3 || !gaps[0] || gaps[1] || !gaps[2] { // 3 after a gap, 4, 6 after a gap
		t.Errorf("gaps told: %v", gaps)
	}
	// What was given up comes too late.
	if p := problemOf(t, ncp.receipt(ncp.receive(centre.sign(centre.envelope(ncp, void(2)))).Receipt)); p.Code != "seq-used" {
		t.Errorf("problem %+v", p)
	}
}

// A message that its case does not allow any more is answered NOT_VALIDATED when its wait is over.
func TestHoldBoundOfAnImpossibleMessage(t *testing.T) {
	w, ncp, centre := pair(t)
	ncp.receive(centre.sign(centre.envelope(ncp, seq(3), typed(ehds.ApplicationWithdraw, ehds.WithdrawBody{ApplicationID: "A1", Date: "2027-03-01T10:00:00Z"}))))
	w.clock.Advance(time.Hour)
	ctx, cancel := context.WithCancel(t.Context())
	h := ncp.hold()
	h.After = func(time.Duration) <-chan time.Time { cancel(); return nil }
	h.Run(ctx)
	rows := ncp.rows()
	if len(rows) != 1 || responseOf(t, rows[0]).Result != ehds.NotValidated {
		t.Errorf("queued %s", types(rows))
	}
	if applied, waiting := ncp.place("app:A1", centreID); applied != 3 || waiting != 0 {
		t.Errorf("applied %d, %d wait", applied, waiting)
	}
}
