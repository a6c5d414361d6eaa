package keys

import (
	"crypto"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// Device holds private keys outside this process, for instance a PKCS#11 token
// (trust/keys/pkcs11). It signs Ed25519 and ES256.
type Device interface {
	// Generate makes a key of the algorithm under an id that none there has.
	Generate(alg string, id []byte) (crypto.Signer, error)
	// Find returns the signer of the key made under the id.
	Find(alg string, id []byte) (crypto.Signer, error)
}

// ErrDevice: a key lives in a device that is not configured, does not answer,
// or has another key under the id.
var ErrDevice = errors.New("keys: device")

// deviceAlgs are what a device signs.
func deviceAlgs() []string { return []string{Ed25519, ES256} }

func (o Options) inDevice(p Purpose) bool {
	return o.Device != nil && slices.Contains(o.DevicePurposes, p)
}

// generateInDevice makes a key in the device. Its file holds the id and the public half. A crash
// before the file is written leaves a key in the device that nobody knows: harmless, under a random id.
func generateInDevice(at slot, alg string, state State, o Options) (key, error) {
	if !slices.Contains(deviceAlgs(), alg) {
		return key{}, fmt.Errorf("%w: a device has no %s keys", ErrAlg, alg)
	}
	id := make([]byte, 16)
	if _, err := io.ReadFull(o.Rand, id); err != nil {
		return key{}, fmt.Errorf("keys: read randomness: %w", err)
	}
	signer, err := o.Device.Generate(alg, id)
	if err != nil {
		return key{}, fmt.Errorf("%w: %w", ErrDevice, err)
	}
	signing, err := jose.NewSigningKey(signer)
	if err != nil || signing.Alg != alg {
		return key{}, fmt.Errorf("%w: it made no %s key (%w)", ErrDevice, alg, errors.Join(err, ErrAlg))
	}
	m := material{kid: signing.Kid, signing: signing}
	if m.public, err = signing.Public(); err != nil {
		return key{}, err
	}
	k := newKey(at, alg, state, o, m)
	k.Device = hex.EncodeToString(id)
	k.Public, err = m.public.MarshalJSON()
	return k, err
}

// readDevice reads the public half of a key that lives in a device.
func (r record) readDevice() (m material, reason string) {
	id, err := hex.DecodeString(r.Device)
	if err != nil || len(id) == 0 || r.Private != (privateJWK{}) || !slices.Contains(deviceAlgs(), r.Alg) {
		return material{}, "a device's key has device_id, public_jwk and no private_jwk"
	}
	text, err := json.Marshal(map[string][]json.RawMessage{"keys": {r.Public}})
	if err != nil {
		return material{}, "public_jwk is not readable"
	}
	set, err := jose.ParseKeySet(text)
	if err != nil || len(set.Keys) != 1 {
		return material{}, "public_jwk is not readable"
	}
	m.public = set.Keys[0]
	kid, err := jose.Thumbprint(m.public.Key)
	if err != nil || kid != r.Kid || m.public.Kid != r.Kid || m.public.Alg != r.Alg || m.public.Use != "sig" {
		return material{}, "public_jwk, kid and alg do not agree"
	}
	m.kid = kid
	return m, ""
}

// signer is the signing side of a key, from its device if that is where it lives. A device that gives
// another key than the file says signs nothing. It needs s.mu.
func (s *Store) signer(k key, err error) (jose.SigningKey, error) {
	if err != nil || k.Device == "" {
		return k.signing, err
	}
	if kept, ok := s.signers[k.Kid]; ok {
		return kept, nil
	}
	if s.options.Device == nil {
		return jose.SigningKey{}, fmt.Errorf("%w: the %s key of %q lives in one and none is configured", ErrDevice, k.Purpose, k.Owner)
	}
	id, err := hex.DecodeString(k.Device)
	if err != nil {
		return jose.SigningKey{}, fmt.Errorf("%w: %w", ErrDevice, err)
	}
	found, err := s.options.Device.Find(k.Alg, id)
	if err != nil {
		return jose.SigningKey{}, fmt.Errorf("%w: %w", ErrDevice, err)
	}
	signing, err := jose.NewSigningKey(found)
	if err != nil || signing.Kid != k.Kid {
		return jose.SigningKey{}, fmt.Errorf("%w: it has another key under the id of %s", ErrDevice, k.Kid)
	}
	if s.signers == nil {
		s.signers = map[string]jose.SigningKey{}
	}
	s.signers[k.Kid] = signing
	return signing, nil
}
