package evidence

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Limits of a checkpoint.
const (
	maxCheckpointSize = 128 << 10 // 16 post-quantum signatures fit
	maxSignatureLines = 32
	maxOrigin         = 512
)

// ErrCheckpoint means that bytes are not a checkpoint in the accepted spelling, or not one of the
// origin asked for.
var ErrCheckpoint = errors.New("not an acceptable checkpoint")

// ErrSignature means that the log's own signature is missing or a known key's signature is false.
var ErrSignature = errors.New("checkpoint signature does not hold")

// Checkpoint is a tree head whose log signature was verified (C2SP tlog-checkpoint).
type Checkpoint struct {
	Origin string
	Size   int64 // number of leaves
	Root   tlog.Hash
	Note   []byte // the signed note, verbatim
	// Cosigned names the known witnesses whose cosignature was verified; Cosignatures adds when.
	Cosigned     []string
	Cosignatures []Cosignature
	// Ignored counts signature lines by keys nobody passed in (C2SP signed-note: to be ignored).
	Ignored int
}

// Cosignature is a witness's verified statement that, at a time, this was the largest tree it had
// seen of the log (C2SP tlog-cosignature).
type Cosignature struct {
	Witness string
	At      time.Time // as the witness stated, UTC
}

// SignCheckpoint writes the signed note for a tree. The origin must be the signer's key name, so that
// no key can sign for another log; the root of the empty tree must be the one of RFC 6962 §2.1.
func SignCheckpoint(origin string, size int64, root tlog.Hash, s note.Signer) ([]byte, error) {
	if s == nil {
		return nil, fmt.Errorf("%w: no signer", ErrCheckpoint)
	}
	if origin != s.Name() {
		return nil, fmt.Errorf("%w: origin is not the key's name", ErrCheckpoint)
	}
	if err := checkTree(origin, size, root); err != nil {
		return nil, err
	}
	text := fmt.Sprintf("%s\n%d\n%s\n", origin, size, base64.StdEncoding.EncodeToString(root[:]))
	msg, err := note.Sign(&note.Note{Text: text}, s)
	if err != nil {
		return nil, fmt.Errorf("sign checkpoint: %w", err)
	}
	return msg, nil
}

// OpenCheckpoint reads and verifies a checkpoint of one log. Of the verifiers, one named like the
// origin must have signed; timestamped ones are witnesses. Signatures by unknown keys are ignored
// (C2SP signed-note), a false one by a known key refuses the whole note. Accepted is only the
// canonical spelling, without extension lines. Errors wrap ErrCheckpoint or ErrSignature.
func OpenCheckpoint(msg []byte, origin string, verifiers ...note.Verifier) (Checkpoint, error) {
	cp, err := readCheckpoint(msg)
	if err != nil {
		return Checkpoint{}, err
	}
	if cp.Origin != origin {
		return Checkpoint{}, fmt.Errorf("%w: another origin", ErrCheckpoint)
	}
	known := make([]note.Verifier, 0, len(verifiers))
	for _, v := range verifiers {
		if v != nil {
			known = append(known, v)
		}
	}
	opened, err := note.Open(msg, note.VerifierList(known...))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("%w: %v", ErrSignature, err)
	}
	if err := cp.attribute(opened.Sigs, known); err != nil {
		return Checkpoint{}, err
	}
	cp.Ignored = len(opened.UnverifiedSigs)
	cp.Note = append([]byte(nil), msg...)
	return cp, nil
}

// attribute sorts verified signatures into the log's own and the witnesses'.
func (c *Checkpoint) attribute(sigs []note.Signature, known []note.Verifier) error {
	own := false
	for _, s := range sigs {
		v := verifierOf(known, s)
		w, isWitness := v.(*witnessVerifier)
		switch {
		case v == nil:
			return fmt.Errorf("%w: unattributed signature", ErrSignature)
		case isWitness:
			at, err := w.time(s)
			if err != nil {
				return fmt.Errorf("%w: %v", ErrSignature, err)
			}
			c.Cosigned = append(c.Cosigned, s.Name)
			c.Cosignatures = append(c.Cosignatures, Cosignature{Witness: s.Name, At: at})
		case s.Name == c.Origin:
			own = true
		}
	}
	if !own {
		return fmt.Errorf("%w: the log itself did not sign", ErrSignature)
	}
	return nil
}

func verifierOf(known []note.Verifier, s note.Signature) note.Verifier {
	for _, v := range known {
		if v.Name() == s.Name && v.KeyHash() == s.Hash {
			return v
		}
	}
	return nil
}

// readCheckpoint reads the unverified form. Nothing in it may be relied on before note.Open. Since the
// text is three lines and every line after the first blank one is a signature, this split and the
// one of note.Open (at the last blank line) are the same.
func readCheckpoint(msg []byte) (Checkpoint, error) {
	if len(msg) > maxCheckpointSize {
		return Checkpoint{}, fmt.Errorf("%w: too long", ErrCheckpoint)
	}
	text, block, found := strings.Cut(string(msg), "\n\n")
	lines := strings.SplitN(text, "\n", 5)
	if !found || len(lines) != 3 {
		return Checkpoint{}, fmt.Errorf("%w: not three lines and a signature block", ErrCheckpoint)
	}
	size, err := parseDecimal(lines[1])
	if err != nil {
		return Checkpoint{}, fmt.Errorf("%w: tree size", ErrCheckpoint)
	}
	root, err := parseHash(lines[2])
	if err != nil {
		return Checkpoint{}, fmt.Errorf("%w: root hash", ErrCheckpoint)
	}
	if err := checkTree(lines[0], size, root); err != nil {
		return Checkpoint{}, err
	}
	if err := checkSignatureLines(block); err != nil {
		return Checkpoint{}, err
	}
	return Checkpoint{Origin: lines[0], Size: size, Root: root}, nil
}

// checkSignatureLines refuses other spellings of the same signatures: note.Open tolerates stray bits
// in base64 and repeated lines.
func checkSignatureLines(block string) error {
	rest, ok := strings.CutSuffix(block, "\n")
	lines := strings.Split(rest, "\n")
	if !ok || len(lines) > maxSignatureLines {
		return fmt.Errorf("%w: signature block", ErrCheckpoint)
	}
	seen := make(map[string]bool, len(lines))
	for _, line := range lines {
		body, ok := strings.CutPrefix(line, "— ")
		name, b64, cut := strings.Cut(body, " ")
		raw, err := decodeBase64(b64)
		if !ok || !cut || err != nil || len(raw) < 5 {
			return fmt.Errorf("%w: signature line", ErrCheckpoint)
		}
		id := name + " " + strconv.FormatUint(uint64(binary.BigEndian.Uint32(raw)), 16)
		if seen[id] {
			return fmt.Errorf("%w: two signatures of one key", ErrCheckpoint)
		}
		seen[id] = true
	}
	return nil
}

func checkTree(origin string, size int64, root tlog.Hash) error {
	if origin == "" || len(origin) > maxOrigin || strings.ContainsAny(origin, "\n+ ") {
		return fmt.Errorf("%w: origin", ErrCheckpoint)
	}
	if size < 0 {
		return fmt.Errorf("%w: negative tree size", ErrCheckpoint)
	}
	if empty, err := tlog.TreeHash(0, nil); size == 0 && (err != nil || root != empty) {
		return fmt.Errorf("%w: root of the empty tree", ErrCheckpoint)
	}
	return nil
}

// parseDecimal reads a non-negative int64 in its one canonical spelling.
func parseDecimal(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n == math.MaxInt64 || strconv.FormatInt(n, 10) != s {
		return 0, errors.New("not a canonical decimal")
	}
	return n, nil
}
