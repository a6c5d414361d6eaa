package evidence_test

import (
	"errors"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/ehdsgw/ehdsgw/conformance/vectors"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
)

// TestHostileVectors checks the evidence of every vector, made by a log written apart: none proves
// its token, and the honest one does.
func TestHostileVectors(t *testing.T) {
	t.Parallel()
	_, suites, err := vectors.Load()
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, s := range suites {
		mine := func(v vectors.Vector) bool { return v.Run == "trust/evidence TestHostileVectors" }
		for name, control := range s.Controls {
			if slices.ContainsFunc(s.Vectors, func(v vectors.Vector) bool { return mine(v) && v.Control == name }) {
				if rule, err := checkEvidence(t, control); err != nil {
					t.Errorf("control %s is refused: %s: %v", name, rule, err)
				}
			}
		}
		for _, v := range s.Vectors {
			if !mine(v) {
				continue
			}
			count++
			if rule, err := checkEvidence(t, v.Attack); err == nil || rule != v.Rule {
				t.Errorf("%s: %s is refused by %q (%v), want %q", v.ID, v.Title, rule, err, v.Rule)
			}
		}
	}
	t.Logf("hostile vectors read by trust/evidence: %d", count)
	if count == 0 {
		t.Error("no vector names this test")
	}
}

func checkEvidence(t *testing.T, d vectors.Document) (rule string, err error) {
	t.Helper()
	var keys []note.Verifier
	for _, vkey := range d.Log.VKeys {
		k, err := evidence.VerifierFor(vkey)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, k)
	}
	e := evidence.ReceiptEvidence{Salt: d.Log.Salt, Leaf: d.Log.Leaf, Proof: d.Log.Proof}
	_, err = e.Check([]byte(d.Token), d.Log.Origin, keys...)
	for label, sentinel := range map[string]error{
		"leaf": evidence.ErrLeaf, "token": evidence.ErrToken, "proof": evidence.ErrProof,
		"checkpoint": evidence.ErrCheckpoint, "signature": evidence.ErrSignature,
	} {
		if errors.Is(err, sentinel) {
			return label, err
		}
	}
	return "", err
}
