package keys

import (
	"errors"
	"fmt"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// Active returns the key that signs for purpose and owner: [Federation],
// [Exchange], [Permit] or [Visa]. Where keys of several algorithms are active it
// is the one whose algorithm comes first in [Purpose.Algorithms]. A key in any
// other state never signs. ErrNoKey when none is active or the active one's
// not_before lies ahead, ErrAmbiguous when there are several of one algorithm.
func (s *Store) Active(purpose Purpose, owner string) (jose.SigningKey, error) {
	at, err := signingSlot(purpose, owner)
	if err != nil {
		return jose.SigningKey{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.signer(s.active(at))
}

// ActiveAlg is Active for the keys of one algorithm: a nested signature takes
// one key of each of two (wire profile §2).
func (s *Store) ActiveAlg(purpose Purpose, owner, alg string) (jose.SigningKey, error) {
	at, err := signingSlot(purpose, owner)
	if err != nil {
		return jose.SigningKey{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.signer(s.activeAlg(at, alg))
}

// active needs s.mu.
func (s *Store) active(at slot) (key, error) {
	algs := at.purpose.Algorithms()
	if algs == nil {
		algs = []string{at.firstAlg()}
	}
	for _, alg := range algs {
		k, err := s.activeAlg(at, alg)
		if !errors.Is(err, ErrNoKey) {
			return k, err
		}
	}
	return key{}, fmt.Errorf("%w: no active %s key for %q", ErrNoKey, at.purpose, at.owner)
}

// activeAlg needs s.mu.
func (s *Store) activeAlg(at slot, alg string) (key, error) {
	var found []key
	latest := s.options.Clock().Add(skew)
	for _, k := range s.slots[at] {
		if k.Alg == alg && k.State == Active && !k.NotBefore.After(latest) {
			found = append(found, k)
		}
	}
	switch len(found) {
	case 0:
		return key{}, fmt.Errorf("%w: no active %s key for %q with %s", ErrNoKey, at.purpose, at.owner, alg)
	case 1:
		return found[0], nil
	}
	return key{}, fmt.Errorf("%w: %s keys of %q with %s", ErrAmbiguous, at.purpose, at.owner, alg)
}
