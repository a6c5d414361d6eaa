package store

import (
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Sealed values begin with one byte: clear (cases that are not personal) or AES-256-GCM with the
// case's key, a random 96-bit nonce, and the table and row as associated data, so that a value
// cannot be moved to another row.
const (
	formClear  = 0
	formSealed = 1
)

// caseKey seals the content of one personal case; nil stands for a case that is not personal.
type caseKey struct {
	aead   cipher.AEAD
	ringNo int64
}

// seal returns the stored form of plain; nil stays nil (NULL).
func (k *caseKey) seal(rand io.Reader, place string, plain []byte) ([]byte, error) {
	if plain == nil {
		return nil, nil
	}
	if k == nil {
		return append([]byte{formClear}, plain...), nil
	}
	out := make([]byte, 1+k.aead.NonceSize(), 1+k.aead.NonceSize()+len(plain)+k.aead.Overhead())
	out[0] = formSealed
	if _, err := io.ReadFull(rand, out[1:]); err != nil {
		return nil, fmt.Errorf("nonce: %w", err)
	}
	return k.aead.Seal(out, out[1:], plain, []byte(place)), nil
}

// open reverses seal. A value in the form of the other kind of case is refused: nobody who can only
// write the file may put clear content into a personal case.
func (k *caseKey) open(place string, stored []byte) ([]byte, error) {
	if len(stored) == 0 {
		return nil, nil
	}
	if k == nil {
		if stored[0] != formClear {
			return nil, fmt.Errorf("%w: %s is sealed without a key", ErrCorrupt, tableOf(place))
		}
		return stored[1:], nil
	}
	n := k.aead.NonceSize()
	if stored[0] != formSealed || len(stored) < 1+n {
		return nil, fmt.Errorf("%w: %s is not sealed", ErrCorrupt, tableOf(place))
	}
	plain, err := k.aead.Open(nil, stored[1:1+n], stored[1+n:], []byte(place))
	if err != nil {
		return nil, fmt.Errorf("%w: %s cannot be opened", ErrCorrupt, tableOf(place))
	}
	if plain == nil {
		plain = []byte{}
	}
	return plain, nil
}

// place names a value: table and row, unambiguously.
func place(table string, row ...any) string {
	var fields [][]byte
	for _, r := range row {
		fields = append(fields, fmt.Append(nil, r))
	}
	return table + ":" + string(pack(fields...))
}

func tableOf(place string) string {
	for i := range len(place) {
		if place[i] == ':' {
			return place[:i]
		}
	}
	return place
}

// pack joins fields, each after its length.
func pack(fields ...[]byte) []byte {
	var out []byte
	for _, f := range fields {
		out = binary.AppendUvarint(out, uint64(len(f)))
		out = append(out, f...)
	}
	return out
}

var errPacked = errors.New("packed fields are cut short")

// unpack reads n fields; an absent value gives n empty ones.
func unpack(data []byte, n int) ([][]byte, error) {
	out := make([][]byte, n)
	if len(data) == 0 {
		return out, nil
	}
	for i := range out {
		size, w := binary.Uvarint(data)
		if w <= 0 || size > uint64(len(data)-w) {
			return nil, fmt.Errorf("%w: %w", ErrCorrupt, errPacked)
		}
		if size > 0 {
			out[i] = data[w : w+int(size) : w+int(size)]
		}
		data = data[w+int(size):]
	}
	if len(data) != 0 {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, errPacked)
	}
	return out, nil
}
