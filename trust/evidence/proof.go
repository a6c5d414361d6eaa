package evidence

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	proofHeader   = "c2sp.org/tlog-proof@v1"
	maxPath       = 63 // an int64 tree is no deeper
	maxExtra      = 8 << 10
	maxProofSize  = maxCheckpointSize + maxPath*45 + 2*maxExtra + 256
	maxProofLines = maxPath + 4
)

// ErrProof means that bytes are not a proof, or that a proof does not lead from leaf to root.
var ErrProof = errors.New("inclusion not proven")

// Proof shows that a leaf is in a log (C2SP tlog-proof). It proves nothing before Verify.
type Proof struct {
	Index      int64
	Hashes     []tlog.Hash // RFC 6962 §2.1.1 audit path, the leaf's sibling first
	Checkpoint []byte      // the signed note, verbatim
	Extra      []byte      // opaque and never authenticated; our own logs write none
}

// Marshal writes the proof in the text form of C2SP tlog-proof.
func (p Proof) Marshal() []byte {
	var b bytes.Buffer
	b.WriteString(proofHeader + "\n")
	if len(p.Extra) > 0 {
		b.WriteString("extra " + base64.StdEncoding.EncodeToString(p.Extra) + "\n")
	}
	fmt.Fprintf(&b, "index %d\n", p.Index)
	for _, h := range p.Hashes {
		b.WriteString(base64.StdEncoding.EncodeToString(h[:]) + "\n")
	}
	b.WriteString("\n")
	b.Write(p.Checkpoint)
	return b.Bytes()
}

// ParseProof reads what Marshal writes and nothing else; the checkpoint inside is read but not
// verified. Errors wrap ErrProof or ErrCheckpoint.
func ParseProof(data []byte) (Proof, error) {
	if len(data) > maxProofSize {
		return Proof{}, fmt.Errorf("%w: too long", ErrProof)
	}
	head, checkpoint, found := strings.Cut(string(data), "\n\n")
	lines := strings.SplitN(head, "\n", maxProofLines)
	if !found || len(lines) < 2 || lines[0] != proofHeader {
		return Proof{}, fmt.Errorf("%w: wrong form", ErrProof)
	}
	p, lines := Proof{Checkpoint: []byte(checkpoint)}, lines[1:]
	if b64, ok := strings.CutPrefix(lines[0], "extra "); ok {
		extra, err := decodeBase64(b64)
		if err != nil || len(extra) == 0 || len(extra) > maxExtra || len(lines) < 2 {
			return Proof{}, fmt.Errorf("%w: extra line", ErrProof)
		}
		p.Extra, lines = extra, lines[1:]
	}
	index, ok := strings.CutPrefix(lines[0], "index ")
	n, err := parseDecimal(index)
	if !ok || err != nil {
		return Proof{}, fmt.Errorf("%w: index line", ErrProof)
	}
	p.Index = n
	if len(lines)-1 > maxPath {
		return Proof{}, fmt.Errorf("%w: path too long", ErrProof)
	}
	for _, line := range lines[1:] {
		h, err := parseHash(line)
		if err != nil {
			return Proof{}, fmt.Errorf("%w: hash line", ErrProof)
		}
		p.Hashes = append(p.Hashes, h)
	}
	if _, err := readCheckpoint(p.Checkpoint); err != nil {
		return Proof{}, err
	}
	return p, nil
}

// Verify checks that leaf is entry p.Index of the log origin under p's checkpoint, which one of the
// verifiers named like the origin must have signed; further verifiers are witnesses. Errors wrap
// ErrProof, ErrCheckpoint or ErrSignature.
func (p Proof) Verify(leaf []byte, origin string, verifiers ...note.Verifier) (Checkpoint, error) {
	cp, err := OpenCheckpoint(p.Checkpoint, origin, verifiers...)
	if err != nil {
		return Checkpoint{}, err
	}
	if err := p.under(cp, leaf); err != nil {
		return Checkpoint{}, err
	}
	return cp, nil
}

// under checks the path from leaf to the root of a verified checkpoint.
func (p Proof) under(cp Checkpoint, leaf []byte) error {
	if p.Index < 0 || p.Index >= cp.Size || len(p.Hashes) > maxPath {
		return fmt.Errorf("%w: index outside the tree", ErrProof)
	}
	if err := tlog.CheckRecord(p.Hashes, cp.Size, cp.Root, p.Index, tlog.RecordHash(leaf)); err != nil {
		return fmt.Errorf("%w: %v", ErrProof, err)
	}
	return nil
}

// parseBareProof is ParseProof for proofs that may carry no unauthenticated extra data.
func parseBareProof(text string) (Proof, error) {
	p, err := ParseProof([]byte(text))
	if err == nil && len(p.Extra) > 0 {
		err = fmt.Errorf("%w: unauthenticated extra data", ErrProof)
	}
	return p, err
}
