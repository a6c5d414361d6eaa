package evidence

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Class says what a leaf is evidence of.
type Class string

// The classes of wire profile §7.
const (
	ClassIn       Class = "in"       // a message received
	ClassOut      Class = "out"      // a message about to be sent
	ClassResponse Class = "response" // a response received
	ClassReceipt  Class = "receipt"  // a receipt another party gave us
	ClassState    Class = "state"    // a state transition of a case
	ClassDecision Class = "decision" // a decision taken here
	ClassKey      Class = "key"      // a change of keys
	ClassOperator Class = "operator" // something an operator did
	ClassRefused  Class = "refused"  // an authenticated message refused for good
)

// Known reports whether c is a class of wire profile §7.
func (c Class) Known() bool {
	switch c {
	case ClassIn, ClassOut, ClassResponse, ClassReceipt, ClassState,
		ClassDecision, ClassKey, ClassOperator, ClassRefused:
		return true
	}
	return false
}

// SaltSize is the length of a leaf's salt in bytes. It is fixed: salt and token are hashed without a
// separator.
const SaltSize = 16

const (
	leafHeader  = "ehds-leaf/v1"
	maxLeafSize = 128
)

// ErrLeaf means that bytes are not a leaf, or that a leaf cannot be made from what was given.
var ErrLeaf = errors.New("not an evidence leaf")

// Leaf is one entry of the log. The zero Leaf is invalid: its Bytes are nil.
type Leaf struct {
	class      Class
	commitment [sha256.Size]byte
	ok         bool
}

// NewLeaf commits to SHA-256(salt ‖ token) under a class (wire profile §4). An unknown class or a
// salt that is not SaltSize bytes gives the zero Leaf, which StoredHashes refuses.
func NewLeaf(class Class, salt, token []byte) Leaf {
	if !class.Known() || len(salt) != SaltSize {
		return Leaf{}
	}
	h := sha256.New()
	h.Write(salt)
	h.Write(token)
	l := Leaf{class: class, ok: true}
	h.Sum(l.commitment[:0])
	return l
}

// Valid reports whether l can be logged.
func (l Leaf) Valid() bool { return l.ok }

// Class says what the leaf is evidence of.
func (l Leaf) Class() Class { return l.class }

// Bytes is the leaf as logged: "ehds-leaf/v1", the class and the commitment in standard base64, a
// line each. Nil for an invalid leaf.
func (l Leaf) Bytes() []byte {
	if !l.ok {
		return nil
	}
	return fmt.Appendf(nil, "%s\n%s\n%s\n", leafHeader, l.class,
		base64.StdEncoding.EncodeToString(l.commitment[:]))
}

// Hash is the leaf's RFC 6962 §2.1 record hash, SHA-256(0x00 ‖ Bytes).
func (l Leaf) Hash() tlog.Hash { return tlog.RecordHash(l.Bytes()) }

// ParseLeaf reads a leaf as Bytes writes it and nothing else. The error wraps ErrLeaf.
func ParseLeaf(data []byte) (Class, [sha256.Size]byte, error) {
	var commitment [sha256.Size]byte
	if len(data) > maxLeafSize {
		return "", commitment, fmt.Errorf("%w: longer than %d bytes", ErrLeaf, maxLeafSize)
	}
	lines := bytes.Split(data, []byte("\n"))
	if len(lines) != 4 || len(lines[3]) != 0 || string(lines[0]) != leafHeader {
		return "", commitment, fmt.Errorf("%w: wrong form", ErrLeaf)
	}
	class := Class(lines[1])
	if !class.Known() {
		return "", commitment, fmt.Errorf("%w: unknown class", ErrLeaf)
	}
	h, err := parseHash(string(lines[2]))
	if err != nil {
		return "", commitment, fmt.Errorf("%w: commitment: %v", ErrLeaf, err)
	}
	return class, h, nil
}

// parseHash reads 32 bytes in the one canonical spelling of standard base64.
func parseHash(s string) (tlog.Hash, error) {
	var h tlog.Hash
	raw, err := decodeBase64(s)
	if err != nil || len(raw) != len(h) {
		return h, errors.New("not a SHA-256 in base64")
	}
	copy(h[:], raw)
	return h, nil
}

// decodeBase64 accepts only what base64.StdEncoding would write: strict padding bits, no line breaks.
func decodeBase64(s string) ([]byte, error) {
	raw, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil {
		return nil, err
	}
	if base64.StdEncoding.EncodedLen(len(raw)) != len(s) {
		return nil, errors.New("base64 with line breaks")
	}
	return raw, nil
}
