package forge

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
)

// The sealing algorithms forge writes (draft-ietf-jose-hpke-encrypt): HPKE base mode with
// HKDF-SHA256 and AES-128-GCM, over P-256 or X25519.
const (
	AlgHPKE0 = "HPKE-0"
	AlgHPKE3 = "HPKE-3"
)

// Sealing says how to seal. All of it is chosen by the caller, the ephemeral key too, so that a sealed
// text comes out the same each time; a sender that is no test would draw that at random.
type Sealing struct {
	Alg       string
	Recipient []byte // private key, 32 octets: the caller plays both sides
	Ephemeral []byte // private key, 32 octets
	Header    string // protected header, as text; empty is {"alg","kid"}
	Info      []byte // RFC 9180 info; the profile's is empty
}

// kem is a row of RFC 9180 §7.1.
type kem struct {
	id    uint16
	curve ecdh.Curve
}

func kemOf(alg string) (kem, error) {
	switch alg {
	case AlgHPKE0:
		return kem{0x0010, ecdh.P256()}, nil
	case AlgHPKE3:
		return kem{0x0020, ecdh.X25519()}, nil
	}
	return kem{}, fmt.Errorf("%w: algorithm", ErrKey)
}

// SealingJWK is the public half of a private sealing key, with its thumbprint as kid.
func SealingJWK(alg string, private []byte) (JWK, error) {
	k, err := kemOf(alg)
	if err != nil {
		return JWK{}, err
	}
	key, err := k.curve.NewPrivateKey(private)
	if err != nil {
		return JWK{}, fmt.Errorf("%w: %w", ErrKey, err)
	}
	pub := key.PublicKey().Bytes()
	j := JWK{Kty: "OKP", Crv: "X25519", X: base64.RawURLEncoding.EncodeToString(pub)}
	if alg == AlgHPKE0 {
		j = JWK{Kty: "EC", Crv: "P-256", X: base64.RawURLEncoding.EncodeToString(pub[1:33]), Y: base64.RawURLEncoding.EncodeToString(pub[33:])}
	}
	if j.Kid, err = j.Thumbprint(); err != nil {
		return JWK{}, err
	}
	j.Alg, j.Use = alg, "enc"
	return j, nil
}

// Seal writes plaintext as a compact JWE with integrated HPKE encryption: header, encapsulated key,
// no initialization vector, ciphertext, no tag.
func Seal(s Sealing, plaintext []byte) (string, error) {
	k, err := kemOf(s.Alg)
	if err != nil {
		return "", err
	}
	public, err := SealingJWK(s.Alg, s.Recipient)
	if err != nil {
		return "", err
	}
	if s.Header == "" {
		s.Header = fmt.Sprintf(`{"alg":%q,"kid":%q}`, s.Alg, public.Kid)
	}
	header := base64.RawURLEncoding.EncodeToString([]byte(s.Header))
	enc, aead, nonce, err := k.encapsulate(s)
	if err != nil {
		return "", err
	}
	sealed := aead.Seal(nil, nonce, plaintext, []byte(header))
	b64 := base64.RawURLEncoding.EncodeToString
	return header + "." + b64(enc) + ".." + b64(sealed) + ".", nil
}

// encapsulate is Encap and the key schedule in base mode (RFC 9180 §4.1, §5.1).
func (k kem) encapsulate(s Sealing) (enc []byte, aead cipher.AEAD, nonce []byte, err error) {
	recipient, err := k.curve.NewPrivateKey(s.Recipient)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	ephemeral, err := k.curve.NewPrivateKey(s.Ephemeral)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	dh, err := ephemeral.ECDH(recipient.PublicKey())
	if err != nil {
		return nil, nil, nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	enc = ephemeral.PublicKey().Bytes()
	own := labels(append([]byte("KEM"), u16(k.id)...))
	shared := own.expand(own.extract(nil, "eae_prk", dh), "shared_secret", append(enc[:len(enc):len(enc)], recipient.PublicKey().Bytes()...), 32)

	suite := labels(append(append(append([]byte("HPKE"), u16(k.id)...), u16(1)...), u16(1)...))
	context := append([]byte{0}, suite.extract(nil, "psk_id_hash", nil)...)
	context = append(context, suite.extract(nil, "info_hash", s.Info)...)
	secret := suite.extract(shared, "secret", nil)
	block, err := aes.NewCipher(suite.expand(secret, "key", context, 16))
	if err != nil {
		return nil, nil, nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	if aead, err = cipher.NewGCM(block); err != nil {
		return nil, nil, nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	return enc, aead, suite.expand(secret, "base_nonce", context, 12), nil
}

// labels derives under a suite identifier (RFC 9180 §4, LabeledExtract and LabeledExpand).
type labels []byte

func (l labels) extract(salt []byte, label string, ikm []byte) []byte {
	in := append(append(append([]byte("HPKE-v1"), l...), label...), ikm...)
	out, err := hkdf.Extract(sha256.New, in, salt)
	if err != nil {
		return nil // SHA-256 is always there
	}
	return out
}

func (l labels) expand(prk []byte, label string, info []byte, n uint16) []byte {
	in := append(append(append(append(u16(n), "HPKE-v1"...), l...), label...), info...)
	out, err := hkdf.Expand(sha256.New, prk, string(in), int(n))
	if err != nil {
		return nil // n is far below the bound
	}
	return out
}

func u16(n uint16) []byte { return binary.BigEndian.AppendUint16(nil, n) }
