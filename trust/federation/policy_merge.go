package federation

import (
	"maps"
	"slices"
	"strings"
)

// combination says when two operators may stand in one parameter's policy (OpenID Federation 1.1
// §6.1.3.1). A pair without a row may not.
type combination struct {
	a, b   string
	holds  func(a, b any) bool
	reason string // why it does not
}

// combinations of the operators but essential, which goes with all.
var combinations = []combination{
	{opValue, opAdd, func(v, add any) bool { return isList(v) && contains(items(v), items(add)) }, "value lacks what add adds"},
	{opValue, opDefault, func(v, _ any) bool { return v != nil }, "value removes what default would set"},
	{opValue, opOneOf, func(v, oneOf any) bool { return contains(items(oneOf), []any{v}) }, "value is none of one_of"},
	{opValue, opSubsetOf, func(v, subset any) bool { return isList(v) && contains(items(subset), items(v)) }, "value is no subset of subset_of"},
	{opValue, opSupersetOf, func(v, superset any) bool { return isList(v) && contains(items(v), items(superset)) }, "value is no superset of superset_of"},
	{opValue, opEssential, func(v, essential any) bool { return v != nil || essential != true }, "value removes what essential requires"},
	{opAdd, opDefault, always, ""},
	{opAdd, opSubsetOf, func(add, subset any) bool { return contains(items(subset), items(add)) }, "add adds what subset_of does not allow"},
	{opAdd, opSupersetOf, always, ""},
	{opDefault, opOneOf, always, ""},
	{opDefault, opSubsetOf, always, ""},
	{opDefault, opSupersetOf, always, ""},
	{opSubsetOf, opSupersetOf, func(subset, superset any) bool { return contains(items(subset), items(superset)) }, "superset_of requires what subset_of does not allow"},
}

func always(_, _ any) bool { return true }

// checkCombinations refuses operators that may not stand together.
func checkCombinations(p ParameterPolicy) error {
	for i, a := range operators {
		for _, b := range operators[i+1:] {
			x, hasA := p[a.name]
			y, hasB := p[b.name]
			if !hasA || !hasB {
				continue
			}
			if reason := combined(a.name, x.value, b.name, y.value); reason != "" {
				return &PolicyError{Kind: ErrInvalidPolicy, Operator: b.name, By: names(append(x.By(), y.by...)), Reason: reason}
			}
		}
	}
	return nil
}

func combined(a string, x any, b string, y any) (reason string) {
	i := slices.IndexFunc(combinations, func(c combination) bool { return c.a == a && c.b == b })
	switch {
	case i < 0 && b == opEssential:
		return ""
	case i < 0:
		return "it may not stand beside " + a
	case !combinations[i].holds(x, y):
		return combinations[i].reason
	}
	return ""
}

// names lists issuers, each once.
func names(by []string) string {
	var out []string
	for _, b := range by {
		if b != "" && !slices.Contains(out, b) {
			out = append(out, b)
		}
	}
	return strings.Join(out, ", ")
}

// MergePolicies merges the policies for one entity type, most superior first (OpenID Federation 1.1
// §6.1.4.1). Without any the result is empty and lets everything pass. Errors wrap ErrInvalidPolicy.
func MergePolicies(superiorFirst ...Policy) (Policy, error) {
	out := Policy{}
	for _, p := range superiorFirst {
		for _, name := range slices.Sorted(maps.Keys(p)) {
			merged, err := mergeParameter(out[name], p[name])
			if err != nil {
				return nil, inParameter(err, name, "")
			}
			out[name] = merged
		}
	}
	return out, nil
}

// MergeMetadataPolicies is MergePolicies for whole metadata_policy claims.
func MergeMetadataPolicies(superiorFirst ...MetadataPolicy) (MetadataPolicy, error) {
	out := MetadataPolicy{}
	for _, m := range superiorFirst {
		for _, t := range slices.Sorted(maps.Keys(m)) {
			merged, err := MergePolicies(out[t], m[t])
			if err != nil {
				return nil, inType(err, t)
			}
			out[t] = merged
		}
	}
	return out, nil
}

func mergeParameter(superior, subordinate ParameterPolicy) (ParameterPolicy, error) {
	out := maps.Clone(superior)
	if out == nil {
		out = ParameterPolicy{}
	}
	for _, op := range operators {
		lower, ok := subordinate[op.name]
		if !ok {
			continue
		}
		upper, ok := superior[op.name]
		if !ok {
			out[op.name] = lower
			continue
		}
		by := append(upper.By(), lower.by...)
		value, reason := op.merge(upper.value, lower.value)
		if reason != "" {
			return nil, &PolicyError{Kind: ErrInvalidPolicy, Operator: op.name, By: names(by), Reason: reason}
		}
		out[op.name] = Operand{value: value, by: by}
	}
	return out, checkCombinations(out)
}
