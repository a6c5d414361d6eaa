package keys

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// maxFile is far above the size of a key file, in bytes.
const maxFile = 16 << 10

var fileNames = regexp.MustCompile(`^[a-z]+\.[a-z0-9-]+\.([0-9]{4})\.json$`)

// readAll reads every key file of the directory. A name starting with a dot is
// a file being written, or left by a crash while it was; it is never read.
func (s *Store) readAll() (map[slot][]key, error) {
	info, err := s.root.Stat(".")
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	if err := s.checkMode(".", info, "700"); err != nil {
		return nil, err
	}
	entries, err := fs.ReadDir(s.root.FS(), ".") // sorted, so generations come in order
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	slots := map[slot][]key{}
	kids := map[string]string{}
	for _, entry := range entries {
		k, ok, err := s.readEntry(entry.Name())
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		if other, seen := kids[k.Kid]; seen {
			return nil, fmt.Errorf("%w: %s and %s hold the same key", ErrCorrupt, other, entry.Name())
		}
		kids[k.Kid] = entry.Name()
		k.file = entry.Name()
		at := slot{k.Purpose, k.Owner}
		slots[at] = append(slots[at], k)
	}
	for _, list := range slots {
		settle(list)
	}
	return slots, nil
}

// readEntry reads one directory entry; ok is false when it is no key file.
func (s *Store) readEntry(name string) (k key, ok bool, err error) {
	info, err := s.root.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return key{}, false, nil // another process finished writing
	}
	if err != nil {
		return key{}, false, fmt.Errorf("keys: %w", err)
	}
	if info.Mode().IsRegular() {
		if err := s.checkMode(name, info, "600"); err != nil {
			return key{}, false, err
		}
	}
	if strings.HasPrefix(name, ".") || !strings.HasSuffix(name, ".json") {
		return key{}, false, nil
	}
	match := fileNames.FindStringSubmatch(name)
	if match == nil || !info.Mode().IsRegular() {
		return key{}, false, fmt.Errorf("%w: %s is not a key file", ErrCorrupt, s.path(name))
	}
	text, err := s.readFile(name, info)
	if err != nil {
		return key{}, false, err
	}
	k, err = decodeKey(text)
	if err != nil {
		return key{}, false, fmt.Errorf("%s: %w", s.path(name), err)
	}
	generation, err := strconv.Atoi(match[1])
	if err != nil || name != (slot{k.Purpose, k.Owner}).fileName(generation) {
		return key{}, false, fmt.Errorf("%w: %s does not hold what its name says", ErrCorrupt, s.path(name))
	}
	return k, true, nil
}

// readFile reads the very file whose mode was checked.
func (s *Store) readFile(name string, checked fs.FileInfo) ([]byte, error) {
	f, err := s.root.Open(name)
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	if !os.SameFile(info, checked) {
		return nil, fmt.Errorf("%w: %s was replaced while reading", ErrCorrupt, s.path(name))
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	if len(text) > maxFile {
		return nil, fmt.Errorf("%w: %s is too large", ErrCorrupt, s.path(name))
	}
	return text, nil
}

func (s *Store) checkMode(name string, info fs.FileInfo, wanted string) error {
	if info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	path := s.path(name)
	return fmt.Errorf("%w: %s has mode %04o; run chmod %s %s", ErrPermissions, path, info.Mode().Perm(), wanted, path)
}

func (s *Store) path(name string) string { return filepath.Join(s.dir, name) }

// create writes the n-th key file of a slot so that its name appears only
// with its full content on disk, and fails with os.ErrExist when another
// process was first. Linking is the exclusive step: a hard link never
// replaces an existing name.
func (s *Store) create(r record, n int) error {
	return s.write(r, func(temporary string) error {
		if err := s.step("link"); err != nil {
			return err
		}
		return errors.Join(s.root.Link(temporary, slot{r.Purpose, r.Owner}.fileName(n)), s.root.Remove(temporary))
	})
}

// replace writes a key file anew. The name holds the former content or the
// new one at any moment.
func (s *Store) replace(name string, r record) error {
	return s.write(r, func(temporary string) error {
		if err := s.step("rename"); err != nil {
			return err
		}
		return s.root.Rename(temporary, name)
	})
}

// write makes a temporary file with the record on disk, gives it its name and
// makes the name last.
func (s *Store) write(r record, name func(temporary string) error) error {
	text, err := r.encode()
	if err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	if err := s.step("create"); err != nil {
		return err
	}
	f, err := s.temporary()
	if err != nil {
		return err
	}
	temporary := filepath.Base(f.Name())
	if err := s.writeAndSync(f, text); err != nil {
		return fmt.Errorf("keys: %w", errors.Join(err, s.root.Remove(temporary)))
	}
	if err := name(temporary); err != nil {
		_ = s.root.Remove(temporary) // gone already when only its removal failed
		return fmt.Errorf("keys: %w", err)
	}
	if err := s.step("sync directory"); err != nil {
		return err
	}
	return s.syncDir()
}

// step is where a test may cut the power.
func (s *Store) step(name string) error {
	if s.fault == nil {
		return nil
	}
	return s.fault(name)
}

func (s *Store) temporary() (*os.File, error) {
	var err error
	for range 8 {
		var random [8]byte
		if _, err = io.ReadFull(s.options.Rand, random[:]); err != nil {
			return nil, fmt.Errorf("keys: read randomness: %w", err)
		}
		var f *os.File
		f, err = s.root.OpenFile(".new-"+hex.EncodeToString(random[:]), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, fs.ErrExist) {
			break
		}
	}
	if errors.Is(err, fs.ErrExist) { // not to be taken for the key that another process made
		return nil, errors.New("keys: every name tried for a temporary file is taken")
	}
	return nil, fmt.Errorf("keys: temporary file: %w", err)
}

func (s *Store) writeAndSync(f *os.File, text []byte) error {
	err := s.step("write")
	if err == nil {
		_, err = f.Write(text)
	}
	if err == nil {
		err = s.step("sync file")
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func (s *Store) syncDir() error {
	d, err := s.root.Open(".")
	if err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("keys: sync %s: %w", s.dir, err)
	}
	return nil
}
