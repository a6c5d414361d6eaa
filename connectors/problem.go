package connectors

import (
	"net/http"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// ProblemOf is a refusal by the HTTP face of a driver (RFC 9457), with the status its kind of fault has
// everywhere (wire profile §5).
func ProblemOf(f *fault.Error) ehds.Problem {
	status := statusOf(f.Kind)
	return ehds.Problem{Type: "urn:ehdsgw:problem:" + f.Code, Title: http.StatusText(status), Status: status,
		Detail: f.Detail, Code: f.Code, Field: f.Field}
}

func statusOf(k fault.Kind) int {
	switch k {
	case fault.Malformed:
		return http.StatusBadRequest
	case fault.Unauthenticated:
		return http.StatusUnauthorized
	case fault.Forbidden:
		return http.StatusForbidden
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Conflict:
		return http.StatusConflict
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge
	case fault.UnsupportedMedia:
		return http.StatusUnsupportedMediaType
	case fault.Invalid:
		return http.StatusUnprocessableEntity
	case fault.RateLimited:
		return http.StatusTooManyRequests
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}
