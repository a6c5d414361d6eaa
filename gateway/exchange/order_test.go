package exchange

import (
	"context"
	"fmt"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// forgetful is a record whose receipts are lost.
type forgetful struct{ Record }

func (forgetful) SaveReceipt(context.Context, string, string, string) error { return errBoom }

// held checks how many messages of a case wait; it changes nothing.
func held(t *testing.T, want int) func(store.State) (store.Change, error) {
	return func(s store.State) (store.Change, error) {
		if len(s.Held) != want {
			t.Errorf("%d messages are held in %s, not %d", len(s.Held), s.Case, want)
		}
		return store.Change{}, nil
	}
}

// place is the highest number applied and the messages held of a case.
func (n *node) place(caseID, sender string) (applied int64, waiting int) {
	n.w.t.Helper()
	_, err := n.record.Update(n.w.t.Context(), caseID, func(s store.State) (store.Change, error) {
		applied, waiting = s.Applied[sender], len(s.Held)
		return store.Change{}, nil
	})
	if err != nil {
		n.w.t.Fatal(err)
	}
	return applied, waiting
}

func void(n int64) func(*ehds.Envelope) {
	return func(e *ehds.Envelope) { e.Seq = n; typed(ehds.ExchangeVoid, ehds.VoidBody{Seq: n, Reason: "test"})(e) }
}

func TestGapHoldsUntilItCloses(t *testing.T) {
	_, ncp, centre := pair(t)
	steps := []struct {
		mod     func(*ehds.Envelope)
		held    bool
		status  ehds.ReceiptStatus
		applied int64
		waiting int
	}{
		{seq(1), false, ehds.Received, 1, 0},
		{void(4), true, ehds.Received, 1, 1},
		{void(3), true, ehds.Received, 1, 2},
		{func(e *ehds.Envelope) { e.Seq = 6; e.Body = mustJSON(struct{}{}) }, false, ehds.Rejected, 1, 3}, // consumes its number later
		{void(7), true, ehds.Received, 1, 4},
		{void(2), false, ehds.Received, 4, 2}, // 2, 3, 4
		{void(5), false, ehds.Received, 7, 0}, // 5, 6 rejected, 7
		{void(8), false, ehds.Received, 8, 0},
	}
	for i, s := range steps {
		r := ncp.receipt(ncp.receive(centre.sign(centre.envelope(ncp, s.mod))).Receipt)
		if r.Status != s.status || r.Held != s.held {
			t.Errorf("step %d: %s held %t %s", i, r.Status, r.Held, r.Problem)
		}
		if applied, waiting := ncp.place("app:A1", centreID); applied != s.applied || waiting != s.waiting {
			t.Errorf("step %d: applied %d, %d waiting; want %d, %d", i, applied, waiting, s.applied, s.waiting)
		}
	}
	// One response for each of the eight numbers but the rejected one, in their order.
	var responses int
	for _, row := range ncp.rows() {
		if row.Channel == store.ChannelCentral && ehds.MessageType(row.Type).IsResponse() {
			responses++
		}
	}
	if responses != 7 {
		t.Errorf("%d responses, not 7", responses)
	}
}

// A held message that its turn finds impossible is answered NOT_VALIDATED, and the line goes on.
func TestHeldMessageRefusedAtItsTurn(t *testing.T) {
	_, ncp, centre := pair(t)
	withdraw := typed(ehds.ApplicationWithdraw, ehds.WithdrawBody{ApplicationID: "A1", Date: "2027-03-01T10:00:00Z"})
	for _, n := range []int64{3, 2, 1} {
		mods := []func(*ehds.Envelope){seq(n)}
		if n > 1 {
			mods = append(mods, withdraw)
		}
		if r := ncp.receive(centre.sign(centre.envelope(ncp, mods...))); r.Fault != nil {
			t.Fatal(r.Fault)
		}
	}
	var results []ehds.Validation
	for _, row := range ncp.rows() {
		if row.Type == string(ehds.ApplicationWithdraw.Response()) {
			results = append(results, responseOf(t, row).Result)
		}
	}
	if len(results) != 2 || results[0] != ehds.Validated || results[1] != ehds.NotValidated {
		t.Errorf("results %v", results)
	}
}

func TestUsedNumbers(t *testing.T) {
	_, ncp, centre := pair(t)
	ncp.receive(centre.sign(centre.envelope(ncp)))
	ncp.receive(centre.sign(centre.envelope(ncp, void(4))))
	for name, n := range map[string]int64{"lower": 1, "held": 4} {
		reply := ncp.receive(centre.sign(centre.envelope(ncp, void(n))))
		if p := problemOf(t, ncp.receipt(reply.Receipt)); p.Code != "seq-used" || p.Status != 409 {
			t.Errorf("%s: %+v", name, p)
		}
	}
	// A refused message with the held one's number waits for nothing.
	ncp.receive(centre.sign(centre.envelope(ncp, seq(4), func(e *ehds.Envelope) { e.Profile = "x" })))
	if applied, waiting := ncp.place("app:A1", centreID); applied != 1 || waiting != 1 {
		t.Errorf("applied %d, %d waiting", applied, waiting)
	}
}

func TestHeldIsCapped(t *testing.T) {
	_, ncp, centre := pair(t)
	_, err := ncp.record.Update(t.Context(), "app:A1", func(store.State) (store.Change, error) { return store.Change{Doc: []byte("{}")}, nil })
	if err != nil {
		t.Fatal(err)
	}
	s := store.State{Case: "app:A1", Applied: map[string]int64{}}
	for i := range maxHeld {
		s.Held = append(s.Held, store.Held{MessageRef: store.MessageRef{Iss: centreID, Jti: fmt.Sprint(i)}, Seq: int64(i) + 10})
	}
	deliver := func(iss string) *delivery {
		d := &delivery{v: verifiedOf(t, ncp, centre)}
		d.v.Issuer, d.env = iss, ehds.Envelope{Seq: 500, Type: ehds.ExchangeVoid}
		return d
	}
	if _, f := ncp.inbox.apply(s, deliver(centreID)); f == nil || f.Code != "too-many-held" || permanent(f) {
		t.Errorf("one more was held: %v", f)
	}
	if _, f := ncp.inbox.rejection(s, deliver(centreID), invalid("x", "", "")); f == nil || f.Code != "too-many-held" {
		t.Errorf("one more rejection was held: %v", f)
	}
	// Another sender is not affected.
	if c, f := ncp.inbox.apply(s, deliver("https://other.example")); f != nil || !c.Message.Held {
		t.Errorf("another sender: %v", f)
	}
}

func TestSendersAreIndependent(t *testing.T) {
	w, ncp, centre := pair(t)
	other := newPeer(w, "https://other.example", ehds.MarkCentralPlatform)
	ncp.receive(centre.sign(centre.envelope(ncp)))
	r := ncp.receipt(ncp.receive(other.sign(other.envelope(ncp, void(1)))).Receipt)
	if r.Status != ehds.Received || r.Held {
		t.Errorf("the other's first message: %+v", r)
	}
	r = ncp.receipt(ncp.receive(other.sign(other.envelope(ncp, void(3)))).Receipt)
	if !r.Held {
		t.Error("the other's third was not held")
	}
	if r := ncp.receipt(ncp.receive(centre.sign(centre.envelope(ncp, void(2)))).Receipt); r.Held {
		t.Error("the other's gap stopped the centre")
	}
	if a, _ := ncp.place("app:A1", centreID); a != 2 {
		t.Errorf("centre at %d", a)
	}
	if a, _ := ncp.place("app:A1", other.id); a != 1 {
		t.Errorf("other at %d", a)
	}
}
