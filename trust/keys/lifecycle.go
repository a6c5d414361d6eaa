package keys

import (
	"errors"
	"fmt"
	"time"
)

// Reason says why a key was revoked (OpenID Federation 1.1, historical keys).
type Reason string

// The reasons.
const (
	Unspecified Reason = "unspecified"
	Compromised Reason = "compromised"
	Superseded  Reason = "superseded"
)

// Known reports whether r is one of the reasons.
func (r Reason) Known() bool { return r == Unspecified || r == Compromised || r == Superseded }

// Generate makes a next key of an algorithm: published from now on, and good to
// sign once it has been for [Purpose.Publication]. ErrPending when one waits
// already, ErrAlg for an algorithm the purpose has not.
func (s *Store) Generate(purpose Purpose, owner, alg string) (Info, error) {
	at, err := rotatingSlot(purpose, owner, alg)
	if err != nil {
		return Info{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.find(at, alg, Next) != nil {
		return Info{}, fmt.Errorf("%w: %s %s of %q", ErrPending, purpose, alg, owner)
	}
	made, err := s.addNext(at, alg)
	if err != nil {
		return Info{}, err
	}
	return made.info(), nil
}

// Rotation says what a rotation did.
type Rotation struct {
	// Key is the one that signs now, or waits for its time.
	Key Info
	// Retired is the one that signed before; nil when there was none.
	Retired *Info
	// Early says that the new key signs before others can be expected to know
	// it: their copies of our metadata may be up to [Purpose.Publication] old.
	Early bool
	// Waits says that nothing changed yet: [Store.Tick] rotates at Key.NotBefore.
	Waits bool
}

// When is when a rotation takes effect.
type When int

// The ways to rotate.
const (
	// IfDue rotates when the next key has been published long enough, else ErrTooEarly.
	IfDue When = iota
	// WhenDue leaves it to Tick when it is too early.
	WhenDue
	// AtOnce rotates too early as well, and makes the next key if there is none.
	AtOnce
)

// Rotate makes the next key of an algorithm the active one; the one that
// signed until now is retiring until its last token has expired
// ([Purpose.Overlap]). ErrNoKey without a next key.
func (s *Store) Rotate(purpose Purpose, owner, alg string, when When) (Rotation, error) {
	at, err := rotatingSlot(purpose, owner, alg)
	if err != nil {
		return Rotation{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	next := s.find(at, alg, Next)
	if next == nil && when == AtOnce {
		if next, err = s.addNext(at, alg); err != nil {
			return Rotation{}, err
		}
	}
	if next == nil {
		return Rotation{}, fmt.Errorf("%w: no next %s key of %q with %s", ErrNoKey, purpose, owner, alg)
	}
	early := s.options.Clock().Before(next.NotBefore)
	switch {
	case early && when == IfDue:
		return Rotation{}, fmt.Errorf("%w: from %s", ErrTooEarly, next.NotBefore.Format(time.RFC3339))
	case early && when == WhenDue:
		next.WhenDue = true
		if err := s.changed(next.file, next.record); err != nil {
			return Rotation{}, err
		}
		return Rotation{Key: next.info(), Waits: true}, nil
	}
	out, err := s.promote(*next)
	out.Early = early
	return out, err
}

// addNext makes a next key. It needs s.mu, as do the following.
func (s *Store) addNext(at slot, alg string) (*key, error) {
	made, err := generate(at, alg, Next, s.options)
	if err != nil {
		return nil, err
	}
	if err := s.added(at, made.record); err != nil {
		return nil, err
	}
	return s.find(at, alg, Next), nil
}

// promote makes a next key the active one. The first write is the rotation: it
// says which key is replaced. The second only makes that one's file say so too.
func (s *Store) promote(next key) (Rotation, error) {
	at := slot{next.Purpose, next.Owner}
	old := s.find(at, next.Alg, Active)
	next.State, next.WhenDue = Active, false
	now := wholeSecond(s.options.Clock())
	next.NotBefore, next.ActivatedAt = now, &now
	if old != nil {
		next.Replaces = old.Kid
	}
	if err := s.changed(next.file, next.record); err != nil {
		return Rotation{}, err
	}
	out := Rotation{Key: next.info()}
	if old == nil {
		return out, nil
	}
	retired := s.byKid(old.Kid)
	info := retired.info()
	out.Retired = &info
	// A failure here is mended by Tick, and by every reading until then.
	return out, s.changed(retired.file, retired.record)
}

// Revoke takes a key out of use at once: it neither signs nor is published
// again, and is listed as revoked since at, which may lie in the past when the
// key got lost before it was noticed. A second revocation is ErrRevoked, an at
// in the future ErrTime.
func (s *Store) Revoke(kid string, reason Reason, at time.Time) (Info, error) {
	if !reason.Known() {
		return Info{}, fmt.Errorf("%w: %q", ErrReason, reason)
	}
	if at.After(s.options.Clock()) {
		return Info{}, ErrTime
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.byKid(kid)
	switch {
	case k == nil:
		return Info{}, fmt.Errorf("%w: %q", ErrNoKey, kid)
	case k.Purpose.Algorithms() == nil:
		return Info{}, fmt.Errorf("%w: a %s key cannot be revoked", ErrPurpose, k.Purpose)
	case k.State == Revoked:
		return Info{}, fmt.Errorf("%w: since %s", ErrRevoked, k.RevokedAt.Format(time.RFC3339))
	}
	at = wholeSecond(at)
	k.State, k.WhenDue, k.RevokedAt, k.Reason = Revoked, false, &at, reason
	if err := s.changed(k.file, k.record); err != nil {
		return Info{}, err
	}
	return k.info(), nil
}

// added writes a new key file of the slot, and reads all again. It needs s.mu, as do the following.
func (s *Store) added(at slot, r record) error {
	err := s.create(r, s.nextNumber(at))
	return errors.Join(err, s.reload())
}

// changed writes a key file anew, and reads all again: memory says what the disk says, even after a
// write that failed half-way.
func (s *Store) changed(file string, r record) error {
	err := s.replace(file, r)
	return errors.Join(err, s.reload())
}
