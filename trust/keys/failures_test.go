package keys

import (
	"bytes"
	"crypto"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// same is randomness that repeats one byte.
type same byte

func (s same) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(s)
	}
	return len(p), nil
}

// TestTimesOfPurposes holds the times of wire profile §1 and §6.
func TestTimesOfPurposes(t *testing.T) {
	t.Parallel()
	for p, want := range map[Purpose]struct{ publication, overlap time.Duration }{
		Federation: {day, 14 * day}, Exchange: {day, 14 * day}, Permit: {day, 3653 * day}, Visa: {day, 30 * day}, Sealing: {0, 14 * day},
	} {
		if p.Publication() != want.publication {
			t.Errorf("%s: published %s before use", p, p.Publication())
		}
		if p.Overlap() < want.overlap || p.Overlap() > want.overlap+10*day {
			t.Errorf("%s: published %s after use, want %s and a little", p, p.Overlap(), want.overlap)
		}
	}
}

// TestFilesOfTheFirstRelease: a file without published_at and activated_at keeps its meaning.
func TestFilesOfTheFirstRelease(t *testing.T) {
	t.Parallel()
	dir, c := keyDir(t), &clock{start.Add(3 * day)}
	later := start.Add(2 * day)
	for name, change := range map[string]func(*record){
		"exchange.ncp.0001.json": func(r *record) { r.State, r.RetiredAt = Retiring, &later },
		"exchange.ncp.0002.json": func(r *record) {},
		"exchange.ncp.0003.json": func(r *record) { r.State, r.RevokedAt = Revoked, &later },
	} {
		r := newRecord(t, Exchange, "ncp")
		r.PublishedAt, r.ActivatedAt, r.First = nil, nil, false
		change(&r)
		put(t, dir, name, r)
	}
	s := reopen(t, dir, c)
	for _, k := range s.List() {
		if !k.First || !k.Published.Equal(start) || !k.Activated.Equal(start) {
			t.Errorf("%+v", k)
		}
	}
	if r, err := s.Rotate(Exchange, "ncp", Ed25519, AtOnce); err != nil || r.Retired == nil {
		t.Errorf("%+v, %v", r, err)
	}
	if moved, err := s.Tick(c.now.Add(1000 * day)); err != nil || len(moved) != 1 {
		t.Errorf("a retired key of which nobody knows the end stays published: %+v, %v", moved, err)
	}
}

// TestClosedStore: nothing works on a store that was closed, and nothing is lost.
func TestClosedStore(t *testing.T) {
	t.Parallel()
	s, _ := life(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for name, call := range map[string]func() error{
		"reload":   s.Reload,
		"ensure":   func() error { return s.Ensure(Permit, "hdab-hdh") },
		"generate": func() error { _, err := s.Generate(Exchange, "ncp", Ed25519); return err },
		"rotate":   func() error { _, err := s.Rotate(Exchange, "ncp", ES256, AtOnce); return err },
		"revoke":   func() error { _, err := s.Revoke(s.List()[0].Kid, Compromised, start); return err },
		"log key":  func() error { _, err := s.LogKey("ncp.example/log"); return err },
		"secret":   func() error { _, err := s.Secret("record"); return err },
		"sync":     s.syncDir,
		"entry":    func() error { _, _, err := s.readEntry("exchange.ncp.0001.json"); return err },
	} {
		if err := call(); !errors.Is(err, fs.ErrClosed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.Active(Exchange, "ncp"); err != nil {
		t.Errorf("keys in memory stay usable: %v", err)
	}
}

func TestReadFileGuards(t *testing.T) {
	t.Parallel()
	dir := keyDir(t)
	put(t, dir, "exchange.ncp.0001.json", newRecord(t, Exchange, "ncp"))
	s := open(t, dir)
	if _, err := s.readFile("absent.json", nil); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	folder, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.readFile("exchange.ncp.0001.json", folder); !errors.Is(err, ErrCorrupt) {
		t.Errorf("a file that was replaced after its mode was checked: %v", err)
	}
	if _, err := s.readFile(".", folder); err == nil {
		t.Error("a directory was read as a file")
	}
	if _, ok, err := s.readEntry("absent.json"); ok || err != nil {
		t.Errorf("a file that went away meanwhile: %v, %v", ok, err)
	}
}

func TestOpenBelowAFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := openError(filepath.Join(file, "keys")); err == nil {
		t.Error("opened")
	}
}

// TestNoRoomForATemporaryFile: names that are all taken, by crashes without end.
func TestNoRoomForATemporaryFile(t *testing.T) {
	t.Parallel()
	dir := keyDir(t)
	if err := os.WriteFile(filepath.Join(dir, ".new-0707070707070707"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(dir, Options{Clock: func() time.Time { return start }, Rand: same(7)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Ensure(Exchange, "ncp"); err == nil || !strings.Contains(err.Error(), "every name tried") {
		t.Error(err)
	}
}

// TestDirectorySpoiledMeanwhile: a key is made, and another process leaves a damaged file beside it.
func TestDirectorySpoiledMeanwhile(t *testing.T) {
	t.Parallel()
	s, _ := life(t)
	s.fault = func(step string) error {
		if step == "sync directory" {
			return os.WriteFile(filepath.Join(s.dir, "permit.other.0001.json"), []byte("{"), 0o600)
		}
		return nil
	}
	if err := s.Ensure(Permit, "hdab-hdh"); !errors.Is(err, ErrCorrupt) {
		t.Errorf("ensure: %v", err)
	}
	if _, err := s.Tick(start.Add(1000 * day)); err != nil { // nothing is due, so nothing is written
		t.Errorf("tick: %v", err)
	}
	if _, err := s.Rotate(Exchange, "ncp", Ed25519, AtOnce); !errors.Is(err, ErrCorrupt) {
		t.Errorf("rotate: %v", err)
	}
}

func TestTickThatCannotWrite(t *testing.T) {
	t.Parallel()
	s, c := life(t)
	if _, err := s.Rotate(Exchange, "ncp", Ed25519, AtOnce); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Generate(Exchange, "ncp", ES256); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Rotate(Exchange, "ncp", ES256, WhenDue); err != nil {
		t.Fatal(err)
	}
	cutAt(s, 0)
	c.now = start.Add(100 * day)
	if moved, err := s.Tick(c.now); !errors.Is(err, errPower) || len(moved) != 0 {
		t.Errorf("%+v, %v", moved, err)
	}
	s.fault = nil
	if moved, err := s.Tick(c.now); err != nil || len(moved) != 2 {
		t.Errorf("once it can: %+v, %v", moved, err)
	}
}

func TestRandomnessThatFails(t *testing.T) {
	t.Parallel()
	if _, err := newMaterial(Exchange, ES256, same(0xff)); err == nil { // no scalar of the curve, ever
		t.Error("made a key of nothing")
	}
	c := &clock{start}
	s, err := Open(keyDir(t), Options{
		Clock: c.time, Rand: bytes.NewReader(nil), Device: &drawer{keys: map[string]crypto.Signer{}}, DevicePurposes: []Purpose{Permit},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Ensure(Permit, "hdab-hdh"); !errors.Is(err, io.EOF) {
		t.Errorf("in a device: %v", err)
	}
	if _, err := s.Generate(Exchange, "ncp", Ed25519); !errors.Is(err, io.EOF) {
		t.Errorf("a next key: %v", err)
	}
	if _, err := s.Rotate(Exchange, "ncp", Ed25519, AtOnce); !errors.Is(err, io.EOF) {
		t.Errorf("at once: %v", err)
	}
}

func TestDamagedSecrets(t *testing.T) {
	t.Parallel()
	made := func(p Purpose, alg string) record {
		k, err := generate(slot{p, "ncp"}, alg, Active, Options{Clock: func() time.Time { return start }, Rand: same(3)})
		if err != nil {
			t.Fatal(err)
		}
		return k.record
	}
	for name, r := range map[string]record{
		"a short record secret":  func() record { r := made(Record, ""); r.Private.K = r.Private.K[:40]; return r }(),
		"a short sealing secret": func() record { r := made(Sealing, HPKE3); r.Private.D = r.Private.D[:40]; return r }(),
		"no base64":              func() record { r := made(Exchange, Ed25519); r.Private.D = "!"; return r }(),
		"another sealing key":    func() record { r := made(Sealing, HPKE10); r.Private.Pub = r.Private.Pub[4:]; return r }(),
	} {
		text, err := r.encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decodeKey(text); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
