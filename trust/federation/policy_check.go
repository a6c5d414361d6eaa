package federation

import (
	"encoding/json"
	"maps"
	"slices"
)

// CheckPolicy refuses a statement nobody could stand under, before a superior makes it: a policy or
// constraints that are malformed, that do not merge with the metadata_policy claims of those above
// (most superior first), or that the metadata stated beside them does not pass. Errors are those by
// which VerifyChain would refuse every chain with the statement in it.
func CheckPolicy(c Claims, above ...json.RawMessage) error {
	switch {
	case c.Crit != nil:
		return ErrCrit
	case c.PolicyCrit != nil:
		return ErrPolicyCrit
	}
	if err := c.Constraints.check(); err != nil {
		return err
	}
	chain := []*Statement{{}, {Claims: c}} // what mergedPolicy reads: leaf, statements, anchor
	for _, claim := range slices.Backward(above) {
		chain = append(chain, &Statement{Claims: Claims{Iss: "a superior", MetadataPolicy: claim}})
	}
	policy, err := mergedPolicy(append(chain, &Statement{}))
	if err != nil {
		return err
	}
	stated := metadataByType{}
	for t, raw := range c.Metadata {
		if stated[t], err = members(raw); err != nil {
			return &PolicyError{Kind: ErrInvalidMetadata, EntityType: t, Operator: operatorMetadata, By: c.Iss, Reason: "it is no JSON object"}
		}
	}
	_, _, err = policy.within(stated).Apply(stated)
	return err
}

// within is the policy for the parameters that are stated: what is not may come from the entity.
func (m MetadataPolicy) within(stated metadataByType) MetadataPolicy {
	out := make(MetadataPolicy, len(m))
	for t, p := range m {
		kept := maps.Clone(p)
		maps.DeleteFunc(kept, func(name string, _ ParameterPolicy) bool {
			_, ok := stated[t][name]
			return !ok
		})
		out[t] = kept
	}
	return out
}
