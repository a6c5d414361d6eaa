package rdf

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ldCase is an entry of toRdf-manifest.jsonld.
type ldCase struct {
	ID     string   `json:"@id"`
	Type   []string `json:"@type"`
	Name   string   `json:"name"`
	Input  string   `json:"input"`
	Expect string   `json:"expect"`
	Code   string   `json:"expectErrorCode"`
	Option struct {
		Base          string `json:"base"`
		Mode          string `json:"processingMode"`
		Version       string `json:"specVersion"`
		Generalized   bool   `json:"produceGeneralizedRdf"`
		Direction     string `json:"rdfDirection"`
		ExpandContext string `json:"expandContext"`
	} `json:"option"`
}

// ldExceptions are the entries that this package does not pass, with the
// reason.
var ldExceptions = map[string]string{
	"#tc032": scopedUnchecked, "#tc033": scopedUnchecked,
	"#tc037": "json-gold does not apply the context of a term for @nest", "#tc038": "json-gold does not apply the context of a term for @nest",
	"#tec02": malformedTerm, "#ter52": malformedTerm, "#tpr28": "json-gold does not protect a term that is null",
	"#tpr38": reverseIgnored, "#tpr39": reverseIgnored,
	"#tpr43": "json-gold loses the container of a term whose context is null",
	"#ter56": "the suite's folder here lacks the input",
}

const (
	scopedUnchecked = "json-gold checks the context of a term only where the term is used, and then names the cause"
	malformedTerm   = "json-gold takes an empty definition of @type and a definition of the empty term"
	reverseIgnored  = "json-gold refuses a @reverse that looks like a keyword, where it should be passed over"
)

// beyond says why an entry asks for something that this package does not do.
func (c ldCase) beyond() string {
	switch {
	case c.Option.Version == "json-ld-1.0" || c.Option.Mode == "json-ld-1.0":
		return "JSON-LD 1.0"
	case c.Option.Generalized:
		return "generalised RDF: a blank node as predicate"
	case c.Option.Direction != "":
		return "the option rdfDirection: base directions are not kept"
	case c.Option.ExpandContext != "":
		return "the option expandContext"
	}
	return ldExceptions[c.ID]
}

func TestJSONLDW3C(t *testing.T) {
	const base = "https://w3c.github.io/json-ld-api/tests/"
	dir := sharedDir(t, "catalogue", "w3c", "tests")
	raw, err := os.ReadFile(filepath.Join(dir, "toRdf-manifest.jsonld"))
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		Sequence []ldCase `json:"sequence"`
	}
	if err := json.Unmarshal(raw, &manifest); err != nil {
		t.Fatal(err)
	}
	contexts := contextsIn(t, filepath.Join(dir, "toRdf"), base+"toRdf/")
	passed, excepted := 0, 0
	reasons := map[string]int{}
	for _, c := range manifest.Sequence {
		if reason := c.beyond(); reason != "" {
			excepted++
			reasons[reason]++
			if ldExceptions[c.ID] == "" {
				continue
			}
			t.Run("exception"+c.ID, func(t *testing.T) {
				if checkLD(t, c, dir, base, contexts) == nil {
					t.Error("passes: strike it from the exceptions")
				}
			})
			continue
		}
		if t.Run(c.ID, func(t *testing.T) {
			if err := checkLD(t, c, dir, base, contexts); err != nil {
				t.Errorf("%s: %v", c.Name, err)
			}
		}) {
			passed++
		}
	}
	t.Logf("W3C JSON-LD toRdf: %d/%d, %d exceptions: %v", passed, len(manifest.Sequence), excepted, reasons)
}

// contextsIn are the files of a folder, any of which may be named as a context.
func contextsIn(t *testing.T, dir, base string) map[string][]byte {
	t.Helper()
	contexts := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".jsonld" {
			return err
		}
		doc, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		contexts[base+filepath.ToSlash(name)] = doc
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return contexts
}

// checkLD runs an entry and says what is wrong.
func checkLD(t *testing.T, c ldCase, dir, base string, contexts map[string][]byte) error {
	t.Helper()
	doc, err := os.ReadFile(filepath.Join(dir, c.Input))
	if err != nil {
		return err
	}
	o := ReadOptions{File: c.Input, Base: base + c.Input, Contexts: contexts}
	if c.Option.Base != "" {
		o.Base = c.Option.Base
	}
	quads, err := ReadJSONLD(t.Context(), strings.NewReader(string(doc)), o)
	if c.Code != "" {
		var e *SyntaxError
		switch {
		case !errors.As(err, &e) || e.Line < 1:
			return fmt.Errorf("wanted %s, got %v", c.Code, err)
		case c.Code == "loading remote context failed" && e.Code == CodeUnknownContext:
		case !strings.Contains(e.Msg, c.Code):
			return fmt.Errorf("wanted %s, got %v", c.Code, err)
		}
		return nil
	}
	if err != nil || c.Expect == "" {
		return err
	}
	want, err := ReadNQuads(t.Context(), open(t, dir, c.Expect), ReadOptions{File: c.Expect})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(canonicalOf(t, want), canonicalOf(t, quads)); diff != "" {
		return errors.New("quads (-want +got):\n" + diff)
	}
	return nil
}

func canonicalOf(t *testing.T, quads []Quad) string {
	t.Helper()
	b, err := Canonical(t.Context(), each(quads), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
