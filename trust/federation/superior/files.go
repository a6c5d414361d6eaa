package superior

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// read reads one file. One that others may write is refused: who can write it decides whom we vouch for.
func (r *Registry) read(name string) (reading, error) {
	f, err := os.Open(name)
	if err != nil {
		return reading{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return reading{}, err
	}
	if info.Mode().Perm()&0o022 != 0 {
		return reading{}, fmt.Errorf("%w: others may write %s; mend it with: chmod 600 %s", ErrDamaged, name, name)
	}
	raw, err := io.ReadAll(io.LimitReader(f, maxRecord+1))
	if err != nil {
		return reading{}, fmt.Errorf("superior: %w", err)
	}
	s, err := decode(raw)
	if err != nil {
		return reading{}, fmt.Errorf("%w: %s: %w", ErrDamaged, name, err)
	}
	return reading{record: s, file: info}, nil
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
	err = r.counted(filepath.Base(name), func() error { return writeSynced(name, append(text, '\n')) })
	if err != nil {
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
