package exchange

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// hook is a recipient's system: it fails while down, and confirms what it takes when told to.
type hook struct {
	down     error
	confirms bool
	then     func() // after a delivery
	took     []connectors.PermitNotice
}

func (h *hook) Bring(_ context.Context, n connectors.PermitNotice) (bool, error) {
	if h.down != nil {
		return false, h.down
	}
	h.took = append(h.took, n)
	if h.then != nil {
		h.then()
	}
	return h.confirms, nil
}

// couriers is a case whose permit is revoked while the holder and the environment have systems of their own.
func couriers(t *testing.T) *permitLife {
	l := newPermitLife(t)
	l.distribute(nil) // the version itself was told by staff
	l.n.apps.Addresses = Addresses{hdabA: {
		{Target: "recipient/other", Kind: connectors.RecipientHolder, Name: "another"},
		{Target: "recipient/holder", Kind: connectors.RecipientHolder, Name: "*"},
		{Target: "recipient/spe", Kind: connectors.RecipientSPE, Name: "*"},
	}}
	l.tell(ehds.PermitEventRevoked, func(e *nationalEvent) { e.Reason = "the conditions were broken" })
	return l
}

// bring carries out what is queued for these couriers; everything else has no system that brings it.
func (l *permitLife) bring(to map[string]connectors.Courier, backoff Backoff) {
	l.t.Helper()
	h := l.n.handover(&stream{})
	h.Couriers, h.Backoff = to, backoff
	for _, r := range l.n.rows() {
		if r.Type == taskNotice && r.State == store.OutboxQueued {
			if err := h.Try(l.t.Context(), r); err != nil {
				l.t.Fatal(err)
			}
		}
	}
}

// revocation are the notices of the revocation, as "kind state by".
func (l *permitLife) revocation() (out []string) {
	for _, n := range l.n.doc("A1").Notices {
		if n.Status == ehds.PermitStatusRevoked {
			out = append(out, strings.TrimSpace(string(n.Recipient.Kind)+" "+string(n.State)+" "+n.By))
		}
	}
	return out
}

// A revocation goes to the systems of those who have one, once, and the case shows who confirmed. Whom no
// system reaches is left to staff. A recipient whose system is down holds up nobody.
// shows R9.3.9 R13.0.2
func TestARevocationGoesToTheSystemsOfRecipients(t *testing.T) {
	l := couriers(t)
	holder, spe := &hook{confirms: true}, &hook{down: fault.New(fault.Unavailable, "recipient-not-told", "down")}
	to := map[string]connectors.Courier{"recipient/holder": holder, "recipient/spe": spe}
	before := l.n.counts().Leaves
	l.bring(to, DefaultBackoff(zeros{}))
	if got := l.revocation(); !slices.Equal(got, []string{"user BY_STAFF", "holder ACKNOWLEDGED recipient/holder", "spe QUEUED"}) {
		t.Fatalf("while the environment is down: %v", got)
	}
	spe.down = nil
	for range 2 {
		l.bring(to, DefaultBackoff(zeros{}))
	}
	if got := l.revocation(); !slices.Equal(got, []string{"user BY_STAFF", "holder ACKNOWLEDGED recipient/holder", "spe SENT"}) {
		t.Errorf("once it is up: %v", got)
	}
	if leaves := l.n.counts().Leaves - before; leaves != 3 {
		t.Errorf("%d leaves, want one for each notice", leaves)
	}
	if len(holder.took) != 1 || len(spe.took) != 1 {
		t.Fatalf("told %d and %d times", len(holder.took), len(spe.took))
	}
	if n := holder.took[0]; n.Token != "" || n.Status != ehds.PermitStatusRevoked || n.Reason != "the conditions were broken" || n.Made == "" || n.AcknowledgeBy == "" {
		t.Errorf("the holder is told %+v", n)
	}
	if n := spe.took[0]; n.Token == "" || n.Recipient.Kind != connectors.RecipientSPE {
		t.Errorf("the environment is told %+v", n)
	}
	if change, err := l.n.doc("A1").confirm(spe.took[0].ID, "officer", "app:A1", l.w.clock.Now(), l.w.clock.Now()); err != nil || change.Doc == nil {
		t.Errorf("what was only sent can be confirmed: %v", err)
	}
}

// A crash between delivery and its record repeats the notice under its id. One between the record and the end
// of the task repeats nothing.
func TestANoticeThatWasNotRecordedIsRepeated(t *testing.T) {
	l := couriers(t)
	ctx, cancel := context.WithCancel(t.Context())
	holder := &hook{confirms: true}
	holder.then = func() {
		cancel()
		if err := l.n.record.Close(); err != nil { // the process dies before it can write
			t.Error(err)
		}
	}
	h := l.n.handover(&stream{})
	h.Couriers = map[string]connectors.Courier{"recipient/holder": holder}
	row := func() store.Outbox {
		for _, r := range l.n.rows() {
			if r.Type == taskNotice && r.Target == "recipient/holder" {
				return r
			}
		}
		t.Fatal("no notice for the holder")
		return store.Outbox{}
	}
	if err := h.Try(ctx, row()); err == nil {
		t.Fatal("recorded after the end")
	}
	systems, addresses := l.n.apps.Systems, l.n.apps.Addresses
	l.n.record = nil // closed
	l.n.open()
	l.n.apps.Systems, l.n.apps.Addresses = systems, addresses
	if got := l.revocation(); got[1] != "holder QUEUED" {
		t.Fatalf("after the crash: %v", got)
	}
	holder.then = nil
	h = l.n.handover(&stream{})
	h.Couriers = map[string]connectors.Courier{"recipient/holder": holder}
	again := row()
	if err := h.tell(t.Context(), again); err != nil { // and a crash before the task ends
		t.Fatal(err)
	}
	if err := h.Try(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	if len(holder.took) != 2 || holder.took[0].ID != holder.took[1].ID {
		t.Errorf("told %d times", len(holder.took))
	}
	if got := l.revocation(); got[1] != "holder ACKNOWLEDGED recipient/holder" {
		t.Errorf("in the end: %v", got)
	}
}

// A notice that no attempt could bring within the time of the outbox is left to staff. Sent again by an
// operator it reaches the recipient after all.
func TestANoticeThatIsGivenUpIsLeftToStaff(t *testing.T) {
	l := couriers(t)
	spe := &hook{down: fault.New(fault.Unavailable, "recipient-not-told", "down")}
	to := map[string]connectors.Courier{"recipient/spe": spe}
	l.w.clock.Advance(15 * 24 * time.Hour)
	l.bring(to, DefaultBackoff(zeros{}))
	if got := l.revocation(); got[2] != "spe BY_STAFF" {
		t.Fatalf("given up: %v", got)
	}
	var dead store.Outbox
	for _, r := range l.n.rows() {
		if r.Target == "recipient/spe" {
			dead = r
		}
	}
	if dead.State != store.OutboxDead || dead.Reason != "recipient-not-told" {
		t.Fatalf("the row is %s, %s", dead.State, dead.Reason)
	}
	if doc := l.n.doc("A1"); !doc.Notices[len(doc.Notices)-1].Overdue(l.w.clock.Now()) {
		t.Error("a notice nobody brought is not overdue")
	}
	spe.down, spe.confirms = nil, true
	h := l.n.handover(&stream{})
	h.Couriers = to
	if err := h.tell(t.Context(), dead); err != nil {
		t.Fatal(err)
	}
	if got := l.revocation(); got[2] != "spe ACKNOWLEDGED recipient/spe" {
		t.Errorf("sent again: %v", got)
	}
}

// What staff confirmed meanwhile is told no more.
func TestAConfirmedNoticeIsNotBrought(t *testing.T) {
	l := couriers(t)
	notices := l.n.doc("A1").Notices
	spe := notices[len(notices)-1]
	if _, err := l.n.record.Update(t.Context(), "app:A1", func(s store.State) (store.Change, error) {
		return l.n.apps.Confirm(s, spe.ID, "duty officer")
	}); err != nil {
		t.Fatal(err)
	}
	h := &hook{confirms: true}
	l.bring(map[string]connectors.Courier{"recipient/spe": h}, DefaultBackoff(zeros{}))
	if got := l.revocation(); len(h.took) != 0 || got[2] != "spe ACKNOWLEDGED duty officer" {
		t.Errorf("told %d times: %v", len(h.took), got)
	}
}

// A recipient that is configured no more is told by staff.
func TestARecipientThatIsGoneIsToldByStaff(t *testing.T) {
	l := couriers(t)
	l.bring(nil, DefaultBackoff(zeros{}))
	if got := l.revocation(); !slices.Equal(got, []string{"user BY_STAFF", "holder BY_STAFF", "spe BY_STAFF"}) {
		t.Errorf("%v", got)
	}
}

func TestNamesOfRecipients(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"Example Hospital", "Example Hospital", true}, {"Example Hospital", "Example Hospital, Paris", false}, {"Example Hospital", "example hospital", false},
		{"Example*", "Example Hospital", true}, {"Example*", "Example", true}, {"Example*", "An Example", false},
		{"*Hospital", "Example Hospital", true}, {"*Hospital", "Hospital Example", false},
		{"*, https://spe.example", "Environment, https://spe.example", true}, {"*, https://spe.example", "Environment, https://spe.example.org", false},
		{"a*b*c", "a-b-c", true}, {"a*b*c", "abc", true}, {"a*b*c", "ac", false}, {"a*b*c", "a-c-b", false}, {"ab*ba", "aba", false}, {"a**b", "ab", true},
		{"*", "", true}, {"*", "anybody", true}, {"", "", true}, {"", "anybody", false}, {"[a-z]", "b", false}, {"a?", "ab", false},
	} {
		if got := fits(c.pattern, c.name); got != c.want {
			t.Errorf("%q fits %q: %t", c.pattern, c.name, got)
		}
	}
}
