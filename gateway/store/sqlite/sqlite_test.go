package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/gateway/store/sqlite"
	"github.com/ehdsgw/ehdsgw/gateway/store/storetest"
)

func harness(t testing.TB) storetest.Harness {
	dir := filepath.Join(t.TempDir(), "data")
	return storetest.Harness{
		Driver: func() store.Driver { return sqlite.New(sqlite.Options{Dir: dir}) },
		Dir:    dir,
	}
}

func TestContract(t *testing.T) { storetest.Run(t, harness) }

func BenchmarkUpdate(b *testing.B) { storetest.Bench(b, harness) }
