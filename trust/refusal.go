package trust

import (
	"errors"
	"fmt"

	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// Errors a caller may act on. All others are refusals of form, labelled by jose.Rule or Rule.
var (
	// ErrUnavailable: an onboarded issuer's chain or mark cannot be refreshed now; try again later.
	ErrUnavailable = errors.New("the issuer's trust chain cannot be refreshed now")
	// ErrNotAuthenticated: no proof of the sender. The reason goes to the log, not to the caller.
	ErrNotAuthenticated = errors.New("not authenticated")
	// ErrMalformed: not a token of the strict form.
	ErrMalformed = errors.New("malformed")
	// ErrTooLarge: over the size limit.
	ErrTooLarge = errors.New("too large")
	// ErrExpired: exp passed by more than the leeway.
	ErrExpired = errors.New("expired")
	// ErrFuture: iat lies ahead by more than the leeway.
	ErrFuture = errors.New("issued in the future")
	// ErrNoMark: the issuer holds none of the marks asked for.
	ErrNoMark = errors.New("the issuer holds no such mark")
	// ErrSuspended: the mark is held but suspended (Art. 75(12)).
	ErrSuspended = errors.New("the issuer is suspended")
)

// RuleError is a refusal with its stable label.
type RuleError struct {
	Label string
	Class error // ErrMalformed, ErrNotAuthenticated, ErrTooLarge or ErrUnavailable
	cause error
}

// Error names the rule.
func (e *RuleError) Error() string {
	if e.cause == nil {
		return fmt.Sprintf("%v: %s", e.Class, e.Label)
	}
	return fmt.Sprintf("%v: %s: %v", e.Class, e.Label, e.cause)
}

// Unwrap gives class and cause.
func (e *RuleError) Unwrap() []error {
	if e.cause == nil {
		return []error{e.Class}
	}
	return []error{e.Class, e.cause}
}

// Rule is the label of the rule that refused, for logs and metrics.
func Rule(err error) string {
	var r *RuleError
	if errors.As(err, &r) {
		return r.Label
	}
	return jose.Rule(err)
}

func refuse(class error, label string, cause error) error {
	return &RuleError{Label: label, Class: class, cause: cause}
}

// classOf sorts a strict reader's refusal.
func classOf(err error) error {
	if errors.Is(err, jose.ErrSize) {
		return ErrTooLarge
	}
	return ErrMalformed
}

// issuerError sorts why there is no entity.
func issuerError(err error) error {
	switch {
	case errors.Is(err, federation.ErrUnavailable):
		return refuse(ErrUnavailable, "issuer-unavailable", err)
	case errors.Is(err, federation.ErrUnknownIssuer), federation.Rule(err) == "":
		return refuse(ErrNotAuthenticated, "issuer", err)
	}
	return refuse(ErrNotAuthenticated, "issuer-"+federation.Rule(err), err)
}
