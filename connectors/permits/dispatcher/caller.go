package dispatcher

import (
	"net/http"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// Bounds of what cannot prove itself. A failed attempt costs one look-up; beyond the rate it is not even
// logged, so that guessing cannot fill the log.
const (
	failuresPerSecond = 5
	failureBurst      = 20
)

// headerKey is the header with the API key (observed).
const headerKey = "X-API-key"

// caller finds out who calls, before anything else is looked at, and whether it calls too often.
func (d *Driver) caller(r *http.Request, operation string) (*system, error) {
	s, err := d.whose(r.Context(), r.Header.Get(headerKey))
	switch {
	case err != nil:
		return nil, err
	case s == nil && !d.failed.AllowN(d.host.Clock(), 1):
		return nil, fault.New(fault.RateLimited, "too-many-attempts", "too many calls with keys that are none").After(time.Second)
	case s == nil:
		d.host.Logger.WarnContext(r.Context(), "an unauthorised attempt at the dispatcher", "operation", operation)
		return nil, fault.New(fault.Unauthenticated, "key-unknown", "")
	case !s.limit.AllowN(d.host.Clock(), 1):
		return nil, fault.New(fault.RateLimited, "too-many-requests", "this system calls more often than it may").After(time.Second)
	}
	return s, nil
}
