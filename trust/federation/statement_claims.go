package federation

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Claims that stand in one kind of statement only (OpenID Federation 1.1 §3.1.2, §3.1.3).
var (
	configurationOnly = []string{"authority_hints", "trust_anchor_hints", "trust_marks", "trust_mark_issuers", "trust_mark_owners"}
	subordinateOnly   = []string{"constraints", "metadata_policy", "metadata_policy_crit", "source_endpoint"}
	bothKinds         = []string{"iss", "sub", "iat", "exp", "jwks", "metadata", "crit"}
)

// checkClaims refuses what a statement demands and nobody here understands, and what would be read by
// one program and overlooked by another: null claims, and claims of the other kind of statement.
func (s *Statement) checkClaims() error {
	var claims map[string]json.RawMessage
	if err := json.Unmarshal(s.parsed.Payload, &claims); err != nil {
		return fmt.Errorf("%w: its claims are no JSON object", ErrStatement)
	}
	misplaced := configurationOnly
	if s.IsConfiguration() {
		misplaced = subordinateOnly
	}
	for _, name := range slices.Concat(bothKinds, configurationOnly, subordinateOnly) {
		raw, ok := claims[name]
		switch {
		case !ok:
		case string(raw) == "null":
			return fmt.Errorf("%w: %s, %s of %s", ErrNullClaim, name, short(s.Iss), short(s.Sub))
		case slices.Contains(misplaced, name):
			return fmt.Errorf("%w: %s, %s of %s", ErrMisplaced, name, short(s.Iss), short(s.Sub))
		case name == "crit":
			return fmt.Errorf("%w: %s of %s", ErrCrit, short(s.Iss), short(s.Sub))
		case name == "metadata_policy_crit":
			return fmt.Errorf("%w: %s of %s", ErrPolicyCrit, short(s.Iss), short(s.Sub))
		case name == "constraints" && hasNull(raw, "max_path_length", "naming_constraints", "allowed_entity_types"):
			return fmt.Errorf("%w: one is null", ErrConstraints)
		}
	}
	return s.Constraints.check()
}

// hasNull says whether one of an object's members is null.
func hasNull(raw json.RawMessage, names ...string) bool {
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) != nil {
		return true
	}
	return slices.ContainsFunc(names, func(name string) bool { return string(object[name]) == "null" })
}
