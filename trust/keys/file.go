package keys

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

const secretSize = 32

// record is the JSON of one key file. Times are UTC, whole seconds.
type record struct {
	Purpose   Purpose    `json:"purpose"`
	Owner     string     `json:"owner"`
	State     State      `json:"state"`
	Kid       string     `json:"kid"`
	Alg       string     `json:"alg,omitempty"`
	Created   time.Time  `json:"created"`
	NotBefore time.Time  `json:"not_before"`
	RetiredAt *time.Time `json:"retired_at,omitempty"`
	RevokedAt *time.Time `json:"revoked_at,omitempty"`
	Private   privateJWK `json:"private_jwk"`
}

// privateJWK is an OKP key pair (RFC 8037 §2) or an oct secret (RFC 7518 §6.4).
type privateJWK struct {
	Kty string `json:"kty"`
	Crv string `json:"crv,omitempty"`
	X   string `json:"x,omitempty"`
	D   string `json:"d,omitempty"`
	K   string `json:"k,omitempty"`
}

// key is a record with its usable key: private or secret.
type key struct {
	record
	private ed25519.PrivateKey
	secret  []byte
}

// generate makes the slot's first key, active at once.
func generate(at slot, o Options) (key, error) {
	material := make([]byte, secretSize) // an Ed25519 seed has the same length
	if _, err := io.ReadFull(o.Rand, material); err != nil {
		return key{}, fmt.Errorf("keys: read randomness: %w", err)
	}
	now := o.Clock().UTC().Truncate(time.Second)
	r := record{Purpose: at.purpose, Owner: at.owner, State: Active, Created: now, NotBefore: now}
	b64 := base64.RawURLEncoding
	if at.purpose == Record {
		r.Kid = secretID(material)
		r.Private = privateJWK{Kty: "oct", K: b64.EncodeToString(material)}
		return key{record: r, secret: material}, nil
	}
	private := ed25519.NewKeyFromSeed(material)
	signing, err := jose.NewSigningKey(private)
	if err != nil {
		return key{}, err
	}
	r.Kid, r.Alg = signing.Kid, signing.Alg
	r.Private = privateJWK{
		Kty: "OKP",
		Crv: "Ed25519",
		X:   b64.EncodeToString(private.Public().(ed25519.PublicKey)),
		D:   b64.EncodeToString(material),
	}
	return key{record: r, private: private}, nil
}

// secretID is the RFC 7638 thumbprint of an oct key.
func secretID(secret []byte) string {
	b64 := base64.RawURLEncoding
	sum := sha256.Sum256([]byte(`{"k":"` + b64.EncodeToString(secret) + `","kty":"oct"}`))
	return b64.EncodeToString(sum[:])
}

func (r record) encode() ([]byte, error) {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return nil, err
	}
	return append(text, '\n'), nil
}

// decodeKey reads a key file and checks that its parts agree. Errors say which
// part is wrong and never show the key.
func decodeKey(text []byte) (key, error) {
	var r record
	if err := jose.DecodeStrict(text, &r); err != nil {
		return key{}, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if _, err := slotFor(r.Purpose, r.Owner); err != nil {
		return key{}, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if reason := r.badState(); reason != "" {
		return key{}, fmt.Errorf("%w: %s", ErrCorrupt, reason)
	}
	k, reason := r.material()
	if reason != "" {
		return key{}, fmt.Errorf("%w: %s", ErrCorrupt, reason)
	}
	return k, nil
}

func (r record) badState() string {
	if r.Created.IsZero() || r.NotBefore.IsZero() {
		return "created or not_before is missing"
	}
	switch r.State {
	case Next, Active:
		if r.RetiredAt != nil || r.RevokedAt != nil {
			return "retired_at or revoked_at does not go with the state"
		}
	case Retiring:
		if r.RetiredAt == nil || r.RevokedAt != nil {
			return "a retiring key has retired_at and no revoked_at"
		}
	case Revoked:
		if r.RevokedAt == nil {
			return "a revoked key has revoked_at"
		}
	default:
		return "state is unknown"
	}
	return ""
}

// material decodes the private key by generating it again from its secret
// part: whatever differs from what generate writes is damage.
func (r record) material() (k key, reason string) {
	text := r.Private.D
	if r.Purpose == Record {
		text = r.Private.K
	}
	secret, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(secret) != secretSize {
		return key{}, "private_jwk is not readable"
	}
	created := func() time.Time { return r.Created }
	same, err := generate(slot{r.Purpose, r.Owner}, Options{Clock: created, Rand: bytes.NewReader(secret)})
	if err != nil {
		return key{}, "private_jwk is not usable"
	}
	if same.Private != r.Private || same.Kid != r.Kid || same.Alg != r.Alg {
		return key{}, "private_jwk, kid and alg do not agree"
	}
	same.record = r
	return same, ""
}
