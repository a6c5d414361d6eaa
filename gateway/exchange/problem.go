package exchange

import (
	"encoding/json"
	"net/http"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// problemTypePrefix names our problem types (RFC 9457 §3.1.1); the code completes it.
const problemTypePrefix = "urn:ehdsgw:problem:"

// StatusOf is the HTTP status of a fault.
func StatusOf(f *fault.Error) int { return f.Kind.HTTPStatus() }

// ProblemOf is the RFC 9457 object of a fault. Detail never repeats input: faults are written by us.
func ProblemOf(f *fault.Error) ehds.Problem {
	status := StatusOf(f)
	return ehds.Problem{
		Type: problemTypePrefix + f.Code, Title: http.StatusText(status), Status: status,
		Detail: f.Detail, Code: f.Code, Field: f.Field,
	}
}

// problemJSON is ProblemOf as bytes. Marshalling strings and one integer cannot fail.
func problemJSON(f *fault.Error) []byte {
	b, err := json.Marshal(ProblemOf(f))
	if err != nil {
		return []byte(`{"type":"about:blank","title":"Internal Server Error","status":500,"code":"internal"}`)
	}
	return b
}

// permanent says whether a fault is stored under (iss, jti): sending the same message again cannot
// help. 403, 429 and 503 claim nothing, so that the sender may try again.
func permanent(f *fault.Error) bool {
	switch f.Kind {
	case fault.Malformed, fault.Conflict, fault.Invalid, fault.NotFound, fault.TooLarge, fault.UnsupportedMedia:
		return true
	}
	return false
}
