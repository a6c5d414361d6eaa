package connectors

import (
	"net/http"
	"time"
)

// Served is a driver with an HTTP face of its own, for systems that call us instead of being called. The
// gateway mounts the handler below /c/{instance}/ of its public listener, with a deadline, a bound on
// bodies and one on requests at once; the paths the handler sees begin after the instance. Who may
// call, and what an answer looks like, is the driver's.
type Served interface {
	Handler() http.Handler
}

// Limited is a handler of a Served driver with bounds of its own, where the gateway's are not right for
// what it moves.
type Limited interface {
	Limits() ServedLimits
}

// ServedLimits bound one request.
type ServedLimits struct {
	Deadline time.Duration // from the first byte of the request to the last of the answer
	MaxBody  int64         // bytes
}
