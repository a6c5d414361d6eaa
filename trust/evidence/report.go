package evidence

import (
	"context"
	"errors"
	"time"
)

// SignatureChecker decides whether a token was validly signed. Check verifies the compact JWS with
// typ as its header's type under the keys its issuer had at the given time (the token's own iat),
// and returns issuer and claims; for the nested hybrid form those of the inner token. An error that
// wraps ErrCannotTell says that the keys are not known; any other says that the token is false.
type SignatureChecker interface {
	Check(ctx context.Context, token string, typ string, at time.Time) (issuer string, claims []byte, err error)
}

// ErrCannotTell is for SignatureCheckers: neither true nor false with what is at hand.
var ErrCannotTell = errors.New("cannot tell")

// Verdict is the outcome for a bundle.
type Verdict string

// The verdicts, from best to worst.
const (
	Valid      Verdict = "valid"       // everything in the bundle was proven
	CannotTell Verdict = "cannot-tell" // nothing was disproved, but something could not be proven
	Invalid    Verdict = "invalid"     // something was disproved
)

// Severity weighs a finding.
type Severity string

// The severities. SeverityError makes a bundle invalid, SeverityUnknown keeps it from being valid.
const (
	SeverityError   Severity = "error"
	SeverityUnknown Severity = "unknown"
	SeverityWarning Severity = "warning"
	SeverityInfo    Severity = "info"
)

// Finding is one observation. Messages are ours and repeat nothing of the bundle.
type Finding struct {
	Severity Severity `json:"severity"`
	Code     string   `json:"code"`
	Where    string   `json:"where"` // place in the bundle, such as entries[3]
	Message  string   `json:"message"`
}

// Counts says how much was looked at.
type Counts struct {
	Entries     int `json:"entries"`
	Erased      int `json:"erased"`     // entries without their token
	Signatures  int `json:"signatures"` // tokens whose signature holds
	Receipts    int `json:"receipts"`
	Checkpoints int `json:"checkpoints"` // distinct, verified
	Cosigned    int `json:"cosigned"`    // of those, with a known witness
}

// Report is the outcome with its reasons. OK is Verdict == Valid.
type Report struct {
	OK       bool      `json:"ok"`
	Verdict  Verdict   `json:"verdict"`
	Findings []Finding `json:"findings"`
	Counts   Counts    `json:"counts"`
}

func (r *Report) add(s Severity, code, where, message string) {
	r.Findings = append(r.Findings, Finding{Severity: s, Code: code, Where: where, Message: message})
}

// conclude derives the verdict from the findings.
func (r *Report) conclude() Report {
	r.Verdict = Valid
	for _, f := range r.Findings {
		switch {
		case f.Severity == SeverityError:
			r.Verdict = Invalid
		case f.Severity == SeverityUnknown && r.Verdict == Valid:
			r.Verdict = CannotTell
		}
	}
	r.OK = r.Verdict == Valid
	return *r
}

// addErr files an error of this package under its code.
func (r *Report) addErr(where string, err error) {
	codes := []struct {
		is       error
		severity Severity
		code     string
	}{
		{ErrCannotTell, SeverityUnknown, "keys-unknown"},
		{ErrToken, SeverityError, "token-differs"},
		{ErrLeaf, SeverityError, "leaf-malformed"},
		{ErrProof, SeverityError, "not-included"},
		{ErrCheckpoint, SeverityError, "checkpoint-malformed"},
		{ErrSignature, SeverityError, "checkpoint-signature"},
		{ErrEquivocation, SeverityError, "equivocation"},
		{ErrConsistency, SeverityError, "inconsistent"},
	}
	for _, c := range codes {
		if errors.Is(err, c.is) {
			r.add(c.severity, c.code, where, c.is.Error())
			return
		}
	}
	r.add(SeverityError, "refused", where, "refused by the verifier")
}
