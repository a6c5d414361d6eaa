package storetest

import (
	"errors"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/google/go-cmp/cmp"
)

// testMessages: a message is claimed once, read back whole, with a leaf that proves it.
func testMessages(t *testing.T, place Factory) {
	for _, caseID := range []string{"app:APP-1", "ds:FI:one", "unfiled"} {
		h := place(t)
		r := Open(t, h.Driver())
		in := inbound("https://ncp.a.example", 1)
		in.Problem, in.Rejected = []byte(`{"status":422}`), true
		out := receive(t, r, caseID, in)
		if out.Message == nil || out.Message.Leaf.Size != 1 || len(out.Checkpoint) == 0 {
			t.Fatalf("committed %+v", out)
		}
		for range 2 {
			got, ok, err := r.Message(t.Context(), in.Iss, in.Jti)
			if err != nil || !ok {
				t.Fatalf("message: %v %v", ok, err)
			}
			if diff := cmp.Diff(*out.Message, got); diff != "" {
				t.Errorf("%s: read back differs (-committed +read):\n%s", caseID, diff)
			}
			p, err := r.Proof(t.Context(), got.Leaf.Index, got.Leaf.Size)
			if err != nil {
				t.Fatal(err)
			}
			_, verifier := Keys(t)
			leaf := evidence.NewLeaf(got.Class, got.Leaf.Salt, []byte(got.Token)).Bytes()
			if _, err := p.Verify(leaf, Origin, verifier); err != nil {
				t.Errorf("%s: proof: %v", caseID, err)
			}
			r = Reopen(t, r, h.Driver())
		}
		_, err := r.Update(t.Context(), caseID, always(store.Change{Message: in}))
		var dup *store.DuplicateError
		if !errors.As(err, &dup) || dup.Stored.Token != in.Token || dup.Stored.Leaf.Size != 1 {
			t.Errorf("second claim: %v", err)
		}
	}
}
