package keys

import (
	"errors"
	"io"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// Purpose is what a key is for. A key serves one purpose only.
type Purpose string

// The purposes.
const (
	// Federation keys sign entity statements (OpenID Federation 1.1 §3).
	Federation Purpose = "federation"
	// Exchange keys sign messages, receipts and responses.
	Exchange Purpose = "exchange"
	// Permit keys sign permits and status lists, nothing else.
	Permit Purpose = "permit"
	// Log keys sign the checkpoints of the evidence log (C2SP signed-note).
	Log Purpose = "log"
	// Record keys wrap the data keys of the record store; 32 random bytes.
	Record Purpose = "record"
)

// State is where a key stands in its life.
type State string

// The states.
const (
	// Next is published and does not sign yet.
	Next State = "next"
	// Active signs and is published.
	Active State = "active"
	// Retiring no longer signs and is still published.
	Retiring State = "retiring"
	// Revoked neither signs nor is published.
	Revoked State = "revoked"
)

var (
	// ErrPermissions: a file or the directory is readable by others.
	ErrPermissions = errors.New("keys: permissions too open")
	// ErrNoKey: no key is in the state asked for.
	ErrNoKey = errors.New("keys: no such key")
	// ErrCorrupt: a key file that cannot be what this store wrote.
	ErrCorrupt = errors.New("keys: key file is damaged")
)

// Options are what the store needs from outside.
type Options struct {
	// Clock returns the current time.
	Clock func() time.Time
	// Rand is the source of key material.
	Rand io.Reader
}

// Store is an open key store. It is safe for concurrent use.
type Store struct{}

// LogKey is the signer of an evidence log and its public half.
type LogKey struct {
	// Signer signs checkpoints.
	Signer note.Signer
	// VKey is the verifier key to publish (C2SP signed-note).
	VKey string
}

// Open opens the store in dir, creating dir with mode 0700 when absent.
func Open(dir string, o Options) (*Store, error) { return nil, ErrNoKey }

// Ensure makes an active Ed25519 key for purpose and owner when there is none.
func (s *Store) Ensure(purpose Purpose, owner string) error { return ErrNoKey }

// Active returns the one key that signs for purpose and owner.
func (s *Store) Active(purpose Purpose, owner string) (jose.SigningKey, error) {
	return jose.SigningKey{}, ErrNoKey
}

// Public returns the keys to publish: all that are not revoked.
func (s *Store) Public(purpose Purpose, owner string) (jose.KeySet, error) {
	return jose.KeySet{}, ErrNoKey
}

// LogKey returns the checkpoint signer for the log named origin, made on first use.
func (s *Store) LogKey(origin string) (LogKey, error) { return LogKey{}, ErrNoKey }

// Secret returns the 32 random bytes called name, made on first use.
func (s *Store) Secret(name string) ([]byte, error) { return nil, ErrNoKey }
