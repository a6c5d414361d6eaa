package federation

import "errors"

// RuleError is one rule a statement or chain was refused by. The sentinels below are of this type, so
// a caller may match one with errors.Is, or take the label with Rule.
type RuleError struct {
	// Rule is the stable label for logs and metrics.
	Rule string

	text string
	kind error
}

// Error describes the rule without repeating any input.
func (e *RuleError) Error() string { return e.text }

// Unwrap returns the wider error, for instance ErrChain.
func (e *RuleError) Unwrap() error { return e.kind }

// Rule returns the label of the rule err reports: the narrowest one there is, or "" when err is nil or
// comes from elsewhere. Labels are stable and few enough for a metric.
func Rule(err error) string {
	var r *RuleError
	if errors.As(err, &r) {
		return r.Rule
	}
	for _, wide := range []struct {
		err   error
		label string
	}{
		{ErrUnknownIssuer, "unknown-issuer"}, {ErrAnchorMismatch, "anchor-mismatch"},
		{ErrExpired, "statement-time"}, {ErrUnsupported, "unsupported"}, {ErrMark, "mark"},
		{ErrStatement, "statement"}, {ErrChain, "chain"}, {ErrUnavailable, "unavailable"},
	} {
		if errors.Is(err, wide.err) {
			return wide.label
		}
	}
	return ""
}

func rule(label string, kind error, text string) error {
	return &RuleError{Rule: label, kind: kind, text: text}
}

// One sentinel per rule about policies, constraints and critical members.
var (
	// ErrCrit: crit lists a claim. None beyond the standard's own is understood here, and those may not
	// be listed (OpenID Federation 1.1 §3.1.1, §13.4).
	ErrCrit = rule("crit", ErrUnsupported, "the statement has a critical claim that is not understood here")
	// ErrPolicyCrit: metadata_policy_crit lists an operator. None beyond the seven is understood here,
	// and those may not be listed (OpenID Federation 1.1 §3.1.3, §6.1.3.2).
	ErrPolicyCrit = rule("policy-crit", ErrUnsupported, "the statement has a critical policy operator that is not understood here")
	// ErrNullClaim: a claim is null, so it says neither that it is there nor that it is not.
	ErrNullClaim = rule("null-claim", ErrStatement, "a claim of the statement is null")
	// ErrMisplaced: a claim of one kind of statement stands in the other (OpenID Federation 1.1 §3.1.2,
	// §3.1.3, §3.2).
	ErrMisplaced = rule("misplaced-claim", ErrStatement, "the statement has a claim of the other kind of statement")
	// ErrInvalidPolicy: a metadata policy is malformed, combines what may not be combined, or does not
	// merge with what stands above it (OpenID Federation 1.1 §6.1.4.1). errors.As gives a *PolicyError.
	ErrInvalidPolicy = rule("invalid-policy", ErrChain, "the metadata policy does not hold")
	// ErrInvalidMetadata: metadata does not pass a policy (OpenID Federation 1.1 §6.1.4.2). errors.As
	// gives a *PolicyError.
	ErrInvalidMetadata = rule("invalid-metadata", ErrChain, "the metadata does not pass the policy")
	// ErrConstraints: constraints are malformed (OpenID Federation 1.1 §6.2).
	ErrConstraints = rule("constraints", ErrStatement, "the statement's constraints are malformed")
	// ErrPathLength: more intermediates than a superior allows (OpenID Federation 1.1 §6.2.1).
	ErrPathLength = rule("path-length", ErrChain, "the chain is longer than a superior allows")
	// ErrNaming: an entity identifier outside a superior's name space (OpenID Federation 1.1 §6.2.2).
	ErrNaming = rule("naming-constraint", ErrChain, "the entity is outside the names a superior allows")
	// ErrIdentity: who an entity is, is not what every superior states (wire profile §1).
	ErrIdentity = rule("identity", ErrChain, "the entity's identity is not what its superiors state")
)
