package superior

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// maxRecord bounds one file of the register, in bytes.
const maxRecord = 1 << 20

// Registry is the register of subordinates: a directory with one JSON file for each. Readers see the
// file before a change or after it, never a part; writers in several processes take turns. What it keeps in
// memory is an index of files that did not change since they were read. It is safe for concurrent use.
type Registry struct {
	dir   string
	self  string
	above []string
	clock func() time.Time

	mu    sync.Mutex
	index *index // nil before the first look
}

// OpenRegistry opens the register of an entity in dir, and makes the directory when it is absent.
// superiors are those the entity names as its own.
func OpenRegistry(dir, entity string, superiors []string, clock func() time.Time) (*Registry, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("superior: %w", err)
	}
	return &Registry{dir: dir, self: entity, above: superiors, clock: clock}, nil
}

// fileOf is named by a digest: an entity's identifier has characters that a file name cannot hold.
func (r *Registry) fileOf(entity string) string {
	sum := sha256.Sum256([]byte(entity))
	return filepath.Join(r.dir, hex.EncodeToString(sum[:16])+".json")
}

// Get reads one subordinate, in whatever state. ErrUnknown when there is none, ErrDamaged when its file
// is not whole.
func (r *Registry) Get(entity string) (Subordinate, error) {
	got, err := r.read(r.fileOf(entity))
	if errors.Is(err, fs.ErrNotExist) {
		return Subordinate{}, ErrUnknown
	}
	if err == nil && got.record.Entity != entity {
		return Subordinate{}, fmt.Errorf("%w: %s is about another entity", ErrDamaged, r.fileOf(entity))
	}
	return got.record, err
}

// All gives every subordinate, in whatever state, by entity identifier. They are not to be changed.
func (r *Registry) All() ([]Subordinate, error) {
	all, err := r.all()
	if err != nil {
		return nil, err
	}
	out := make([]Subordinate, len(all))
	for i, k := range all {
		out[i] = k.record
	}
	return out, nil
}

// all is All without copies.
func (r *Registry) all() (records []*reading, err error) {
	err = r.look(func(ix *index) { records = ix.records })
	return records, err
}

// readNamed reads a file of the register and checks that it has its own name.
func (r *Registry) readNamed(name string) (*reading, error) {
	path := filepath.Join(r.dir, name)
	k, err := r.read(path)
	if err == nil && r.fileOf(k.record.Entity) != path {
		err = fmt.Errorf("%w: %s is about another entity", ErrDamaged, path)
	}
	if err != nil {
		return nil, err
	}
	k.prints = thumbprints(k.record.Keys)
	return &k, nil
}

// Enrol puts an entity into the register, active. One that was withdrawn may come back; its old marks do
// not. A key that another entity has, or that is ours (own), is ErrKeyTaken; an entity that stands above
// us, or is us, ErrLoop.
func (r *Registry) Enrol(s Subordinate, own jose.KeySet) error {
	return r.locked(func() error {
		now := r.clock().UTC()
		s.Version, s.State, s.Since, s.Enrolled = 1, Active, now, now
		for t := range s.Marks {
			s.Marks[t] = now
		}
		was, err := r.admit(s, own)
		switch {
		case err != nil:
			return err
		case was != nil && was.State != Withdrawn:
			return ErrEnrolled
		}
		return r.write(s)
	})
}

// Replace puts another record in place of an enrolled entity's, as after its keys were rotated. State
// and marks it had before stay as they were. ErrUnknown when it is not enrolled.
func (r *Registry) Replace(s Subordinate, own jose.KeySet) error {
	return r.locked(func() error {
		now := r.clock().UTC()
		s.Version, s.State, s.Since, s.Enrolled = 1, Active, now, now
		was, err := r.admit(s, own)
		switch {
		case err != nil:
			return err
		case was == nil || was.State == Withdrawn:
			return ErrUnknown
		}
		s.State, s.Since, s.Enrolled = was.State, was.Since, was.Enrolled
		for t := range s.Marks {
			s.Marks[t] = now
			if since, ok := was.Marks[t]; ok {
				s.Marks[t] = since
			}
		}
		return r.write(s)
	})
}

// admit checks a record against the others, and gives the one the entity has now, if any.
func (r *Registry) admit(s Subordinate, own jose.KeySet) (was *Subordinate, err error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	if s.Entity == r.self || slices.Contains(r.above, s.Entity) {
		return nil, fmt.Errorf("%w: %s", ErrLoop, s.Entity)
	}
	if share(own, s.Keys) {
		return nil, fmt.Errorf("%w: %s", ErrKeyTaken, r.self)
	}
	var holder string
	if err := r.look(func(ix *index) { holder = ix.holder(s) }); err != nil {
		return nil, err
	}
	if holder != "" {
		return nil, fmt.Errorf("%w: %s", ErrKeyTaken, holder)
	}
	found, err := r.Get(s.Entity)
	if isUnknown(err) {
		return nil, nil
	}
	return &found, err
}

// share says whether two sets have a key in common, whatever they call it.
func share(a, b jose.KeySet) bool {
	have := thumbprints(a)
	return slices.ContainsFunc(thumbprints(b), func(p string) bool { return slices.Contains(have, p) })
}

// Move brings an entity into another state: suspended and back, or withdrawn for good.
func (r *Registry) Move(entity string, to State) (Subordinate, error) {
	return r.Change(entity, func(s *Subordinate) error {
		if s.State == Withdrawn || s.State == to {
			return fmt.Errorf("%w: %s is %s", ErrState, entity, s.State)
		}
		s.State, s.Since = to, r.clock().UTC()
		return nil
	})
}

// Change rewrites a record under the lock.
func (r *Registry) Change(entity string, do func(*Subordinate) error) (Subordinate, error) {
	var s Subordinate
	err := r.locked(func() (err error) {
		if s, err = r.Get(entity); err != nil {
			return err
		}
		if err = do(&s); err != nil {
			return err
		}
		if err = s.check(); err != nil {
			return err
		}
		return r.write(s)
	})
	return s, err
}
