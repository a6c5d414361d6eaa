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

// RevokedError is for SignatureCheckers: the signature holds, but its key was revoked at a time, and
// whoever has the key can write any iat. Check returns issuer and claims with it; they count only for a
// token that was witnessed before (wire profile §6).
type RevokedError struct{ At time.Time }

// Error says since when the key counts for nothing.
func (e *RevokedError) Error() string {
	return "the key was revoked at " + e.At.UTC().Format(time.RFC3339)
}

// Unwrap gives ErrCannotTell: so it is for who does not look further.
func (e *RevokedError) Unwrap() error { return ErrCannotTell }

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
	Witnessed   int `json:"witnessed"`   // entries under a checkpoint with a known witness
}

// Report is the outcome with its reasons. OK is Verdict == Valid.
type Report struct {
	OK       bool      `json:"ok"`
	Verdict  Verdict   `json:"verdict"`
	Findings []Finding `json:"findings"`
	Counts   Counts    `json:"counts"`
	// Witnesses are the known witnesses that vouched for entries, by name. WitnessedAt is when the last
	// of the witnessed entries had been: all of them existed then.
	Witnesses   []string  `json:"witnesses,omitempty"`
	WitnessedAt time.Time `json:"witnessed_at,omitzero"`
}

// errRevoked is what a reader is told of a RevokedError that no witness outweighs.
var errRevoked = errors.New("the key was revoked and no known witness saw the token before")

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
		{errRevoked, SeverityUnknown, "key-revoked"},
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
