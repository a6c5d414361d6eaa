package evidence

import (
	"encoding/base64"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"
)

// ErrToken means that evidence is about other bytes than the token at hand.
var ErrToken = errors.New("evidence is about another token")

// ReceiptEvidence is the "evidence" member of a receipt (wire profile §4): enough to recompute the
// receiver's leaf from the token one sent, and to prove that leaf in the receiver's log.
type ReceiptEvidence struct {
	Salt  string `json:"salt"`  // SaltSize bytes, standard base64
	Leaf  string `json:"leaf"`  // the leaf's text
	Proof string `json:"proof"` // the C2SP tlog-proof's text
}

// NewReceiptEvidence puts the three parts in their text forms.
func NewReceiptEvidence(salt []byte, leaf Leaf, proof Proof) ReceiptEvidence {
	return ReceiptEvidence{
		Salt:  base64.StdEncoding.EncodeToString(salt),
		Leaf:  string(leaf.Bytes()),
		Proof: string(proof.Marshal()),
	}
}

// Check recomputes the leaf from salt and token and proves it in the log origin; the class is the
// one the leaf states. A proof with unauthenticated extra data is refused. Errors wrap ErrLeaf,
// ErrToken, ErrProof, ErrCheckpoint or ErrSignature.
func (e ReceiptEvidence) Check(token []byte, origin string, verifiers ...note.Verifier) (Checkpoint, error) {
	class, _, err := ParseLeaf([]byte(e.Leaf))
	if err != nil {
		return Checkpoint{}, err
	}
	if err := e.matches(class, token); err != nil {
		return Checkpoint{}, err
	}
	p, err := parseBareProof(e.Proof)
	if err != nil {
		return Checkpoint{}, err
	}
	return p.Verify([]byte(e.Leaf), origin, verifiers...)
}

// matches recomputes the leaf from salt and token.
func (e ReceiptEvidence) matches(class Class, token []byte) error {
	salt, err := decodeBase64(e.Salt)
	if err != nil || len(salt) != SaltSize {
		return fmt.Errorf("%w: salt", ErrLeaf)
	}
	if string(NewLeaf(class, salt, token).Bytes()) != e.Leaf {
		return fmt.Errorf("%w: commitment differs", ErrToken)
	}
	return nil
}
