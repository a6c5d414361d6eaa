package federation_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/trust/federation"
)

// dice makes policies and metadata by chance, the same for the same seed. Words are few, so that
// policies meet, agree and contradict each other.
type dice struct{ *rand.Rand }

func roll(seed uint64) dice { return dice{rand.New(rand.NewPCG(seed, 7))} }

func (d dice) some() []any {
	out := []any{}
	for _, w := range []any{"a", "b", "c", json.Number("1"), map[string]any{"x": "a", "y": json.Number("2")}} {
		if d.IntN(2) == 0 {
			out = append(out, w)
		}
	}
	d.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

func (d dice) scalar() any {
	return []any{"a", "b", json.Number("1"), true, nil, map[string]any{"x": "a"}}[d.IntN(6)]
}

func (d dice) any() any {
	if d.IntN(2) == 0 {
		return d.some()
	}
	return d.scalar()
}

func (d dice) policy(t *testing.T) federation.Policy {
	for {
		raw := encoded(t, map[string]any{"p": d.operators(), "scope": map[string]any{"subset_of": []string{"a", "b"}[:d.IntN(3)]}})
		if p, err := federation.ParsePolicy(raw, "https://superior.test"); err == nil {
			return p
		}
	}
}

func (d dice) operators() map[string]any {
	out := map[string]any{}
	for name, value := range map[string]any{
		"add": d.some(), "one_of": d.some(), "subset_of": d.some(), "superset_of": d.some(), "essential": d.IntN(2) == 0,
	} {
		if d.IntN(3) == 0 {
			out[name] = value
		}
	}
	if d.IntN(4) == 0 {
		out["value"] = d.any()
	}
	if v := d.any(); d.IntN(4) == 0 && v != nil {
		out["default"] = v
	}
	return out
}

func (d dice) metadata(t *testing.T) map[string]json.RawMessage {
	out := map[string]json.RawMessage{"other": json.RawMessage(`[1, 2]`)}
	if d.IntN(4) > 0 {
		out["p"] = encoded(t, d.any())
	}
	if d.IntN(2) > 0 {
		out["scope"] = encoded(t, []string{"a", "b a", "c  a", ""}[d.IntN(4)])
	}
	return out
}

const rolls = 1000

func TestMergeIsAssociative(t *testing.T) {
	t.Parallel()
	agreed := 0
	for seed := range uint64(rolls) {
		d := roll(seed)
		a, b, c := d.policy(t), d.policy(t), d.policy(t)
		left, leftErr := mergeOf(a, b)
		if leftErr == nil {
			left, leftErr = mergeOf(left, c)
		}
		right, rightErr := mergeOf(b, c)
		if rightErr == nil {
			right, rightErr = mergeOf(a, right)
		}
		all, allErr := mergeOf(a, b, c)
		if (leftErr == nil) != (rightErr == nil) || (leftErr == nil) != (allErr == nil) {
			t.Fatalf("seed %d: (a b) c gives %v, a (b c) gives %v, a b c gives %v", seed, leftErr, rightErr, allErr)
		}
		if leftErr != nil {
			continue
		}
		agreed++
		if diff := sameJSON(t, encoded(t, left), encoded(t, right)) + sameJSON(t, encoded(t, left), encoded(t, all)); diff != "" {
			t.Fatalf("seed %d: %s", seed, diff)
		}
	}
	if agreed < rolls/100 {
		t.Errorf("only %d of %d merged: the dice are loaded", agreed, rolls)
	}
}

func mergeOf(p ...federation.Policy) (federation.Policy, error) {
	return federation.MergePolicies(p...)
}

// TestMergeDoesNotAskWhoIsSuperior: whether a merge holds, and which values it gives, does not depend
// on the order of superiors; the order within lists may.
func TestMergeDoesNotAskWhoIsSuperior(t *testing.T) {
	t.Parallel()
	for seed := range uint64(rolls) {
		d := roll(seed)
		a, b := d.policy(t), d.policy(t)
		ab, abErr := mergeOf(a, b)
		ba, baErr := mergeOf(b, a)
		if (abErr == nil) != (baErr == nil) {
			t.Fatalf("seed %d: a b gives %v, b a gives %v", seed, abErr, baErr)
		}
		if abErr != nil {
			continue
		}
		md := d.metadata(t)
		x, _, xErr := ab.Apply(md)
		y, _, yErr := ba.Apply(md)
		if (xErr == nil) != (yErr == nil) || len(x) != len(y) {
			t.Fatalf("seed %d: %v, %v", seed, xErr, yErr)
		}
	}
}

func TestApplyingAgainChangesNothing(t *testing.T) {
	t.Parallel()
	held := 0
	for seed := range uint64(rolls) {
		d := roll(seed)
		p, md := d.policy(t), d.metadata(t)
		before := fmt.Sprint(md)
		once, _, err := p.Apply(md)
		if err != nil {
			continue
		}
		held++
		twice, _, err := p.Apply(once)
		if err != nil {
			t.Fatalf("seed %d: %s under %s, again: %v", seed, encoded(t, md), encoded(t, p), err)
		}
		if diff := cmp.Diff(string(encoded(t, once)), string(encoded(t, twice))); diff != "" {
			t.Fatalf("seed %d: %s", seed, diff)
		}
		if fmt.Sprint(md) != before || string(once["other"]) != "[1, 2]" {
			t.Fatalf("seed %d: what has no policy was changed, or what was given", seed)
		}
	}
	if held < rolls/10 {
		t.Errorf("only %d of %d held: the dice are loaded", held, rolls)
	}
}

// TestAMergedPolicyLetsNothingPassThatAPartRefuses: what passes both policies together passes each
// check of each of them.
func TestAMergedPolicyLetsNothingPassThatAPartRefuses(t *testing.T) {
	t.Parallel()
	for seed := range uint64(rolls) {
		d := roll(seed)
		a, b := d.policy(t), d.policy(t)
		ab, err := mergeOf(a, b)
		if err != nil {
			continue
		}
		resolved, _, err := ab.Apply(d.metadata(t))
		if err != nil {
			continue
		}
		for _, part := range []federation.Policy{a, b} {
			again, _, err := part.Apply(resolved)
			if err != nil {
				t.Fatalf("seed %d: %s passes %s and not %s: %v", seed, encoded(t, resolved), encoded(t, ab), encoded(t, part), err)
			}
			if diff := cmp.Diff(string(encoded(t, resolved)), string(encoded(t, again))); diff != "" {
				t.Fatalf("seed %d: a part of the policy changes what the whole made: %s", seed, diff)
			}
		}
	}
}

func FuzzPolicy(f *testing.F) {
	f.Add([]byte(`{"p":{"value":null,"essential":false}}`), []byte(`{"p":{"add":["a"],"subset_of":["a",1]}}`), []byte(`{"p":["a","b"]}`))
	f.Add([]byte(`{"scope":{"default":"a b","superset_of":["a"]}}`), []byte(`{"scope":{"subset_of":"a b"}}`), []byte(`{"scope":"b a"}`))
	f.Add([]byte(`{"p":{"one_of":["a",{"x":1e400}],"regexp":"."}}`), []byte(`{"p":{"default":1.0}}`), []byte(`{"p":1}`))
	f.Fuzz(func(t *testing.T, upper, lower, metadata []byte) {
		a, err := federation.ParsePolicy(upper, "a")
		if err != nil {
			mustBePolicyError(t, err, federation.ErrInvalidPolicy)
			return
		}
		b, err := federation.ParsePolicy(lower, "b")
		if err != nil {
			return
		}
		merged, err := mergeOf(a, b)
		if err != nil {
			mustBePolicyError(t, err, federation.ErrInvalidPolicy)
			return
		}
		md := map[string]json.RawMessage{}
		if json.Unmarshal(metadata, &md) != nil {
			return
		}
		once, _, err := merged.Apply(md)
		if err != nil {
			mustBePolicyError(t, err, federation.ErrInvalidMetadata)
			return
		}
		twice, _, err := merged.Apply(once)
		if err != nil || string(encoded(t, once)) != string(encoded(t, twice)) {
			t.Errorf("applied again: %v\n%s\n%s", err, encoded(t, once), encoded(t, twice))
		}
	})
}

func FuzzMetadataPolicy(f *testing.F) {
	f.Add([]byte(`{"ehds_gateway":{"profiles":{"subset_of":["hdeu-r6"]}}}`))
	f.Add([]byte(`{"ehds_gateway":{}}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, claim []byte) {
		m, err := federation.ParseMetadataPolicy(claim, "a")
		if err != nil {
			mustBePolicyError(t, err, federation.ErrInvalidPolicy)
			return
		}
		again, err := federation.ParseMetadataPolicy(encoded(t, m), "a")
		if err != nil || string(encoded(t, m)) != string(encoded(t, again)) {
			t.Errorf("read again: %v", err)
		}
		if twice, err := federation.MergeMetadataPolicies(m, m); err != nil || len(twice) != len(m) {
			t.Errorf("a policy does not merge with itself: %v", err)
		}
	})
}

func mustBePolicyError(t *testing.T, err, kind error) {
	t.Helper()
	var p *federation.PolicyError
	if !errors.As(err, &p) || !errors.Is(err, kind) || p.Reason == "" {
		t.Errorf("error = %v", err)
	}
}
