package superior

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/ehdsgw/ehdsgw/trust/federation"
)

// problem is an error of the specification (OpenID Federation 1.1 §8.9).
type problem struct {
	status            int
	code, description string
}

func (p *problem) Error() string { return p.description }

func invalid(description string) error {
	return &problem{http.StatusBadRequest, "invalid_request", description}
}

// fail answers an error. What is not foreseen is logged and not told.
func (s *Superior) fail(w http.ResponseWriter, r *http.Request, err error) {
	var p *problem
	switch {
	case errors.As(err, &p):
	case isUnknown(err), errors.Is(err, federation.ErrForeignMark):
		p = &problem{http.StatusNotFound, "not_found", "nothing is known about this here"}
	case errors.Is(err, federation.ErrUnavailable):
		p = &problem{http.StatusServiceUnavailable, "temporarily_unavailable", "a statement cannot be fetched now"}
		w.Header().Set("Retry-After", "30")
	case errors.Is(err, federation.ErrInvalidMetadata):
		p = &problem{http.StatusBadRequest, "invalid_metadata", "the entity's metadata does not pass the policy"}
	case errors.Is(err, federation.ErrChain), errors.Is(err, federation.ErrStatement), errors.Is(err, federation.ErrExpired), errors.Is(err, federation.ErrUnsupported):
		p = &problem{http.StatusBadRequest, "invalid_trust_chain", "the entity's chain does not hold"}
	default:
		s.o.Logger.ErrorContext(r.Context(), "a request to the superior failed", "path", r.URL.Path, "error", err)
		p = &problem{http.StatusInternalServerError, "server_error", "this cannot be answered now"}
	}
	refuse(w, p.status, p.code, p.description)
}

func refuse(w http.ResponseWriter, status int, code, description string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": code, "error_description": description})
}
