package digest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// Scheme names the construction in messages.
const Scheme = ehds.DigestSchemeRadix16

const (
	// Bucket is how many entries a leaf holds at most.
	Bucket = 32
	fanout = 16
	// maxPrefix is the length of a whole key in hexadecimal digits.
	maxPrefix = 2 * sha256.Size
)

// Sum is a SHA-256 value.
type Sum [sha256.Size]byte

// String is the sum as messages carry it: "sha256:" and lower-case hexadecimal.
func (s Sum) String() string { return sumPrefix + hex.EncodeToString(s[:]) }

const sumPrefix = "sha256:"

// hex is a key as prefixes are written.
func (s Sum) hex() string { return hex.EncodeToString(s[:]) }

// ErrSum is returned for text that is no sum.
var ErrSum = errors.New("digest: not a SHA-256 sum")

// ParseSum reads the form of String.
func ParseSum(text string) (Sum, error) {
	var s Sum
	digits, ok := strings.CutPrefix(text, sumPrefix)
	if !ok || len(digits) != maxPrefix || strings.ToLower(digits) != digits {
		return Sum{}, ErrSum
	}
	if _, err := hex.Decode(s[:], []byte(digits)); err != nil {
		return Sum{}, ErrSum
	}
	return s, nil
}

// Entry is one dataset of a catalogue.
type Entry struct {
	Identifier string // at origin
	Digest     Sum    // of the exchange form
}

// key places an entry in the tree.
func (e Entry) key() Sum { return sha256.Sum256([]byte(e.Identifier)) }

// leafSum is the sum over entries in the order of their keys.
func leafSum(entries []keyed) Sum {
	h := sha256.New()
	h.Write([]byte{0})
	for i := range entries {
		h.Write(entries[i].key[:])
		h.Write(entries[i].Digest[:])
	}
	return Sum(h.Sum(nil))
}

// innerSum is the sum over sixteen children.
func innerSum(children *[fanout]Sum) Sum {
	h := sha256.New()
	h.Write([]byte{1})
	for i := range children {
		h.Write(children[i][:])
	}
	return Sum(h.Sum(nil))
}
