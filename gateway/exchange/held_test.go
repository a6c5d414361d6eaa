package exchange

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// Waiting messages are bounded by their bytes too, and are applied all the same when their turn comes.
func TestHeldBytesAreCapped(t *testing.T) {
	_, ncp, centre := pair(t)
	large := func(n int64) func(*ehds.Envelope) {
		return func(e *ehds.Envelope) {
			e.Seq = n
			typed(ehds.ExchangeVoid, map[string]any{"seq": n, "reason": "x", "more": strings.Repeat("x", 1<<20)})(e)
		}
	}
	waits := func(n int64) Reply { return ncp.receive(centre.sign(centre.envelope(ncp, large(n)))) }
	n := int64(2)
	for ; n < 10; n++ {
		reply := waits(n)
		if reply.Fault == nil {
			continue
		}
		if p := problemOf(t, ncp.receipt(reply.Receipt)); p.Code != "too-many-held" || p.Status != 429 {
			t.Fatalf("problem %+v", p)
		}
		break
	}
	if n < 4 || n > 6 { // a token and its claims are 2.3 MiB here
		t.Errorf("number %d was the first not to be held", n)
	}
	for i := int64(3); i < n; i++ {
		if r := waits(i); r.Fault == nil || r.Fault.Code != "seq-used" {
			t.Errorf("number %d is not held: %v", i, r.Fault)
		}
	}
	if r := ncp.receive(centre.sign(centre.envelope(ncp, seq(1)))); r.Fault != nil {
		t.Fatal(r.Fault)
	}
	if applied, waiting := ncp.place("app:A1", centreID); applied != n-1 || waiting != 0 {
		t.Errorf("applied %d, %d wait", applied, waiting)
	}
}

// A held message that cannot be read stops the change; nothing of it is written or acknowledged.
func TestHeldMessageUnreadable(t *testing.T) {
	_, ncp, centre := pair(t)
	ncp.receive(centre.sign(centre.envelope(ncp, void(2))))
	ncp.inbox.Record = unreadable{ncp.record}
	reply := ncp.receive(centre.sign(centre.envelope(ncp, seq(1))))
	if reply.Fault == nil || StatusOf(reply.Fault) != 503 || !errors.Is(reply.Fault, errBoom) {
		t.Errorf("got %v", reply.Fault)
	}
	reply = ncp.receive(centre.sign(centre.envelope(ncp, seq(1), typed(ehds.ApplicationSubmit, struct{}{}))))
	if reply.Fault == nil || StatusOf(reply.Fault) != 503 {
		t.Errorf("a rejection: %v", reply.Fault)
	}
	if applied, waiting := ncp.place("app:A1", centreID); applied != 0 || waiting != 1 {
		t.Errorf("applied %d, %d wait", applied, waiting)
	}
	ncp.w.clock.Advance(time.Hour)
	h := ncp.hold()
	h.Record = ncp.inbox.Record
	if n, err := h.Release(t.Context()); n != 0 || !errors.Is(err, errBoom) {
		t.Errorf("released %d, %v", n, err)
	}
}

// unreadable is a record whose held messages cannot be read.
type unreadable struct{ *store.Record }

func (u unreadable) Update(ctx contextT, caseID string, fn func(store.State) (store.Change, error)) (store.Committed, error) {
	return u.Record.Update(ctx, caseID, func(s store.State) (store.Change, error) {
		s.Load = func(store.MessageRef) (store.Message, error) { return store.Message{}, errBoom }
		return fn(s)
	})
}
