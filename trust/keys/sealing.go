package keys

import "github.com/ehdsgw/ehdsgw/trust/jose"

// The algorithms of sealing keys: HPKE in JWE (draft-ietf-jose-hpke-encrypt; HPKE-10, X-Wing, of
// draft-ietf-jose-hpke-pq-pqt).
const (
	HPKE0  = "HPKE-0"  // DHKEM(P-256)
	HPKE3  = "HPKE-3"  // DHKEM(X25519)
	HPKE10 = "HPKE-10" // ML-KEM-768 and X25519
)

const sealingSecret = 32 // bytes of the secret part, alike for all three

// SealingKeys returns the keys of owner that open: the active ones, and those that retired less than
// 14 days ago, because an attempt signed again carries the seal it had (wire profile §3).
func (s *Store) SealingKeys(owner string) ([]jose.SealingKey, error) {
	var out []jose.SealingKey
	err := s.eachSealing(owner, func(k key) {
		if k.State == Active || k.State == Retiring {
			out = append(out, k.sealing)
		}
	})
	return out, err
}

// SealingSet returns owner's active sealing keys as they are published, use "enc", one of an
// algorithm: nobody has to choose between a new key and an old one.
func (s *Store) SealingSet(owner string) (jose.KeySet, error) {
	var set jose.KeySet
	err := s.eachSealing(owner, func(k key) {
		if k.State == Active {
			set.Keys = append(set.Keys, k.public)
		}
	})
	return set, err
}

func (s *Store) eachSealing(owner string, do func(key)) error {
	at, err := slotFor(Sealing, owner)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.slots[at] {
		do(k)
	}
	return nil
}
