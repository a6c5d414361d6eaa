package trust

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"slices"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// Outcomes of a step of an Explanation.
const (
	StepPassed     = "passed"
	StepRefused    = "refused"
	StepNotReached = "not reached"
	StepNotAsked   = "not asked" // no keys, or no audience, to hold it against
)

// Step is one rule of the strict order, and what it made of a token.
type Step struct {
	Rule    string `json:"rule"`
	Outcome string `json:"outcome"`
	// Asks says what the rule wants; Clause is where that is written.
	Asks   string `json:"asks"`
	Clause string `json:"clause"`
	// Mend says, for the rule that refused, what the sender has to change.
	Mend string `json:"mend,omitempty"`
}

// Explanation is a token taken apart for a person. Nothing in it may be relied on unless Verified.
type Explanation struct {
	// Verified: every rule held, and a key that was given signed it.
	Verified bool `json:"verified"`
	// Rule is the label of the rule that refused; empty when none did.
	Rule string `json:"rule,omitempty"`
	// Header and Claims are shown as far as they can be decoded, also of a refused token, without the
	// secrets of keys in them.
	Header json.RawMessage `json:"header,omitempty"`
	Claims json.RawMessage `json:"claims,omitempty"`
	// Inner is the header of the token within, in the nested hybrid form.
	Inner json.RawMessage `json:"inner_header,omitempty"`
	Steps []Step          `json:"steps"`
}

// Explain walks the rules that c.Verify applies, in their order, and says which one refused raw and
// why. Without keys the walk ends before the signature, and an empty c.Typ accepts the token's own.
func (c Check) Explain(raw []byte) Explanation {
	raw = bytes.TrimSpace(raw)
	var e Explanation
	e.Header, e.Claims = looseSegment(raw, 0), looseSegment(raw, 1)
	if e.Claims == nil { // a token within
		if inner := innerBytes(raw); inner != nil {
			e.Inner, e.Claims = looseSegment(inner, 0), looseSegment(inner, 1)
		}
	}
	if c.Typ == "" {
		c.Typ = typOf(e.Header)
	}
	e.Header, e.Claims, e.Inner = jose.Redact(e.Header), jose.Redact(e.Claims), jose.Redact(e.Inner)
	_, err := c.Verify(raw)
	keyless := len(c.Keys.Keys) == 0
	e.Rule = Rule(err)
	if keyless && slices.Contains([]string{"key-unknown", "key-ambiguous", "nested-issuer"}, e.Rule) {
		e.Rule = ""
	}
	e.Verified = err == nil
	e.Steps = c.steps(e.Rule, keyless)
	return e
}

// steps turns the label of the refusal, or none, into the walk.
func (c Check) steps(refused string, keyless bool) []Step {
	steps := rulebook()
	reached := true
	for i := range steps {
		s := &steps[i]
		switch {
		case !reached:
			s.Outcome, s.Mend = StepNotReached, ""
		case s.Rule == refused:
			s.Outcome, reached = StepRefused, false
		case s.Rule == "aud" && c.Audience == "", keyless && afterKeys(s.Rule):
			s.Outcome, s.Mend = StepNotAsked, ""
		default:
			s.Outcome, s.Mend = StepPassed, ""
		}
	}
	return steps
}

func afterKeys(rule string) bool {
	return slices.Contains([]string{
		"nested-issuer", "key-unknown", "key-ambiguous", "key", "key-use", "signature", "future", "not-yet", "expired",
	}, rule)
}

// looseSegment decodes a segment for display only: nil when it is not base64url of one JSON object.
func looseSegment(raw []byte, n int) json.RawMessage {
	text := looseText(raw, n)
	if jose.CheckJSON(text, 0) != nil {
		var any map[string]json.RawMessage
		if json.Unmarshal(text, &any) != nil {
			return nil
		}
	}
	return text
}

func looseText(raw []byte, n int) []byte {
	segments := bytes.Split(raw, []byte("."))
	if len(raw) > jose.DefaultMaxToken || n >= len(segments) {
		return nil
	}
	text, err := base64.RawURLEncoding.DecodeString(string(bytes.TrimRight(segments[n], "=")))
	if err != nil {
		return nil
	}
	return text
}

func innerBytes(raw []byte) []byte {
	inner := looseText(raw, 1)
	if bytes.Count(inner, []byte(".")) != 2 {
		return nil
	}
	return inner
}

func typOf(header json.RawMessage) string {
	var h struct {
		Typ string `json:"typ"`
	}
	_ = json.Unmarshal(header, &h)
	return h.Typ
}
