package storetest

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/google/go-cmp/cmp"
)

// testState: fn sees what was committed last, and what it returns is all there afterwards.
func testState(t *testing.T, place Factory) {
	h := place(t)
	r := Open(t, h.Driver())
	ctx := t.Context()
	const caseID, peer = "app:APP-1", "https://ncp.a.example"
	if _, ok, err := r.Case(ctx, caseID); ok || err != nil {
		t.Fatalf("a case before its first change: %v %v", ok, err)
	}
	out, err := r.Update(ctx, caseID, func(s store.State) (store.Change, error) {
		if s.Case != caseID || s.Doc != nil || s.Revision != 0 || len(s.Applied) != 0 || len(s.Held) != 0 || s.Now.IsZero() {
			t.Errorf("state of a new case: %+v", s)
		}
		return store.Change{Doc: []byte("one"), Message: inbound(peer, 1), Applied: map[string]int64{peer: 1}}, nil
	})
	if err != nil || out.Revision != 1 {
		t.Fatalf("first change: %+v %v", out, err)
	}
	for n := 3; n <= 4; n++ {
		m := inbound(peer, n)
		m.Held = true
		if out := receive(t, r, caseID, m); out.Revision != 1 {
			t.Errorf("revision after a change without a document: %d", out.Revision)
		}
	}
	r = Reopen(t, r, h.Driver())
	_, err = r.Update(ctx, caseID, func(s store.State) (store.Change, error) {
		if string(s.Doc) != "one" || s.Revision != 1 || s.Applied[peer] != 1 || len(s.Held) != 2 {
			t.Errorf("state: %+v", s)
		}
		for i, h := range s.Held {
			want := inbound(peer, i+3)
			m, err := s.Load(h.MessageRef)
			if err != nil || string(m.Claims) != string(want.Claims) || m.Token != want.Token || !m.Held || m.Case != caseID {
				t.Errorf("held message: %+v %v", m, err)
			}
			if h.Jti != want.Jti || h.Seq != want.Seq || h.Rejected || !h.ReceivedAt.Equal(m.ReceivedAt) ||
				h.Size < int64(len(want.Token)+len(want.Claims)) || h.Size > 200 {
				t.Errorf("held %+v", h)
			}
		}
		if _, err := s.Load(store.MessageRef{Iss: peer, Jti: "never"}); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a message that is not there: %v", err)
		}
		s.Applied[peer] = 99 // the copy is fn's own
		return store.Change{
			Doc: []byte("two"), Message: inbound(peer, 2), Applied: map[string]int64{peer: 4},
			Unheld: []store.MessageRef{s.Held[0].MessageRef, s.Held[1].MessageRef},
		}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	c, ok, err := r.Case(ctx, caseID)
	if err != nil || !ok || string(c.Doc) != "two" || c.Revision != 2 || c.ID != caseID || c.Erased {
		t.Errorf("case: %+v %v %v", c, ok, err)
	}
	for name, bad := range map[string]store.Change{
		"number goes back":   {Applied: map[string]int64{peer: 3}},
		"not held":           {Unheld: []store.MessageRef{{Iss: peer, Jti: inbound(peer, 3).Jti}}},
		"unknown leaf class": {Leaves: []store.NewLeaf{{Class: "gossip", Material: []byte("x")}}},
		"no jti":             {Message: &store.Inbound{Iss: peer, Class: evidence.ClassIn}},
	} {
		bad.Doc = []byte("never")
		if _, err := r.Update(ctx, caseID, always(bad)); !errors.Is(err, store.ErrChange) {
			t.Errorf("%s: %v", name, err)
		}
	}
	after, _, err := r.Case(ctx, caseID)
	if diff := cmp.Diff(c, after); err != nil || diff != "" {
		t.Errorf("refused changes left a trace: %v\n%s", err, diff)
	}
}

// testIsolation: one bad item never sinks the others of its group.
func testIsolation(t *testing.T, place Factory) {
	r := Open(t, place(t).Driver())
	ctx := t.Context()
	own := errors.New("fn's own")
	calls := 0
	results := inOneGroup(t, r, []func() error{
		func() error { return update(t, r, "app:A", store.Change{Message: inbound("iss", 1), Doc: []byte("a")}) },
		func() error {
			_, err := r.Update(ctx, "app:B", func(store.State) (store.Change, error) { calls++; return store.Change{}, own })
			return err
		},
		func() error {
			_, err := r.Update(ctx, "app:C", func(store.State) (store.Change, error) { panic("secret text") })
			return err
		},
		func() error {
			return update(t, r, "app:A", store.Change{Message: inbound("iss", 1), Doc: []byte("dup")})
		},
		func() error {
			return update(t, r, "app:D", store.Change{Doc: []byte("d"), Leaves: []store.NewLeaf{{Class: "bad"}}})
		},
		func() error { return update(t, r, "app:E", store.Change{Message: inbound("iss", 2), Doc: []byte("e")}) },
	})
	if results[0] != nil || results[5] != nil {
		t.Fatalf("good items: %v", results)
	}
	if !errors.Is(results[1], own) || calls != 1 {
		t.Errorf("fn's error: %v after %d calls", results[1], calls)
	}
	if !errors.Is(results[2], store.ErrPanic) || strings.Contains(results[2].Error(), "secret") {
		t.Errorf("panic: %v", results[2])
	}
	var dup *store.DuplicateError
	if !errors.As(results[3], &dup) || dup.Stored.Leaf.Size != 2 {
		t.Errorf("duplicate in one group: %v", results[3])
	}
	if !errors.Is(results[4], store.ErrChange) {
		t.Errorf("bad leaf: %v", results[4])
	}
	list, err := r.Cases(ctx, "app:", "", 10)
	var got []string
	for _, c := range list {
		got = append(got, c.ID+"="+string(c.Doc))
	}
	if diff := cmp.Diff([]string{"app:A=a", "app:E=e"}, got); err != nil || diff != "" {
		t.Errorf("cases: %v\n%s", err, diff)
	}
	mustVerify(t, r)
}

// inOneGroup queues calls behind a change that is held up, in order, so that they share a commit.
func inOneGroup(t testing.TB, r *store.Record, calls []func() error) []error {
	started, release := make(chan struct{}), make(chan struct{})
	held := make(chan error, 1)
	go func() {
		_, err := r.Update(t.Context(), "ds:FI:hold", func(store.State) (store.Change, error) {
			close(started)
			<-release
			return store.Change{}, nil
		})
		held <- err
	}()
	results, done := make([]error, len(calls)), make(chan struct{})
	select {
	case <-started:
	case <-held: // the record refuses everything
		for i, call := range calls {
			results[i] = call()
		}
		return results
	}
	for i, call := range calls {
		before := r.Waiting()
		go func() { results[i] = call(); done <- struct{}{} }()
		for r.Waiting() == before { // the queue is the only witness that it waits
			runtime.Gosched()
		}
	}
	close(release)
	<-held
	for range calls {
		<-done
	}
	return results
}

func update(t testing.TB, r *store.Record, caseID string, c store.Change) error {
	_, err := r.Update(t.Context(), caseID, always(c))
	return err
}

func mustVerify(t testing.TB, r *store.Record) store.Report {
	t.Helper()
	rep, err := r.VerifyRecord(t.Context())
	if err != nil {
		t.Fatalf("verify: %v", err)
	}
	return rep
}

// testCases: listing pages in id order under a prefix.
func testCases(t *testing.T, place Factory) {
	r := Open(t, place(t).Driver())
	for n := range 7 {
		change(t, r, fmt.Sprintf("app:APP-%d", n), store.Change{Doc: []byte("x")})
		change(t, r, fmt.Sprintf("ds:FI:%d", n), store.Change{Doc: []byte("y")})
	}
	receive(t, r, "app:NODOC", inbound("iss", 1))
	var got []string
	for after := ""; ; {
		page, err := r.Cases(t.Context(), "app:", after, 3)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range page {
			got, after = append(got, c.ID), c.ID
		}
		if len(page) < 3 {
			break
		}
	}
	want := []string{"app:APP-0", "app:APP-1", "app:APP-2", "app:APP-3", "app:APP-4", "app:APP-5", "app:APP-6"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	n, err := r.Counts(t.Context())
	if err != nil || n.Cases != 14 || n.Messages != 1 || n.Leaves != 1 {
		t.Errorf("counts: %+v %v", n, err)
	}
}
