package evidence

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"time"
)

// Cosigner makes the timestamped cosignatures of a witness (C2SP tlog-cosignature, cosignature/v1).
// Its key signs nothing else.
type Cosigner struct {
	name string
	key  ed25519.PrivateKey
}

// NewCosigner makes a cosigner from a key name (C2SP signed-note: no spaces, no plus) and a seed of 32
// bytes. Errors wrap ErrVKey.
func NewCosigner(name string, seed []byte) (*Cosigner, error) {
	if len(seed) != ed25519.SeedSize || !validName(name) {
		return nil, fmt.Errorf("%w: name or seed", ErrVKey)
	}
	return &Cosigner{name, ed25519.NewKeyFromSeed(seed)}, nil
}

// Name is the witness's key name.
func (c *Cosigner) Name() string { return c.name }

// VKey is the verifier key that others put into their trust files.
func (c *Cosigner) VKey() string {
	key := c.material()
	return fmt.Sprintf("%s+%08x+%s", c.name, keyID(c.name, key), base64.StdEncoding.EncodeToString(key))
}

func (c *Cosigner) material() []byte {
	return append([]byte{sigCosignature}, c.key.Public().(ed25519.PublicKey)...)
}

// Cosign returns the signature line for a verified checkpoint, with its line end: that at this time
// the checkpoint's tree was the largest this witness had seen of the log, and extended all it saw before.
func (c *Cosigner) Cosign(cp Checkpoint, at time.Time) (string, error) {
	text, _, ok := strings.Cut(string(cp.Note), "\n\n")
	if !ok || at.Unix() < 0 {
		return "", fmt.Errorf("%w: nothing verified to cosign", ErrCheckpoint)
	}
	seconds := uint64(at.Unix())
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s\n", seconds, text)
	blob := binary.BigEndian.AppendUint32(nil, keyID(c.name, c.material()))
	blob = binary.BigEndian.AppendUint64(blob, seconds)
	blob = append(blob, ed25519.Sign(c.key, []byte(message))...)
	return "— " + c.name + " " + base64.StdEncoding.EncodeToString(blob) + "\n", nil
}
