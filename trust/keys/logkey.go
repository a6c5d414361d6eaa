package keys

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// LogKey is the signer of an evidence log and its public half.
type LogKey struct {
	// Signer signs checkpoints under the log's origin.
	Signer note.Signer
	// VKey is the verifier key to publish, "origin+hash+base64" (C2SP
	// signed-note).
	VKey string
}

// noteEd25519 is the signature type of Ed25519 in a C2SP signed note.
const noteEd25519 = 1

// LogKey returns the checkpoint signer of the log named origin (C2SP
// tlog-checkpoint: a schema-less URL such as "ncp.example/log"), made on first
// use. The key signs nothing else: [Store.Active] does not hand it out.
func (s *Store) LogKey(origin string) (LogKey, error) {
	at, err := slotFor(Log, origin)
	if err != nil {
		return LogKey{}, err
	}
	k, err := s.ensure(at)
	if err != nil {
		return LogKey{}, err
	}
	vkey, err := note.NewEd25519VerifierKey(origin, k.log.Public().(ed25519.PublicKey))
	if err != nil {
		return LogKey{}, fmt.Errorf("keys: log key: %w", err)
	}
	// "origin+hash+key"; the origin has no plus, which slotFor checked.
	hash := strings.Split(vkey, "+")[1]
	material := append([]byte{noteEd25519}, k.log.Seed()...)
	signer, err := note.NewSigner("PRIVATE+KEY+" + origin + "+" + hash + "+" + base64.StdEncoding.EncodeToString(material))
	if err != nil {
		return LogKey{}, fmt.Errorf("%w: %q cannot name a log", ErrOwner, origin)
	}
	return LogKey{Signer: signer, VKey: vkey}, nil
}
