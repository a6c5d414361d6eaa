package federation

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
)

// Effect is what one operator changed in an entity's metadata.
type Effect struct {
	EntityType string          `json:"entity_type,omitempty"`
	Parameter  string          `json:"parameter"`
	Operator   string          `json:"operator"`         // or "metadata", "allowed_entity_types"
	By         []string        `json:"by,omitempty"`     // issuers of the statements that say so
	Before     json.RawMessage `json:"before,omitempty"` // absent when the parameter was
	After      json.RawMessage `json:"after,omitempty"`  // absent when the parameter is now
}

// Apply gives the metadata of one entity type as the policy leaves it, and what it changed (OpenID
// Federation 1.1 §6.1.4.2). Parameters without a policy stay byte for byte. The metadata given is not
// changed. Errors wrap ErrInvalidMetadata.
func (p Policy) Apply(metadata map[string]json.RawMessage) (map[string]json.RawMessage, []Effect, error) {
	out := maps.Clone(metadata)
	if out == nil {
		out = map[string]json.RawMessage{}
	}
	var effects []Effect
	for _, name := range slices.Sorted(maps.Keys(p)) {
		raw, present := out[name]
		after, made, err := p[name].apply(name, raw, present)
		if err != nil {
			return nil, nil, inParameter(err, name, "")
		}
		effects = append(effects, made...)
		if after == nil {
			delete(out, name)
		} else {
			out[name] = after
		}
	}
	return out, effects, nil
}

// apply takes one parameter through its operators in their order; nil means absent.
func (p ParameterPolicy) apply(name string, raw json.RawMessage, present bool) (json.RawMessage, []Effect, error) {
	at := parameter{present: present}
	if present {
		v, err := decodeValue(raw)
		if err != nil {
			return nil, nil, &PolicyError{Kind: ErrInvalidMetadata, Reason: "its value is no JSON"}
		}
		if at.value = asList(name, v); v == nil {
			at.present, raw = false, nil // an operator may not output null (§6.1.3)
		}
	}
	var effects []Effect
	for _, op := range operators {
		operand, ok := p[op.name]
		if !ok {
			continue
		}
		after, reason := op.apply(at, operand.value)
		if reason != "" {
			return nil, nil, &PolicyError{Kind: ErrInvalidMetadata, Operator: op.name, By: names(operand.by), Reason: reason}
		}
		if equal(at.value, after.value) { // null is absent
			continue
		}
		next, err := encode(asWritten(name, after.value), after.present)
		if err != nil {
			return nil, nil, &PolicyError{Kind: ErrInvalidMetadata, Operator: op.name, Reason: "the result has no JSON form"}
		}
		effects = append(effects, Effect{Parameter: name, Operator: op.name, By: operand.By(), Before: raw, After: next})
		at, raw = after, next
	}
	return raw, effects, nil
}

func encode(v any, present bool) (json.RawMessage, error) {
	if !present {
		return nil, nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimRight(b.Bytes(), "\n"), err
}

// Apply is Policy.Apply for the metadata of several entity types. Only types the metadata has are
// judged: a policy gives no entity a type it does not claim.
func (m MetadataPolicy) Apply(metadata map[string]map[string]json.RawMessage) (map[string]map[string]json.RawMessage, []Effect, error) {
	out := make(map[string]map[string]json.RawMessage, len(metadata))
	var effects []Effect
	for _, t := range slices.Sorted(maps.Keys(metadata)) {
		resolved, made, err := m[t].Apply(metadata[t])
		if err != nil {
			return nil, nil, inType(err, t)
		}
		for i := range made {
			made[i].EntityType = t
		}
		out[t] = resolved
		effects = append(effects, made...)
	}
	return out, effects, nil
}
