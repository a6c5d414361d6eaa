package pki

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Errors of the package.
var (
	// ErrPermissions means that a key or its directory is open to others than its owner.
	ErrPermissions = errors.New("readable by others than its owner")
	// ErrNoCertificate means that a file has no certificate, or something else beside certificates.
	ErrNoCertificate = errors.New("not a file of certificates")
	// ErrValidity means that a certificate has expired or is not valid yet.
	ErrValidity = errors.New("certificate not valid at this time")
	// ErrIncomplete means that the development authority's certificate is there and its key is not.
	ErrIncomplete = errors.New("development authority without its key")
)

const maxFile = 1 << 20

// Pool reads certificate authorities from PEM files. A file without certificates, with anything else
// in it, or with one certificate that cannot be read is an error; no files give a pool that trusts
// nobody.
func Pool(files ...string) (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	for _, name := range files {
		data, err := readFile(name)
		if err != nil {
			return nil, err
		}
		certs, err := certificates(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for _, c := range certs {
			pool.AddCert(c)
		}
	}
	return pool, nil
}

// certificates reads PEM blocks, at least one, certificates only.
func certificates(data []byte) ([]*x509.Certificate, error) {
	var out []*x509.Certificate
	begun := bytes.Count(data, []byte("-----BEGIN ")) // pem.Decode passes over a damaged block in silence
	for {
		block, rest := pem.Decode(data)
		if block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			return nil, ErrNoCertificate
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNoCertificate, err)
		}
		out, data = append(out, c), rest
	}
	if len(out) == 0 || len(out) != begun {
		return nil, ErrNoCertificate
	}
	return out, nil
}

func readFile(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read from
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("%s: larger than %d bytes", name, maxFile)
	}
	return data, nil
}

// privateDir makes dir for its owner alone, or checks that it is so.
func privateDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() || info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("%s: %w", dir, ErrPermissions)
	}
	return nil
}

// readPrivate reads a regular file only its owner may touch. Absent is fs.ErrNotExist.
func readPrivate(name string) ([]byte, error) {
	info, err := os.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s: %w", name, ErrPermissions)
	}
	return readFile(name)
}

// writePrivate puts a whole file in place at once, readable by its owner only, durable on return.
func writePrivate(name string, data []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), ".new-*") // created with mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // best effort; the error to report is the first one
		}
	}()
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	if err = os.Rename(f.Name(), name); err != nil {
		return err
	}
	return syncDir(filepath.Dir(name))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if closeErr := d.Close(); err == nil {
		err = closeErr
	}
	return err
}

func absent(err error) bool { return errors.Is(err, fs.ErrNotExist) }
