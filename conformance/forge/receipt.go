package forge

import (
	"errors"
	"fmt"
	"time"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// ErrReceipt means that a receipt does not hold for what was sent.
var ErrReceipt = errors.New("forge: receipt does not hold")

// Sent is what a sender holds against a receipt.
type Sent struct {
	Jti         string
	From, To    string   // entities: the receipt's aud and iss
	Tokens      []string // every attempt, compact
	Attachments []ehds.Attachment
}

// LogOf is where a peer's receipts are provable, from its metadata.
type LogOf struct {
	Origin string
	VKeys  []string
}

// CheckReceipt checks a receipt against what was sent: signature, addressee, reference, attachments
// and evidence (wire profile §4). A DUPLICATE counts for the original inside it, which is checked as
// well. It returns the outer receipt and the one that decides.
func CheckReceipt(raw string, s Sent, keys JWKS, log LogOf, at time.Time) (outer, final ehds.Receipt, err error) {
	if outer, err = readReceipt(raw, s, keys, at); err != nil {
		return outer, final, err
	}
	final = outer
	if outer.Status == ehds.Duplicate {
		if final, err = readReceipt(outer.Original, s, keys, at); err != nil {
			return outer, final, fmt.Errorf("the original: %w", err)
		}
	}
	switch final.Status {
	case ehds.Rejected:
		return outer, final, nil
	case ehds.Received:
		return outer, final, checkReceived(final, s, log)
	}
	return outer, final, fmt.Errorf("%w: status", ErrReceipt)
}

func readReceipt(raw string, s Sent, keys JWKS, at time.Time) (ehds.Receipt, error) {
	var r ehds.Receipt
	t, err := Parse(raw, ehds.TypReceipt)
	if err != nil {
		return r, fmt.Errorf("%w: %w", ErrReceipt, err)
	}
	if err := t.Verify(keys); err != nil {
		return r, fmt.Errorf("%w: %w", ErrReceipt, err)
	}
	if err := DecodeExact(t.Payload, &r); err != nil {
		return r, fmt.Errorf("%w: %w", ErrReceipt, err)
	}
	if findings := CheckBody(ehds.ReceiptSchema(), t.Payload); len(findings) > 0 {
		return r, fmt.Errorf("%w: %s at %s", ErrReceipt, findings[0].Rule, findings[0].Pointer)
	}
	switch {
	case r.Iss != s.To || r.Aud != s.From:
		return r, fmt.Errorf("%w: parties", ErrReceipt)
	case r.Ref != s.Jti:
		return r, fmt.Errorf("%w: about another message", ErrReceipt)
	case time.Unix(r.Iat, 0).After(at.Add(Leeway)):
		return r, fmt.Errorf("%w: from the future", ErrReceipt)
	case s.token(r.TokenSHA256) == "":
		return r, fmt.Errorf("%w: about another token", ErrReceipt)
	}
	return r, nil
}

func (s Sent) token(sha string) string {
	for _, t := range s.Tokens {
		if SHA256Hex(t) == sha {
			return t
		}
	}
	return ""
}

// checkReceived checks what only a RECEIVED says: the attachments as stored, and the leaf of our own
// token in the receiver's log.
func checkReceived(r ehds.Receipt, s Sent, log LogOf) error {
	if len(r.Attachments) != len(s.Attachments) {
		return fmt.Errorf("%w: attachments", ErrReceipt)
	}
	for i, a := range s.Attachments {
		if r.Attachments[i] != (ehds.ReceiptAttachment{ID: a.ID, SHA256: a.SHA256, Size: a.Size}) {
			return fmt.Errorf("%w: attachments", ErrReceipt)
		}
	}
	if r.Evidence == nil {
		return fmt.Errorf("%w: no evidence", ErrReceipt)
	}
	if _, err := CheckEvidence(*r.Evidence, s.token(r.TokenSHA256), log); err != nil {
		return fmt.Errorf("%w: %w", ErrReceipt, err)
	}
	return nil
}

// CheckEvidence recomputes the leaf from salt and token, and proves it in the log. It returns the
// leaf's class.
func CheckEvidence(e ehds.ReceiptEvidence, token string, log LogOf) (string, error) {
	class, err := LeafClass([]byte(e.Leaf))
	if err != nil {
		return "", err
	}
	salt, err := decodeStd(e.Salt)
	if err != nil || len(salt) != SaltSize {
		return "", fmt.Errorf("%w: salt", ErrProof)
	}
	if string(Leaf(class, salt, token)) != e.Leaf {
		return "", fmt.Errorf("%w: about another token", ErrProof)
	}
	p, err := ParseProof(e.Proof)
	if err != nil {
		return "", err
	}
	_, err = p.Verify([]byte(e.Leaf), log.Origin, log.VKeys)
	return class, err
}
