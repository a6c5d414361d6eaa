package witness_test

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"

	"github.com/ehdsgw/ehdsgw/trust/evidence/witness"
)

// TestFolderInTheWay: what stands where a log's file should be stops that log; it is not begun anew.
func TestFolderInTheWay(t *testing.T) {
	t.Parallel()
	l := newLog(t, origin)
	d := newDesk(t, l)
	l.grow(t, "a", 2)
	if _, _, err := d.w.AddCheckpoint(l.request(t, 0, 1)); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(d.dir, "*.json"))
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	// The place of the next state is taken: nothing is cosigned, and the old state stays.
	if err := os.Mkdir(files[0]+".new", 0o700); err != nil {
		t.Fatal(err)
	}
	if line, _, err := d.w.AddCheckpoint(l.request(t, 1, 2)); err == nil || line != "" {
		t.Errorf("cosigned %q without a place for the state", line)
	}
	if log, known, err := d.ledger.Get(origin); err != nil || !known || log.Size != 1 {
		t.Errorf("%+v, %v, %v", log, known, err)
	}
	if err := errors.Join(os.Remove(files[0]+".new"), os.Remove(files[0]), os.Mkdir(files[0], 0o700)); err != nil {
		t.Fatal(err)
	}
	if line, _, err := d.w.AddCheckpoint(l.request(t, 0, 2)); err == nil || line != "" {
		t.Errorf("cosigned %q with a folder for a state", line)
	}
	if _, err := d.ledger.All(); err == nil {
		t.Error("a folder is listed as a log")
	}
	if err := d.ledger.Put(witness.Log{Origin: origin}); err == nil {
		t.Error("a state was written over a folder")
	}
	if _, err := witness.OpenLedger(files[0] + "/.lock/below"); err != nil {
		t.Errorf("a new folder below: %v", err)
	}
	file := filepath.Join(d.dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := witness.OpenLedger(file); err == nil {
		t.Error("a file is a folder")
	}
}

func TestRequestThatEndsEarly(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	rec := httptest.NewRecorder()
	body := iotest.ErrReader(io.ErrUnexpectedEOF)
	witness.Handler(d.w, slog.New(slog.DiscardHandler)).ServeHTTP(rec, httptest.NewRequest(http.MethodPost, "/add-checkpoint", body))
	if rec.Code != http.StatusBadRequest {
		t.Errorf("status %d", rec.Code)
	}
}

func TestLockInTheWay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, ".lock"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := witness.OpenLedger(dir); err == nil {
		t.Error("opened without a lock")
	}
}
