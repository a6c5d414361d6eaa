package evidence

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// ErrCosigner means that a text is no cosigning key, or that it cannot cosign what was given.
var ErrCosigner = errors.New("not a usable cosigning key")

const skeyPrefix = "PRIVATE+KEY+"

// Cosigner is a witness's key (C2SP tlog-cosignature, cosignature/v1).
type Cosigner struct {
	name string
	key  ed25519.PrivateKey
}

// NewCosigner makes a key for the witness of that name.
func NewCosigner(name string, random io.Reader) (Cosigner, error) {
	seed := make([]byte, ed25519.SeedSize)
	if !validName(name) {
		return Cosigner{}, fmt.Errorf("%w: the name has a space, a plus or a control character, or is empty", ErrCosigner)
	}
	if _, err := io.ReadFull(random, seed); err != nil {
		return Cosigner{}, fmt.Errorf("seed of a cosigning key: %w", err)
	}
	return Cosigner{name, ed25519.NewKeyFromSeed(seed)}, nil
}

// ParseCosigner reads a key as Secret writes it and nothing else. Errors wrap ErrCosigner and say
// nothing of the key.
func ParseCosigner(text string) (Cosigner, error) {
	rest, ok := strings.CutPrefix(text, skeyPrefix)
	parts := strings.Split(rest, "+") // base64 may have some of its own
	if !ok || len(text) > maxVKey || len(parts) < 3 {
		return Cosigner{}, fmt.Errorf("%w: wrong form", ErrCosigner)
	}
	raw, err := decodeBase64(strings.Join(parts[2:], "+"))
	if err != nil || len(raw) != 1+ed25519.SeedSize || raw[0] != sigCosignature || !validName(parts[0]) {
		return Cosigner{}, fmt.Errorf("%w: wrong form", ErrCosigner)
	}
	c := Cosigner{parts[0], ed25519.NewKeyFromSeed(raw[1:])}
	if fmt.Sprintf("%08x", c.id()) != parts[1] {
		return Cosigner{}, fmt.Errorf("%w: the id is not the key's", ErrCosigner)
	}
	return c, nil
}

// Secret is the private key as text, in the manner of the signed-note keys: keep it to its owner.
func (c Cosigner) Secret() string {
	raw := append([]byte{sigCosignature}, c.key.Seed()...)
	return fmt.Sprintf("%s%s+%08x+%s", skeyPrefix, c.name, c.id(), base64.StdEncoding.EncodeToString(raw))
}

// VKey is the public key as VerifierFor reads it.
func (c Cosigner) VKey() string {
	return fmt.Sprintf("%s+%08x+%s", c.name, c.id(), base64.StdEncoding.EncodeToString(c.public()))
}

// Name is the witness's name.
func (c Cosigner) Name() string { return c.name }

func (c Cosigner) public() []byte {
	public, _ := c.key.Public().(ed25519.PublicKey) // always is
	return append([]byte{sigCosignature}, public...)
}

func (c Cosigner) id() uint32 { return keyID(c.name, c.public()) }

// Cosign states that, at a time, cp is the largest tree the witness has seen of its log. It returns the
// signature line, with its end. A zero Cosigner, a checkpoint nobody opened and a time before 1970 are ErrCosigner.
func (c Cosigner) Cosign(cp Checkpoint, at time.Time) (string, error) {
	end := bytes.Index(cp.Note, []byte("\n\n"))
	if len(c.key) != ed25519.PrivateKeySize || end < 0 || at.Unix() <= 0 {
		return "", fmt.Errorf("%w for this", ErrCosigner)
	}
	seconds := uint64(at.Unix())
	signed := append(fmt.Appendf(nil, "cosignature/v1\ntime %d\n", seconds), cp.Note[:end+1]...)
	raw := binary.BigEndian.AppendUint32(nil, c.id())
	raw = binary.BigEndian.AppendUint64(raw, seconds)
	raw = append(raw, ed25519.Sign(c.key, signed)...)
	return fmt.Sprintf("— %s %s\n", c.name, base64.StdEncoding.EncodeToString(raw)), nil
}

// ReadCosignature finds the signature line of one witness in its answer (C2SP tlog-witness) and
// verifies it over a checkpoint. Lines of other keys are passed over. It returns the line with its end,
// to be appended to the note. ErrSignature when the witness did not sign this checkpoint.
func ReadCosignature(cp Checkpoint, answer string, witness note.Verifier) (string, Cosignature, error) {
	w, ok := witness.(*witnessVerifier)
	end := bytes.Index(cp.Note, []byte("\n\n"))
	if !ok || end < 0 || len(answer) > maxCheckpointSize {
		return "", Cosignature{}, fmt.Errorf("%w: no cosignature to be read", ErrSignature)
	}
	prefix := "— " + w.name + " "
	for line := range strings.Lines(answer) {
		b64, ours := strings.CutPrefix(line, prefix)
		b64, whole := strings.CutSuffix(b64, "\n")
		raw, err := decodeBase64(b64)
		if !ours || !whole || err != nil || len(raw) < 4 || binary.BigEndian.Uint32(raw) != w.hash {
			continue
		}
		if !w.Verify(cp.Note[:end+1], raw[4:]) || binary.BigEndian.Uint64(raw[4:]) == 0 { // zero is no time (tlog-cosignature)
			return "", Cosignature{}, fmt.Errorf("%w: the witness signed something else", ErrSignature)
		}
		at := time.Unix(int64(binary.BigEndian.Uint64(raw[4:])), 0).UTC()
		return line, Cosignature{Witness: w.name, At: at}, nil
	}
	return "", Cosignature{}, fmt.Errorf("%w: the witness did not sign", ErrSignature)
}
