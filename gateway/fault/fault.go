// Package fault is the domain error of the gateway: one type, few kinds, stable codes.
//
// Every layer below HTTP returns a *Error (or wraps one); gateway/httpapi turns it into an RFC 9457
// problem in one place. A fault never repeats input: Detail is written by us, so a hostile value
// cannot travel into logs or answers. It knows nothing of transports, storage or JSON; which HTTP status
// stands for a kind is data here, because several faces answer faults.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind groups faults by what the caller can do about them.
type Kind string

// The kinds. Each has exactly one HTTP status, see HTTPStatus.
const (
	Malformed        Kind = "malformed"         // cannot be read; do not send it again as it is
	Unauthenticated  Kind = "not-authenticated" // no proof of who sent it
	Forbidden        Kind = "forbidden"         // known sender, not allowed now
	NotFound         Kind = "not-found"         // absent, or not the caller's to see
	Conflict         Kind = "conflict"          // contradicts what is already recorded
	TooLarge         Kind = "too-large"         // over a stated limit
	UnsupportedMedia Kind = "unsupported-media-type"
	Invalid          Kind = "invalid"      // readable and authentic, but breaks a rule of form
	RateLimited      Kind = "rate-limited" // later; RetryAfter says when
	Unavailable      Kind = "unavailable"  // we or something we need is not ready; RetryAfter says when
	Internal         Kind = "internal"     // our own defect
)

// Error is a fault of the domain.
type Error struct {
	Kind   Kind
	Code   string // stable, kebab-case: what programs match on
	Detail string // one sentence for people; never contains input
	// Field is an RFC 6901 JSON pointer into the offending document, when there is one.
	Field string
	// RetryAfter is how long to wait before trying again; zero when it does not apply.
	RetryAfter time.Duration
	cause      error
}

// New makes a fault. Detail must not repeat input.
func New(kind Kind, code, detail string) *Error {
	return &Error{Kind: kind, Code: code, Detail: detail}
}

// Wrap makes a fault with a cause that stays inside (logs), never in an answer.
func Wrap(cause error, kind Kind, code, detail string) *Error {
	return &Error{Kind: kind, Code: code, Detail: detail, cause: cause}
}

// At returns a copy that points at a field.
func (e *Error) At(pointer string) *Error {
	c := *e
	c.Field = pointer
	return &c
}

// After returns a copy that says when to come back.
func (e *Error) After(d time.Duration) *Error {
	c := *e
	c.RetryAfter = d
	return &c
}

// Error gives code, place and detail, with the cause last.
func (e *Error) Error() string {
	s := e.Code
	if e.Field != "" {
		s += " at " + e.Field
	}
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	if e.cause != nil {
		s = fmt.Sprintf("%s (%v)", s, e.cause)
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.cause }

// Is matches another fault with the same code, so tests and callers can use errors.Is.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code && (t.Kind == "" || t.Kind == e.Kind)
}

// From finds the fault in an error chain; what is not a fault is Internal.
func From(err error) *Error {
	if err == nil {
		return nil
	}
	var f *Error
	if errors.As(err, &f) {
		return f
	}
	return Wrap(err, Internal, "internal", "an unexpected condition stopped the request")
}

// CodeOf gives the stable code of an error, or "" for nil.
func CodeOf(err error) string {
	if err == nil {
		return ""
	}
	return From(err).Code
}
