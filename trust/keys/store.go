package keys

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// skew is how far this machine's clock may have stepped back behind the
// not_before of an active key; receivers allow an iat as far ahead.
const skew = time.Minute

// Options are what the store needs from outside; Clock and Rand are required.
type Options struct {
	// Clock returns the current time.
	Clock func() time.Time
	// Rand is the source of key material.
	Rand io.Reader
	// Device, when not nil, makes and holds the keys of DevicePurposes. Keys that are in files stay
	// there until they are rotated.
	Device         Device
	DevicePurposes []Purpose
}

// Store is an open key store. It keeps the keys in memory and is safe for
// concurrent use.
type Store struct {
	dir     string
	root    *os.Root
	options Options

	mu    sync.Mutex
	slots map[slot][]key
	// signers are those found in the device, by kid.
	signers map[string]jose.SigningKey

	// fault, when not nil, is asked before every step that touches the disk; tests cut the power there.
	fault func(step string) error
}

// slot is whose keys, and for what.
type slot struct {
	purpose Purpose
	owner   string
}

// Open opens the store in dir and reads every key. It creates dir with mode
// 0700 when absent. ErrPermissions when others may read dir or a file in it,
// ErrCorrupt when a key file cannot be read in full. Close releases dir.
func Open(dir string, o Options) (*Store, error) {
	if o.Clock == nil || o.Rand == nil {
		return nil, errors.New("keys: Options needs Clock and Rand")
	}
	for _, p := range o.DevicePurposes {
		if p.Algorithms() == nil || p == Sealing {
			return nil, fmt.Errorf("%w: %q keys do not live in a device", ErrPurpose, p)
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	s := &Store{dir: dir, root: root, options: o}
	if err := s.Reload(); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return s, nil
}

// Close releases the directory. Keys handed out stay usable.
func (s *Store) Close() error { return s.root.Close() }

// Reload reads the directory again, as after a rotation by another process.
// On an error the keys in memory stay as they were.
func (s *Store) Reload() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reload()
}

func (s *Store) reload() error {
	slots, err := s.readAll()
	if err != nil {
		return err
	}
	s.slots = slots
	return nil
}

// Ensure makes the first key for purpose and owner, active at once, when there
// is no key file for them yet. Owner is a slug such as "ncp" or "hdab-hdh"
// (for a [Log] key the log's origin). It never replaces a key: where files
// exist and none is active it returns ErrNoKey.
func (s *Store) Ensure(purpose Purpose, owner string) error {
	at, err := slotFor(purpose, owner)
	if err != nil {
		return err
	}
	_, err = s.ensure(at)
	return err
}

func (s *Store) ensure(at slot) (key, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.slots[at]) > 0 {
		return s.active(at)
	}
	made, err := generate(at, at.firstAlg(), Active, s.options)
	if err != nil {
		return key{}, err
	}
	err = s.create(made.record, 1)
	if errors.Is(err, os.ErrExist) {
		err = s.syncDir() // another process was first; its key must last too
	}
	if err != nil {
		return key{}, err
	}
	if err := s.reload(); err != nil {
		return key{}, err
	}
	return s.active(at)
}

// firstAlg is the algorithm of a slot's first key.
func (at slot) firstAlg() string {
	switch at.purpose {
	case Record:
		return ""
	case Log:
		return Ed25519
	}
	return at.purpose.Algorithms()[0]
}

// Public returns the keys to publish for purpose and owner ([Federation],
// [Exchange], [Permit] or [Visa]): next, active and retiring ones, never
// historical or revoked ones, each with its alg and use "sig". The set is empty
// when there is none.
func (s *Store) Public(purpose Purpose, owner string) (jose.KeySet, error) {
	at, err := signingSlot(purpose, owner)
	if err != nil {
		return jose.KeySet{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var set jose.KeySet
	for _, k := range s.slots[at] {
		if !k.State.published() {
			continue
		}
		set.Keys = append(set.Keys, k.public)
	}
	return set, nil
}

// published reports whether a key in this state belongs in a JWK set.
func (s State) published() bool { return s == Next || s == Active || s == Retiring }

// Secret returns the 32 random bytes called name, made on first use, for the
// key that wraps the record store's data keys. The caller may overwrite them.
func (s *Store) Secret(name string) ([]byte, error) {
	at, err := slotFor(Record, name)
	if err != nil {
		return nil, err
	}
	k, err := s.ensure(at)
	if err != nil {
		return nil, err
	}
	return append([]byte(nil), k.secret...), nil
}

// String names the directory and shows no key.
func (s *Store) String() string { return "key store " + s.dir }

// GoString is String, so that %#v shows no key either.
func (s *Store) GoString() string { return s.String() }
