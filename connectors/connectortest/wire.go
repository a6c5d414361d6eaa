package connectortest

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// errElsewhere is how the client of a Wire refuses a redirect, as the gateway's own does.
var errElsewhere = errors.New("redirect to another origin")

// Wire is an HTTPS server in front of a double of a source: it keeps to what the double says, counts,
// and misbehaves on request.
type Wire struct {
	server *httptest.Server
	client *http.Client
	honest http.Handler

	mu      sync.Mutex
	fault   Fault
	when    func(n int, r *http.Request) bool
	n       int // requests since the fault was set
	asked   []Request
	written int64
}

// Request is what was asked of a Wire.
type Request struct {
	Method, URI string // the URI is path and query
	Header      http.Header
}

// NewWire serves a double until the test ends.
func NewWire(t testing.TB, honest http.Handler) *Wire {
	t.Helper()
	w := &Wire{honest: honest}
	w.server = httptest.NewUnstartedServer(http.HandlerFunc(w.serve))
	w.server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	w.server.StartTLS()
	t.Cleanup(w.server.Close)
	transport, ok := w.server.Client().Transport.(*http.Transport)
	if !ok {
		t.Fatalf("httptest gives a %T", w.server.Client().Transport)
	}
	transport = transport.Clone()
	transport.DisableCompression = true
	t.Cleanup(transport.CloseIdleConnections)
	w.client = &http.Client{Transport: guarded{transport}}
	return w
}

// URL is the server's address, without a slash at its end.
func (w *Wire) URL() string { return w.server.URL }

// Client is a client as the gateway lends it: it follows no redirect to another origin, inflates
// nothing, and keeps no cookies.
func (w *Wire) Client() *http.Client { return w.client }

// guarded refuses what the gateway's client refuses. net/http links a followed redirect to the
// response that asked for it.
type guarded struct{ *http.Transport }

// RoundTrip sends a request unless it is one too many.
func (g guarded) RoundTrip(r *http.Request) (*http.Response, error) {
	if from := r.Response; from != nil && from.Request != nil && from.Request.URL.Host != r.URL.Host {
		return nil, errElsewhere
	}
	return g.Transport.RoundTrip(r)
}

// Misbehave makes the requests from now on that when accepts meet a fault; n counts them from 0. Nil
// accepts all.
func (w *Wire) Misbehave(f Fault, when func(n int, r *http.Request) bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fault, w.when, w.n = f, when, 0
}

// Behave ends the misbehaviour.
func (w *Wire) Behave() { w.Misbehave(nil, nil) }

// Requests are those since the last call, in order.
func (w *Wire) Requests() []Request {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.asked
	w.asked = nil
	return out
}

// Written is the number of bytes of bodies given out since the last call.
func (w *Wire) Written() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.written
	w.written = 0
	return out
}

func (w *Wire) serve(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	f := w.fault
	if f != nil && w.when != nil && !w.when(w.n, r) {
		f = nil
	}
	w.n++
	w.asked = append(w.asked, Request{Method: r.Method, URI: r.URL.RequestURI(), Header: r.Header.Clone()})
	w.mu.Unlock()
	counted := &counter{ResponseWriter: rw, wire: w}
	if f == nil {
		w.honest.ServeHTTP(counted, r)
		return
	}
	f(counted, r, w.honest)
}

// counter counts what is given out.
type counter struct {
	http.ResponseWriter
	wire *Wire
}

// Write counts and writes.
func (c *counter) Write(p []byte) (int, error) {
	n, err := c.ResponseWriter.Write(p)
	c.wire.mu.Lock()
	defer c.wire.mu.Unlock()
	c.wire.written += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (c *counter) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// carries says whether a text holds one of the secrets.
func carries(text string, secrets []string) (string, bool) {
	for _, s := range secrets {
		if s != "" && strings.Contains(text, s) {
			return s, true
		}
	}
	return "", false
}
