package exchange

import (
	"encoding/json"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// rejection records a message without any domain effect. It consumes its number: at its turn when
// earlier ones are missing, at once otherwise. Without a case there is no order to keep.
func (in *Inbox) rejection(s store.State, d *delivery, f *fault.Error) (store.Change, *fault.Error) {
	m := d.message()
	m.Class, m.Rejected, m.Problem, m.Blobs = "refused", true, problemJSON(f), nil
	change := store.Change{Message: m}
	next := s.Applied[m.Iss] + 1
	switch {
	case s.Case == unfiledCase || m.Seq < next || m.Seq > maxSafeInteger || taken(s.Held, m.Iss, m.Seq):
	case m.Seq == next:
		change.Applied = map[string]int64{m.Iss: m.Seq}
		in.drain(s, m.Iss, &change)
	default:
		if full := heldFull(s, m.Iss); full != nil {
			return store.Change{}, full
		}
		m.Held = true
	}
	return change, nil
}

// heldFull says whether a sender has too many messages of a case waiting.
func heldFull(s store.State, iss string) *fault.Error {
	n := 0
	for _, h := range s.Held {
		if h.Iss == iss {
			n++
		}
	}
	if n < maxHeld {
		return nil
	}
	return fault.New(fault.RateLimited, "too-many-held", "too many messages wait for an earlier number").After(time.Minute)
}

// apply puts a good message in order and applies it and whatever it releases.
func (in *Inbox) apply(s store.State, d *delivery) (store.Change, *fault.Error) {
	m := d.message()
	change := store.Change{Message: m}
	next := s.Applied[m.Iss] + 1
	if m.Seq < next {
		return change, fault.New(fault.Conflict, "seq-used", "this number was already used in this case").At("/seq")
	}
	if taken(s.Held, m.Iss, m.Seq) {
		return change, fault.New(fault.Conflict, "seq-used", "this number is already held in this case").At("/seq")
	}
	if m.Seq > next {
		if full := heldFull(s, m.Iss); full != nil {
			return change, full
		}
		m.Held = true
		return change, nil
	}
	if f := in.handle(s, d.env, m, &change); f != nil {
		return change, f
	}
	change.Applied = map[string]int64{m.Iss: m.Seq}
	in.drain(s, m.Iss, &change)
	return change, nil
}

// maxHeld bounds how many messages of one sender and case wait for a gap to close.
const maxHeld = 256

func taken(held []store.Message, iss string, seq int64) bool {
	for _, h := range held {
		if h.Iss == iss && h.Seq == seq {
			return true
		}
	}
	return false
}

// drain applies held messages of a sender as long as their numbers follow.
func (in *Inbox) drain(s store.State, iss string, change *store.Change) {
	for {
		next := change.Applied[iss] + 1
		i := indexHeld(s.Held, iss, next)
		if i < 0 {
			return
		}
		h := s.Held[i]
		change.Applied[iss] = next
		change.Unheld = append(change.Unheld, store.MessageRef{Iss: h.Iss, Jti: h.Jti})
		if h.Rejected || h.Erased {
			continue
		}
		var env ehds.Envelope
		if err := json.Unmarshal(h.Claims, &env); err != nil {
			in.Logger.Error("a held message cannot be read back", "case", s.Case, "error", err)
			continue
		}
		// A refusal now is a business matter: the receipt has left long ago.
		if f := in.handle(s, env, &h.Inbound, change); f != nil {
			in.respondRefused(s, env, &h.Inbound, change, f)
		}
	}
}

func indexHeld(held []store.Message, iss string, seq int64) int {
	for i, h := range held {
		if h.Iss == iss && h.Seq == seq {
			return i
		}
	}
	return -1
}
