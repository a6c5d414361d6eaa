package rdf

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/cataloguetest"
)

// foreign is a document for the parsers of testdata/parsers.
type foreign struct {
	name   string
	Format Format `json:"format"`
	Base   string `json:"base"`
	Text   string `json:"text"`
}

// foreignAnswer is what another parser made of it.
type foreignAnswer struct {
	Quads  *string
	Reason string
}

// besideExceptions are the documents on which the other parser and this one
// disagree, with the reason.
var besideExceptions = map[string]string{
	"rdfms-xml-literal-namespaces/test001.rdf": uncanonical,
	"rdfms-xml-literal-namespaces/test002.rdf": uncanonical,
}

const uncanonical = "rdfxml-streaming-parser leaves the namespaces out of an XML literal, which the suite wants there"

// TestProgramSamplesBesideOthers has other parsers, in another language, read
// every RDF file of the samples, the RDF/XML of the W3C suite, and generated
// catalogues in JSON-LD: N3.js, rdfxml-streaming-parser and jsonld.js, in the
// versions of testdata/parsers/package-lock.json. Both must refuse a document, or
// both read the same dataset.
func TestProgramSamplesBesideOthers(t *testing.T) {
	size := os.Getenv("EHDSGW_PROGRAMS")
	if size == "" {
		t.Skip("set EHDSGW_PROGRAMS=S to compare with npm n3, rdfxml-streaming-parser and jsonld")
	}
	generated := map[string]int{"S": 2, "P": 20, "N": 200}[size]
	if generated == 0 {
		t.Fatalf("EHDSGW_PROGRAMS is %q, not S, P or N", size)
	}
	context, err := os.ReadFile(filepath.Join(sharedDir(t, "catalogue", "samples"), "dcat-ap-3.0.1", "context.jsonld"))
	if err != nil {
		t.Fatal(err)
	}
	contexts := map[string][]byte{exampleContext: context}
	samples := foreignFiles(t, sharedDir(t, "catalogue", "samples"), "https://example.org/", Turtle, RDFXML, JSONLD)
	suite := foreignFiles(t, sharedDir(t, "catalogue", "w3c", "rdf", "rdf11", "rdf-xml"), "https://w3c.github.io/rdf-tests/rdf/rdf11/rdf-xml/", RDFXML)
	docs := append(append(samples, suite...), generatedJSONLD(t, generated)...)
	answers := askParsers(t, docs, contexts)
	var read, refused, differ int
	for i, d := range docs {
		switch besideOthers(t, d, contexts, answers[i]) {
		case "read":
			read++
		case "refused":
			refused++
		case "exception":
			differ++
		}
	}
	t.Logf("npm n3, rdfxml-streaming-parser, jsonld: %d samples, %d W3C, %d generated: %d read the same, %d refused by both, %d exceptions",
		len(samples), len(suite), len(docs)-len(samples)-len(suite), read, refused, differ)
}

// besideOthers compares what both made of a document.
func besideOthers(t *testing.T, d foreign, contexts map[string][]byte, theirs foreignAnswer) string {
	t.Helper()
	var quads []Quad
	err := Parse(t.Context(), strings.NewReader(d.Text), d.Format, ReadOptions{File: d.name, Base: d.Base, Contexts: contexts}, func(q Quad) error {
		quads = append(quads, q)
		return nil
	})
	diff := ""
	switch {
	case err != nil && theirs.Quads == nil:
		return "refused"
	case err != nil:
		diff = "refused here: " + err.Error()
	case theirs.Quads == nil:
		diff = "refused there: " + theirs.Reason
	default:
		other, err := ReadNQuads(t.Context(), strings.NewReader(*theirs.Quads), ReadOptions{})
		if err != nil {
			t.Fatalf("%s: N-Quads of the other parser: %v", d.name, err)
		}
		diff = cmp.Diff(canonicalOf(t, other), canonicalOf(t, quads))
	}
	if reason := besideExceptions[d.name]; reason != "" {
		if diff == "" {
			t.Errorf("%s: the same: strike it from the exceptions", d.name)
		}
		return "exception"
	}
	if diff != "" {
		t.Errorf("%s (-theirs +ours):\n%s", d.name, diff)
		return "differs"
	}
	return "read"
}

// foreignFiles are the files below a folder that have one of the formats.
func foreignFiles(t *testing.T, dir, base string, formats ...Format) (docs []foreign) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		format, _ := FormatOfName(path)
		if err != nil || e.IsDir() || filepath.Ext(path) == ".json" { // those of CKAN are no RDF
			return err
		}
		for _, f := range formats {
			if f != format {
				continue
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			name, err := filepath.Rel(dir, path)
			if err != nil {
				return err
			}
			name = filepath.ToSlash(name)
			docs = append(docs, foreign{name, f, base + (&url.URL{Path: name}).EscapedPath(), string(text)})
		}
		return nil
	})
	if err != nil || len(docs) == 0 {
		t.Fatalf("%s: %d documents, %v", dir, len(docs), err)
	}
	return docs
}

// generatedJSONLD are generated catalogues in both forms of JSON-LD.
func generatedJSONLD(t *testing.T, count int) (docs []foreign) {
	t.Helper()
	for seed := range count {
		page := cataloguetest.Synthetic{Datasets: 20, PerDocument: 20, Seed: uint64(seed)}.Document(0)
		g, err := ReadTurtle(t.Context(), bytes.NewReader(page), ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for name, prefixes := range map[string]map[string]string{"compact": Prefixes(), "expanded": nil} {
			var doc bytes.Buffer
			if err := WriteJSONLD(&doc, g.Quads(), prefixes); err != nil {
				t.Fatal(err)
			}
			docs = append(docs, foreign{"generated " + name, JSONLD, "https://example.org/", doc.String()})
		}
	}
	return docs
}

func askParsers(t *testing.T, docs []foreign, contexts map[string][]byte) []foreignAnswer {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "parsers"))); err != nil {
		t.Fatal(err)
	}
	install := exec.CommandContext(t.Context(), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		t.Skipf("npm n3, rdfxml-streaming-parser and jsonld could not be installed, they were not asked: %v\n%s", err, out)
	}
	texts := map[string]string{}
	for iri, doc := range contexts {
		texts[iri] = string(doc)
	}
	question, err := json.Marshal(map[string]any{"documents": docs, "contexts": texts})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "judge.mjs")
	cmd.Dir, cmd.Stdin, cmd.Stderr = dir, bytes.NewReader(question), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v", err)
	}
	var answers []foreignAnswer
	if err := json.Unmarshal(out, &answers); err != nil || len(answers) != len(docs) {
		t.Fatalf("%d answers to %d documents: %v", len(answers), len(docs), err)
	}
	return answers
}
