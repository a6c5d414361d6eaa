package trust

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// Binding ties a sealed body to the one message it was sealed for (wire profile §3, "Sealing"): the
// members equal the claims of the envelope around it.
type Binding struct {
	Iss  string `json:"iss"`
	Aud  string `json:"aud"`
	Jti  string `json:"jti"`
	Type string `json:"type"`
	Case string `json:"case"`
	Seq  int64  `json:"seq"`
}

// SealedAttachment names an attachment that travels encrypted, and the one-time age identity that
// opens it.
type SealedAttachment struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	MediaType string `json:"media_type"`
	Identity  string `json:"identity"`
}

// Content is what is sealed: the body that only the final reader may see.
type Content struct {
	Bind        Binding            `json:"bind"`
	Salt        string             `json:"salt"` // 16 random bytes in base64url
	Body        json.RawMessage    `json:"body"`
	Attachments []SealedAttachment `json:"attachments"`
	// Text is the plaintext as it was sealed, which sealed_commit is the digest of: it shows a third party
	// what was said, without a private key. Seal does not read it.
	Text []byte `json:"-"`
}

// Errors of unsealing.
var (
	// ErrUnsealable: the sealed body cannot be opened, whatever the reason. The sender learns no more.
	ErrUnsealable = errors.New("unsealable")
	// ErrSealedMismatch: it was opened and belongs to another message or other attachments, or
	// sealed_commit is not its digest.
	ErrSealedMismatch = errors.New("sealed-mismatch")
)

// saltBytes keeps the commitment from telling a guessable body.
const saltBytes = 16

// Seal encrypts body and attachments for the reader who holds key, bound to the message bind. sealed is
// a compact JWE; commit is the lower-case hex SHA-256 of the plaintext, which can be shown to a third
// party without a private key. Sealing is done once per message: every attempt to send it carries the
// same JWE, so that its content digest stays the same.
func Seal(random io.Reader, key jose.PublicKey, bind Binding, body json.RawMessage, attachments []SealedAttachment) (sealed, commit string, err error) {
	salt := make([]byte, saltBytes)
	if _, err := io.ReadFull(random, salt); err != nil {
		return "", "", fmt.Errorf("sealing: randomness: %w", err)
	}
	if err := jose.CheckJSON(body, jose.DefaultMaxDepth-1); err != nil { // one level below the content
		return "", "", fmt.Errorf("sealing: body: %w", err)
	}
	if attachments == nil {
		attachments = []SealedAttachment{}
	}
	plaintext, err := json.Marshal(Content{Bind: bind, Salt: base64.RawURLEncoding.EncodeToString(salt), Body: body, Attachments: attachments})
	if err != nil {
		return "", "", fmt.Errorf("sealing: %w", err)
	}
	if sealed, err = jose.Seal(key, plaintext); err != nil {
		return "", "", fmt.Errorf("sealing: %w", err)
	}
	return sealed, Commit(plaintext), nil
}

// Commit is the sealed_commit of a plaintext.
func Commit(plaintext []byte) string {
	sum := sha256.Sum256(plaintext)
	return hex.EncodeToString(sum[:])
}

// sealedClaims are the claims of an envelope that a sealed body is bound to.
type sealedClaims struct {
	Binding
	Sealed      string `json:"sealed"`
	Commit      string `json:"sealed_commit"`
	Attachments []struct {
		ID string `json:"id"`
	} `json:"attachments"`
}

// carries reports whether the message carries the attachments of the sealed content and no others: one
// without an identity would have travelled in clear, one that is missing was taken out on the way.
func (c sealedClaims) carries(sealed []SealedAttachment) bool {
	if len(c.Attachments) != len(sealed) {
		return false
	}
	seen := map[string]bool{} // the sealed ones are distinct: see wellFormed
	for _, a := range c.Attachments {
		seen[a.ID] = true
	}
	return !slices.ContainsFunc(sealed, func(a SealedAttachment) bool { return !seen[a.ID] })
}

// Unseal opens the sealed body of a verified message with one of the reader's keys: those that are
// active, and retired ones for 14 days more. ErrUnsealable when there is none or it cannot be opened;
// ErrSealedMismatch when it was sealed for another message, as when its text was lifted out of one
// sender's envelope into another's, when sealed_commit differs, or when the message carries other
// attachments than were sealed with it (trust/agefile opens those).
func (v *Verified) Unseal(keys []jose.SealingKey) (Content, error) {
	var c sealedClaims
	if err := jose.DecodeKnown(v.Claims, &c); err != nil {
		return Content{}, ErrUnsealable
	}
	plaintext, err := jose.Open(keys, c.Sealed)
	if err != nil {
		return Content{}, ErrUnsealable
	}
	var content Content
	if err := jose.DecodeStrict(plaintext, &content); err != nil {
		return Content{}, ErrUnsealable
	}
	if !content.wellFormed() {
		return Content{}, ErrUnsealable
	}
	if content.Bind != c.Binding || c.Commit != Commit(plaintext) || !c.carries(content.Attachments) {
		return Content{}, ErrSealedMismatch
	}
	content.Text = plaintext
	return content, nil
}

// wellFormed wants the salt in its one spelling, a body that is an object, as a body in clear is, and
// attachments that can be told apart: two of one id would be two answers to what was sent.
func (c Content) wellFormed() bool {
	salt, err := base64.RawURLEncoding.Strict().DecodeString(c.Salt)
	if err != nil || base64.RawURLEncoding.EncodeToString(salt) != c.Salt || len(salt) != saltBytes {
		return false // the decoder skips line breaks
	}
	if jose.CheckJSON(c.Body, jose.DefaultMaxDepth-1) != nil {
		return false
	}
	seen := map[string]bool{}
	for _, a := range c.Attachments {
		if a.ID == "" || seen[a.ID] {
			return false
		}
		seen[a.ID] = true
	}
	return true
}
