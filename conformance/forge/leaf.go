package forge

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Classes of leaves (wire profile §7).
const (
	ClassIn       = "in"       // a message received
	ClassOut      = "out"      // a message sent
	ClassResponse = "response" // a response received
	ClassReceipt  = "receipt"  // a receipt another party gave
	ClassState    = "state"
	ClassDecision = "decision"
	ClassKey      = "key"
	ClassOperator = "operator"
	ClassRefused  = "refused" // a message refused for good
)

// SaltSize is the length of a leaf's salt in bytes.
const SaltSize = 16

const (
	leafHeader  = "ehds-leaf/v1"
	proofHeader = "c2sp.org/tlog-proof@v1"
	maxProof    = 64 << 10
	maxPath     = 63
)

// ErrProof means that a leaf, checkpoint or proof is malformed or does not hold.
var ErrProof = errors.New("forge: evidence does not hold")

// Leaf is the entry of a log for one token: "ehds-leaf/v1", the class, and SHA-256(salt ‖ token) in
// standard base64, a line each (wire profile §4).
func Leaf(class string, salt []byte, token string) []byte {
	sum := sha256.Sum256(append(slices.Clone(salt), token...))
	return fmt.Appendf(nil, "%s\n%s\n%s\n", leafHeader, class, base64.StdEncoding.EncodeToString(sum[:]))
}

// LeafClass reads the class of a well-formed leaf.
func LeafClass(leaf []byte) (string, error) {
	lines := strings.Split(string(leaf), "\n")
	if len(lines) != 4 || lines[0] != leafHeader || lines[3] != "" {
		return "", fmt.Errorf("%w: leaf", ErrProof)
	}
	if _, err := parseHash(lines[2]); err != nil {
		return "", err
	}
	known := []string{
		ClassIn, ClassOut, ClassResponse, ClassReceipt, ClassState, ClassDecision, ClassKey, ClassOperator, ClassRefused,
	}
	if !slices.Contains(known, lines[1]) {
		return "", fmt.Errorf("%w: class", ErrProof)
	}
	return lines[1], nil
}

// Proof is an inclusion proof (C2SP tlog-proof, without extra data).
type Proof struct {
	Index      int64
	Hashes     []tlog.Hash // the leaf's sibling first
	Checkpoint []byte      // signed note, verbatim
}

// Marshal writes the proof's text.
func (p Proof) Marshal() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nindex %d\n", proofHeader, p.Index)
	for _, h := range p.Hashes {
		b.WriteString(base64.StdEncoding.EncodeToString(h[:]) + "\n")
	}
	b.WriteString("\n")
	b.Write(p.Checkpoint)
	return b.String()
}

// ParseProof reads what Marshal writes and nothing else; the checkpoint inside is not looked at.
func ParseProof(text string) (Proof, error) {
	head, checkpoint, found := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if len(text) > maxProof || !found || len(lines) < 2 || len(lines)-2 > maxPath || lines[0] != proofHeader {
		return Proof{}, fmt.Errorf("%w: proof", ErrProof)
	}
	p := Proof{Checkpoint: []byte(checkpoint)}
	index, ok := strings.CutPrefix(lines[1], "index ")
	n, err := parseCount(index)
	if !ok || err != nil {
		return Proof{}, fmt.Errorf("%w: index", ErrProof)
	}
	p.Index = n
	for _, l := range lines[2:] {
		h, err := parseHash(l)
		if err != nil {
			return Proof{}, err
		}
		p.Hashes = append(p.Hashes, h)
	}
	return p, nil
}

// Verify checks that leaf stands in the log origin, by a checkpoint that one of the log's keys
// (C2SP verifier keys) signed. It returns the size of the tree.
func (p Proof) Verify(leaf []byte, origin string, vkeys []string) (int64, error) {
	size, root, err := OpenCheckpoint(p.Checkpoint, origin, vkeys)
	if err != nil {
		return 0, err
	}
	if p.Index >= size {
		return 0, fmt.Errorf("%w: index outside the tree", ErrProof)
	}
	if err := tlog.CheckRecord(p.Hashes, size, root, p.Index, tlog.RecordHash(leaf)); err != nil {
		return 0, fmt.Errorf("%w: %w", ErrProof, err)
	}
	return size, nil
}

// OpenCheckpoint verifies a checkpoint of three lines (C2SP tlog-checkpoint), signed by a key named
// like the origin. Signatures of others are ignored.
func OpenCheckpoint(signed []byte, origin string, vkeys []string) (size int64, root tlog.Hash, err error) {
	var known []note.Verifier
	for _, k := range vkeys {
		v, err := note.NewVerifier(k)
		if err == nil && v.Name() == origin {
			known = append(known, v)
		}
	}
	n, err := note.Open(signed, note.VerifierList(known...))
	if err != nil {
		return 0, root, fmt.Errorf("%w: %w", ErrProof, err)
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[0] != origin || lines[3] != "" {
		return 0, root, fmt.Errorf("%w: checkpoint", ErrProof)
	}
	if size, err = parseCount(lines[1]); err != nil {
		return 0, root, err
	}
	root, err = parseHash(lines[2])
	return size, root, err
}

func signCheckpoint(origin string, size int64, root tlog.Hash, s note.Signer) ([]byte, error) {
	text := fmt.Sprintf("%s\n%d\n%s\n", origin, size, base64.StdEncoding.EncodeToString(root[:]))
	signed, err := note.Sign(&note.Note{Text: text}, s)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	return signed, nil
}

func parseHash(s string) (tlog.Hash, error) {
	var h tlog.Hash
	b, err := decodeStd(s)
	if err != nil || len(b) != len(h) {
		return h, fmt.Errorf("%w: hash", ErrProof)
	}
	copy(h[:], b)
	return h, nil
}

// decodeStd accepts only what the standard encoding would write.
func decodeStd(s string) ([]byte, error) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || !bytes.Equal([]byte(base64.StdEncoding.EncodeToString(b)), []byte(s)) {
		return nil, fmt.Errorf("%w: base64", ErrProof)
	}
	return b, nil
}

func parseCount(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != s {
		return 0, fmt.Errorf("%w: number", ErrProof)
	}
	return n, nil
}
