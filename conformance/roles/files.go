package roles

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
)

// WriteFile replaces a file as a whole: after a crash there is the old content or the new one. Only
// the owner can read it.
func WriteFile(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	defer os.Remove(f.Name()) // gone after the rename; left over otherwise
	_, err = f.Write(content)
	err = errors.Join(err, f.Chmod(0o600), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// LoadKey reads the key in a folder, or makes it when there is none.
func LoadKey(dir, name, alg string, random io.Reader) (*forge.Key, error) {
	path := filepath.Join(dir, name+".jwk")
	raw, err := os.ReadFile(path)
	if err == nil {
		k, err := forge.ParsePrivate(raw)
		if err != nil {
			return nil, fmt.Errorf("key %s: %w", name, err)
		}
		return k, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	k, err := forge.NewKey(alg, random)
	if err != nil {
		return nil, err
	}
	if raw, err = k.MarshalPrivate(); err != nil {
		return nil, err
	}
	return k, WriteFile(path, raw)
}

// LoadLogKey reads the key of an evidence log, or makes it when there is none.
func LoadLogKey(dir, origin string, random io.Reader) (forge.LogKey, error) {
	var k forge.LogKey
	private, verifier := filepath.Join(dir, "log.key"), filepath.Join(dir, "log.vkey")
	p, err := os.ReadFile(private)
	if errors.Is(err, os.ErrNotExist) {
		if k, err = forge.NewLogKey(origin, random); err != nil {
			return k, err
		}
		if err := WriteFile(verifier, []byte(k.Verifier)); err != nil {
			return k, err
		}
		return k, WriteFile(private, []byte(k.Private))
	}
	if err != nil {
		return k, err
	}
	v, err := os.ReadFile(verifier)
	return forge.LogKey{Private: string(p), Verifier: string(v)}, err
}
