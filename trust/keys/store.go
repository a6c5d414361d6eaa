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

var (
	// ErrPermissions: others may read the directory or one of its files. The
	// error names it and the chmod that mends it.
	ErrPermissions = errors.New("keys: permissions too open")
	// ErrNoKey: no key exists, or none in the state asked for.
	ErrNoKey = errors.New("keys: no such key")
	// ErrAmbiguous: more than one active key for the same purpose and owner.
	ErrAmbiguous = errors.New("keys: more than one active key")
	// ErrCorrupt: a file that cannot be what this store wrote.
	ErrCorrupt = errors.New("keys: key file is damaged")
	// ErrPurpose: the call does not serve keys of this purpose.
	ErrPurpose = errors.New("keys: wrong purpose")
	// ErrOwner: an owner, origin or name that cannot be used.
	ErrOwner = errors.New("keys: unfit owner")
)

// skew is how far this machine's clock may have stepped back behind the
// not_before of an active key; receivers allow an iat as far ahead.
const skew = time.Minute

// Options are what the store needs from outside; both are required.
type Options struct {
	// Clock returns the current time.
	Clock func() time.Time
	// Rand is the source of key material.
	Rand io.Reader
}

// Store is an open key store. It keeps the keys in memory and is safe for
// concurrent use.
type Store struct {
	dir     string
	root    *os.Root
	options Options

	mu    sync.Mutex
	slots map[slot][]key
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
	made, err := generate(at, s.options)
	if err != nil {
		return key{}, err
	}
	err = s.create(made.record)
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

// Active returns the one key that signs for purpose and owner: [Federation],
// [Exchange] or [Permit]. A key in any other state never signs. ErrNoKey when
// none is active or the active one's not_before lies ahead, ErrAmbiguous when
// there are several.
func (s *Store) Active(purpose Purpose, owner string) (jose.SigningKey, error) {
	at, err := signingSlot(purpose, owner)
	if err != nil {
		return jose.SigningKey{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	k, err := s.active(at)
	if err != nil {
		return jose.SigningKey{}, err
	}
	return jose.NewSigningKey(k.private)
}

// active needs s.mu.
func (s *Store) active(at slot) (key, error) {
	var found []key
	latest := s.options.Clock().Add(skew)
	for _, k := range s.slots[at] {
		if k.State == Active && !k.NotBefore.After(latest) {
			found = append(found, k)
		}
	}
	switch len(found) {
	case 0:
		return key{}, fmt.Errorf("%w: no active %s key for %q", ErrNoKey, at.purpose, at.owner)
	case 1:
		return found[0], nil
	}
	return key{}, fmt.Errorf("%w: %s keys of %q", ErrAmbiguous, at.purpose, at.owner)
}

// Public returns the keys to publish for purpose and owner ([Federation],
// [Exchange] or [Permit]): next, active and retiring ones, never revoked ones,
// each with its alg and use "sig". The set is empty when there is none.
func (s *Store) Public(purpose Purpose, owner string) (jose.KeySet, error) {
	at, err := signingSlot(purpose, owner)
	if err != nil {
		return jose.KeySet{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var set jose.KeySet
	for _, k := range s.slots[at] {
		if k.State == Revoked {
			continue
		}
		signing, err := jose.NewSigningKey(k.private)
		if err != nil {
			return jose.KeySet{}, err
		}
		public, err := signing.Public()
		if err != nil {
			return jose.KeySet{}, err
		}
		set.Keys = append(set.Keys, public)
	}
	return set, nil
}

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
