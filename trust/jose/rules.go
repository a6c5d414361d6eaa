package jose

import "errors"

// RuleError is one rule of the strict reader or signer. The package's
// sentinel errors (ErrSize, ErrAlphabet, …) are all of this type, so a caller
// may match one with errors.Is, or take the label with [Rule].
type RuleError struct {
	// Rule is the stable label for logs and metrics, for example "typ".
	Rule string

	err error
}

// Error describes the rule without repeating any input.
func (e *RuleError) Error() string { return "jose: " + e.err.Error() }

// Unwrap returns the underlying description.
func (e *RuleError) Unwrap() error { return e.err }

// Rule returns the label of the rule that err reports, or "" when err is nil
// or comes from elsewhere. Labels are stable and few enough for a metric.
func Rule(err error) string {
	var r *RuleError
	if errors.As(err, &r) {
		return r.Rule
	}
	return ""
}

func rule(label, text string) error {
	return &RuleError{Rule: label, err: errors.New(text)}
}

// One sentinel per rule, in the order in which [Parse] applies them
// (wire profile §3), followed by those of keys, signatures and canonical JSON.
var (
	// ErrSize: the token, its header or a key set exceeds its byte limit.
	ErrSize = rule("size", "input exceeds its size limit")
	// ErrAlphabet: a byte outside A-Z a-z 0-9 - _ and the dot. A JSON
	// serialisation (RFC 7515 §7.2) is refused here.
	ErrAlphabet = rule("alphabet", "token is not in compact form: byte outside the base64url alphabet")
	// ErrSegments: not exactly three segments.
	ErrSegments = rule("segments", "token does not have exactly three segments")
	// ErrBase64: base64url that is not in its only canonical spelling
	// (padding, impossible length or stray trailing bits).
	ErrBase64 = rule("base64", "value is not canonical base64url")
	// ErrUTF8: invalid UTF-8 or an unpaired surrogate escape (RFC 7493 §2.1).
	ErrUTF8 = rule("utf8", "JSON text holds invalid Unicode")
	// ErrJSON: not well-formed JSON (RFC 8259), or not the shape asked for.
	ErrJSON = rule("json", "value is not the expected JSON")
	// ErrDepth: objects and arrays nested deeper than the limit.
	ErrDepth = rule("depth", "JSON text is nested too deeply")
	// ErrDuplicateMember: one object has the same member twice (RFC 7493 §2.3).
	ErrDuplicateMember = rule("duplicate-member", "JSON object has a duplicate member")
	// ErrTrailing: bytes after the JSON value.
	ErrTrailing = rule("trailing", "bytes follow the JSON value")
	// ErrHeaderMember: a header member outside the closed set, a required one
	// missing, or one of the wrong type. crit, jwk, jku, x5u and x5c end here.
	ErrHeaderMember = rule("header-member", "header has a member that is unknown, missing or of the wrong type")
	// ErrTyp: typ is not exactly one of those expected (RFC 8725 §3.11).
	ErrTyp = rule("typ", "token has an unexpected typ")
	// ErrAlg: alg is not in the allow-list (RFC 8725 §3.1).
	ErrAlg = rule("alg", "algorithm is not allowed")

	// ErrKey: a key that cannot be used: wrong type or curve, wrong kid, wrong
	// alg for this header, private or malformed key material.
	ErrKey = rule("key", "key does not fit")
	// ErrKeyUse: use or key_ops of the key forbid this operation.
	ErrKeyUse = rule("key-use", "key may not be used for this")
	// ErrKeyUnknown: a key set holds no key for kid, alg and use.
	ErrKeyUnknown = rule("key-unknown", "no key matches kid, alg and use")
	// ErrKeyAmbiguous: a key set holds more than one key for kid, alg and use.
	ErrKeyAmbiguous = rule("key-ambiguous", "more than one key matches kid, alg and use")
	// ErrSignature: the signature does not verify, or could not be made.
	ErrSignature = rule("signature", "signature does not hold")

	// The rules of the nested hybrid form (wire profile §2).

	// ErrCty: cty differs from typ, or names a token where there is none.
	ErrCty = rule("cty", "cty does not name a token of the same typ within")
	// ErrNestedAlg: the outer algorithm is not ML-DSA-65, or the inner one is
	// not Ed25519.
	ErrNestedAlg = rule("nested-alg", "nested token has another algorithm than its place asks for")
	// ErrNestedTwice: the token within holds a token itself.
	ErrNestedTwice = rule("nested-twice", "token is nested more than once")
	// ErrNestedTyp: the token within has another typ than the one around it.
	ErrNestedTyp = rule("nested-typ", "token within has another typ")

	// ErrUnsealable: a sealed text cannot be opened, for whatever reason.
	ErrUnsealable = rule("unsealable", "sealed text cannot be opened")

	// ErrUnknownMember: a member the receiving type does not have.
	ErrUnknownMember = rule("unknown-member", "JSON object has an unknown member")
	// ErrMemberCase: a member that differs from a known one only in case.
	ErrMemberCase = rule("member-case", "JSON member differs from a known one only in case")
	// ErrNumber: a number that is not an integer within ±(2^53-1).
	ErrNumber = rule("number", "number is not an integer within ±(2^53-1)")
)
