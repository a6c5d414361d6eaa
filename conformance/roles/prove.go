package roles

import (
	"errors"
	"net/http"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Receive reads a request of the https binding and proves its sender (wire profile §3, §5). A request that
// proves nobody is answered here, and nobody learns more than that; false says so.
func (r *Resolver) Receive(w http.ResponseWriter, req *http.Request, audience string) (*Delivery, *Verified, bool) {
	in, err := ReadDelivery(w, req)
	if err != nil {
		WriteProblem(w, stranger(err))
		return nil, nil, false
	}
	v, err := r.Verify(req.Context(), in.Token, ehds.TypMessage, audience)
	if err != nil {
		r.Logger.InfoContext(req.Context(), "a message proves no sender", "error", err)
		WriteProblem(w, stranger(err))
		return nil, nil, false
	}
	return in, v, true
}

// stranger is all that a sender learns before it has proved itself.
func stranger(err error) ehds.Problem {
	switch {
	case errors.Is(err, ErrMediaType):
		return NewProblem(http.StatusUnsupportedMediaType, "unsupported-media-type", "")
	case errors.Is(err, forge.ErrTooLarge):
		return NewProblem(http.StatusRequestEntityTooLarge, "too-large", "")
	case errors.Is(err, ErrUnavailable):
		return NewProblem(http.StatusServiceUnavailable, "try-later", "")
	case errors.Is(err, ErrNotAuthenticated):
		return NewProblem(http.StatusUnauthorized, "not-authenticated", "")
	}
	return NewProblem(http.StatusBadRequest, "malformed", "")
}
