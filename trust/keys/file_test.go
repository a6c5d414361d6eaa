package keys

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func openError(dir string) error {
	s, err := Open(dir, Options{Clock: func() time.Time { return start }, Rand: rand.Reader})
	if err == nil {
		s.Close()
	}
	return err
}

func TestPermissions(t *testing.T) {
	tests := []struct {
		name   string
		target string
		mode   os.FileMode
		want   error
	}{
		{"key file readable by the group", "exchange.ncp.0001.json", 0o640, ErrPermissions},
		{"key file readable by all", "exchange.ncp.0001.json", 0o604, ErrPermissions},
		{"key file writable by all", "exchange.ncp.0001.json", 0o602, ErrPermissions},
		{"read-only key file", "exchange.ncp.0001.json", 0o400, nil},
		{"another file", "notes.txt", 0o644, ErrPermissions},
		{"a file left by a crash", ".new-00", 0o644, ErrPermissions},
		{"the directory", ".", 0o750, ErrPermissions},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := keyDir(t)
			put(t, dir, "exchange.ncp.0001.json", newRecord(t, Exchange, "ncp"))
			path := filepath.Join(dir, tt.target)
			if _, err := os.Stat(path); err != nil {
				if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Chmod(path, tt.mode); err != nil {
				t.Fatal(err)
			}
			err := openError(dir)
			if !errors.Is(err, tt.want) {
				t.Fatalf("Open: %v, want %v", err, tt.want)
			}
			mend := "chmod 600 " + path
			if tt.target == "." {
				mend = "chmod 700 " + path
			}
			if tt.want != nil && !strings.Contains(err.Error(), mend) {
				t.Errorf("%q does not say %q", err, mend)
			}
		})
	}
}

func TestDamagedFiles(t *testing.T) {
	const name = "exchange.ncp.0001.json"
	good := newRecord(t, Exchange, "ncp")
	encoded, err := good.encode()
	if err != nil {
		t.Fatal(err)
	}
	text := string(encoded)
	other := newRecord(t, Exchange, "ncp")
	later := start.Add(time.Hour)
	with := func(change func(*record)) string {
		r := good
		change(&r)
		b, err := r.encode()
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	tests := []struct{ name, file, text string }{
		{"empty", name, ""},
		{"truncated", name, text[:len(text)/2]},
		{"truncated by one brace", name, strings.TrimSuffix(strings.TrimSpace(text), "}")},
		{"trailing bytes", name, text + "{}"},
		{"too large", name, text + strings.Repeat(" ", maxFile)},
		{"duplicate member", name, strings.Replace(text, `"state": "active"`, `"state": "revoked", "state": "active"`, 1)},
		{"member in another case", name, strings.Replace(text, `"state"`, `"State"`, 1)},
		{"unknown member", name, strings.Replace(text, `"state"`, `"x":1,"state"`, 1)},
		{"unknown state", name, with(func(r *record) { r.State = "sleeping" })},
		{"unknown purpose", name, with(func(r *record) { r.Purpose = "mystery" })},
		{"kid of another key", name, with(func(r *record) { r.Kid = other.Kid })},
		{"public half of another key", name, with(func(r *record) { r.Private.X = other.Private.X })},
		{"private half of another key", name, with(func(r *record) { r.Private.D = other.Private.D })},
		{"short private half", name, with(func(r *record) { r.Private.D = r.Private.D[:40] })},
		{"another alg", name, with(func(r *record) { r.Alg = "ES256" })},
		{"another key type", name, with(func(r *record) { r.Private.Kty = "oct" })},
		{"retiring without time", name, with(func(r *record) { r.State = Retiring })},
		{"revoked without time", name, with(func(r *record) { r.State = Revoked })},
		{"active and revoked", name, with(func(r *record) { r.RevokedAt = &later })},
		{"no creation time", name, with(func(r *record) { r.Created = time.Time{} })},
		{"next and activated", name, with(func(r *record) { r.State = Next })},
		{"a reason without a revocation", name, with(func(r *record) { r.Reason = Compromised })},
		{"revoked for no known reason", name, with(func(r *record) { r.State, r.RevokedAt, r.Reason = Revoked, &later, "x" })},
		{"an active key that waits", name, with(func(r *record) { r.WhenDue = true })},
		{"expires without retired", name, with(func(r *record) { r.ExpiresAt = &later })},
		{"expires before retired", name, with(func(r *record) { r.State, r.RetiredAt, r.ExpiresAt = Retiring, &later, &start })},
		{"a time that is nought", name, with(func(r *record) { r.PublishedAt = &time.Time{} })},
		{"alg of another purpose", name, with(func(r *record) { r.Purpose = Visa })},
		{"name of another owner", "exchange.other.0001.json", text},
		{"name of another purpose", "permit.ncp.0001.json", text},
		{"name without a number", "exchange.ncp.json", text},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := keyDir(t)
			path := filepath.Join(dir, tt.file)
			if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			err := openError(dir)
			if !errors.Is(err, ErrCorrupt) {
				t.Fatalf("Open: %v, want %v", err, ErrCorrupt)
			}
			if !strings.Contains(err.Error(), path) {
				t.Errorf("%q does not name the file", err)
			}
			if strings.Contains(err.Error(), good.Private.D) || strings.Contains(err.Error(), other.Private.D) {
				t.Error("the error shows a private key")
			}
		})
	}
}

// A copy of a revoked key's file must not bring the key back.
func TestSameKeyTwice(t *testing.T) {
	dir := keyDir(t)
	r := newRecord(t, Exchange, "ncp")
	put(t, dir, "exchange.ncp.0002.json", r)
	r.State, r.RevokedAt = Revoked, &start
	put(t, dir, "exchange.ncp.0001.json", r)
	if err := openError(dir); !errors.Is(err, ErrCorrupt) {
		t.Error(err)
	}
}

func TestNotARegularFile(t *testing.T) {
	outside := put(t, t.TempDir(), "key", newRecord(t, Exchange, "ncp"))
	dir := keyDir(t)
	if err := os.Symlink(outside, filepath.Join(dir, "exchange.ncp.0001.json")); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	if err := openError(dir); !errors.Is(err, ErrCorrupt) {
		t.Error(err)
	}
}

// What a crash leaves under a temporary name is no key.
func TestLeftoversAreIgnored(t *testing.T) {
	dir := keyDir(t)
	put(t, dir, ".new-0011223344556677", newRecord(t, Exchange, "ncp"))
	s := open(t, dir)
	if _, err := s.Active(Exchange, "ncp"); !errors.Is(err, ErrNoKey) {
		t.Error(err)
	}
}

func FuzzDecodeKey(f *testing.F) {
	for p, algs := range map[Purpose][]string{Exchange: Exchange.Algorithms(), Sealing: Sealing.Algorithms(), Record: {""}} {
		for _, alg := range algs {
			k, err := generate(slot{p, "ncp"}, alg, Active, Options{Clock: func() time.Time { return start }, Rand: rand.Reader})
			if err != nil {
				f.Fatal(err)
			}
			text, err := k.encode()
			if err != nil {
				f.Fatal(err)
			}
			f.Add(text)
		}
	}
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		k, err := decodeKey(text)
		if err != nil {
			if !errors.Is(err, ErrCorrupt) {
				t.Errorf("error of another kind: %v", err)
			}
			return
		}
		again, err := k.encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decodeKey(again); err != nil {
			t.Errorf("an accepted file does not survive writing: %v", err)
		}
	})
}
