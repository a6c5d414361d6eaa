package agefile

import (
	"errors"
	"fmt"
	"io"

	"filippo.io/age"
)

// Errors of opening.
var (
	// ErrUnsealable: the file cannot be opened with this identity, whatever the reason.
	ErrUnsealable = errors.New("unsealable")
	// ErrSize: the plaintext is larger than the caller takes.
	ErrSize = errors.New("attachment exceeds its size limit")
)

// Parts of an age file with one X25519 recipient (age-encryption.org/v1): header, nonce, then chunks
// with a tag each, at least one.
const (
	headerBytes = len("age-encryption.org/v1\n-> X25519 \n\n--- \n") + 3*43
	nonceBytes  = 16
	chunkBytes  = 64 << 10
	tagBytes    = 16
)

// Size is the length in bytes of the file that [Seal] makes of n bytes, so that a sender can state it
// before the file exists.
func Size(n int64) int64 {
	chunks := max(1, (n+chunkBytes-1)/chunkBytes)
	return int64(headerBytes+nonceBytes) + n + chunks*tagBytes
}

// Seal encrypts src to a fresh identity and returns that, for [trust.SealedAttachment]. The identity is
// a secret: it belongs in the sealed body and nowhere else. The error is src's or dst's.
func Seal(dst io.Writer, src io.Reader) (identity string, err error) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return "", fmt.Errorf("sealing an attachment: %w", err)
	}
	w, err := age.Encrypt(dst, id.Recipient())
	if err == nil {
		_, err = io.Copy(w, src)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return "", fmt.Errorf("sealing an attachment: %w", err)
	}
	return id.String(), nil
}

// Open decrypts src with the identity and returns how many bytes it wrote to dst, at most limit.
// ErrUnsealable, ErrSize, or an error of src or dst. What was written before an error is the beginning
// of what the sender sealed and not the whole: the caller throws it away.
func Open(dst io.Writer, src io.Reader, identity string, limit int64) (int64, error) {
	id, err := age.ParseX25519Identity(identity)
	if err != nil || id.String() != identity { // one spelling
		return 0, ErrUnsealable
	}
	from := &source{src: src, header: maxHeader}
	plaintext, err := age.Decrypt(from, only{id})
	if err != nil {
		return 0, from.blame()
	}
	from.header = -1
	to := &target{dst: dst, room: limit}
	n, err := io.Copy(to, plaintext)
	switch {
	case err == nil:
		return n, nil
	case to.err != nil:
		return n, to.err
	}
	return n, from.blame()
}

// only is an identity that opens a file for nobody else: exactly one stanza, X25519.
type only struct{ id *age.X25519Identity }

func (o only) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	if len(stanzas) != 1 || stanzas[0].Type != "X25519" {
		return nil, ErrUnsealable
	}
	return o.id.Unwrap(stanzas)
}
