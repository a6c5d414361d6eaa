package sqlite_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/gateway/store/sqlite"
	"github.com/ehdsgw/ehdsgw/gateway/store/storetest"
)

func harness(t testing.TB) storetest.Harness {
	dir := filepath.Join(t.TempDir(), "data")
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

func BenchmarkUpdate(b *testing.B) { storetest.Bench(b, harness) }
