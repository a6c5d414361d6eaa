package dispatcher

import (
	"fmt"
	"slices"

	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// finding is one thing wrong with what a system sent.
type finding struct {
	Pointer string `json:"pointer"` // RFC 6901, into the document sent
	Code    string `json:"code"`
	Article string `json:"article,omitempty"`
	Message string `json:"message"` // never repeats input
}

// findings are all of them, told at once.
type findings []finding

// wants notes a member that does not hold what it must.
func (f *findings) wants(ok bool, pointer, message string) {
	if !ok {
		*f = append(*f, finding{Pointer: pointer, Code: "value", Message: message})
	}
}

// oneOf notes a word that is none of a set.
func oneOf[S ~string](f *findings, pointer string, v S, words ...S) {
	f.wants(slices.Contains(words, v), pointer, fmt.Sprintf("one of %v is wanted", words))
}

// err is the refusal, or nil.
func (f findings) err() error {
	if len(f) == 0 {
		return nil
	}
	return invalidError{fault.New(fault.Invalid, "body-invalid", "the body breaks a rule; the findings name places and rules").At(f[0].Pointer), f}
}

// invalidError is a refusal with its findings.
type invalidError struct {
	fault *fault.Error
	found findings
}

// Error is the fault's text.
func (e invalidError) Error() string { return e.fault.Error() }

// Unwrap gives the fault.
func (e invalidError) Unwrap() error { return e.fault }
