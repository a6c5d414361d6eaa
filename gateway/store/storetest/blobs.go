package storetest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"testing"
	"testing/iotest"

	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/google/go-cmp/cmp"
)

func content(n int, seed byte) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(i*7) ^ byte(i>>8) ^ seed
	}
	return out
}

// testBlobs: content comes back whole, and only what a message refers to outlives a restart.
func testBlobs(t *testing.T, place Factory) {
	h := place(t)
	r := Open(t, h.Driver())
	ctx := t.Context()
	const caseID = "app:1"
	var kept []store.Blob
	refs := map[string]string{}
	sizes := []int{0, 1, 1<<20 - 1, 1 << 20, 1<<20 + 1, 2 << 20}
	for i, size := range sizes {
		data := content(size, byte(i))
		b, err := r.StageBlob(ctx, caseID, iotest.HalfReader(bytes.NewReader(data)), int64(size))
		if err != nil {
			t.Fatalf("size %d: %v", size, err)
		}
		sum := sha256.Sum256(data)
		if b.Size != int64(size) || b.SHA256 != hex.EncodeToString(sum[:]) {
			t.Errorf("size %d: %+v", size, b)
		}
		kept, refs[fmt.Sprint("att", i)] = append(kept, b), b.ID
	}
	loose, err := r.StageBlob(ctx, caseID, bytes.NewReader([]byte("loose")), 10)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.StageBlob(ctx, caseID, bytes.NewReader(content(1<<20+2, 0)), 1<<20+1); !errors.Is(err, store.ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
	own := errors.New("broken upload")
	if _, err := r.StageBlob(ctx, caseID, io.MultiReader(bytes.NewReader(content(2<<20, 0)), iotest.ErrReader(own)), 9<<20); !errors.Is(err, own) {
		t.Errorf("the reader's error: %v", err)
	}
	m := inbound("iss", 1)
	m.Blobs = refs
	if err := update(t, r, "app:2", store.Change{Message: m}); !errors.Is(err, store.ErrChange) {
		t.Errorf("blobs of another case: %v", err)
	}
	receive(t, r, caseID, m)
	if err := r.DropBlobs(ctx, kept[0].ID, loose.ID); err != nil {
		t.Fatal(err)
	}
	out, err := r.StageBlob(ctx, caseID, bytes.NewReader([]byte("goes out")), 10)
	if err != nil {
		t.Fatal(err)
	}
	send := central("https://a.example", "with-blob")
	send.Blobs = map[string]string{"x": out.ID}
	change(t, r, caseID, store.Change{Send: []store.Outgoing{send}})
	forgotten, err := r.StageBlob(ctx, caseID, bytes.NewReader([]byte("forgotten")), 10)
	if err != nil {
		t.Fatal(err)
	}
	r = Reopen(t, r, h.Driver())
	for _, id := range []string{loose.ID, forgotten.ID, "never"} {
		if _, err := r.OpenBlob(ctx, id); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("blob %s: %v", id, err)
		}
	}
	byAttachment, err := r.MessageBlobs(ctx, "iss", m.Jti)
	if err != nil || len(byAttachment) != len(sizes) {
		t.Fatalf("blobs of the message: %v %v", byAttachment, err)
	}
	for i, size := range sizes {
		b := byAttachment[fmt.Sprint("att", i)]
		if diff := cmp.Diff(kept[i], b); diff != "" {
			t.Error(diff)
		}
		if got := readBlob(t, r, b.ID); !bytes.Equal(got, content(size, byte(i))) {
			t.Errorf("size %d: content differs", size)
		}
	}
	row, _, err := r.OutboxByJTI(ctx, "with-blob")
	if err != nil || row.Blobs["x"] != out.ID || string(readBlob(t, r, out.ID)) != "goes out" {
		t.Errorf("blob of an outbox row: %+v %v", row.Blobs, err)
	}
	mustVerify(t, r)
}

func readBlob(t testing.TB, r *store.Record, id string) []byte {
	t.Helper()
	rc, err := r.OpenBlob(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	defer rc.Close()
	data, err := io.ReadAll(rc)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// testStagingLeavesNoCase: until a message comes there is no case, and what is dropped cannot be read
// by anyone.
func testStagingLeavesNoCase(t *testing.T, place Factory) {
	h := place(t)
	r := Open(t, h.Driver())
	ctx := t.Context()
	rows := func(table string) (n int) {
		path := filepath.Join(t.TempDir(), "copy.db")
		if err := r.Backup(ctx, path); err != nil {
			t.Fatal(err)
		}
		return count(t, h.Driver(), path, "SELECT count(*) FROM "+table)
	}
	for _, caseID := range []string{"app:1", "ds:FI:1"} {
		b, err := r.StageBlob(ctx, caseID, bytes.NewReader(marker("staged", caseID)), 100)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.OpenBlob(ctx, b.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a staged blob is open: %v", err)
		}
		mustVerify(t, r)
		if err := r.DropBlobs(ctx, b.ID); err != nil {
			t.Fatal(err)
		}
		m := inbound("iss", 1)
		m.Blobs = map[string]string{"a": b.ID}
		if err := update(t, r, caseID, store.Change{Message: m}); !errors.Is(err, store.ErrChange) {
			t.Errorf("a dropped blob was bound: %v", err)
		}
	}
	if _, err := r.StageBlob(ctx, "app:1", bytes.NewReader(content(9, 1)), 8); !errors.Is(err, store.ErrTooLarge) {
		t.Fatal(err)
	}
	for _, table := range []string{"case_file", "case_key", "blob", "blob_chunk"} {
		if n := rows(table); n != 0 {
			t.Errorf("%d rows of %s", n, table)
		}
	}
	if found := findIn(t, h.Dir, []byte("MARKER<staged")); len(found) > 0 {
		t.Errorf("content found in %v", found)
	}
	// A change that fails leaves the blob staged; one blob may be named by several rows of a change.
	b, err := r.StageBlob(ctx, "app:1", bytes.NewReader([]byte("content")), 100)
	if err != nil {
		t.Fatal(err)
	}
	m, out := inbound("iss", 1), central("https://a.example", "forwarded")
	m.Blobs, out.Blobs = map[string]string{"a": b.ID}, map[string]string{"b": b.ID}
	c := store.Change{Message: m, Send: []store.Outgoing{out}, Leaves: []store.NewLeaf{{Class: "bad"}}}
	if err := update(t, r, "app:1", c); !errors.Is(err, store.ErrChange) {
		t.Fatal(err)
	}
	c.Leaves = nil
	change(t, r, "app:1", c)
	r = Reopen(t, r, h.Driver())
	if got := readBlob(t, r, b.ID); string(got) != "content" {
		t.Errorf("content %q", got)
	}
	if err := r.Erase(ctx, "app:1"); err != nil {
		t.Fatal(err)
	}
	if _, err := r.StageBlob(ctx, "app:1", bytes.NewReader(nil), 1); !errors.Is(err, store.ErrErased) {
		t.Errorf("staged for an erased case: %v", err)
	}
}
