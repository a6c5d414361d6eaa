package exchange

import (
	"encoding/json"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/fault"
	"github.com/ehdsgw/ehdsgw/gateway/store"
)

// rejection records a message without any domain effect. It consumes its number: at its turn when
// earlier ones are missing, at once otherwise. Without a case there is no order to keep. What it
// holds may be anything, so its content is always sealed: in its case when that is a personal one,
// under the unfiled case otherwise. The number counts in the case it names, whether or not its type
// belongs to that kind of case.
func (in *Inbox) rejection(s store.State, d *delivery, f *fault.Error) (store.Change, *fault.Error) {
	m := d.message()
	m.Class, m.Rejected, m.Problem, m.Blobs = "refused", true, problemJSON(f), nil
	if id, err := ehds.ParseCaseID(s.Case); err == nil && !id.Kind.Personal() {
		m.Filed = unfiledCase
	}
	change := store.Change{Message: m}
	next := s.Applied[m.Iss] + 1
	switch {
	case s.Case == unfiledCase || m.Seq < next || m.Seq > maxSafeInteger || taken(s.Held, m.Iss, m.Seq):
	case m.Seq == next:
		change.Applied = map[string]int64{m.Iss: m.Seq}
		if err := in.drain(s, m.Iss, &change); err != nil {
			return store.Change{}, unavailable(err)
		}
	default:
		if full := heldFull(s.Held, m); full != nil {
			return store.Change{}, full
		}
		m.Held = true
	}
	return change, nil
}

// heldFull says whether a sender has too much of a case waiting for m to wait too. One message may
// wait whatever its size.
func heldFull(held []store.Held, m *store.Inbound) *fault.Error {
	n, size := 0, int64(len(m.Token)+len(m.Claims))
	for _, h := range held {
		if h.Iss == m.Iss {
			n, size = n+1, size+h.Size
		}
	}
	if n == 0 || n < maxHeld && size <= maxHeldBytes {
		return nil
	}
	return fault.New(fault.RateLimited, "too-many-held", "too many messages wait for an earlier number").After(time.Minute)
}

// apply puts a good message in order and applies it and whatever it releases.
func (in *Inbox) apply(s store.State, d *delivery) (store.Change, *fault.Error) {
	m := d.message()
	change := store.Change{Message: m}
	waits, f := turn(s.Applied[m.Iss], s.Held, m)
	if m.Held = waits; f != nil || waits {
		return change, f
	}
	if f := in.handle(s, d.env, m, &change); f != nil {
		return change, f
	}
	change.Applied = map[string]int64{m.Iss: m.Seq}
	if err := in.drain(s, m.Iss, &change); err != nil {
		return change, unavailable(err)
	}
	return change, nil
}

// turn says whether a message has to wait for an earlier number, or cannot be taken at all.
func turn(applied int64, held []store.Held, m *store.Inbound) (waits bool, f *fault.Error) {
	switch {
	case m.Seq <= applied:
		return false, fault.New(fault.Conflict, "seq-used", "this number was already used in this case").At("/seq")
	case taken(held, m.Iss, m.Seq):
		return false, fault.New(fault.Conflict, "seq-used", "this number is already held in this case").At("/seq")
	case m.Seq == applied+1:
		return false, nil
	}
	f = heldFull(held, m)
	return f == nil, f
}

// What of one sender and case may wait for a gap to close.
const (
	maxHeld      = 256     // messages
	maxHeldBytes = 8 << 20 // of tokens and claims
)

func taken(held []store.Held, iss string, seq int64) bool {
	for _, h := range held {
		if h.Iss == iss && h.Seq == seq {
			return true
		}
	}
	return false
}

// drain applies held messages of a sender as long as their numbers follow. It reads one at a time.
func (in *Inbox) drain(s store.State, iss string, change *store.Change) error {
	for {
		next := change.Applied[iss] + 1
		i := indexHeld(s.Held, iss, next)
		if i < 0 {
			return nil
		}
		change.Applied[iss] = next
		if err := in.applyHeld(s, s.Held[i], change); err != nil {
			return err
		}
	}
}

// applyHeld applies one message whose wait is over.
func (in *Inbox) applyHeld(s store.State, h store.Held, change *store.Change, noted ...ehds.Finding) error {
	change.Unheld = append(change.Unheld, h.MessageRef)
	if h.Rejected {
		return nil
	}
	m, err := s.Load(h.MessageRef)
	if err != nil || m.Erased {
		return err
	}
	var env ehds.Envelope
	if err := json.Unmarshal(m.Claims, &env); err != nil {
		in.Logger.Error("a held message cannot be read back", "jti", h.Jti, "error", err)
		return nil
	}
	// A refusal now is a business matter: the receipt has left long ago.
	if f := in.handle(s, env, &m.Inbound, change, noted...); f != nil {
		in.respondRefused(s, env, &m.Inbound, change, f)
	}
	return nil
}

func indexHeld(held []store.Held, iss string, seq int64) int {
	for i, h := range held {
		if h.Iss == iss && h.Seq == seq {
			return i
		}
	}
	return -1
}
