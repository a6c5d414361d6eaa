package federation_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/trust/federation"
)

// vector is one case of the OpenID Federation metadata policy vectors: the policies of a trust anchor
// and an intermediate for one entity type, the metadata of a leaf, and what comes of them.
type vector struct {
	N        int                        `json:"n"`
	TA       json.RawMessage            `json:"TA"`
	INT      json.RawMessage            `json:"INT"`
	Merged   json.RawMessage            `json:"merged"`
	Metadata map[string]json.RawMessage `json:"metadata"`
	Resolved json.RawMessage            `json:"resolved"`
	Error    string                     `json:"error"`
}

// sharedVectors reads the published vectors in place; they are not part of this repository.
func sharedVectors(t *testing.T) []vector {
	t.Helper()
	root := os.Getenv("EHDSGW_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "data")
	}
	name := filepath.Join(root, "oidfed", "metadata-policy.json")
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Skipf("no metadata policy vectors: %v; set EHDSGW_SHARED to the folder that holds oidfed/", err)
	}
	var out []vector
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if len(out) < 1000 {
		t.Fatalf("%s has %d vectors, 1000 or more are wanted", name, len(out))
	}
	return out
}

func TestMetadataPolicyVectors(t *testing.T) {
	t.Parallel()
	vectors := sharedVectors(t)
	passed := 0
	for _, v := range vectors {
		if diff := judge(t, v); diff != "" {
			t.Errorf("vector %d: %s", v.N, diff)
			continue
		}
		passed++
	}
	t.Logf("metadata policy vectors: %d/%d passed", passed, len(vectors))
}

// judge runs one vector; lists are compared in order, although the standard leaves the order open.
func judge(t *testing.T, v vector) (diff string) {
	t.Helper()
	merged, err := merge(v)
	if v.Error == "invalid_policy" {
		return wantError(err, federation.ErrInvalidPolicy)
	}
	if err != nil {
		return err.Error()
	}
	if diff := sameJSON(t, v.Merged, encoded(t, merged)); diff != "" {
		return "merged: " + diff
	}
	resolved, _, err := merged.Apply(v.Metadata)
	if v.Error != "" {
		return wantError(err, federation.ErrInvalidMetadata)
	}
	if err != nil {
		return err.Error()
	}
	return sameJSON(t, v.Resolved, encoded(t, resolved))
}

func merge(v vector) (federation.Policy, error) {
	anchor, err := federation.ParsePolicy(v.TA, "anchor")
	if err != nil {
		return nil, err
	}
	intermediate, err := federation.ParsePolicy(v.INT, "intermediate")
	if err != nil {
		return nil, err
	}
	return federation.MergePolicies(anchor, intermediate)
}

func wantError(err, want error) string {
	var p *federation.PolicyError
	if !errors.Is(err, want) || !errors.Is(err, federation.ErrChain) || !errors.As(err, &p) || p.Parameter == "" || p.Operator == "" || p.Reason == "" {
		return "error is " + errText(err) + ", want one of " + want.Error() + " with parameter and operator"
	}
	return ""
}

func errText(err error) string {
	if err == nil {
		return "nil"
	}
	return err.Error()
}

func encoded(t *testing.T, v any) []byte {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func sameJSON(t *testing.T, want, got []byte) string {
	t.Helper()
	var w, g any
	for _, p := range []struct {
		raw  []byte
		into *any
	}{{want, &w}, {got, &g}} {
		if err := json.Unmarshal(p.raw, p.into); err != nil {
			t.Fatalf("%s: %v", p.raw, err)
		}
	}
	return cmp.Diff(w, g)
}
