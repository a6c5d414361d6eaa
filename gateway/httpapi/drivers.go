package httpapi

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/ehdsgw/ehdsgw/connectors"
)

// DriverPath is where the handlers of drivers are mounted, below the entity: /c/{instance}/.
const DriverPath = "/c/"

// Bounds of a request to a driver's handler, unless it states its own.
const (
	driverSlots    = 32
	driverDeadline = time.Minute
	maxDriverBody  = 16 << 20
)

// mountDrivers serves the handlers of drivers below their instances, and below further paths. However it
// is reached, a driver has one share of the gateway.
func (p *Public) mountDrivers(mux *http.ServeMux, root string) {
	mounted := map[string]http.Handler{}
	for instance, h := range p.Drivers {
		mounted[instance] = p.counted(bounded(h))
		prefix := root + DriverPath + instance
		mux.Handle(prefix+"/", http.StripPrefix(prefix, mounted[instance]))
	}
	for path, instance := range p.BasePaths {
		if h := mounted[instance]; h != nil {
			mux.Handle(root+path+"/", http.StripPrefix(root+path, h))
		}
	}
}

// bounded keeps a caller from taking more than its share of the gateway. The handler authenticates.
func bounded(h http.Handler) http.Handler {
	slots := make(chan struct{}, driverSlots)
	limits := connectors.ServedLimits{Deadline: driverDeadline, MaxBody: maxDriverBody}
	if own, ok := h.(connectors.Limited); ok {
		limits = own.Limits()
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case slots <- struct{}{}:
			defer func() { <-slots }()
		default:
			writeProblem(w, busy())
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), limits.Deadline)
		defer cancel()
		// A slow sender or reader must not hold its slot for ever; that the connection cannot do this is no
		// reason to refuse.
		connection := http.NewResponseController(w)
		_ = connection.SetReadDeadline(deadlineOf(ctx))
		_ = connection.SetWriteDeadline(deadlineOf(ctx))
		r = r.WithContext(ctx)
		r.Body = http.MaxBytesReader(w, r.Body, limits.MaxBody)
		h.ServeHTTP(w, r)
	})
}

// deadlineOf is the deadline of a context that has one.
func deadlineOf(ctx context.Context) time.Time {
	t, _ := ctx.Deadline()
	return t
}

// counted counts the answers of a driver by status: failed attempts to call it show there.
func (p *Public) counted(h http.Handler) http.Handler {
	if p.Metrics == nil {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		defer func() { p.Metrics.Served.WithLabelValues(strconv.Itoa(seen.status)).Inc() }()
		h.ServeHTTP(seen, r)
	})
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// WriteHeader notes the status and passes it on.
func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
