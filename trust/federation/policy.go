package federation

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// MetadataPolicy is the metadata_policy claim of a statement, or several merged: a policy for each
// entity type (OpenID Federation 1.1 §6.1.2).
type MetadataPolicy map[string]Policy

// Policy is the metadata policy for one entity type: the operators for each metadata parameter. It
// holds only operators that are understood and may stand together.
type Policy map[string]ParameterPolicy

// ParameterPolicy is the operators for one metadata parameter, by name.
type ParameterPolicy map[string]Operand

// Operand is what an operator is configured with. The zero value is of no use; ParsePolicy makes them.
type Operand struct {
	value any
	by    []string
}

// By is who set the operator: the issuers of the statements it was merged from, most superior first.
func (o Operand) By() []string { return slices.Clone(o.by) }

// MarshalJSON writes the operator's value.
func (o Operand) MarshalJSON() ([]byte, error) { return json.Marshal(o.value) }

// ParseMetadataPolicy reads a metadata_policy claim made by an issuer. An operator beyond the seven of
// the standard is left out, as §6.1.3.2 asks; it is the caller's to refuse metadata_policy_crit before.
// Errors wrap ErrInvalidPolicy.
func ParseMetadataPolicy(claim []byte, by string) (MetadataPolicy, error) {
	types, err := members(claim)
	if err != nil {
		return nil, &PolicyError{Kind: ErrInvalidPolicy, By: by, Reason: "it is no JSON object of entity types"}
	}
	out := make(MetadataPolicy, len(types))
	for _, t := range slices.Sorted(maps.Keys(types)) {
		p, err := parsePolicy(types[t], by)
		if err != nil {
			return nil, inType(err, t)
		}
		out[t] = p
	}
	return out, nil
}

// ParsePolicy is ParseMetadataPolicy for the policy of a single entity type.
func ParsePolicy(policy []byte, by string) (Policy, error) { return parsePolicy(policy, by) }

func parsePolicy(raw []byte, by string) (Policy, error) {
	parameters, err := members(raw)
	if err != nil {
		return nil, &PolicyError{Kind: ErrInvalidPolicy, By: by, Reason: "the policy of an entity type is no JSON object"}
	}
	out := make(Policy, len(parameters))
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		p, err := parseParameter(name, parameters[name], by)
		if err != nil {
			return nil, inParameter(err, name, by)
		}
		out[name] = p
	}
	return out, nil
}

func parseParameter(parameter string, raw []byte, by string) (ParameterPolicy, error) {
	given, err := members(raw)
	if err != nil {
		return nil, &PolicyError{Kind: ErrInvalidPolicy, Reason: "the policy of a parameter is no JSON object"}
	}
	out := ParameterPolicy{}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		op, known := operatorNamed(name)
		if !known {
			if variant, ok := caseVariant(name); ok {
				return nil, &PolicyError{Kind: ErrInvalidPolicy, Operator: variant, Reason: "an operator differs from this one only in case"}
			}
			continue
		}
		value, err := decodeValue(given[name])
		if err != nil {
			return nil, &PolicyError{Kind: ErrInvalidPolicy, Operator: name, Reason: "its value is no JSON"}
		}
		value = asList(parameter, value)
		if !op.takes(value) || parameter == scopeParameter && name == opOneOf {
			return nil, &PolicyError{Kind: ErrInvalidPolicy, Operator: name, Reason: "it does not take a value of this type"}
		}
		out[name] = Operand{value: value, by: []string{by}}
	}
	return out, checkCombinations(out)
}

// caseVariant names the standard operator that a name differs from only in case. Unknown operators are
// ignored; one that was meant to bind must not slip through as one of them.
func caseVariant(name string) (string, bool) {
	i := slices.IndexFunc(operators, func(o operator) bool { return strings.EqualFold(o.name, name) })
	if i < 0 {
		return "", false
	}
	return operators[i].name, true
}

// members reads one JSON object without duplicate members.
func members(raw []byte) (map[string]json.RawMessage, error) {
	if err := jose.CheckJSON(raw, jose.DefaultMaxDepth); err != nil {
		return nil, err
	}
	out := map[string]json.RawMessage{}
	if err := json.Unmarshal(raw, &out); err != nil {
		return nil, err
	}
	return out, nil
}

// PolicyError says which operator refused, for which entity type and parameter, and by whose word.
type PolicyError struct {
	Kind       error  // ErrInvalidPolicy or ErrInvalidMetadata
	EntityType string // empty when the policy was given for a single type
	Parameter  string // of the metadata; empty when the policy as a whole is malformed
	Operator   string // empty when no single operator is at fault
	By         string // whose policy; several are separated by commas
	Reason     string // constant text, never a value
}

// Error names the place and the reason.
func (e *PolicyError) Error() string {
	var b strings.Builder
	b.WriteString(e.Kind.Error())
	for _, part := range []string{e.EntityType, e.Parameter, e.Operator} {
		if part != "" {
			fmt.Fprintf(&b, ": %s", short(part))
		}
	}
	fmt.Fprintf(&b, ": %s", e.Reason)
	if e.By != "" {
		fmt.Fprintf(&b, " (policy of %s)", short(e.By))
	}
	return b.String()
}

// Unwrap gives the kind.
func (e *PolicyError) Unwrap() error { return e.Kind }

// short bounds a name others chose, for logs.
func short(name string) string {
	const most = 120
	if len(name) > most {
		return name[:most] + "…"
	}
	return name
}

// inType and inParameter complete an error on its way up.
func inType(err error, entityType string) error {
	if e, ok := err.(*PolicyError); ok && e.EntityType == "" {
		e.EntityType = entityType
	}
	return err
}

func inParameter(err error, parameter, by string) error {
	if e, ok := err.(*PolicyError); ok {
		if e.Parameter == "" {
			e.Parameter = parameter
		}
		if e.By == "" {
			e.By = by
		}
	}
	return err
}
