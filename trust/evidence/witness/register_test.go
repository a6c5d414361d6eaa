package witness_test

import (
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/evidence/witness"
)

// TestAddedWhileItServes: of many who add a log to a serving witness one does, and what is cosigned
// meanwhile is not forgotten.
func TestAddedWhileItServes(t *testing.T) {
	t.Parallel()
	l := newLog(t, origin)
	d := newDesk(t)
	l.grow(t, "a", 4)
	if _, _, err := d.w.AddCheckpoint(l.request(t, 0, 1)); !errors.Is(err, witness.ErrUnknownLog) {
		t.Fatal(err)
	}
	beside, err := witness.OpenRegister(d.dir)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	added := 0
	for range 16 {
		wg.Go(func() {
			switch err := beside.Add(origin, []string{l.vkey}); {
			case err == nil:
				mu.Lock()
				added++
				mu.Unlock()
			case !errors.Is(err, witness.ErrKnown):
				t.Error(err)
			}
			// From the moment it is known it is cosigned; then every further Add must leave that alone.
			if _, _, err := d.w.AddCheckpoint(l.request(t, 0, 4)); err != nil && !errors.Is(err, witness.ErrConflict) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	log, known, err := beside.Get(origin)
	if added != 1 || err != nil || !known || log.Size != 4 {
		t.Errorf("added %d times; %+v, %v, %v", added, log, known, err)
	}
	if left, _ := filepath.Glob(filepath.Join(d.dir, ".add-*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	if err := beside.Add("witness.test", []string{d.cosigner.VKey()}); !errors.Is(err, evidence.ErrVKey) {
		t.Errorf("a cosigning key as a log's: %v", err)
	}
}

func TestOpenRegister(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := witness.OpenRegister(file); !errors.Is(err, witness.ErrDamaged) {
		t.Errorf("a file: %v", err)
	}
	if _, err := witness.OpenRegister(filepath.Join(dir, "absent")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("nothing: %v", err)
	}
	r, err := witness.OpenRegister(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if err := r.Add(origin, []string{newLog(t, origin).vkey}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the folder is gone: %v", err)
	}
}

// TestManyAtOnce: those who send slowly take the places there are; one more is told to come again, and
// is answered once a place is free.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	const places = 64
	d := newDesk(t)
	h := witness.Handler(d.w, slog.New(slog.DiscardHandler))
	ask := func(body io.Reader) *httptest.ResponseRecorder {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest(http.MethodPost, "/add-checkpoint", body))
		return rec
	}
	var wg sync.WaitGroup
	var ends []*io.PipeWriter
	for range places {
		r, w := io.Pipe()
		ends = append(ends, w)
		wg.Go(func() { ask(r) })
		if _, err := w.Write([]byte("old 0\n")); err != nil { // returns once it is read
			t.Fatal(err)
		}
	}
	if rec := ask(http.NoBody); rec.Code != http.StatusServiceUnavailable || rec.Header().Get("Retry-After") == "" {
		t.Errorf("one more: %d", rec.Code)
	}
	for _, w := range ends {
		_ = w.Close() // never fails
	}
	wg.Wait()
	if rec := ask(http.NoBody); rec.Code != http.StatusBadRequest {
		t.Errorf("afterwards: %d", rec.Code)
	}
}
