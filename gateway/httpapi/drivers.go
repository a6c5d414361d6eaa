package httpapi

import (
	"context"
	"net/http"
	"time"
)

// DriverPath is where the handlers of drivers are mounted, below the entity: /c/{instance}/.
const DriverPath = "/c/"

// Bounds of a request to a driver's handler.
const (
	driverSlots    = 32
	driverDeadline = time.Minute
	maxDriverBody  = 16 << 20
)

// mountDriver serves a driver's handler below its instance. The handler sees the path after that. It
// authenticates; what is here keeps a caller from taking more than its share of the gateway.
func mountDriver(mux *http.ServeMux, root, instance string, h http.Handler) {
	slots := make(chan struct{}, driverSlots)
	prefix := root + DriverPath + instance
	mux.Handle(prefix+"/", http.StripPrefix(prefix, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case slots <- struct{}{}:
			defer func() { <-slots }()
		default:
			writeProblem(w, busy())
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), driverDeadline)
		defer cancel()
		// A slow sender must not hold its slot for ever; that the connection cannot do this is no reason to refuse.
		_ = http.NewResponseController(w).SetReadDeadline(deadlineOf(ctx))
		r = r.WithContext(ctx)
		r.Body = http.MaxBytesReader(w, r.Body, maxDriverBody)
		h.ServeHTTP(w, r)
	})))
}

// deadlineOf is the deadline of a context that has one.
func deadlineOf(ctx context.Context) time.Time {
	t, _ := ctx.Deadline()
	return t
}
