package pki

import (
	"crypto/rand"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func put(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestSpoiledAuthority: what is there and is no authority is reported, and never replaced by a new one.
func TestSpoiledAuthority(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(t *testing.T, dir string)
		want  string
	}{
		"a leaf in its place": {func(t *testing.T, dir string) {
			put(t, filepath.Join(dir, caFile), read(t, filepath.Join(dir, leafFile)))
			put(t, filepath.Join(dir, caKey), read(t, filepath.Join(dir, leafKey)))
		}, "not an authority's"},
		"a key that is no PEM": {func(t *testing.T, dir string) { put(t, filepath.Join(dir, caKey), []byte("key")) }, "not a private key file"},
		"a key of another kind of PEM": {func(t *testing.T, dir string) {
			put(t, filepath.Join(dir, caKey), read(t, filepath.Join(dir, caFile)))
		}, "not a private key file"},
		"a key that cannot be read": {func(t *testing.T, dir string) {
			put(t, filepath.Join(dir, caKey), pem.EncodeToMemory(&pem.Block{Type: pemKey, Bytes: []byte("x")}))
		}, "not a readable private key"},
		"a certificate that is a directory": {func(t *testing.T, dir string) {
			if err := errors.Join(os.Remove(filepath.Join(dir, caFile)), os.Mkdir(filepath.Join(dir, caFile), 0o700)); err != nil {
				t.Fatal(err)
			}
		}, "is a directory"},
		"a leaf that is a directory": {func(t *testing.T, dir string) {
			leaf := filepath.Join(dir, leafFile)
			if err := errors.Join(os.Remove(leaf), os.Mkdir(leaf, 0o700)); err != nil {
				t.Fatal(err)
			}
			put(t, filepath.Join(leaf, "x"), nil)
		}, "file exists"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, at := filepath.Join(t.TempDir(), "pki"), &clock{start}
			devCA(t, dir, at)
			c.spoil(t, dir)
			_, err := DevelopmentCA(dir, Options{Clock: at.Now, Rand: rand.Reader, Names: []string{"localhost", "127.0.0.1", "::1"}})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

// TestNowhereToWrite: a place that cannot hold an authority is an error, not an authority in memory.
func TestNowhereToWrite(t *testing.T) {
	t.Parallel()
	at := &clock{start}
	options := Options{Clock: at.Now, Rand: rand.Reader, Names: []string{"localhost"}}
	file := filepath.Join(t.TempDir(), "file")
	put(t, file, nil)
	if _, err := DevelopmentCA(filepath.Join(file, "pki"), options); err == nil {
		t.Error("below a file")
	}
	dir := filepath.Join(t.TempDir(), "pki")
	if err := os.MkdirAll(filepath.Join(dir, caFile, "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := DevelopmentCA(dir, options); err == nil {
		t.Error("a directory has the authority's name")
	}
	dir = filepath.Join(t.TempDir(), "pki")
	ca := devCA(t, dir, at)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if done, err := ca.Renew(); done || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the directory went away: %v, %v", done, err)
	}
	if err := syncDir(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if _, err := Pool(t.TempDir()); err == nil {
		t.Error("a directory was read as certificates")
	}
	if _, err := validity([][]byte{[]byte("x")}, start); !errors.Is(err, ErrNoCertificate) {
		t.Error(err)
	}
}
