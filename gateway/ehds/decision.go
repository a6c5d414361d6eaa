package ehds

// TypDecision is the typ of a signed decision: a refusal, or the decision on an appeal (wire profile §6).
// A positive decision is signed as the permit it leads to.
const TypDecision = "ehds-decision+jwt"

// DecisionClaims is the claims set of an ehds-decision+jwt: what a health data access body decided, signed
// with its permit key, its trust chain in the header (TEHDAS2 D6.4 §9.1: formal decisions are signed and
// dated and have an id of their own).
type DecisionClaims struct {
	Iss      string         `json:"iss"` // the health data access body
	Sub      string         `json:"sub"` // the case
	Jti      string         `json:"jti"` // the decision's id; of an appeal, the appeal's
	Iat      int64          `json:"iat"` // when it was signed; when it was decided stands in the decision
	Decision *DecisionBody  `json:"decision,omitempty"`
	Appeal   *AppealOutcome `json:"appeal,omitempty"`
}

// AppealOutcome is the decision on an appeal.
type AppealOutcome struct {
	AppealID   string        `json:"appeal_id,omitempty"` // empty when the appeal came without a text
	DecisionID string        `json:"decision_id"`         // the refusal appealed against
	Outcome    DecisionState `json:"outcome"`             // APPEAL_APPROVED | APPEAL_REJECTED
	Reasons    string        `json:"reasons,omitempty"`
	Timestamp  string        `json:"timestamp"`
}
