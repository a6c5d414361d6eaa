package connectors

import (
	"net/http"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// ProblemOf is a refusal by the HTTP face of a driver (RFC 9457), with the status its kind of fault has
// everywhere (wire profile §5).
func ProblemOf(f *fault.Error) ehds.Problem {
	status := f.Kind.HTTPStatus()
	return ehds.Problem{Type: "urn:ehdsgw:problem:" + f.Code, Title: http.StatusText(status), Status: status,
		Detail: f.Detail, Code: f.Code, Field: f.Field}
}
