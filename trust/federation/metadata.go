package federation

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// metadataByType is metadata by entity type and parameter.
type metadataByType = map[string]map[string]json.RawMessage

// resolveMetadata gives a leaf's metadata as its chain leaves it (OpenID Federation 1.1 §3.1.1, §6.1.4,
// §6.2.3), in the standard's order: what the immediate superior states, the entity types every superior
// allows, the merged policy. The chain's signatures were checked before.
func resolveMetadata(chain []*Statement) (md metadataByType, policy MetadataPolicy, effects []Effect, err error) {
	if md, err = readMetadata(chain[0]); err != nil {
		return nil, nil, nil, err
	}
	if effects, err = override(md, chain[1]); err != nil {
		return nil, nil, nil, err
	}
	effects = append(effects, dropTypes(md, chain)...)
	if policy, err = mergedPolicy(chain); err != nil {
		return nil, nil, nil, err
	}
	md, made, err := policy.Apply(md)
	return md, policy, append(effects, made...), err
}

// readMetadata takes apart what an entity says of itself. A parameter that is null is absent: earlier
// releases of this program wrote lists that were empty so.
func readMetadata(s *Statement) (metadataByType, error) {
	out := make(metadataByType, len(s.Metadata))
	for t, raw := range s.Metadata {
		parameters, err := members(raw)
		if err != nil {
			return nil, fmt.Errorf("%w: metadata %s of %s: %w", ErrStatement, short(t), s.Sub, err)
		}
		maps.DeleteFunc(parameters, func(_ string, v json.RawMessage) bool { return string(v) == "null" })
		out[t] = parameters
	}
	return out, nil
}

// override lays what the immediate superior states over the leaf's metadata, for the types the leaf has
// (§3.1.1). A superior that states null states nothing that could be laid over.
func override(md metadataByType, about *Statement) ([]Effect, error) {
	var effects []Effect
	for _, t := range slices.Sorted(maps.Keys(about.Metadata)) {
		stated, err := members(about.Metadata[t])
		if err != nil {
			return nil, fmt.Errorf("%w: metadata %s that %s states: %w", ErrStatement, short(t), about.Iss, err)
		}
		own, claimed := md[t]
		for _, name := range slices.Sorted(maps.Keys(stated)) {
			value := stated[name]
			if string(value) == "null" {
				return nil, &PolicyError{Kind: ErrInvalidMetadata, EntityType: t, Parameter: name, Operator: operatorMetadata, By: about.Iss, Reason: "the superior states null"}
			}
			before, had := own[name]
			if !claimed || had && sameValue(before, value) {
				continue
			}
			own[name] = value
			effects = append(effects, Effect{EntityType: t, Parameter: name, Operator: operatorMetadata, By: []string{about.Iss}, Before: before, After: value})
		}
	}
	return effects, nil
}

// Operator names of effects that are no policy's.
const (
	operatorMetadata = "metadata"
	operatorTypes    = "allowed_entity_types"
)

func sameValue(a, b json.RawMessage) bool {
	x, errX := decodeValue(a)
	y, errY := decodeValue(b)
	return errX == nil && errY == nil && equal(x, y)
}

// dropTypes takes away the entity types that a superior does not allow (§6.2.3). What is left has no
// keys for what was taken.
func dropTypes(md metadataByType, chain []*Statement) []Effect {
	var effects []Effect
	for _, s := range slices.Backward(chain[1 : len(chain)-1]) {
		if s.Constraints == nil || s.Constraints.AllowedEntityTypes == nil {
			continue
		}
		for _, t := range slices.Sorted(maps.Keys(md)) {
			if t != TypeFederationEntity && !slices.Contains(s.Constraints.AllowedEntityTypes, t) {
				delete(md, t)
				effects = append(effects, Effect{EntityType: t, Operator: operatorTypes, By: []string{s.Iss}})
			}
		}
	}
	return effects
}

// mergedPolicy is the policy of a chain, most superior first (§6.1.4.1). A policy for a type the leaf
// does not have must hold all the same.
func mergedPolicy(chain []*Statement) (MetadataPolicy, error) {
	merged := MetadataPolicy{}
	for _, s := range slices.Backward(chain[1 : len(chain)-1]) {
		if len(s.MetadataPolicy) == 0 {
			continue
		}
		p, err := ParseMetadataPolicy(s.MetadataPolicy, s.Iss)
		if err != nil {
			return nil, err
		}
		if merged, err = MergeMetadataPolicies(merged, p); err != nil {
			return nil, err
		}
	}
	return merged, nil
}

// written puts metadata together again.
func written(md metadataByType) (map[string]json.RawMessage, error) {
	out := make(map[string]json.RawMessage, len(md))
	for t, parameters := range md {
		raw, err := json.Marshal(parameters)
		if err != nil {
			return nil, fmt.Errorf("%w: metadata %s: %w", ErrStatement, short(t), err)
		}
		out[t] = raw
	}
	return out, nil
}
