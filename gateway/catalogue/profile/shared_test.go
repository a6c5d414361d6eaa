package profile

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// shared finds the directory of public test data, or skips.
func shared(t *testing.T, elem ...string) string {
	t.Helper()
	root := os.Getenv("EHDSGW_SHARED")
	if root == "" {
		dir, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		for dir != filepath.Dir(dir) {
			if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
				root = filepath.Join(dir, "..", "shared", "data")
				break
			}
			dir = filepath.Dir(dir)
		}
	}
	path := filepath.Join(append([]string{root, "catalogue"}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("public test data not present: %v", err)
	}
	return path
}

func readShared(t *testing.T, elem ...string) (*rdf.Graph, error) {
	t.Helper()
	f, err := os.Open(shared(t, elem...))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return rdf.ReadTurtle(t.Context(), f, rdf.ReadOptions{File: elem[len(elem)-1], Base: "https://base.example.org/"})
}

func mustShared(t *testing.T, elem ...string) *rdf.Graph {
	t.Helper()
	g, err := readShared(t, elem...)
	if err != nil {
		t.Fatal(err)
	}
	return g
}
