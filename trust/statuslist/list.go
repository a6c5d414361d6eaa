// Package statuslist reads and writes Token Status Lists (draft-ietf-oauth-status-list-21): the
// state of many tokens in one compressed bit string, signed as a JWT.
//
// It is for issuers of permits and for those who verify one offline. It guarantees that
//
//   - a list is read under a cap, so that a small token cannot inflate without bound, and has one
//     reading only: two bits an entry, canonical base64url, one ZLIB stream and nothing after it;
//   - a list answers for the one URI and issuer that it names, at a time at which it holds;
//   - a list is served without credentials, cookies or anything that tells one reader from another.
//
// Signing and verifying the JWT is the caller's, and so is fetching it. Of the draft it leaves out
// what the wire profile has no use for: CWT, other widths, aggregation, lists of the past.
package statuslist

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Bits is the width of an entry: four values, of which 0, 1 and 2 are valid, invalid and suspended.
const Bits = 2

// MaxBytes caps an inflated list: four million entries of two bits.
const MaxBytes = 1 << 20

// maxEncoded caps the text of a list before anything is decoded: what does not compress grows by less
// than a thousandth (RFC 1951 §3.2.4), and base64url adds a third.
const maxEncoded = (MaxBytes + MaxBytes/1000 + 64) * 4 / 3

// Errors of reading.
var (
	ErrForm  = errors.New("not a status list of two bits")
	ErrRange = errors.New("the index is outside the status list")
	ErrSize  = errors.New("the status list inflates beyond its cap")
)

// List is a status list in memory.
type List struct{ data []byte }

// New makes a list of at least n entries, all zero.
func New(n int) *List { return &List{data: make([]byte, (n*Bits+7)/8)} }

// Len is the number of entries.
func (l *List) Len() int64 { return int64(len(l.data)) * 8 / Bits }

// Set writes an entry (draft §4.1: entries fill a byte from its least significant bits).
func (l *List) Set(idx int64, value int) error {
	if idx < 0 || idx >= l.Len() || value < 0 || value > 3 {
		return ErrRange
	}
	shift := uint(idx%4) * Bits
	l.data[idx/4] = l.data[idx/4]&^(3<<shift) | byte(value)<<shift
	return nil
}

// Get reads an entry.
func (l *List) Get(idx int64) (int, error) {
	if idx < 0 || idx >= l.Len() {
		return 0, ErrRange
	}
	return int(l.data[idx/4] >> (uint(idx%4) * Bits) & 3), nil
}

// Claims is the status_list claim (draft §4.2).
type Claims struct {
	Bits int    `json:"bits"`
	List string `json:"lst"`
}

// Encode compresses the list with the ZLIB format at the highest level, as the draft asks.
func (l *List) Encode() (Claims, error) {
	var b bytes.Buffer
	w, err := zlib.NewWriterLevel(&b, zlib.BestCompression)
	if err == nil {
		_, err = w.Write(l.data)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return Claims{}, err
	}
	return Claims{Bits: Bits, List: base64.RawURLEncoding.EncodeToString(b.Bytes())}, nil
}

// Decode inflates a list under the cap: ErrForm or ErrSize.
func Decode(c Claims) (*List, error) {
	if c.Bits != Bits {
		return nil, ErrForm
	}
	if len(c.List) > maxEncoded {
		return nil, ErrSize
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(c.List)
	if err != nil || strings.ContainsAny(c.List, "\r\n") { // the decoder skips line breaks
		return nil, fmt.Errorf("%w: base64url", ErrForm)
	}
	rest := bytes.NewReader(raw)
	z, err := zlib.NewReader(rest)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrForm, err)
	}
	data, err := io.ReadAll(io.LimitReader(z, MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrForm, err)
	}
	if len(data) > MaxBytes {
		return nil, ErrSize
	}
	if rest.Len() > 0 { // another reader might take it for a second list
		return nil, fmt.Errorf("%w: bytes after the list", ErrForm)
	}
	return &List{data: data}, nil
}
