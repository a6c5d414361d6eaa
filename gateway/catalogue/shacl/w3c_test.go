package shacl

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

const (
	nsManifest = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
	nsTest     = "http://www.w3.org/ns/shacl-test#"
)

// sharedDir returns a folder of the shared test data and skips the test when it is absent.
func sharedDir(t testing.TB, elem ...string) string {
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
	dir := filepath.Join(append([]string{root}, elem...)...)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("shared test data absent: %v", err)
	}
	return dir
}

func readFile(t testing.TB, path string) *rdf.Graph {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	g, err := rdf.Read(t.Context(), bytes.NewReader(raw), rdf.Turtle, rdf.ReadOptions{File: path, Base: "file://" + filepath.ToSlash(path)})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// TestW3C runs the core folder of the W3C data-shapes test suite: each entry's report must be the
// expected one, as a graph.
func TestW3C(t *testing.T) {
	root := sharedDir(t, "catalogue", "w3c", "data-shapes-test-suite", "tests", "core")
	passed, total := 0, 0
	visited := map[string]bool{}
	var walk func(t *testing.T, file string)
	walk = func(t *testing.T, file string) {
		if visited[file] {
			return
		}
		visited[file] = true
		g := readFile(t, file)
		for _, included := range g.Objects(rdf.Term{}, rdf.NewIRI(nsManifest+"include")) {
			walk(t, strings.TrimPrefix(included.Value, "file://"))
		}
		for _, head := range g.Objects(rdf.Term{}, rdf.NewIRI(nsManifest+"entries")) {
			for head != rdfNil {
				entry, _ := g.Object(head, rdfFirst)
				head, _ = g.Object(head, rdfRest)
				total++
				name, err := filepath.Rel(root, strings.TrimPrefix(entry.Value, "file://"))
				if err != nil {
					t.Fatal(err)
				}
				if t.Run(name, func(t *testing.T) { w3cEntry(t, g, entry) }) {
					passed++
				}
			}
		}
	}
	walk(t, filepath.Join(root, "manifest.ttl"))
	t.Logf("W3C SHACL core: %d of %d entries pass", passed, total)
	if total < 98 {
		t.Errorf("%d entries found; the suite holds 98", total)
	}
}

func w3cEntry(t *testing.T, g *rdf.Graph, entry rdf.Term) {
	action, _ := g.Object(entry, rdf.NewIRI(nsManifest+"action"))
	expected, _ := g.Object(entry, rdf.NewIRI(nsManifest+"result"))
	if !g.Has(expected, rdfType, sh("ValidationReport")) {
		t.Fatalf("the entry expects %v, not a report", expected)
	}
	file := func(property string) string {
		iri, _ := g.Object(action, rdf.NewIRI(nsTest+property))
		return strings.TrimPrefix(iri.Value, "file://")
	}
	dataFile, shapesFile := file("dataGraph"), file("shapesGraph")
	shapes, err := Compile(readFile(t, shapesFile), Options{File: shapesFile})
	if err != nil {
		t.Fatal(err)
	}
	report, err := shapes.Validate(t.Context(), readFile(t, dataFile))
	if err != nil {
		t.Fatal(err)
	}
	withMessages := g.Has(rdf.Term{}, sh("resultMessage"), rdf.Term{})
	want := canonical(t, reportTriples(g, expected, withMessages))
	produced := report.Graph()
	head := produced.Subjects(rdfType, sh("ValidationReport"))
	got := canonical(t, reportTriples(produced, head[0], withMessages))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	for _, d := range shapes.Defects() {
		t.Logf("defect: %+v", d)
	}
}

// reportTriples takes a report out of a graph: its own statements, those of its results and of their
// paths.
func reportTriples(g *rdf.Graph, report rdf.Term, withMessages bool) *rdf.Graph {
	out := rdf.NewGraph()
	var path func(n rdf.Term)
	path = func(n rdf.Term) {
		if n.Kind != rdf.Blank {
			return
		}
		for t := range g.Match(n, rdf.Term{}, rdf.Term{}) {
			if out.Add(t) {
				path(t.O)
			}
		}
	}
	for t := range g.Match(report, rdf.Term{}, rdf.Term{}) {
		out.Add(t)
		if t.P != sh("result") {
			continue
		}
		for r := range g.Match(t.O, rdf.Term{}, rdf.Term{}) {
			switch {
			case r.P == sh("detail"), r.P == sh("resultMessage") && !withMessages:
				continue
			case r.P == sh("resultPath"):
				path(r.O)
			}
			out.Add(r)
		}
	}
	return out
}

func canonical(t *testing.T, g *rdf.Graph) string {
	t.Helper()
	b, err := rdf.Canonical(t.Context(), g.Quads(), rdf.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
