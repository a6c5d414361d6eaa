package keys

import (
	"crypto/ecdh"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
)

// The algorithms of sealing keys: HPKE in JWE (draft-ietf-jose-hpke-encrypt; HPKE-10, X-Wing, of
// draft-ietf-jose-hpke-pq-pqt).
const (
	HPKE0  = "HPKE-0"  // DHKEM(P-256)
	HPKE3  = "HPKE-3"  // DHKEM(X25519)
	HPKE10 = "HPKE-10" // ML-KEM-768 and X25519
)

const sealingSecret = 32 // bytes of the secret part, alike for all three

// SealingKey opens what was sealed to it (wire profile §3, Sealing).
type SealingKey struct {
	Kid     string // RFC 7638 thumbprint
	Alg     string
	State   State
	Private hpke.PrivateKey
}

// String names the key without its secret.
func (k SealingKey) String() string { return k.Alg + " " + k.Kid }

// GoString is String, so that %#v shows no secret either.
func (k SealingKey) GoString() string { return k.String() }

// SealingKeys returns the keys of owner that open: the active ones and those that retired less than
// 14 days ago, because an attempt signed again carries the seal it had.
func (s *Store) SealingKeys(owner string) ([]SealingKey, error) {
	at, err := slotFor(Sealing, owner)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []SealingKey
	for _, k := range s.slots[at] {
		if k.State == Active || k.State == Retiring {
			out = append(out, SealingKey{Kid: k.Kid, Alg: k.Alg, State: k.State, Private: k.sealing})
		}
	}
	return out, nil
}

// SealingJWKs returns the JWKs of owner's active sealing keys, use "enc", one of an algorithm: nobody
// has to choose between a new key and an old one.
func (s *Store) SealingJWKs(owner string) ([]json.RawMessage, error) {
	at, err := slotFor(Sealing, owner)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []json.RawMessage{}
	for _, k := range s.slots[at] {
		if k.State != Active {
			continue
		}
		public := k.written
		*public.secret() = ""
		raw, err := json.Marshal(struct {
			privateJWK
			Kid string `json:"kid"`
			Alg string `json:"alg"`
			Use string `json:"use"`
		}{public, k.Kid, k.Alg, "enc"})
		if err != nil {
			return nil, err
		}
		out = append(out, raw)
	}
	return out, nil
}

// sealingMaterial derives a sealing key from its secret part.
func sealingMaterial(alg string, seed []byte) (material, error) {
	kem, err := kemOf(alg)
	if err != nil {
		return material{}, err
	}
	private, err := kem.NewPrivateKey(seed)
	if err != nil {
		return material{}, fmt.Errorf("secret part of %s: %w", alg, err)
	}
	b64 := base64.RawURLEncoding.EncodeToString
	public := private.PublicKey().Bytes()
	var j privateJWK
	var named string // RFC 7638 §3.3; of AKP, RFC 9964
	switch alg {
	case HPKE0: // an uncompressed point: 4, x, y
		j = privateJWK{Kty: "EC", Crv: "P-256", X: b64(public[1:33]), Y: b64(public[33:])}
		named = fmt.Sprintf(`{"crv":"P-256","kty":"EC","x":%q,"y":%q}`, j.X, j.Y)
	case HPKE3:
		j = privateJWK{Kty: "OKP", Crv: "X25519", X: b64(public)}
		named = fmt.Sprintf(`{"crv":"X25519","kty":"OKP","x":%q}`, j.X)
	default:
		j = privateJWK{Kty: "AKP", Alg: alg, Pub: b64(public)}
		named = fmt.Sprintf(`{"alg":%q,"kty":"AKP","pub":%q}`, alg, j.Pub)
	}
	*j.secret() = b64(seed)
	sum := sha256.Sum256([]byte(named))
	return material{written: j, kid: b64(sum[:]), sealing: private}, nil
}

func kemOf(alg string) (hpke.KEM, error) {
	switch alg {
	case HPKE0:
		return hpke.DHKEM(ecdh.P256()), nil
	case HPKE3:
		return hpke.DHKEM(ecdh.X25519()), nil
	case HPKE10:
		return hpke.MLKEM768X25519(), nil
	}
	return nil, fmt.Errorf("%w: %q", ErrAlg, alg)
}
