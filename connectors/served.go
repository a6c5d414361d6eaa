package connectors

import "net/http"

// Served is a driver with an HTTP face of its own, for systems that call us instead of being called. The
// gateway mounts the handler below /c/{instance}/ of its public listener, with a deadline, a bound on
// bodies and one on requests at once; the paths the handler sees begin after the instance. Who may
// call, and what an answer looks like, is the driver's.
type Served interface {
	Handler() http.Handler
}
