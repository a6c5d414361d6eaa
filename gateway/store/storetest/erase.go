package storetest

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/google/go-cmp/cmp"
)

// marker is content that must not be found in any file.
func marker(caseID, part string) []byte { return fmt.Appendf(nil, "MARKER<%s|%s>", caseID, part) }

// fillCase writes every kind of content to a case, each with its own marker.
func fillCase(t testing.TB, r *store.Record, caseID string, n int) (message *store.Inbound, outboxID int64) {
	t.Helper()
	ctx := t.Context()
	m := inbound("https://iss.example", n)
	m.Token, m.Claims, m.Problem = string(marker(caseID, "token")), marker(caseID, "claims"), marker(caseID, "problem")
	b, err := r.StageBlob(ctx, caseID, bytes.NewReader(marker(caseID, "blob")), 1000)
	if err != nil {
		t.Fatal(err)
	}
	m.Blobs = map[string]string{"att": b.ID}
	out := change(t, r, caseID, store.Change{
		Message: m, Doc: marker(caseID, "doc"), Applied: map[string]int64{m.Iss: 1},
		Send:    []store.Outgoing{{Channel: store.ChannelCentral, Target: "https://peer.example", Jti: "out-" + caseID, Payload: marker(caseID, "payload")}},
		Leaves:  []store.NewLeaf{{Class: evidence.ClassDecision, Material: marker(caseID, "decision")}},
		Permits: []store.PermitWrite{{ID: "DP-" + caseID, Token: string(marker(caseID, "permit")), List: "list", Index: int64(n)}},
		Mail:    []store.MailWrite{{Namespace: "desk", Mail: store.Mail{Key: caseID, Case: caseID, Value: marker(caseID, "mail")}}},
	})
	id := out.Sent[0].ID
	settle(t, r, caseID, store.Settlement{ID: id, State: store.OutboxQueued, Receipt: string(marker(caseID, "peer receipt")),
		Attempt: &store.Attempt{Token: string(marker(caseID, "attempt")), At: out.At}})
	if err := r.SaveReceipt(ctx, m.Iss, m.Jti, string(marker(caseID, "receipt"))); err != nil {
		t.Fatal(err)
	}
	return m, id
}

// findIn lists files of a directory that contain text.
func findIn(t testing.TB, dir string, text []byte) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, text) {
			found = append(found, filepath.Base(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// testSealing: no file shows content of a personal case; that of others is in the clear.
func testSealing(t *testing.T, place Factory) {
	h := place(t)
	r := Open(t, h.Driver())
	for n, c := range []struct {
		id       string
		personal bool
	}{{"app:APP-1", true}, {"nat:FI:1", true}, {"enf:FI:1", true}, {"unfiled", true}, {"ds:FI:1", false}, {"rep:FI:2026", false}} {
		fillCase(t, r, c.id, n)
		if found := findIn(t, h.Dir, []byte("MARKER<"+c.id)); (len(found) > 0) == c.personal {
			t.Errorf("%s: content found in %v", c.id, found)
		}
	}
	mustVerify(t, r)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if found := findIn(t, h.Dir, []byte("MARKER<app")); len(found) > 0 {
		t.Errorf("after closing: content found in %v", found)
	}
}

// wantErased checks that nothing of a case can be read.
func wantErased(t testing.TB, r *store.Record, caseID string, m *store.Inbound, outboxID int64) {
	t.Helper()
	ctx := t.Context()
	c, ok, err := r.Case(ctx, caseID)
	if err != nil || !ok || !c.Erased || c.Doc != nil {
		t.Errorf("case: %+v %v %v", c, ok, err)
	}
	got, ok, err := r.Message(ctx, m.Iss, m.Jti)
	if err != nil || !ok || !got.Erased || got.Token != "" || got.Claims != nil || got.Problem != nil || got.Receipt != "" || got.Leaf.Salt != nil || got.Case != "" {
		t.Errorf("message: %+v %v %v", got, ok, err)
	}
	if got.Digest != m.Digest {
		t.Error("the claim lost its digest")
	}
	row, ok, err := r.OutboxByJTI(ctx, "out-"+caseID)
	if err != nil || !ok || row.Payload != nil || row.Receipt != "" || row.Case != "" || row.State != store.OutboxDead {
		t.Errorf("outbox: %+v %v %v", row, ok, err)
	}
	if list, err := r.Attempts(ctx, outboxID); err != nil || len(list) != 0 {
		t.Errorf("attempts: %v %v", list, err)
	}
	if p, ok, err := r.Permit(ctx, "DP-"+caseID); err != nil || !ok || p.Token != "" || p.Case != "" || p.List != "list" {
		t.Errorf("permit: %+v %v %v", p, ok, err)
	}
	if v, ok, err := r.MailGet(ctx, "desk", caseID); ok || err != nil {
		t.Errorf("mail: %q %v", v, err)
	}
	if _, err := r.Evidence(ctx, caseID); !errors.Is(err, store.ErrErased) {
		t.Errorf("evidence: %v", err)
	}
	blobs, err := r.MessageBlobs(ctx, m.Iss, m.Jti)
	if err != nil || len(blobs) != 1 {
		t.Errorf("blobs: %v %v", blobs, err)
	}
	for _, b := range blobs {
		if _, err := r.OpenBlob(ctx, b.ID); !errors.Is(err, store.ErrErased) {
			t.Errorf("blob: %v", err)
		}
	}
	if err := update(t, r, caseID, store.Change{Doc: []byte("again")}); !errors.Is(err, store.ErrErased) {
		t.Errorf("a change of an erased case: %v", err)
	}
	var dup *store.DuplicateError
	if err := update(t, r, "app:another", store.Change{Message: m}); !errors.As(err, &dup) || !dup.Stored.Erased {
		t.Errorf("the claim does not last: %v", err)
	}
	if err := r.SaveReceipt(ctx, m.Iss, m.Jti, "late"); !errors.Is(err, store.ErrErased) {
		t.Errorf("late receipt: %v", err)
	}
}

// testErase: content is gone, others' is not, and the log still verifies.
func testErase(t *testing.T, place Factory) {
	h := place(t)
	r := Open(t, h.Driver())
	ctx := t.Context()
	m, row := fillCase(t, r, "app:GONE", 1)
	stays, _ := fillCase(t, r, "app:STAYS", 2)
	before := mustVerify(t, r)
	proof, err := r.Proof(ctx, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Erase(ctx, "app:NEVER"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("erasing nothing: %v", err)
	}
	for range 2 {
		if err := r.Erase(ctx, "app:GONE"); err != nil {
			t.Fatal(err)
		}
	}
	counts, _ := r.Counts(ctx)
	for range 2 {
		wantErased(t, r, "app:GONE", m, row)
		got, ok, err := r.Message(ctx, stays.Iss, stays.Jti)
		if err != nil || !ok || got.Token != stays.Token || got.Erased {
			t.Errorf("the other case: %+v %v", got, err)
		}
		rep := mustVerify(t, r)
		if rep.Leaves != before.Leaves+1 || rep.Erased != 3 || rep.Opened["leaf_material"] != 4 {
			t.Errorf("report %+v", rep)
		}
		r = Reopen(t, r, h.Driver())
		again, _ := r.Counts(ctx)
		if diff := cmp.Diff(counts, again); diff != "" || counts.Queued != 1 || counts.Dead != 1 {
			t.Errorf("counts drift: %+v\n%s", counts, diff)
		}
	}
	list, err := r.Cases(ctx, "app:", "", 9)
	if err != nil || len(list) != 1 || list[0].ID != "app:STAYS" {
		t.Errorf("list of cases: %v %v", list, err)
	}
	again, err := r.Proof(ctx, 0, before.Leaves)
	if diff := cmp.Diff(proof, again); err != nil || diff != "" {
		t.Errorf("the proof of an erased leaf changed: %v\n%s", err, diff)
	}
	// What is no case identifier may be used again, with a new key.
	fillCase(t, r, "unfiled", 3)
	if err := r.Erase(ctx, "unfiled"); err != nil {
		t.Fatal(err)
	}
	change(t, r, "unfiled", store.Change{Doc: []byte("anew")})
	if c, ok, err := r.Case(ctx, "unfiled"); err != nil || !ok || string(c.Doc) != "anew" || c.Revision != 1 {
		t.Errorf("used again: %+v %v %v", c, ok, err)
	}
	mustVerify(t, r)
}

// testEraseReachesBackups: an old copy of the database, with every byte of content and wrapped key in
// it, shows nothing once the case was erased and a newer backup was made beside it.
func testEraseReachesBackups(t *testing.T, place Factory) {
	h := place(t)
	r := Open(t, h.Driver())
	ctx := t.Context()
	m, row := fillCase(t, r, "app:GONE", 1)
	stays, _ := fillCase(t, r, "app:STAYS", 2)
	dir := t.TempDir()
	old := filepath.Join(dir, "old.db")
	if err := r.Backup(ctx, old); err != nil {
		t.Fatal(err)
	}
	if rep, err := store.VerifyBackup(ctx, old, Options(t, h.Driver())); err != nil || rep.Erased != 0 {
		t.Fatalf("before: %+v %v", rep, err)
	}
	if err := r.Erase(ctx, "app:GONE"); err != nil {
		t.Fatal(err)
	}
	if err := r.Backup(ctx, filepath.Join(dir, "new.db")); err != nil {
		t.Fatal(err)
	}
	rep, err := store.VerifyBackup(ctx, old, Options(t, h.Driver()))
	if err != nil || rep.Erased != 3 {
		t.Errorf("old backup with the ring of today: %+v %v", rep, err)
	}
	// Restored in place of the record, it erases what the ring says.
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	h.Restore(t, old)
	r = Open(t, h.Driver())
	wantErased(t, r, "app:GONE", m, row)
	if got, ok, err := r.Message(ctx, stays.Iss, stays.Jti); err != nil || !ok || got.Token != stays.Token {
		t.Errorf("the other case: %+v %v", got, err)
	}
	change(t, r, "app:NEW", store.Change{Doc: []byte("new case, new key")})
	r = Reopen(t, r, h.Driver())
	if c, ok, err := r.Case(ctx, "app:NEW"); err != nil || !ok || string(c.Doc) != "new case, new key" {
		t.Errorf("a case after the restore: %+v %v %v", c, ok, err)
	}
	mustVerify(t, r)
}
