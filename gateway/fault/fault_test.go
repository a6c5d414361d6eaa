package fault

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"
)

func TestErrorNamesCodePlaceAndCause(t *testing.T) {
	err := Wrap(errors.New("disk"), Unavailable, "store-down", "the record cannot be written").At("/body/x").After(time.Second)
	want := "store-down at /body/x: the record cannot be written (disk)"
	if got := err.Error(); got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
	if err.RetryAfter != time.Second {
		t.Errorf("RetryAfter = %v", err.RetryAfter)
	}
}

func TestFromFindsTheFaultInAChain(t *testing.T) {
	f := New(Conflict, "jti-conflict", "")
	if got := From(fmt.Errorf("while receiving: %w", f)); got != f {
		t.Errorf("From did not find the wrapped fault: %v", got)
	}
	if got := From(errors.New("boom")); got.Kind != Internal || got.Code != "internal" {
		t.Errorf("a foreign error became %v", got)
	}
	if From(nil) != nil || CodeOf(nil) != "" {
		t.Error("nil must stay nil")
	}
}

func TestIsComparesCodes(t *testing.T) {
	err := fmt.Errorf("x: %w", New(Forbidden, "suspended", "d"))
	if !errors.Is(err, &Error{Code: "suspended"}) {
		t.Error("same code must match")
	}
	if errors.Is(err, &Error{Code: "other"}) || errors.Is(err, &Error{Kind: Invalid, Code: "suspended"}) {
		t.Error("another code or kind must not match")
	}
}

// Every kind has the status that the wire profile gives it (§5), and what is no kind is our defect.
func TestHTTPStatusOfKinds(t *testing.T) {
	t.Parallel()
	for k, want := range map[Kind]int{
		Malformed: http.StatusBadRequest, Unauthenticated: http.StatusUnauthorized, Forbidden: http.StatusForbidden,
		NotFound: http.StatusNotFound, Conflict: http.StatusConflict, TooLarge: http.StatusRequestEntityTooLarge,
		UnsupportedMedia: http.StatusUnsupportedMediaType, Invalid: http.StatusUnprocessableEntity,
		RateLimited: http.StatusTooManyRequests, Unavailable: http.StatusServiceUnavailable,
		Internal: http.StatusInternalServerError, "no kind": http.StatusInternalServerError,
	} {
		if got := k.HTTPStatus(); got != want {
			t.Errorf("%s: %d, want %d", k, got, want)
		}
		if back, ok := KindOfHTTP(want); !ok || back != k && k != "no kind" {
			t.Errorf("%d stands for %q, want %q", want, back, k)
		}
	}
	if k, ok := KindOfHTTP(http.StatusTeapot); ok {
		t.Errorf("418 stands for %q", k)
	}
}
