package evidence

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
)

// Signature types of C2SP signed-note that are understood here.
const (
	sigEd25519     = 0x01 // a log's own signature
	sigCosignature = 0x04 // a witness's timestamped cosignature/v1
)

const maxVKey = 1024

// ErrVKey means that a verifier key is not one this package understands, in its canonical spelling.
var ErrVKey = errors.New("not an acceptable verifier key")

// VerifierFor reads a verifier key "name+id+base64" (C2SP signed-note): Ed25519 of a log (type 0x01)
// or the timestamped Ed25519 of a witness (type 0x04). The id must be the recommended hash. Errors
// wrap ErrVKey.
func VerifierFor(vkey string) (note.Verifier, error) {
	name, rest, ok1 := strings.Cut(vkey, "+")
	id, b64, ok2 := strings.Cut(rest, "+")
	if len(vkey) > maxVKey || !ok1 || !ok2 || !validName(name) {
		return nil, fmt.Errorf("%w: wrong form", ErrVKey)
	}
	key, err := decodeBase64(b64)
	if err != nil || len(key) != 1+ed25519.PublicKeySize {
		return nil, fmt.Errorf("%w: key bytes", ErrVKey)
	}
	hash := keyID(name, key)
	if fmt.Sprintf("%08x", hash) != id {
		return nil, fmt.Errorf("%w: id does not match the key", ErrVKey)
	}
	switch key[0] {
	case sigEd25519:
		v, err := note.NewVerifier(vkey)
		if err != nil {
			return nil, fmt.Errorf("%w: %v", ErrVKey, err)
		}
		return v, nil
	case sigCosignature:
		return &witnessVerifier{name: name, hash: hash, key: ed25519.PublicKey(key[1:])}, nil
	}
	return nil, fmt.Errorf("%w: unknown signature type", ErrVKey)
}

func validName(name string) bool {
	return name != "" && utf8.ValidString(name) && !strings.Contains(name, "+") &&
		strings.IndexFunc(name, func(r rune) bool { return unicode.IsSpace(r) || r < 0x20 }) < 0
}

func keyID(name string, key []byte) uint32 {
	h := sha256.New()
	h.Write([]byte(name + "\n"))
	h.Write(key)
	return binary.BigEndian.Uint32(h.Sum(nil))
}

// witnessVerifier checks cosignature/v1: Ed25519 over a header, a time and the checkpoint's text.
type witnessVerifier struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

var _ note.Verifier = (*witnessVerifier)(nil)

func (w *witnessVerifier) Name() string    { return w.name }
func (w *witnessVerifier) KeyHash() uint32 { return w.hash }

// Verify implements note.Verifier; sig is the time in seconds (8 bytes) and the Ed25519 signature.
func (w *witnessVerifier) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	t := binary.BigEndian.Uint64(sig)
	if t > math.MaxInt64 {
		return false
	}
	signed := append(fmt.Appendf(nil, "cosignature/v1\ntime %d\n", t), msg...)
	return ed25519.Verify(w.key, signed, sig[8:])
}

// time reads the time of a signature that Verify accepted.
func (w *witnessVerifier) time(s note.Signature) (time.Time, error) {
	raw, err := decodeBase64(s.Base64)
	if err != nil || len(raw) != 4+8+ed25519.SignatureSize {
		return time.Time{}, errors.New("cosignature of the wrong length")
	}
	return time.Unix(int64(binary.BigEndian.Uint64(raw[4:])), 0).UTC(), nil
}

// IsWitness reports whether a verifier made by VerifierFor is a witness's: type 0x04.
func IsWitness(v note.Verifier) bool {
	_, ok := v.(*witnessVerifier)
	return ok
}
