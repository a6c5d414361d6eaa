package superior

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// maxRecord bounds one file of the register, in bytes.
const maxRecord = 1 << 20

// Registry is the register of subordinates: a directory with one JSON file for each. Readers see the
// file before a change or after it, never a part; writers in several processes take turns. It keeps
// nothing in memory and is safe for concurrent use.
type Registry struct {
	dir   string
	self  string
	above []string
	clock func() time.Time
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
	s, err := r.read(r.fileOf(entity))
	if errors.Is(err, fs.ErrNotExist) {
		return s, ErrUnknown
	}
	if err == nil && s.Entity != entity {
		return Subordinate{}, fmt.Errorf("%w: %s is about another entity", ErrDamaged, r.fileOf(entity))
	}
	return s, err
}

// All reads every subordinate, in whatever state, by entity identifier.
func (r *Registry) All() ([]Subordinate, error) {
	entries, err := os.ReadDir(r.dir)
	if err != nil {
		return nil, fmt.Errorf("superior: %w", err)
	}
	out := make([]Subordinate, 0, len(entries))
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") || filepath.Ext(e.Name()) != ".json" {
			continue
		}
		name := filepath.Join(r.dir, e.Name())
		s, err := r.read(name)
		if err != nil {
			return nil, err
		}
		if r.fileOf(s.Entity) != name {
			return nil, fmt.Errorf("%w: %s is about another entity", ErrDamaged, name)
		}
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b Subordinate) int { return strings.Compare(a.Entity, b.Entity) })
	return out, nil
}

// read reads one file. One that others may write is refused: who can write it decides whom we vouch for.
func (r *Registry) read(name string) (s Subordinate, err error) {
	f, err := os.Open(name)
	if err != nil {
		return s, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return s, err
	}
	if info.Mode().Perm()&0o022 != 0 {
		return s, fmt.Errorf("%w: others may write %s; mend it with: chmod 600 %s", ErrDamaged, name, name)
	}
	raw, err := io.ReadAll(io.LimitReader(f, maxRecord+1))
	if err != nil {
		return s, fmt.Errorf("superior: %w", err)
	}
	if s, err = decode(raw); err != nil {
		return Subordinate{}, fmt.Errorf("%w: %s: %w", ErrDamaged, name, err)
	}
	return s, nil
}

// decode reads a record strictly.
func decode(raw []byte) (s Subordinate, err error) {
	if len(raw) > maxRecord {
		return s, errors.New("longer than such a file may be")
	}
	if err := jose.DecodeStrict(raw, &s); err != nil {
		return s, err
	}
	return s, s.check()
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
	all, err := r.All()
	if err != nil {
		return nil, err
	}
	for _, other := range all {
		switch {
		case other.Entity == s.Entity:
			was = &other
		case other.State != Withdrawn && share(other.Keys, s.Keys):
			return nil, fmt.Errorf("%w: %s", ErrKeyTaken, other.Entity)
		}
	}
	return was, nil
}

// share says whether two sets have a key in common, whatever they call it.
func share(a, b jose.KeySet) bool {
	have := map[string]bool{}
	for _, k := range a.Keys {
		if p, err := jose.Thumbprint(k.Key); err == nil {
			have[p] = true
		}
	}
	return slices.ContainsFunc(b.Keys, func(k jose.PublicKey) bool {
		p, err := jose.Thumbprint(k.Key)
		return err == nil && have[p]
	})
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

// locked does one thing while no other process changes the register.
func (r *Registry) locked(do func() error) error {
	f, err := os.OpenFile(filepath.Join(r.dir, ".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("superior: %w", err)
	}
	defer f.Close() // ends the lock
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("superior: lock of %s: %w", r.dir, err)
	}
	return do()
}

// write puts a record in place of the former one: whole, on the disk, then under its name.
func (r *Registry) write(s Subordinate) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("superior: %w", err)
	}
	name := r.fileOf(s.Entity)
	if err := writeSynced(name, append(text, '\n')); err != nil {
		return fmt.Errorf("superior: %w", err)
	}
	return nil
}

func writeSynced(name string, text []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), name); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
