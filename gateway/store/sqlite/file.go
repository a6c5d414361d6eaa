package sqlite

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// file is a small file replaced as a whole.
type file string

// Load implements store.File.
func (f file) Load() ([]byte, bool, error) {
	data, err := os.ReadFile(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	return data, err == nil, err
}

// Replace implements store.File: temporary file, fsync, rename, fsync of the directory; then the
// former content is overwritten through a descriptor kept open. File systems that copy on write and
// flash media may still hold it.
func (f file) Replace(data []byte) error {
	old, err := os.OpenFile(string(f), os.O_WRONLY, 0)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := f.write(data); err != nil {
		return errors.Join(err, closeFile(old))
	}
	if old == nil {
		return nil
	}
	return errors.Join(wipe(old), old.Close())
}

func (f file) write(data []byte) error {
	dir := filepath.Dir(string(f))
	tmp, err := os.CreateTemp(dir, filepath.Base(string(f))+".*.part") // 0600
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), string(f))
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return syncFile(dir)
}

func wipe(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if _, err := f.WriteAt(make([]byte, info.Size()), 0); err != nil {
		return err
	}
	return f.Sync()
}

func closeFile(f *os.File) error {
	if f == nil {
		return nil
	}
	return f.Close()
}

func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
