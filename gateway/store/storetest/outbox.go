package storetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/google/go-cmp/cmp"
)

func central(target, jti string) store.Outgoing {
	return store.Outgoing{Channel: store.ChannelCentral, Target: target, Jti: jti, Type: "application.forward", Payload: []byte("payload of " + jti)}
}

// due lists the JTIs that may be tried at a time far ahead.
func due(t testing.TB, r *store.Record) []string {
	t.Helper()
	rows, err := r.Due(t.Context(), time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC), 1000)
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, o := range rows {
		out = append(out, o.Jti)
	}
	return out
}

func settle(t testing.TB, r *store.Record, caseID string, st store.Settlement, send ...store.Outgoing) store.Committed {
	t.Helper()
	return change(t, r, caseID, store.Change{Settle: &st, Send: send})
}

// testOutbox: numbers, order, heads, and what becomes of a row.
func testOutbox(t *testing.T, place Factory) {
	h := place(t)
	r := Open(t, h.Driver())
	ctx := t.Context()
	const a, b = "https://a.example", "https://b.example"
	out := change(t, r, "app:1", store.Change{Send: []store.Outgoing{
		central(a, "a1"), central(b, "b1"), central(a, "a2"),
		{Channel: store.ChannelPermits, Target: "desk", Jti: "t1", Payload: []byte("task")},
		{Channel: store.ChannelCentral, Target: a, Jti: "other1", Case: "app:2", Payload: []byte("x")},
	}})
	var seqs []int64
	for _, s := range out.Sent {
		seqs = append(seqs, s.Seq)
	}
	if diff := cmp.Diff([]int64{1, 1, 2, 0, 1}, seqs); diff != "" {
		t.Fatalf("numbers:\n%s", diff)
	}
	r = Reopen(t, r, h.Driver())
	if diff := cmp.Diff([]string{"a1", "b1", "t1", "other1"}, due(t, r)); diff != "" {
		t.Errorf("heads:\n%s", diff)
	}
	row, ok, err := r.OutboxByJTI(ctx, "a2")
	if err != nil || !ok || row.Seq != 2 || row.Case != "app:1" || string(row.Payload) != "payload of a2" || row.State != store.OutboxQueued {
		t.Fatalf("by jti: %+v %v %v", row, ok, err)
	}
	a1 := out.Sent[0].ID
	again := row.Due.Add(time.Hour)
	settle(t, r, "app:1", store.Settlement{ID: a1, State: store.OutboxQueued, Attempt: &store.Attempt{Token: "signed", TokenSHA256: "ff", At: again},
		Prepared: &store.Prepared{Payload: []byte("sealed for its reader")}})
	settle(t, r, "app:1", store.Settlement{ID: a1, State: store.OutboxQueued, Due: again, Reason: "unreachable", Counted: true})
	rows, err := r.Due(ctx, again.Add(-time.Second), 10)
	if err != nil || len(rows) != 3 {
		t.Errorf("a row that waits blocks its line: %d rows, %v", len(rows), err)
	}
	if list, err := r.OutboxList(ctx, store.OutboxQueued, 0, 1); err != nil || list[0].Attempts != 1 || list[0].Reason != "unreachable" || !list[0].Due.Equal(again) {
		t.Errorf("after a failed attempt: %+v %v", list, err)
	}
	if row, _, err := r.OutboxByJTI(ctx, "a1"); err != nil || string(row.Payload) != "sealed for its reader" || len(row.Blobs) != 0 {
		t.Errorf("prepared: %+v %v", row, err)
	}
	at, err := r.Attempts(ctx, a1)
	if diff := cmp.Diff([]store.Attempt{{Token: "signed", TokenSHA256: "ff", At: again}}, at); err != nil || diff != "" {
		t.Errorf("attempts: %v\n%s", err, diff)
	}
	// Given up: the void takes number 1 and goes before a2.
	void := central(a, "void1")
	void.Seq = 1
	settle(t, r, "app:1", store.Settlement{ID: a1, State: store.OutboxDead, Reason: "expired", Counted: true}, void)
	if diff := cmp.Diff([]string{"b1", "t1", "other1", "void1"}, due(t, r)); diff != "" {
		t.Errorf("after giving up:\n%s", diff)
	}
	v, _, _ := r.OutboxByJTI(ctx, "void1")
	settle(t, r, "app:1", store.Settlement{ID: v.ID, State: store.OutboxDelivered, Receipt: "receipt", Counted: true})
	v, _, err = r.OutboxByJTI(ctx, "void1")
	if err != nil || v.Receipt != "receipt" || v.State != store.OutboxDelivered || v.Seq != 1 {
		t.Errorf("delivered: %+v %v", v, err)
	}
	if diff := cmp.Diff([]string{"b1", "a2", "t1", "other1"}, due(t, r)); diff != "" {
		t.Errorf("after delivery:\n%s", diff)
	}
	if err := update(t, r, "app:1", store.Change{Settle: &store.Settlement{ID: v.ID, State: store.OutboxQueued}}); !errors.Is(err, store.ErrSettled) {
		t.Errorf("a delivered row queued again: %v", err)
	}
	if err := update(t, r, "app:1", store.Change{Settle: &store.Settlement{ID: 999, State: store.OutboxDead}}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("unknown row: %v", err)
	}
	early := central(a, "early")
	early.Seq = 9
	if err := update(t, r, "app:1", store.Change{Send: []store.Outgoing{early}}); !errors.Is(err, store.ErrChange) {
		t.Errorf("a number never given: %v", err)
	}
	// Redriven: the dead row is first of its line again.
	settle(t, r, "app:1", store.Settlement{ID: a1, State: store.OutboxQueued, Due: again})
	if diff := cmp.Diff([]string{"b1", "t1", "other1", "a1"}, due(t, r)); diff != "" {
		t.Errorf("after redriving:\n%s", diff)
	}
	n, err := r.Counts(ctx)
	if err != nil || n.Queued != 5 || n.Dead != 0 {
		t.Errorf("counts: %+v %v", n, err)
	}
	mustVerify(t, r)
}

// testNextDue: the outbox says when it has work.
func testNextDue(t *testing.T, place Factory) {
	r := Open(t, place(t).Driver())
	ctx := t.Context()
	if _, ok, err := r.NextDue(ctx); ok || err != nil {
		t.Fatalf("empty outbox: %v %v", ok, err)
	}
	at := time.Date(2027, 3, 1, 8, 0, 0, 123000, time.UTC)
	later := central("https://a.example", "later")
	later.NotBefore = at
	out := change(t, r, "ds:FI:1", store.Change{Send: []store.Outgoing{later, central("https://a.example", "behind")}})
	got, ok, err := r.NextDue(ctx)
	if err != nil || !ok || !got.Equal(at) {
		t.Errorf("next due %v %v %v", got, ok, err)
	}
	if rows, err := r.Due(ctx, at.Add(-time.Microsecond), 5); err != nil || len(rows) != 0 {
		t.Errorf("too early: %v %v", rows, err)
	}
	if rows, err := r.Due(ctx, at, 5); err != nil || len(rows) != 1 || rows[0].ID != out.Sent[0].ID {
		t.Errorf("in time: %v %v", rows, err)
	}
}

// testLanes: who knows that a lane waits is not shown its rows, and learns when the others have work.
func testLanes(t *testing.T, place Factory) {
	r := Open(t, place(t).Driver())
	ctx := t.Context()
	const a, b = "https://a.example", "https://b.example"
	at := time.Date(2027, 3, 1, 8, 0, 0, 0, time.UTC)
	for n, o := range []store.Outgoing{central(a, "a1"), central(b, "b1"), central(a, "a2"), {Channel: store.ChannelPermits, Target: a, Jti: "t1", Payload: []byte("x")}} {
		o.NotBefore = at.Add(time.Duration(n) * time.Second)
		change(t, r, fmt.Sprintf("ds:FI:%d", n), store.Change{Send: []store.Outgoing{o}})
	}
	for _, c := range []struct {
		except []store.Lane
		want   string
		next   int // seconds
	}{
		{nil, "a1 b1 a2 t1", 0},
		{[]store.Lane{{Channel: store.ChannelCentral, Target: a}}, "b1 t1", 1},
		{[]store.Lane{{Channel: store.ChannelCentral, Target: b}}, "a1 a2 t1", 0},
		{[]store.Lane{{Channel: store.ChannelCentral}}, "t1", 3},
		{[]store.Lane{{Channel: store.ChannelPermits, Target: a}, {Channel: store.ChannelCentral, Target: a}}, "b1", 1},
		{[]store.Lane{{Channel: store.ChannelPermits}, {Channel: store.ChannelCentral}}, "", -1},
	} {
		rows, err := r.DueExcept(ctx, at.Add(time.Hour), c.except, 9)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, o := range rows {
			got = append(got, o.Jti)
		}
		if list := strings.Join(got, " "); list != c.want {
			t.Errorf("except %v: %s, want %s", c.except, list, c.want)
		}
		next, ok, err := r.NextDueExcept(ctx, c.except)
		if err != nil || ok != (c.next >= 0) || ok && !next.Equal(at.Add(time.Duration(c.next)*time.Second)) {
			t.Errorf("except %v: next %v %v %v", c.except, next, ok, err)
		}
	}
	if rows, err := r.DueExcept(ctx, at, []store.Lane{{Channel: store.ChannelCentral, Target: b}}, 9); err != nil || len(rows) != 1 {
		t.Errorf("not yet due: %v %v", rows, err)
	}
	if rows, err := r.DueExcept(ctx, at.Add(time.Hour), []store.Lane{{Channel: store.ChannelCentral, Target: b}}, 2); err != nil || len(rows) != 2 {
		t.Errorf("limit: %v %v", rows, err)
	}
}

// testOutboxPages: listing by state, in order.
func testOutboxPages(t *testing.T, place Factory) {
	r := Open(t, place(t).Driver())
	ctx := t.Context()
	for n := range 9 {
		out := change(t, r, fmt.Sprintf("ds:FI:%d", n), store.Change{Send: []store.Outgoing{central("https://a.example", fmt.Sprint("j", n))}})
		if state := []store.OutboxState{store.OutboxQueued, store.OutboxDelivered, store.OutboxDead}[n%3]; state != store.OutboxQueued {
			settle(t, r, fmt.Sprintf("ds:FI:%d", n), store.Settlement{ID: out.Sent[0].ID, State: state})
		}
	}
	for state, want := range map[store.OutboxState]string{
		"": "j0j1j2j3j4j5j6j7j8", store.OutboxQueued: "j0j3j6", store.OutboxDelivered: "j1j4j7", store.OutboxDead: "j2j5j8",
	} {
		got, after := "", int64(0)
		for {
			page, err := r.OutboxList(ctx, state, after, 2)
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range page {
				got, after = got+o.Jti, o.ID
			}
			if len(page) == 0 {
				break
			}
		}
		if got != want {
			t.Errorf("state %q: %s, want %s", state, got, want)
		}
	}
}

// testEvidence: every leaf of a case with its material, each provable under its own group's
// checkpoint and the latest.
func testEvidence(t *testing.T, place Factory) {
	r := Open(t, place(t).Driver())
	ctx := t.Context()
	_, verifier := Keys(t)
	for n := 1; n <= 20; n++ {
		m := inbound("iss", n)
		m.Class = []evidence.Class{evidence.ClassIn, evidence.ClassResponse, evidence.ClassRefused}[n%3]
		change(t, r, fmt.Sprintf("app:%d", n%2), store.Change{Message: m, Leaves: []store.NewLeaf{{Class: evidence.ClassState, Material: fmt.Append(nil, "state ", n)}}})
	}
	note, err := r.Checkpoint(ctx)
	if err != nil {
		t.Fatal(err)
	}
	cp, err := evidence.OpenCheckpoint(note, Origin, verifier)
	if err != nil || cp.Size != 40 {
		t.Fatalf("checkpoint %+v %v", cp, err)
	}
	list, err := r.Evidence(ctx, "app:1")
	if err != nil || len(list) != 20 {
		t.Fatalf("%d leaves, %v", len(list), err)
	}
	for i, e := range list {
		if string(evidence.NewLeaf(e.Class, e.Salt, e.Material).Bytes()) != string(e.Leaf) {
			t.Errorf("leaf %d commits to something else", e.Index)
		}
		if i > 0 && e.Index <= list[i-1].Index {
			t.Error("not in order")
		}
		for _, size := range []int64{0, (e.Index/2 + 1) * 2, 40} {
			p, err := r.Proof(ctx, e.Index, size)
			if err != nil {
				t.Fatalf("proof of %d in %d: %v", e.Index, size, err)
			}
			if _, err := p.Verify(e.Leaf, Origin, verifier); err != nil {
				t.Errorf("proof of %d in %d: %v", e.Index, size, err)
			}
		}
	}
	for _, bad := range [][2]int64{{0, 3}, {40, 40}, {39, 2}, {-1, 0}, {0, -1}, {0, 42}} {
		if _, err := r.Proof(ctx, bad[0], bad[1]); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("proof %v: %v", bad, err)
		}
	}
}
