package storetest

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// testOpening: a foreign key, log or schema is refused, and so is a second process.
func testOpening(t *testing.T, place Factory) {
	h := place(t)
	r := Open(t, h.Driver())
	change(t, r, "app:1", store.Change{Doc: []byte("x"), Message: inbound("iss", 1)})
	if _, err := store.Open(t.Context(), Options(t, h.Driver())); !errors.Is(err, store.ErrLocked) || !strings.Contains(err.Error(), "process ") {
		t.Errorf("second opening: %v", err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	wrongKey := Options(t, h.Driver())
	wrongKey.RecordKey = bytes.Repeat([]byte{8}, store.RecordKeySize)
	otherLog := Options(t, h.Driver())
	otherLog.Origin, otherLog.LogSigner = "other.example/log", renamed{otherLog.LogSigner, "other.example/log"}
	for name, o := range map[string]store.Options{"record key": wrongKey, "origin": otherLog} {
		if _, err := store.Open(t.Context(), o); !errors.Is(err, store.ErrKey) {
			t.Errorf("wrong %s: %v", name, err)
		}
	}
	direct(t, h.Driver(), "INSERT INTO schema_version (version) VALUES (9999)")
	if _, err := store.Open(t.Context(), Options(t, h.Driver())); !errors.Is(err, store.ErrSchema) {
		t.Errorf("newer schema: %v", err)
	}
	direct(t, h.Driver(), "DELETE FROM schema_version WHERE version = 9999")
	r = Open(t, h.Driver())
	if c, ok, err := r.Case(t.Context(), "app:1"); err != nil || !ok || string(c.Doc) != "x" {
		t.Errorf("after refusals: %+v %v", c, err)
	}
}

type renamed struct {
	signer interface {
		KeyHash() uint32
		Sign([]byte) ([]byte, error)
	}
	name string
}

func (s renamed) Name() string                    { return s.name }
func (s renamed) KeyHash() uint32                 { return s.signer.KeyHash() }
func (s renamed) Sign(msg []byte) ([]byte, error) { return s.signer.Sign(msg) }

// direct runs a statement behind the record's back.
func direct(t testing.TB, d store.Driver, query string, args ...any) {
	t.Helper()
	db, err := d.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h := sql.OpenDB(db.Writer())
	_, err = h.Exec(query, args...)
	if err := errors.Join(err, h.Close(), db.Close()); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// testSpace: under the floor nothing is acknowledged, reads go on, and writing resumes.
func testSpace(t *testing.T, place Factory) {
	var free atomic.Uint64
	free.Store(100)
	o := Options(t, place(t).Driver())
	o.MinFree, o.FreeSpace = 100, func() (uint64, error) { return free.Load(), nil }
	r := OpenWith(t, o)
	change(t, r, "app:1", store.Change{Doc: []byte("before")})
	free.Store(99)
	if err := update(t, r, "app:1", store.Change{Doc: []byte("no")}); !errors.Is(err, store.ErrNoSpace) {
		t.Errorf("under the floor: %v", err)
	}
	if _, err := r.StageBlob(t.Context(), "app:1", strings.NewReader("x"), 10); !errors.Is(err, store.ErrNoSpace) {
		t.Errorf("blob under the floor: %v", err)
	}
	if err := r.Healthy(); !errors.Is(err, store.ErrNoSpace) {
		t.Errorf("healthy: %v", err)
	}
	if c, _, err := r.Case(t.Context(), "app:1"); err != nil || string(c.Doc) != "before" {
		t.Errorf("reading: %+v %v", c, err)
	}
	free.Store(1 << 30)
	if out := change(t, r, "app:1", store.Change{Doc: []byte("after")}); out.Revision != 2 {
		t.Errorf("resumed at revision %d", out.Revision)
	}
	if err := r.Healthy(); err != nil {
		t.Error(err)
	}
}

// testClosing: what is queued is committed, what comes later is refused, and a caller that leaves
// does not undo what it asked for.
func testClosing(t *testing.T, place Factory) {
	h := place(t)
	r := Open(t, h.Driver())
	ctx, cancel := context.WithCancel(t.Context())
	inside, release := make(chan struct{}), make(chan struct{})
	left := make(chan error, 1)
	go func() {
		_, err := r.Update(ctx, "app:1", func(store.State) (store.Change, error) {
			close(inside)
			<-release
			return store.Change{Doc: []byte("committed all the same")}, nil
		})
		left <- err
	}()
	<-inside
	cancel()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("a caller that leaves: %v", err)
	}
	close(release)
	if _, err := r.Update(ctx, "app:2", always(store.Change{Doc: []byte("x")})); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller that is gone: %v", err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"update":  update(t, r, "app:1", store.Change{Doc: []byte("late")}),
		"receipt": r.SaveReceipt(t.Context(), "iss", "jti", "r"),
		"erase":   r.Erase(t.Context(), "app:1"),
		"healthy": r.Healthy(),
		"close":   r.Close(),
	} {
		if !errors.Is(err, store.ErrClosed) {
			t.Errorf("%s after Close: %v", name, err)
		}
	}
	r = Open(t, h.Driver())
	if c, ok, err := r.Case(t.Context(), "app:1"); err != nil || !ok || string(c.Doc) != "committed all the same" {
		t.Errorf("case: %+v %v %v", c, ok, err)
	}
	if _, ok, err := r.Case(t.Context(), "app:2"); ok || err != nil {
		t.Errorf("a change of a caller that was gone before: %v %v", ok, err)
	}
}
