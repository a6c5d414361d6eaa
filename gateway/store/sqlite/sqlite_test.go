package sqlite_test

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/gateway/store/sqlite"
	"github.com/ehdsgw/ehdsgw/gateway/store/storetest"
	"github.com/google/go-cmp/cmp"
)

func harness(t testing.TB) storetest.Harness {
	return at(filepath.Join(t.TempDir(), "data"))
}

func at(dir string) storetest.Harness {
	return storetest.Harness{
		Driver:  func() store.Driver { return sqlite.New(sqlite.Options{Dir: dir}) },
		Dir:     dir,
		Restore: func(t testing.TB, backup string) { restore(t, dir, backup) },
	}
}

func restore(t testing.TB, dir, backup string) {
	t.Helper()
	data, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"record.db-wal", "record.db-shm"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "record.db"), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestContract(t *testing.T) { storetest.Run(t, harness) }

// dirEnv tells the child process of TestKilled where the record is.
const dirEnv = "EHDSGW_TEST_RECORD_DIR"

func TestKilled(t *testing.T) {
	h := harness(t)
	storetest.RunKilled(t, h, "TestKilledChild", dirEnv+"="+h.Dir)
}

func TestKilledChild(t *testing.T) {
	storetest.WriteUntilKilled(t, at(os.Getenv(dirEnv)).Driver())
}

func TestFiles(t *testing.T) {
	h := harness(t)
	r := storetest.Open(t, h.Driver())
	if err := r.MailBatch(t.Context(), "desk", []store.Mail{{Key: "k", Value: []byte("v")}}, nil); err != nil {
		t.Fatal(err)
	}
	want := map[string]fs.FileMode{
		".": 0o700, "record.db": 0o600, "record.db-wal": 0o600, "record.db-shm": 0o600, "record.lock": 0o600, "keys.ring": 0o600,
	}
	got := map[string]fs.FileMode{}
	err := fs.WalkDir(os.DirFS(h.Dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil {
			got[path] = info.Mode().Perm()
		}
		return err
	})
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("files: %v\n%s", err, diff)
	}
}

func TestLocked(t *testing.T) {
	h := harness(t)
	storetest.Open(t, h.Driver())
	_, err := h.Driver().Open(t.Context())
	if want := fmt.Sprintf("process %d", os.Getpid()); !errors.Is(err, store.ErrLocked) || !strings.Contains(err.Error(), want) {
		t.Errorf("second process: %v, want %q in it", err, want)
	}
}

// TestSettings reads back what durability and erasure rest on.
func TestSettings(t *testing.T) {
	db, err := harness(t).Driver().Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, c := range []struct {
		kind      string
		connector driver.Connector
		want      map[string]string
	}{
		{"writer", db.Writer(), map[string]string{"journal_mode": "wal", "synchronous": "2", "secure_delete": "1", "foreign_keys": "1", "query_only": "0"}},
		{"reader", db.Reader(), map[string]string{"journal_mode": "wal", "query_only": "1"}},
	} {
		h := sql.OpenDB(c.connector)
		for name, want := range c.want {
			var got string
			if err := h.QueryRow("PRAGMA " + name).Scan(&got); err != nil || got != want {
				t.Errorf("%s: %s is %q, want %q: %v", c.kind, name, got, want, err)
			}
		}
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}
}

func BenchmarkUpdate(b *testing.B) { storetest.Bench(b, harness) }
