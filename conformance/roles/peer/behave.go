package peer

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/roles"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Behaviour is what a hub does with one delivery besides the usual. The zero value is the usual.
type Behaviour struct {
	Reset  bool // end the connection without an answer, nothing kept
	Status int  // answer with this status and no receipt, nothing kept
	// Answer writes an answer of its own instead, nothing kept.
	Answer     func(w http.ResponseWriter, r *http.Request)
	RetryAfter time.Duration // with Status, in whole seconds
	ResetAfter bool          // keep the message, then end the connection without an answer
	// Problem answers with a REJECTED receipt, nothing kept.
	Problem *ehds.Problem
	// Claims alters the receipt before it is signed, Receipt the signed token. What is remembered, and repeated
	// with a DUPLICATE, is the receipt as it was before.
	Claims  func(*ehds.Receipt)
	Receipt func(token string) string
}

// before does what happens before a message is looked at; false means that it was answered.
func (b Behaviour) before(w http.ResponseWriter, r *http.Request) bool {
	switch {
	case b.Reset:
		reset(w)
		return false
	case b.Answer != nil:
		b.Answer(w, r)
		return false
	case b.Status != 0:
		if b.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(b.RetryAfter/time.Second)))
		}
		roles.WriteToken(w, b.Status, roles.MediaProblem, "{}")
		return false
	}
	return true
}

// reset ends a connection without an answer.
func reset(http.ResponseWriter) { panic(http.ErrAbortHandler) }

// rule chooses behaviours.
type rule struct {
	choose func(Received) *Behaviour
}

// Behave adds a rule: the first that returns a behaviour for a delivery decides. undo takes it away.
func (h *Hub) Behave(choose func(Received) *Behaviour) (undo func()) {
	r := &rule{choose}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.rules = append(h.rules, r)
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.rules = slices.DeleteFunc(h.rules, func(x *rule) bool { return x == r })
	}
}

func (h *Hub) behaviour(got Received) Behaviour {
	h.mu.Lock()
	rules := slices.Clone(h.rules)
	h.mu.Unlock()
	for _, r := range rules {
		if b := r.choose(got); b != nil {
			return *b
		}
	}
	return Behaviour{}
}
