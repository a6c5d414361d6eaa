package rdf

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

const (
	nsManifest = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
	nsTest     = "http://www.w3.org/ns/rdftest#"
	nsCanon    = "https://w3c.github.io/rdf-canon/tests/vocab#"
)

// sharedDir returns a folder of the shared test data and skips the test when
// it is absent.
func sharedDir(t testing.TB, elem ...string) string {
	t.Helper()
	root := os.Getenv("EHDSGW_SHARED")
	if root == "" {
		dir, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		for {
			if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
				break
			}
			if filepath.Dir(dir) == dir {
				t.Skip("no go.mod above the test")
			}
			dir = filepath.Dir(dir)
		}
		root = filepath.Join(dir, "..", "shared", "data")
	}
	dir := filepath.Join(append([]string{root}, elem...)...)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("shared test data absent: %s", dir)
	}
	return dir
}

// w3cCase is an entry of a manifest.
type w3cCase struct {
	kind, name, action, result, hash string
}

// readManifest lists the entries of the manifest in dir, whose IRIs are
// relative to base.
func readManifest(t *testing.T, dir, base string) []w3cCase {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "manifest.ttl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	g, err := ReadTurtle(t.Context(), f, ReadOptions{File: "manifest.ttl", Base: base + "manifest.ttl"})
	if err != nil {
		t.Fatal(err)
	}
	lists := g.Subjects(termType, NewIRI(nsManifest+"Manifest"))
	if len(lists) != 1 {
		t.Fatalf("%d manifests in the file", len(lists))
	}
	var cases []w3cCase
	cell, ok := g.Object(lists[0], NewIRI(nsManifest+"entries"))
	for ; ok && cell != termNil; cell, ok = g.Object(cell, termRest) {
		entry, _ := g.Object(cell, termFirst)
		text := func(ns, name string) string {
			o, _ := g.Object(entry, NewIRI(ns+name))
			return strings.TrimPrefix(o.Value, base)
		}
		_, kind, _ := strings.Cut(text(NSRDF, "type"), "#")
		cases = append(cases, w3cCase{
			kind: kind, name: strings.TrimPrefix(entry.Value, base), action: text(nsManifest, "action"),
			result: text(nsManifest, "result"), hash: text(nsCanon, "hashAlgorithm"),
		})
	}
	if !ok || len(cases) == 0 {
		t.Fatalf("manifest entries end early after %d", len(cases))
	}
	return cases
}

// eachW3C runs a subtest for each entry of the manifest in dir and prints how
// many passed.
func eachW3C(t *testing.T, dir, base string, test func(*testing.T, w3cCase)) {
	t.Helper()
	cases := readManifest(t, dir, base)
	passed := 0
	for _, c := range cases {
		if t.Run(c.name, func(t *testing.T) { test(t, c) }) {
			passed++
		}
	}
	t.Logf("W3C %s: %d/%d", filepath.Base(dir), passed, len(cases))
}

func open(t *testing.T, elem ...string) *os.File {
	t.Helper()
	f, err := os.Open(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func canonicalGraph(t testing.TB, g *Graph) string {
	t.Helper()
	b, err := Canonical(t.Context(), g.Quads(), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// checkSyntax reports whether a reader took or refused a document as it
// should.
func checkSyntax(t *testing.T, err error, positive bool) {
	t.Helper()
	var syntax *SyntaxError
	switch {
	case positive && err != nil:
		t.Errorf("refused: %v", err)
	case !positive && err == nil:
		t.Error("accepted")
	case !positive && !errors.As(err, &syntax):
		t.Errorf("refused with another error: %v", err)
	case !positive && (syntax.Line < 1 || syntax.Col < 1):
		t.Errorf("refused without a place: %v", err)
	}
}

func TestTurtleW3C(t *testing.T) {
	const base = "https://w3c.github.io/rdf-tests/rdf/rdf11/rdf-turtle/"
	dir := sharedDir(t, "catalogue", "w3c", "rdf", "rdf11", "rdf-turtle")
	eachW3C(t, dir, base, func(t *testing.T, c w3cCase) {
		o := ReadOptions{File: c.action, Base: base + c.action}
		g, err := ReadTurtle(t.Context(), open(t, dir, c.action), o)
		slow, slowErr := ReadTurtle(t.Context(), iotest.OneByteReader(open(t, dir, c.action)), o)
		if diff := cmp.Diff(err, slowErr); diff != "" {
			t.Errorf("error when read byte by byte (-at once +slow):\n%s", diff)
		}
		if err == nil && slowErr == nil {
			if diff := cmp.Diff(slices.Collect(g.All()), slices.Collect(slow.All())); diff != "" {
				t.Errorf("triples when read byte by byte (-at once +slow):\n%s", diff)
			}
		}
		switch c.kind {
		case "TestTurtlePositiveSyntax":
			checkSyntax(t, err, true)
		case "TestTurtleNegativeSyntax", "TestTurtleNegativeEval":
			checkSyntax(t, err, false)
		case "TestTurtleEval":
			if err != nil {
				t.Fatal(err)
			}
			want, err := ReadNTriples(t.Context(), open(t, dir, c.result), ReadOptions{File: c.result})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(canonicalGraph(t, want), canonicalGraph(t, g)); diff != "" {
				t.Errorf("graph (-want +got):\n%s", diff)
			}
		default:
			t.Fatalf("unknown kind of test %s", c.kind)
		}
		if err == nil {
			roundTrip(t, g)
		}
	})
}

// roundTrip writes a graph in each format and reads it again.
func roundTrip(t *testing.T, g *Graph) {
	t.Helper()
	want := canonicalGraph(t, g)
	var nt, ttl, again bytes.Buffer
	if err := WriteNTriples(&nt, g.All()); err != nil {
		t.Fatal(err)
	}
	if err := WriteTurtle(&ttl, g, Prefixes()); err != nil {
		t.Fatal(err)
	}
	h, err := ReadNTriples(t.Context(), bytes.NewReader(nt.Bytes()), ReadOptions{})
	if err != nil {
		t.Fatalf("own N-Triples refused: %v\n%s", err, nt.Bytes())
	}
	if diff := cmp.Diff(want, canonicalGraph(t, h)); diff != "" {
		t.Errorf("after N-Triples (-want +got):\n%s", diff)
	}
	h, err = ReadTurtle(t.Context(), bytes.NewReader(ttl.Bytes()), ReadOptions{})
	if err != nil {
		t.Fatalf("own Turtle refused: %v\n%s", err, ttl.Bytes())
	}
	if diff := cmp.Diff(want, canonicalGraph(t, h)); diff != "" {
		t.Errorf("after Turtle (-want +got):\n%s\n%s", diff, ttl.Bytes())
	}
	if err := WriteTurtle(&again, g, Prefixes()); err != nil {
		t.Fatal(err)
	}
	if again.String() != ttl.String() {
		t.Error("WriteTurtle gives two texts for one graph")
	}
}

func TestNTriplesW3C(t *testing.T) {
	dir := sharedDir(t, "catalogue", "w3c", "rdf", "rdf11", "rdf-n-triples")
	eachW3C(t, dir, "http://example.org/", func(t *testing.T, c w3cCase) {
		g, err := ReadNTriples(t.Context(), open(t, dir, c.action), ReadOptions{File: c.action})
		switch c.kind {
		case "TestNTriplesPositiveSyntax":
			checkSyntax(t, err, true)
			roundTrip(t, g)
		case "TestNTriplesNegativeSyntax":
			checkSyntax(t, err, false)
		default:
			t.Fatalf("unknown kind of test %s", c.kind)
		}
	})
}

func TestNQuadsW3C(t *testing.T) {
	dir := sharedDir(t, "catalogue", "w3c", "rdf", "rdf11", "rdf-n-quads")
	eachW3C(t, dir, "http://example.org/", func(t *testing.T, c w3cCase) {
		_, err := ReadNQuads(t.Context(), open(t, dir, c.action), ReadOptions{File: c.action})
		switch c.kind {
		case "TestNQuadsPositiveSyntax":
			checkSyntax(t, err, true)
		case "TestNQuadsNegativeSyntax":
			checkSyntax(t, err, false)
		default:
			t.Fatalf("unknown kind of test %s", c.kind)
		}
	})
}
