package rdf

import (
	"io/fs"
	"iter"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// each yields the quads of a slice.
func each(quads []Quad) iter.Seq[Quad] { return slices.Values(quads) }

// malformed lists the samples that their authors got wrong, with the error
// that tells where.
var malformed = map[string]SyntaxError{
	"healthdcat-de/RKI_SARS-CoV-2_Infektionen_in_Deutschland.ttl":      {Line: 11, Col: 19, Code: CodeUndefinedPrefix, Msg: `the prefix "geodcatap:" is not defined`},
	"healthdcat-de/RKI_SARS-CoV-2_Sequenzdaten_aus_Deutschland.ttl":    {Line: 11, Col: 19, Code: CodeUndefinedPrefix, Msg: `the prefix "geodcatap:" is not defined`},
	"ckanext-dcat/dcat/dataset.ttl":                                    {Line: 149, Col: 17, Code: CodeUndefinedPrefix, Msg: `the prefix "healthdcatap:" is not defined`},
	"dcat-ap-3.0.1/example-bee-population-dataset-series-api.ttl":      {Line: 20, Col: 31, Code: CodeSyntax, Msg: slashMessage},
	"dcat-ap-3.0.1/example-bee-population-dataset-series-combined.ttl": {Line: 32, Col: 31, Code: CodeSyntax, Msg: slashMessage},
}

const slashMessage = `expected a predicate, found '/' (in a prefixed name it must be written '\/')`

func TestSamples(t *testing.T) {
	for name, path := range turtleFiles(t, "catalogue", "samples") {
		t.Run(name, func(t *testing.T) {
			g, err := readFile(t, name, path)
			want, bad := malformed[name]
			if !bad {
				if err != nil {
					t.Fatal(err)
				}
				roundTrip(t, g)
				return
			}
			want.File = name
			if diff := cmp.Diff(error(&want), err); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestShapes(t *testing.T) {
	for _, folder := range []string{"shacl", "w3c/data-shapes-test-suite"} {
		for name, path := range turtleFiles(t, "catalogue", folder) {
			t.Run(name, func(t *testing.T) {
				g, err := readFile(t, name, path)
				if err != nil {
					t.Fatal(err)
				}
				roundTrip(t, g)
			})
		}
	}
}

// turtleFiles yields the Turtle files of a shared folder by their slashed
// names in it.
func turtleFiles(t testing.TB, elem ...string) iter.Seq2[string, string] {
	t.Helper()
	dir := sharedDir(t, elem...)
	return func(yield func(string, string) bool) {
		seen := 0
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(path) != ".ttl" {
				return err
			}
			seen++
			name, err := filepath.Rel(dir, path)
			if err == nil && !yield(filepath.ToSlash(name), path) {
				return fs.SkipAll
			}
			return err
		})
		if err != nil || seen == 0 {
			t.Errorf("%d files in %s, %v", seen, dir, err)
		}
	}
}

// readFile reads a Turtle file under its name.
func readFile(t *testing.T, name, path string) (*Graph, error) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	base := "https://example.org/" + (&url.URL{Path: name}).EscapedPath()
	return ReadTurtle(t.Context(), f, ReadOptions{File: name, Base: base})
}
