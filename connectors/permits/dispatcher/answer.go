package dispatcher

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
)

// problem is a refusal (RFC 9457). Axis and State are there when a transition was refused.
type problem struct {
	ehds.Problem
	Axis  ehds.Axis `json:"axis,omitempty"`
	State string    `json:"state,omitempty"`
	// Findings are all places and rules of a body that breaks some.
	Findings findings `json:"findings,omitempty"`
}

func problemOf(err error) problem {
	p := problem{Problem: connectors.ProblemOf(fault.From(err))}
	var e illegalError
	if errors.As(err, &e) {
		p.Axis, p.State = e.Axis, e.State
	}
	var i invalidError
	if errors.As(err, &i) {
		p.Findings = i.found
	}
	return p
}

func refuse(w http.ResponseWriter, err error) {
	p := problemOf(err)
	if f := fault.From(err); f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(f.RetryAfter.Seconds())))
	}
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `ApiKey realm="national-dispatcher"`)
	}
	write(w, "application/problem+json", p.Status, raw(p))
}

func write(w http.ResponseWriter, mediaType string, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client is gone: nothing to mend
}

// answer writes a value.
func (c *call) answer(status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return unreadable(err)
	}
	write(c.w, "application/json", status, b)
	return nil
}
