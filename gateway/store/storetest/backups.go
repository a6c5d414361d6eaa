package storetest

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"golang.org/x/mod/sumdb/note"
)

// testBackup: a copy taken under load is consistent, is refused when it was touched, and opens as a
// record.
func testBackup(t *testing.T, place Factory) {
	h := place(t)
	r := Open(t, h.Driver())
	ctx := t.Context()
	fillCase(t, r, "app:1", 1)
	fillCase(t, r, "ds:FI:1", 2)
	path := filepath.Join(t.TempDir(), "backup.db")
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for w := range 3 {
		wg.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				if err := update(t, r, fmt.Sprintf("app:load-%d", w), store.Change{Message: inbound(fmt.Sprint("load", w), n), Doc: fmt.Append(nil, n)}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	err := r.Backup(ctx, path)
	close(stop)
	wg.Wait()
	if err != nil {
		t.Fatal(err)
	}
	rep, err := store.VerifyBackup(ctx, path, Options(t, h.Driver()))
	if err != nil || rep.Leaves < 6 || rep.Checkpoints < 2 || rep.Opened["message"] == 0 || rep.Opened["blob"] != 2 || rep.Opened["permit"] != 2 || rep.Opened["mail"] != 2 {
		t.Fatalf("verify: %+v %v", rep, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 || info.Size() != rep.Size {
		t.Errorf("file: %v %v", info, err)
	}
	if err := r.Backup(ctx, path); err == nil {
		t.Error("a backup was overwritten")
	}
	if _, err := store.VerifyBackup(ctx, path, Options(t, h.Driver())); err != nil {
		t.Errorf("the refused second backup harmed the first: %v", err)
	}
	wrong := Options(t, h.Driver())
	wrong.RecordKey = bytes.Repeat([]byte{9}, store.RecordKeySize)
	if _, err := store.VerifyBackup(ctx, path, wrong); !errors.Is(err, store.ErrKey) {
		t.Errorf("wrong key: %v", err)
	}
	foreign := Options(t, h.Driver())
	_, vkey, err := note.GenerateKey(bytes.NewReader(make([]byte, 64)), Origin)
	if err != nil {
		t.Fatal(err)
	}
	v, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	foreign.LogVerifiers = []note.Verifier{v}
	if _, err := store.VerifyBackup(ctx, path, foreign); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("checkpoints of another key: %v", err)
	}
	for _, at := range []int64{60, info.Size() / 2, info.Size() - 1} { // 60: a field of the header nobody reads
		flip(t, path, at)
		if _, err := store.VerifyBackup(ctx, path, Options(t, h.Driver())); !errors.Is(err, store.ErrCorrupt) {
			t.Errorf("flipped byte %d: %v", at, err)
		}
		flip(t, path, at)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	h.Restore(t, path)
	r = Open(t, h.Driver())
	if again := mustVerify(t, r); again.Root != rep.Root {
		t.Errorf("restored: root %s, want %s", again.Root, rep.Root)
	}
	// The directory belongs to this record.
	other := Open(t, place(t).Driver())
	if err := other.Backup(ctx, filepath.Join(filepath.Dir(path), "other.db")); !errors.Is(err, store.ErrKey) {
		t.Errorf("two records in one directory: %v", err)
	}
}

func flip(t testing.TB, path string, at int64) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 1)
	_, err = f.ReadAt(b, at)
	b[0] ^= 0x40
	if err == nil {
		_, err = f.WriteAt(b, at)
	}
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

// testTampering: whoever changes the record behind its back is found out.
func testTampering(t *testing.T, place Factory) {
	for name, query := range map[string]string{
		"a leaf removed":           "DELETE FROM leaf WHERE idx = 1",
		"the last leaf removed":    "DELETE FROM leaf WHERE idx = 7",
		"a leaf exchanged":         "UPDATE leaf SET leaf = (SELECT leaf FROM leaf WHERE idx = 2), class = (SELECT class FROM leaf WHERE idx = 2) WHERE idx = 6",
		"another token":            "UPDATE leaf_material SET sealed = (SELECT sealed FROM leaf_material WHERE idx = 5) WHERE idx = 4",
		"sealed content moved":     "UPDATE leaf_material SET sealed = (SELECT sealed FROM leaf_material WHERE idx = 1) WHERE idx = 0",
		"clear content smuggled":   "UPDATE case_file SET sealed = (SELECT sealed FROM case_file WHERE id = 'ds:FI:1') WHERE id = 'app:1'",
		"a document changed":       "UPDATE case_file SET sealed = (SELECT receipt FROM outbox WHERE id = 1) WHERE id = 'app:1'",
		"a stored hash":            "UPDATE leaf SET hashes = leaf WHERE idx = 2",
		"a checkpoint exchanged":   "UPDATE checkpoint SET note = (SELECT note FROM checkpoint WHERE size = 2) WHERE size = 3",
		"the last checkpoint gone": "DELETE FROM checkpoint WHERE size = 8",
		"an attachment chunk gone": "DELETE FROM blob_chunk",
		"a message without leaf":   "UPDATE message SET leaf = leaf + 1 WHERE no = 1",
		"a head missing":           "UPDATE outbox SET head = 0",
		"a case key removed":       "DELETE FROM case_key",
		"an outbox payload moved":  "UPDATE outbox SET sealed = (SELECT sealed FROM message WHERE no = 1) WHERE id = 1",
	} {
		h := place(t)
		r := Open(t, h.Driver())
		fillCase(t, r, "app:1", 1)
		fillCase(t, r, "ds:FI:1", 2)
		change(t, r, "ds:FI:1", store.Change{Leaves: []store.NewLeaf{{Class: "state", Material: []byte("7")}}})
		change(t, r, "ds:FI:1", store.Change{Leaves: []store.NewLeaf{{Class: "state", Material: []byte("8")}}})
		if rep := mustVerify(t, r); rep.Leaves != 8 {
			t.Fatalf("%d leaves", rep.Leaves)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		direct(t, h.Driver(), query)
		r, err := store.Open(t.Context(), Options(t, h.Driver()))
		if err == nil && strings.Contains(name, "last") {
			t.Errorf("%s: the record opened", name)
		}
		if err == nil {
			_, err = r.VerifyRecord(t.Context())
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if !errors.Is(err, store.ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// testOtherHistory: a checkpoint the log key signed for another tree is found, though its signature
// holds.
func testOtherHistory(t *testing.T, place Factory) {
	h := place(t)
	r := Open(t, h.Driver())
	for n := range 4 {
		receive(t, r, "ds:FI:1", inbound("iss", n))
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	signer, _ := Keys(t)
	forged, err := evidence.SignCheckpoint(Origin, 2, sha256.Sum256([]byte("another tree")), signer)
	if err != nil {
		t.Fatal(err)
	}
	direct(t, h.Driver(), "UPDATE checkpoint SET note = $1 WHERE size = 2", forged)
	r = Open(t, h.Driver())
	if _, err := r.VerifyRecord(t.Context()); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("another history: %v", err)
	}
}
