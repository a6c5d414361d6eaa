package rdffile

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/connectors/connectortest"
)

// TestContractOfADirectory: a file a dataset, two a page.
func TestContractOfADirectory(t *testing.T) {
	t.Parallel()
	connectortest.RunCatalogue(t, connectortest.CatalogueHarness{New: func(t testing.TB) *connectortest.CatalogueSource {
		dir := filepath.Join(t.TempDir(), "source")
		write := func(name, content string) {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		return &connectortest.CatalogueSource{
			Page: 2,
			Open: func(t testing.TB) connectors.Catalogue { return driver(t, Options{Location: dir, PageFiles: 2}) },
			Put: func(_ testing.TB, all ...connectortest.Described) {
				for _, d := range all {
					write(d.Identifier+".ttl", connectortest.DatasetTurtle("https://holder.example/"+d.Identifier, d))
				}
			},
			Remove: func(t testing.TB, id string) { remove(t, filepath.Join(dir, id+".ttl")) },
			Spoil:  func(_ testing.TB, id string) { write(id+".ttl", "<https://holder.example/> a") },
			Fail: func(t testing.TB) {
				if err := os.Rename(dir, dir+"-gone"); err != nil {
					t.Fatal(err)
				}
			},
			Relative: func(testing.TB) string {
				write("sub.ttl", connectortest.DatasetTurtle("#it", connectortest.Described{Identifier: "relative"}))
				return "file:///sub.ttl#it"
			},
		}
	}})
}

// TestContractOfAURL: one document with everything.
func TestContractOfAURL(t *testing.T) {
	t.Parallel()
	connectortest.RunCatalogue(t, connectortest.CatalogueHarness{New: func(t testing.TB) *connectortest.CatalogueSource {
		var mu sync.Mutex
		failed, all := false, map[string]string{}
		locked := func(f func()) {
			mu.Lock()
			defer mu.Unlock()
			f()
		}
		wire := connectortest.NewWire(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			if failed {
				http.Error(w, "no", http.StatusServiceUnavailable)
				return
			}
			w.Header().Set("Content-Type", "text/turtle")
			_, _ = io.WriteString(w, "# datasets of a holder\n") // the client may have gone
			for _, text := range all {
				_, _ = io.WriteString(w, text)
			}
		}))
		return &connectortest.CatalogueSource{
			Wire: wire, MaxBody: 1 << 20, Secrets: []string{"hush"},
			Open: func(t testing.TB) connectors.Catalogue {
				return driver(t, Options{Location: wire.URL() + "/all.ttl?key=hush", HTTP: wire.Client(), MaxBytes: 1 << 20})
			},
			Put: func(_ testing.TB, list ...connectortest.Described) {
				locked(func() {
					for _, d := range list {
						all[d.Identifier] = connectortest.DatasetTurtle("https://holder.example/"+d.Identifier, d)
					}
				})
			},
			Remove: func(_ testing.TB, id string) { locked(func() { delete(all, id) }) },
			Fail:   func(testing.TB) { locked(func() { failed = true }) },
			Relative: func(testing.TB) string {
				locked(func() {
					all["relative"] = connectortest.DatasetTurtle("#it", connectortest.Described{Identifier: "relative"})
				})
				return wire.URL() + "/all.ttl#it"
			},
		}
	}})
}

func remove(t testing.TB, name string) {
	t.Helper()
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
}
