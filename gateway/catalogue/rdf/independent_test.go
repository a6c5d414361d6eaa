package rdf

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestProgramReadersBesideN3 has another parser, in another language, read
// what this one reads: the documents of the W3C suites, each with bytes
// changed, and generated datasets. Both must refuse a document or both read the
// same dataset. N3.js is that of testdata/n3/package-lock.json.
func TestProgramReadersBesideN3(t *testing.T) {
	size := os.Getenv("EHDSGW_PROGRAMS")
	if size == "" {
		t.Skip("set EHDSGW_PROGRAMS=S to compare with N3.js")
	}
	mutants := map[string]int{"S": 2, "P": 20, "N": 200}[size]
	if mutants == 0 {
		t.Fatalf("EHDSGW_PROGRAMS is %q, not S, P or N", size)
	}
	docs := append(suiteDocs(t, mutants), generatedDocs(t, 20*mutants)...)
	theirs := askN3(t, docs)
	read, refused, known := 0, 0, 0
	for i, d := range docs {
		quads, err := d.read(t)
		switch {
		case theirs[i] == nil && err != nil:
			refused++
		case (theirs[i] == nil) != (err != nil):
			if d.known(err) {
				known++
				continue
			}
			t.Errorf("%s\nours: %v\nN3.js refuses it: %v\n%s", d.Media, err, theirs[i] == nil, d.Text)
		default:
			other, err := ReadNQuads(t.Context(), strings.NewReader(*theirs[i]), ReadOptions{})
			if err != nil {
				t.Fatalf("N-Quads of N3.js: %v\n%s", err, *theirs[i])
			}
			if ours, want := canonicalOrPoison(t, quads), canonicalOrPoison(t, other); ours != want {
				if dotsAfterScheme.MatchString(d.Text) {
					known++
					continue
				}
				t.Errorf("%s\nours:\n%s\nN3.js:\n%s\n%s", d.Media, ours, want, d.Text)
			}
			read++
		}
	}
	t.Logf("N3.js: %d documents read the same, %d refused by both, %d in which it is known to differ", read, refused, known)
}

// judged is a document for both parsers.
type judged struct {
	format Format
	Media  string `json:"format"`
	Base   string `json:"base,omitempty"`
	Text   string `json:"text"`
}

func newJudged(f Format, text []byte) judged {
	d := judged{format: f, Media: f.MediaType(), Text: string(text)}
	if f == Turtle || f == TriG {
		d.Base = "http://example.org/dir/doc"
	}
	return d
}

func (d judged) read(t *testing.T) (quads []Quad, err error) {
	err = Parse(t.Context(), strings.NewReader(d.Text), d.format, ReadOptions{Base: d.Base}, func(q Quad) error {
		quads = append(quads, q)
		return nil
	})
	return quads, err
}

// known says whether one parser refuses a document for a reason that is known
// to divide them. err is ours.
func (d judged) known(err error) bool {
	var e *SyntaxError
	if !errors.As(err, &e) {
		return relativeWithColon.MatchString(d.Text) || termBeforeSign.MatchString(d.Text)
	}
	switch d.format {
	case NTriples, NQuads: // N3.js lets a statement go over several lines
		return strings.HasSuffix(e.Msg, "found the end of the line") || strings.HasPrefix(e.Msg, "expected the end of the line")
	case TriG: // a graph begin inside one that was not closed
		if strings.HasSuffix(e.Msg, "found '{'") || strings.HasSuffix(e.Msg, `found the word "GRAPH"`) {
			return true
		}
	}
	// a property list end with the statement, and a '~' pass
	return e.Msg == "expected ',', ';' or ']' after the object, found '.'" || strings.HasSuffix(e.Msg, "found '~'")
}

var (
	// N3.js takes no colon in a relative IRI, not even in its fragment,
	relativeWithColon = regexp.MustCompile(`<[^<>:/?#]*[#?/][^<>]*:[^<>]*>`)
	// asks for white space between a term and a sign, as the grammar does not,
	termBeforeSign = regexp.MustCompile(`[A-Za-z0-9][+-][.0-9]`)
	// and keeps the dots of a path after a scheme (RFC 3986 §5.2.4 A).
	dotsAfterScheme = regexp.MustCompile(`<[a-z]+:[.]+/`)
)

// suiteDocs are the documents of the W3C suites as they are and with bytes
// changed, as long as they are UTF-8: N3.js reads characters.
func suiteDocs(t *testing.T, mutants int) []judged {
	dice := throw(11)
	var docs []judged
	for _, suite := range []struct {
		folder, pattern string
		format          Format
	}{{"rdf-turtle", "*.ttl", Turtle}, {"rdf-trig", "*.trig", TriG}, {"rdf-n-triples", "*.nt", NTriples}, {"rdf-n-quads", "*.nq", NQuads}} {
		files, err := filepath.Glob(filepath.Join(sharedDir(t, "catalogue", "w3c", "rdf", "rdf11", suite.folder), suite.pattern))
		if err != nil || len(files) == 0 {
			t.Fatal(len(files), err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if len(text) == 0 || len(text) > 3000 || !utf8.Valid(text) {
				continue
			}
			docs = append(docs, newJudged(suite.format, text))
			for range mutants {
				if m := dice.mutant(text); utf8.Valid(m) {
					docs = append(docs, newJudged(suite.format, m))
				}
			}
		}
	}
	return docs
}

// mutant drops, replaces, inserts or swaps a byte.
func (d dice) mutant(text []byte) []byte {
	m, at := slices.Clone(text), d.IntN(len(text))
	c := pick(d, []byte(" .;,[](){}<>@\"'\\#:_-aZ09\n%^+e"))
	switch d.IntN(4) {
	case 0:
		return slices.Delete(m, at, at+1)
	case 1:
		m[at] = c
	case 2:
		return slices.Insert(m, at, c)
	default:
		other := d.IntN(len(m))
		m[at], m[other] = m[other], m[at]
	}
	return m
}

func generatedDocs(t *testing.T, count int) []judged {
	var docs []judged
	for seed := range uint64(count) {
		docs = append(docs, newJudged(TriG, trigOf(throw(seed).quads(true))))
		g := NewGraph()
		for _, q := range throw(seed).quads(false) {
			g.Add(q.Triple)
		}
		var text bytes.Buffer
		if err := WriteTurtle(&text, g, Prefixes()); err != nil {
			t.Fatal(err)
		}
		docs = append(docs, newJudged(Turtle, text.Bytes()))
	}
	return docs
}

// canonicalOrPoison is the canonical form, or that it would take too long.
func canonicalOrPoison(t *testing.T, quads []Quad) string {
	t.Helper()
	b, err := Canonical(t.Context(), each(quads), fuzzLimits)
	if errors.Is(err, ErrPoison) {
		return "poison"
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func askN3(t *testing.T, docs []judged) []*string {
	t.Helper()
	dir := havingN3(t)
	if dir == "" {
		t.Skip("npm n3 is not installed: it was not asked")
	}
	question, err := json.Marshal(docs)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "judge.mjs")
	cmd.Dir, cmd.Stdin, cmd.Stderr = dir, bytes.NewReader(question), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v", err)
	}
	var answers []*string
	if err := json.Unmarshal(out, &answers); err != nil || len(answers) != len(docs) {
		t.Fatalf("%d answers to %d documents: %v", len(answers), len(docs), err)
	}
	return answers
}
