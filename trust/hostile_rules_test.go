package trust_test

import (
	"testing"

	"github.com/ehdsgw/ehdsgw/conformance/vectors"
	"github.com/ehdsgw/ehdsgw/trust"
)

// withoutVector are rules no vector can reach, with the reason.
var withoutVector = map[string]string{
	"key":           "a key is selected by kid, alg and use first, so that one of another kind is key-unknown; trust/jose tests the rule by itself",
	"key-ambiguous": "a key set drops every key whose kid stands twice, so that key-unknown refuses before; trust/jose tests the rule by itself",
	"not-yet":       "nbf is no claim of a message; permits have their own label, not-yet-valid",
}

// TestEveryRuleHasAVector: each rule that `token explain` names refuses at least one vector.
func TestEveryRuleHasAVector(t *testing.T) {
	t.Parallel()
	_, suites, err := vectors.Load()
	if err != nil {
		t.Fatal(err)
	}
	hit := map[string]int{}
	for _, s := range suites {
		for _, v := range s.Vectors {
			hit[v.Rule]++
		}
	}
	steps := trust.Check{}.Explain([]byte("x")).Steps
	if len(steps) < 20 {
		t.Fatalf("%d rules are explained", len(steps))
	}
	for _, step := range steps {
		switch reason := withoutVector[step.Rule]; {
		case hit[step.Rule] == 0 && reason == "":
			t.Errorf("no vector is refused by the rule %q", step.Rule)
		case hit[step.Rule] > 0 && reason != "":
			t.Errorf("the rule %q has a vector; take it out of withoutVector", step.Rule)
		}
	}
}
