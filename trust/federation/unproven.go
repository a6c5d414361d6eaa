package federation

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"
)

// Whoever can send a token can send a chain, and a chain costs several signatures to refuse. One that
// was refused is refused again without looking, and of those that were not seen before no more may fail
// in a minute than Options.HeaderFailures.

// ErrHeaderRate: too many chains of strangers have failed lately; those already proved are not concerned.
var ErrHeaderRate = rule("header-rate", ErrUnavailable, "too many chains have been refused lately")

const (
	maxUnproven   = 4096        // refusals remembered
	unprovenFor   = time.Minute // a chain that is not valid yet may become so
	failureWindow = time.Minute
)

// refusal is why a chain was refused.
type refusal struct {
	at  time.Time
	err error
}

// unproven remembers the chains that were refused. The zero time starts the first window.
type unproven struct {
	seen *recent[[sha256.Size]byte, refusal]
	most int // failures in a window; 0 for no bound

	window time.Time // when it began; Resolver.mu is held for this and the next
	failed int
}

// chainID names an entity with the chain it brings. Lengths keep two lists from meeting.
func chainID(entity string, chain []string) (id [sha256.Size]byte) {
	h := sha256.New()
	var n [8]byte
	for _, s := range append([]string{entity}, chain...) {
		binary.BigEndian.PutUint64(n[:], uint64(len(s)))
		h.Write(n[:])
		h.Write([]byte(s))
	}
	h.Sum(id[:0])
	return id
}

// proveHeader is readHeader for a chain that may have been refused before.
func (r *Resolver) proveHeader(entity string, chain []string, now time.Time) (*resolved, error) {
	id := chainID(entity, chain)
	if was, ok := r.unproven.seen.get(id); ok && now.Sub(was.at) < unprovenFor {
		return nil, was.err
	}
	if err := r.mayFail(now); err != nil {
		return nil, err
	}
	k, err := r.readHeader(entity, chain, now)
	if err != nil {
		r.unproven.seen.put(id, refusal{now, err})
		r.mu.Lock()
		r.unproven.failed++
		r.mu.Unlock()
	}
	return k, err
}

// mayFail says whether one more chain of a stranger may be looked at.
func (r *Resolver) mayFail(now time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	u := &r.unproven
	if now.Sub(u.window) >= failureWindow {
		u.window, u.failed = now, 0
	}
	if u.most > 0 && u.failed >= u.most {
		return fmt.Errorf("%w: %d in a minute", ErrHeaderRate, u.most)
	}
	return nil
}
