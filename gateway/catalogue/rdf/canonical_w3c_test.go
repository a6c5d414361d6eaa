package rdf

import (
	"crypto/sha512"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCanonicalW3C(t *testing.T) {
	dir := sharedDir(t, "catalogue", "w3c", "rdf-canon")
	eachW3C(t, dir, "http://example.org/", func(t *testing.T, c w3cCase) {
		quads, err := ReadNQuads(t.Context(), open(t, dir, c.action), ReadOptions{File: c.action})
		if err != nil {
			t.Fatal(err)
		}
		var canon Canonicalizer
		switch c.hash {
		case "":
		case "SHA384":
			canon.NewHash = sha512.New384
		default:
			t.Fatalf("unknown hash %s", c.hash)
		}
		checkCanonical(t, canon, c, dir, quads)
	})
}

func checkCanonical(t *testing.T, canon Canonicalizer, c w3cCase, dir string, quads []Quad) {
	t.Helper()
	read := func() []byte {
		b, err := os.ReadFile(filepath.Join(dir, c.result))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	switch c.kind {
	case "RDFC10EvalTest":
		got, err := canon.Canonical(t.Context(), each(quads))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(read()), string(got)); diff != "" {
			t.Errorf("canonical form (-want +got):\n%s", diff)
		}
	case "RDFC10MapTest":
		got, err := canon.Labels(t.Context(), each(quads))
		if err != nil {
			t.Fatal(err)
		}
		var want map[string]string
		if err := json.Unmarshal(read(), &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("labels (-want +got):\n%s", diff)
		}
	case "RDFC10NegativeEvalTest":
		if _, err := canon.Canonical(t.Context(), each(quads)); !errors.Is(err, ErrPoison) {
			t.Errorf("error %v, want ErrPoison", err)
		}
	default:
		t.Fatalf("unknown kind of test %s", c.kind)
	}
}
