package storetest

import (
	"errors"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
)

// testStanding: where one sender stands, as last committed.
func testStanding(t *testing.T, place Factory) {
	r := Open(t, place(t).Driver())
	ctx := t.Context()
	const caseID, peer, other = "app:APP-1", "https://a.example", "https://b.example"
	if s, err := r.Standing(ctx, caseID, peer); err != nil || s.Applied != 0 || len(s.Held) != 0 {
		t.Errorf("in no case: %+v %v", s, err)
	}
	change(t, r, caseID, store.Change{Message: inbound(peer, 1), Applied: map[string]int64{peer: 7}})
	for _, iss := range []string{peer, other} {
		m := inbound(iss, 9)
		m.Held, m.Rejected = true, iss == peer
		receive(t, r, caseID, m)
	}
	s, err := r.Standing(ctx, caseID, peer)
	if err != nil || s.Applied != 7 || len(s.Held) != 1 || s.Held[0].Seq != 9 || s.Held[0].Iss != peer || !s.Held[0].Rejected || s.Held[0].Size == 0 {
		t.Errorf("standing %+v %v", s, err)
	}
	if s, err := r.Standing(ctx, caseID, other); err != nil || s.Applied != 0 || len(s.Held) != 1 || s.Held[0].Rejected {
		t.Errorf("the other: %+v %v", s, err)
	}
	if err := r.Erase(ctx, caseID); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Standing(ctx, caseID, peer); !errors.Is(err, store.ErrErased) {
		t.Errorf("in an erased case: %v", err)
	}
}

// testFiled: what is rejected in a case that is not personal is sealed all the same, keeps its place
// in the order of that case, and is erased where it is filed.
func testFiled(t *testing.T, place Factory) {
	h := place(t)
	r := Open(t, h.Driver())
	ctx := t.Context()
	const caseID, peer = "ds:FI:1", "https://a.example"
	refused := func(n int) *store.Inbound {
		m := inbound(peer, n)
		m.Token, m.Claims, m.Problem = string(marker("filed", "token")), marker("filed", "claims"), marker("filed", "problem")
		m.Class, m.Rejected, m.Held, m.Filed = "refused", true, n > 1, "unfiled"
		return m
	}
	for n := 1; n <= 2; n++ {
		out := receive(t, r, caseID, refused(n))
		if out.Message.Case != caseID || out.Message.Leaf.Size != int64(n) {
			t.Errorf("committed %+v", out.Message)
		}
		if err := r.SaveReceipt(ctx, peer, refused(n).Jti, string(marker("filed", "receipt"))); err != nil {
			t.Fatal(err)
		}
	}
	for name, edit := range map[string]func(*store.Inbound) string{
		"under another case":  func(m *store.Inbound) string { m.Filed = "app:1"; return caseID },
		"of a personal case":  func(*store.Inbound) string { return "app:1" },
		"what is not refused": func(m *store.Inbound) string { m.Rejected = false; return caseID },
	} {
		m := refused(3)
		if err := update(t, r, edit(m), store.Change{Message: m}); !errors.Is(err, store.ErrChange) {
			t.Errorf("%s: %v", name, err)
		}
	}
	r = Reopen(t, r, h.Driver())
	if found := findIn(t, h.Dir, []byte("MARKER<filed")); len(found) > 0 {
		t.Errorf("content found in %v", found)
	}
	m, ok, err := r.Message(ctx, peer, refused(1).Jti)
	if err != nil || !ok || m.Token != refused(1).Token || string(m.Problem) != string(refused(1).Problem) ||
		m.Receipt != string(marker("filed", "receipt")) || m.Case != caseID || m.Filed != "unfiled" {
		t.Errorf("read back: %+v %v", m, err)
	}
	list, err := r.Evidence(ctx, "unfiled")
	if err != nil || len(list) != 2 || string(list[0].Material) != m.Token || list[0].Class != evidence.Class("refused") {
		t.Errorf("evidence: %+v %v", list, err)
	}
	if list, err := r.Evidence(ctx, caseID); err != nil || len(list) != 0 {
		t.Errorf("evidence of the case: %+v %v", list, err)
	}
	mustVerify(t, r)
	if err := r.Erase(ctx, "unfiled"); err != nil {
		t.Fatal(err)
	}
	mustVerify(t, r)
	for n := 1; n <= 2; n++ {
		m, ok, err := r.Message(ctx, peer, refused(n).Jti)
		if err != nil || !ok || !m.Erased || m.Token != "" || m.Claims != nil || m.Receipt != "" || m.TokenSHA256 != "" || m.Leaf.Size != 0 {
			t.Errorf("erased: %+v %v", m, err)
		}
	}
	if err := r.SaveReceipt(ctx, peer, refused(1).Jti, "late"); !errors.Is(err, store.ErrErased) {
		t.Errorf("late receipt: %v", err)
	}
	_, err = r.Update(ctx, caseID, func(s store.State) (store.Change, error) {
		if len(s.Held) != 1 || !s.Held[0].Rejected {
			t.Errorf("held %+v", s.Held)
		}
		return store.Change{Unheld: []store.MessageRef{s.Held[0].MessageRef}, Applied: map[string]int64{peer: 2}}, nil
	})
	if err != nil {
		t.Error(err)
	}
}
