package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// Operator is the API on the operator socket: JSON in, JSON out, faults as problems. Who can open
// the socket is the operator; the file mode is the credential.
type Operator struct {
	mux *http.ServeMux
	log *slog.Logger
}

// Query are a GET's parameters, the path's included.
type Query struct {
	url.Values
	r *http.Request
}

// Get is a query parameter, or the path segment of that name. A query made without a request has no path.
func (q Query) Get(name string) string {
	if q.r == nil {
		return q.Values.Get(name)
	}
	if v := q.r.PathValue(name); v != "" {
		return v
	}
	return q.Values.Get(name)
}

// NewOperator makes an API without routes. The log gets the causes of our own defects, which no answer
// tells.
func NewOperator(log *slog.Logger) *Operator {
	o := &Operator{mux: http.NewServeMux(), log: log}
	o.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		writeProblem(w, fault.New(fault.NotFound, "not-found", "the operator API has no such call"))
	})
	return o
}

// ServeHTTP serves the routes.
func (o *Operator) ServeHTTP(w http.ResponseWriter, r *http.Request) { o.mux.ServeHTTP(w, r) }

// Get adds a reading route.
func Get[T any](o *Operator, path string, f func(context.Context, Query) (T, error)) {
	o.mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
		v, err := f(r.Context(), Query{Values: r.URL.Query(), r: r})
		o.answer(w, r, v, err)
	})
}

// maxOperatorRequest bounds a request body.
const maxOperatorRequest = 1 << 20

// Post adds a changing route. Unknown members are refused: a misspelt option must not be ignored.
func Post[In, Out any](o *Operator, path string, f func(context.Context, In) (Out, error)) {
	o.mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
		var in In
		if err := readObject(http.MaxBytesReader(w, r.Body, maxOperatorRequest), &in); err != nil {
			writeProblem(w, fault.Wrap(err, fault.Malformed, "request-json", "the request is not the JSON object asked for"))
			return
		}
		out, err := f(r.Context(), in)
		o.answer(w, r, out, err)
	})
}

// readObject reads the one JSON value of a request. Unknown members are refused.
func readObject(body io.Reader, in any) error {
	d := json.NewDecoder(body)
	d.DisallowUnknownFields()
	if err := d.Decode(in); err != nil {
		return err
	}
	if d.More() {
		return errors.New("more than one value")
	}
	return nil
}

// answer writes a value, or the problem of an error.
func (o *Operator) answer(w http.ResponseWriter, r *http.Request, v any, err error) {
	if err != nil {
		f := fault.From(err)
		if f.Kind == fault.Internal {
			o.log.ErrorContext(r.Context(), "operator call", "call", r.Pattern, "error", err)
		}
		writeProblem(w, f)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(v) // the operator's client is gone: nothing to mend
}
