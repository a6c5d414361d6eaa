package jose

import (
	"bytes"
	"crypto/hpke"
	"encoding/base64"
	"errors"
	"fmt"
)

// MaxSealed is the largest sealed text read or made, in bytes.
const MaxSealed = DefaultMaxToken

// Seal encrypts plaintext to a key of use "enc" with integrated HPKE encryption, as a compact JWE
// whose header is exactly {alg, kid}: no content is compressed, there is no other recipient. ErrKey or
// ErrKeyUse for a key that seals nothing, ErrSize for a text that could not be opened again.
func Seal(k PublicKey, plaintext []byte) (string, error) {
	public, ok := k.Key.(*SealingPublicKey)
	if !ok || public == nil || k.Alg != public.alg {
		return "", fmt.Errorf("%w: not a sealing key", ErrKey)
	}
	if k.Use != "enc" || !k.allows("encrypt") {
		return "", ErrKeyUse
	}
	s, _ := suiteNamed(public.alg)
	kid, err := Thumbprint(public)
	if err != nil {
		return "", err
	}
	if kid != k.Kid {
		return "", fmt.Errorf("%w: kid is not the thumbprint", ErrKey)
	}
	enc, sender, err := hpke.NewSender(public.key, s.kdf(), s.aead(), nil)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrKey, err)
	}
	header := encode([]byte(sealedHeader(s.alg, kid)))
	ciphertext, err := sender.Seal([]byte(header), plaintext)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrKey, err)
	}
	out := header + "." + encode(enc) + ".." + encode(ciphertext) + "."
	if len(out) > MaxSealed {
		return "", fmt.Errorf("%w: sealed text", ErrSize)
	}
	return out, nil
}

// sealedHeader is the one spelling that is written. Thumbprints and algorithm names need no escapes.
func sealedHeader(alg, kid string) string { return `{"alg":"` + alg + `","kid":"` + kid + `"}` }

// Open decrypts a compact JWE with the one of keys that its kid and alg name. Whatever is wrong, be it
// the form, the key or the ciphertext, the error is ErrUnsealable and says no more: a sender learns
// nothing from trying (wire profile §3).
func Open(keys []SealingKey, sealed string) ([]byte, error) {
	parts, ok := sealedParts(sealed)
	if !ok {
		return nil, ErrUnsealable
	}
	alg, kid, ok := readSealedHeader(parts.header)
	if !ok {
		return nil, ErrUnsealable
	}
	for _, k := range keys {
		if k.Kid != kid || k.Alg != alg || k.private == nil {
			continue
		}
		s, _ := suiteNamed(alg)
		if len(parts.enc) != s.encapsulated {
			return nil, ErrUnsealable
		}
		recipient, err := hpke.NewRecipient(parts.enc, k.private, s.kdf(), s.aead(), nil)
		if err != nil {
			return nil, ErrUnsealable
		}
		plaintext, err := recipient.Open(parts.aad, parts.ciphertext)
		if err != nil {
			return nil, ErrUnsealable
		}
		return plaintext, nil
	}
	return nil, ErrUnsealable
}

// sealedText is a compact JWE taken apart.
type sealedText struct{ aad, header, enc, ciphertext []byte }

// sealedParts wants five segments, of which initialization vector and tag are empty (integrated
// encryption has neither), each in its one canonical spelling.
func sealedParts(sealed string) (sealedText, bool) {
	if len(sealed) > MaxSealed {
		return sealedText{}, false
	}
	segments := bytes.Split([]byte(sealed), []byte("."))
	if len(segments) != 5 || len(segments[2]) != 0 || len(segments[4]) != 0 ||
		base64.RawURLEncoding.DecodedLen(len(segments[0])) > DefaultMaxHeader {
		return sealedText{}, false
	}
	header, err1 := decodeBase64(segments[0])
	enc, err2 := decodeBase64(segments[1])
	ciphertext, err3 := decodeBase64(segments[3])
	return sealedText{segments[0], header, enc, ciphertext}, errors.Join(err1, err2, err3) == nil
}

// readSealedHeader wants exactly alg and kid: no zip, no crit, no enc.
func readSealedHeader(raw []byte) (alg, kid string, ok bool) {
	if CheckJSON(raw, DefaultMaxDepth) != nil {
		return "", "", false
	}
	members, err := object(raw)
	if err != nil || len(members) != 2 {
		return "", "", false
	}
	alg, okAlg := textOf(members["alg"])
	kid, okKid := textOf(members["kid"])
	_, known := suiteNamed(alg)
	return alg, kid, okAlg && okKid && known
}
