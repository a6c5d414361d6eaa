package rdf

import (
	"errors"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
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
	dir := sharedDir(t, "catalogue", "samples")
	seen := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".ttl" {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		seen++
		t.Run(name, func(t *testing.T) {
			f, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			g, err := ReadTurtle(t.Context(), f, ReadOptions{File: name, Base: "https://example.org/" + strings.ReplaceAll(name, " ", "_")})
			want, bad := malformed[name]
			if !bad {
				if err != nil {
					t.Fatal(err)
				}
				roundTrip(t, g)
				return
			}
			want.File = name
			var got *SyntaxError
			if !errors.As(err, &got) {
				t.Fatalf("error %v, want %v", err, &want)
			}
			if *got != want {
				t.Errorf("got %s %+v\nwant %+v", got.Error(), *got, want)
			}
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen == 0 {
		t.Error("no samples found")
	}
}
