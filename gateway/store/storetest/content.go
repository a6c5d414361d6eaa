package storetest

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/google/go-cmp/cmp"
)

// testPermits: an index of a list is used once; a successor takes over in one change.
func testPermits(t *testing.T, place Factory) {
	h := place(t)
	r := Open(t, h.Driver())
	ctx := t.Context()
	const list = "https://ncp.test.example/status/2026"
	if _, ok, err := r.StatusBits(ctx, list); ok || err != nil {
		t.Fatalf("a list before its first permit: %v %v", ok, err)
	}
	v1 := store.PermitWrite{ID: "DP-FI-2026-1-v1", Token: "permit one", List: list, Index: 77}
	v2 := store.PermitWrite{ID: "DP-FI-2026-1-v2", Token: "permit two", List: list, Index: 12}
	out := change(t, r, "app:1", store.Change{Permits: []store.PermitWrite{v1}})
	if bits, ok, err := r.StatusBits(ctx, list); !ok || err != nil || len(bits) != 0 {
		t.Errorf("a list of valid permits: %v %v %v", bits, ok, err)
	}
	for name, c := range map[string]struct {
		write store.PermitWrite
		want  error
	}{
		"index taken":    {store.PermitWrite{ID: "DP-FI-2026-2-v1", Token: "x", List: list, Index: 77}, store.ErrIndexUsed},
		"version exists": {store.PermitWrite{ID: v1.ID, Token: "x", List: list, Index: 78}, store.ErrPermitExists},
		"unknown permit": {store.PermitWrite{ID: "DP-FI-2026-9-v1", Status: 1}, store.ErrNotFound},
	} {
		if err := update(t, r, "app:2", store.Change{Permits: []store.PermitWrite{c.write}}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	change(t, r, "app:1", store.Change{Permits: []store.PermitWrite{v2, {ID: v1.ID, Status: 1}}})
	r = Reopen(t, r, h.Driver())
	if bits, ok, err := r.StatusBits(ctx, list); !ok || err != nil || !cmp.Equal(bits, map[int64]int{77: 1}) {
		t.Errorf("bits %v %v %v", bits, ok, err)
	}
	got, err := r.Permits(ctx, "app:1")
	if err != nil || len(got) != 2 {
		t.Fatalf("permits: %v %v", got, err)
	}
	want := store.Permit{ID: v1.ID, Case: "app:1", Token: "permit one", List: list, Index: 77, Status: 1, IssuedAt: out.At}
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Error(diff)
	}
	one, ok, err := r.Permit(ctx, v2.ID)
	if err != nil || !ok || one.Token != "permit two" || one.Status != 0 {
		t.Errorf("permit: %+v %v %v", one, ok, err)
	}
}

// testMail: a namespace is an ordered map of its own.
func testMail(t *testing.T, place Factory) {
	h := place(t)
	r := Open(t, h.Driver())
	ctx := t.Context()
	puts := []store.Mail{
		{Key: "a/1", Value: []byte("one")}, {Key: "a/2", Case: "app:1", Value: []byte("two")},
		{Key: "a/3", Value: []byte{}}, {Key: "b/1", Case: "ds:FI:1", Value: []byte("b")},
	}
	if err := r.MailBatch(ctx, "desk", puts, nil); err != nil {
		t.Fatal(err)
	}
	if err := r.MailBatch(ctx, "other", []store.Mail{{Key: "a/1", Value: []byte("elsewhere")}}, nil); err != nil {
		t.Fatal(err)
	}
	change(t, r, "app:1", store.Change{Mail: []store.MailWrite{{Namespace: "desk", Mail: store.Mail{Key: "a/1", Value: []byte("new")}}}})
	r = Reopen(t, r, h.Driver())
	got, err := r.MailScan(ctx, "desk", "a/", "a/1", 10)
	if diff := cmp.Diff(puts[1:3], got); err != nil || diff != "" {
		t.Errorf("scan: %v\n%s", err, diff)
	}
	if err := r.MailBatch(ctx, "desk", []store.Mail{{Key: "a/4", Value: []byte("four")}}, []string{"a/1", "a/2", "absent"}); err != nil {
		t.Fatal(err)
	}
	if v, ok, err := r.MailGet(ctx, "desk", "a/1"); ok || err != nil {
		t.Errorf("a deleted entry: %q %v", v, err)
	}
	if v, ok, err := r.MailGet(ctx, "other", "a/1"); !ok || err != nil || string(v) != "elsewhere" {
		t.Errorf("another namespace: %q %v %v", v, ok, err)
	}
	if v, ok, err := r.MailGet(ctx, "desk", "a/3"); !ok || err != nil || len(v) != 0 {
		t.Errorf("an empty entry: %q %v %v", v, ok, err)
	}
}

// testReceipts: the first receipt stays and is seen at once, without a commit of its own.
func testReceipts(t *testing.T, place Factory) {
	h := place(t)
	r := Open(t, h.Driver())
	ctx := t.Context()
	if err := r.SaveReceipt(ctx, "iss", "unknown", "r"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("receipt of nothing: %v", err)
	}
	const n = 40
	for i := range n {
		receive(t, r, "app:1", inbound("iss", i))
		for _, text := range []string{"first", "second"} {
			if err := r.SaveReceipt(ctx, "iss", inbound("iss", i).Jti, text); err != nil {
				t.Fatal(err)
			}
			m, _, err := r.Message(ctx, "iss", inbound("iss", i).Jti)
			if err != nil || m.Receipt != "first" {
				t.Errorf("receipt %q %v", m.Receipt, err)
			}
		}
	}
	r = Reopen(t, r, h.Driver())
	for i := range n {
		m, _, err := r.Message(ctx, "iss", inbound("iss", i).Jti)
		if err != nil || m.Receipt != "first" {
			t.Errorf("after a restart: receipt %q %v", m.Receipt, err)
		}
	}
	if err := r.SaveReceipt(ctx, "iss", inbound("iss", 0).Jti, "third"); err != nil {
		t.Error(err)
	}
	if m, _, err := r.Message(ctx, "iss", inbound("iss", 0).Jti); err != nil || m.Receipt != "first" {
		t.Errorf("the first does not stay: %q %v", m.Receipt, err)
	}
}

// testLoneReceipt: a receipt that no other change follows becomes durable by itself.
func testLoneReceipt(t *testing.T, place Factory) {
	h := place(t)
	r := Open(t, h.Driver())
	receive(t, r, "app:1", inbound("iss", 1))
	if err := r.SaveReceipt(t.Context(), "iss", inbound("iss", 1).Jti, "first"); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for n := 0; ; n++ { // ends with the test's deadline at the latest
		path := filepath.Join(dir, fmt.Sprint(n, ".db"))
		if err := r.Backup(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		if receipts(t, h.Driver(), path) == 1 {
			return
		}
	}
}

func receipts(t testing.TB, d store.Driver, path string) int {
	t.Helper()
	return count(t, d, path, "SELECT count(*) FROM message WHERE receipt IS NOT NULL")
}

// count asks a copy of the record for one number.
func count(t testing.TB, d store.Driver, path, query string) (n int) {
	t.Helper()
	copied, err := d.OpenCopy(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(copied.Reader())
	err = db.QueryRowContext(t.Context(), query).Scan(&n)
	if err := errors.Join(err, db.Close(), copied.Close()); err != nil {
		t.Fatal(err)
	}
	return n
}
