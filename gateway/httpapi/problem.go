package httpapi

import (
	"encoding/json"
	"math"
	"net/http"
	"strconv"

	"github.com/ehdsgw/ehdsgw/gateway/exchange"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// mediaProblem is RFC 9457's.
const mediaProblem = "application/problem+json"

// writeProblem answers with a fault.
func writeProblem(w http.ResponseWriter, f *fault.Error) {
	h := w.Header()
	h.Set("Content-Type", mediaProblem)
	h.Set("Cache-Control", "no-store")
	retryAfter(h, f)
	p := exchange.ProblemOf(f)
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client is gone: nothing to mend
}

// retryAfter sets the header in whole seconds, rounded up.
func retryAfter(h http.Header, f *fault.Error) {
	if f.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(f.RetryAfter.Seconds()))))
	}
}
