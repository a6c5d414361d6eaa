package keys

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

var start = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

func open(t testing.TB, dir string) *Store {
	t.Helper()
	s, err := Open(dir, Options{Clock: func() time.Time { return start }, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// newRecord returns what Ensure would write for the slot.
func newRecord(t testing.TB, purpose Purpose, owner string) record {
	t.Helper()
	k, err := generate(slot{purpose, owner}, slot{purpose, owner}.firstAlg(), Active, Options{Clock: func() time.Time { return start }, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	return k.record
}

func put(t testing.TB, dir, name string, r record) string {
	t.Helper()
	text, err := r.encode()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func keyDir(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "keys")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestEnsureMakesOneKey(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "keys")
	s := open(t, dir)
	if _, err := s.Active(Exchange, "ncp"); !errors.Is(err, ErrNoKey) {
		t.Fatalf("before Ensure: %v", err)
	}
	for range 2 {
		if err := s.Ensure(Exchange, "ncp"); err != nil {
			t.Fatal(err)
		}
	}
	k, err := s.Active(Exchange, "ncp")
	if err != nil {
		t.Fatal(err)
	}
	token, err := jose.Sign(k, "ehds-message+jwt", jose.SignOptions{}, []byte(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := jose.Parse([]byte(token), jose.ParseOptions{Typ: []string{"ehds-message+jwt"}})
	if err != nil {
		t.Fatal(err)
	}
	set, err := s.Public(Exchange, "ncp")
	if err != nil || len(set.Keys) != 1 {
		t.Fatalf("Public = %v, %v", set, err)
	}
	if p := set.Keys[0]; p.Use != "sig" || p.Alg != "Ed25519" || p.Kid != k.Kid {
		t.Errorf("published as %+v", p)
	}
	public, err := set.Select(parsed.Header.Kid, parsed.Header.Alg, "sig")
	if err != nil {
		t.Fatal(err)
	}
	if err := parsed.Verify(public); err != nil {
		t.Error(err)
	}
	again, err := open(t, dir).Active(Exchange, "ncp")
	if err != nil || again.Kid != k.Kid {
		t.Errorf("after reopening: %v, %v; want %v", again, err, k)
	}
	checkModes(t, dir, 1)
}

func checkModes(t *testing.T, dir string, files int) {
	t.Helper()
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("directory: %v, %v", info.Mode(), err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != files {
		t.Errorf("directory holds %v, %v; want %d files", entries, err, files)
	}
	for _, e := range entries {
		if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", e.Name(), info.Mode(), err)
		}
	}
}

func TestStates(t *testing.T) {
	later := start.Add(time.Hour)
	tests := []struct {
		name      string
		change    func(*record)
		active    error
		published bool
	}{
		{"active", func(*record) {}, nil, true},
		{"next is published and never signs", func(r *record) { r.State, r.ActivatedAt = Next, nil }, ErrNoKey, true},
		{"retiring", func(r *record) { r.State, r.RetiredAt = Retiring, &later }, ErrNoKey, true},
		{"historical", func(r *record) { r.State, r.RetiredAt = Historical, &later }, ErrNoKey, false},
		{"revoked", func(r *record) { r.State, r.RevokedAt = Revoked, &later }, ErrNoKey, false},
		{"active but not yet", func(r *record) { r.NotBefore = later }, ErrNoKey, true},
		{"within the clock skew", func(r *record) { r.NotBefore = start.Add(skew) }, nil, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := keyDir(t)
			r := newRecord(t, Permit, "hdab-hdh")
			tt.change(&r)
			put(t, dir, "permit.hdab-hdh.0001.json", r)
			s := open(t, dir)
			if _, err := s.Active(Permit, "hdab-hdh"); !errors.Is(err, tt.active) {
				t.Errorf("Active: %v, want %v", err, tt.active)
			}
			if err := s.Ensure(Permit, "hdab-hdh"); !errors.Is(err, tt.active) {
				t.Errorf("Ensure: %v, want %v", err, tt.active)
			}
			set, err := s.Public(Permit, "hdab-hdh")
			if err != nil || (len(set.Keys) == 1) != tt.published {
				t.Errorf("Public: %d keys, %v; published should be %v", len(set.Keys), err, tt.published)
			}
			if entries, _ := os.ReadDir(dir); len(entries) != 1 {
				t.Errorf("a key was made next to an existing one: %v", entries)
			}
		})
	}
}

func TestClockIsInjected(t *testing.T) {
	dir := keyDir(t)
	r := newRecord(t, Exchange, "ncp")
	r.NotBefore = start.Add(time.Hour)
	put(t, dir, "exchange.ncp.0001.json", r)
	now := start
	s, err := Open(dir, Options{Clock: func() time.Time { return now }, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Active(Exchange, "ncp"); !errors.Is(err, ErrNoKey) {
		t.Errorf("before not_before: %v", err)
	}
	now = start.Add(time.Hour)
	if _, err := s.Active(Exchange, "ncp"); err != nil {
		t.Errorf("at not_before: %v", err)
	}
}

func TestTwoActiveKeysSignNothing(t *testing.T) {
	dir := keyDir(t)
	put(t, dir, "exchange.ncp.0001.json", newRecord(t, Exchange, "ncp"))
	put(t, dir, "exchange.ncp.0002.json", newRecord(t, Exchange, "ncp"))
	if _, err := open(t, dir).Active(Exchange, "ncp"); !errors.Is(err, ErrAmbiguous) {
		t.Error(err)
	}
}

func TestReloadSeesARotation(t *testing.T) {
	dir := keyDir(t)
	old := newRecord(t, Exchange, "ncp")
	path := put(t, dir, "exchange.ncp.0001.json", old)
	s := open(t, dir)
	old.State, old.RetiredAt = Retiring, &start
	put(t, dir, "exchange.ncp.0001.json", old)
	fresh := newRecord(t, Exchange, "ncp")
	put(t, dir, "exchange.ncp.0002.json", fresh)
	if err := s.Reload(); err != nil {
		t.Fatal(err)
	}
	k, err := s.Active(Exchange, "ncp")
	if err != nil || k.Kid != fresh.Kid {
		t.Errorf("Active = %v, %v; want %s", k, err, fresh.Kid)
	}
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Reload(); !errors.Is(err, ErrCorrupt) {
		t.Errorf("Reload of a damaged file: %v", err)
	}
	if k, err := s.Active(Exchange, "ncp"); err != nil || k.Kid != fresh.Kid {
		t.Errorf("a failed Reload lost the keys: %v, %v", k, err)
	}
}

func TestPurposesStayApart(t *testing.T) {
	s := open(t, keyDir(t))
	for _, p := range []Purpose{Log, Record, "mystery", ""} {
		if _, err := s.Active(p, "ncp"); !errors.Is(err, ErrPurpose) {
			t.Errorf("Active(%q): %v", p, err)
		}
		if _, err := s.Public(p, "ncp"); !errors.Is(err, ErrPurpose) {
			t.Errorf("Public(%q): %v", p, err)
		}
	}
	for _, owner := range []string{"", "NCP", "../ncp", "a.b", "-a", "a-", "a/b", strings.Repeat("a", 65)} {
		if err := s.Ensure(Exchange, owner); !errors.Is(err, ErrOwner) {
			t.Errorf("Ensure(%q): %v", owner, err)
		}
		if _, err := s.Secret(owner); !errors.Is(err, ErrOwner) {
			t.Errorf("Secret(%q): %v", owner, err)
		}
	}
	kids := map[string]bool{}
	for _, p := range []Purpose{Federation, Exchange, Permit} {
		if err := s.Ensure(p, "ncp"); err != nil {
			t.Fatal(err)
		}
		k, err := s.Active(p, "ncp")
		if err != nil {
			t.Fatal(err)
		}
		kids[k.Kid] = true
	}
	if len(kids) != 3 {
		t.Errorf("purposes share keys: %v", kids)
	}
}

func TestLogKey(t *testing.T) {
	const origin = "ncp.example/evidence"
	dir := keyDir(t)
	k, err := open(t, dir).LogKey(origin)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := note.Sign(&note.Note{Text: origin + "\n1\nAAAA\n"}, k.Signer)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(k.VKey)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := note.Open(signed, note.VerifierList(verifier)); err != nil {
		t.Error(err)
	}
	if verifier.Name() != origin || k.Signer.Name() != origin || k.Signer.KeyHash() != verifier.KeyHash() {
		t.Errorf("signer %s %08x, verifier %s %08x", k.Signer.Name(), k.Signer.KeyHash(), verifier.Name(), verifier.KeyHash())
	}
	again, err := open(t, dir).LogKey(origin)
	if err != nil || again.VKey != k.VKey {
		t.Errorf("reopened: %s, %v; want %s", again.VKey, err, k.VKey)
	}
	for _, bad := range []string{"", "two words", "a+b", "line\nbreak", strings.Repeat("x", 256)} {
		if _, err := open(t, dir).LogKey(bad); !errors.Is(err, ErrOwner) {
			t.Errorf("LogKey(%q): %v", bad, err)
		}
	}
}

func TestSecret(t *testing.T) {
	dir := keyDir(t)
	s := open(t, dir)
	first, err := s.Secret("record")
	if err != nil || len(first) != 32 {
		t.Fatalf("%d bytes, %v", len(first), err)
	}
	kept := bytes.Clone(first)
	clear(first)
	second, err := open(t, dir).Secret("record")
	if err != nil || !bytes.Equal(second, kept) {
		t.Errorf("a second reading differs: %v", err)
	}
	if third, err := s.Secret("record"); err != nil || !bytes.Equal(third, kept) {
		t.Errorf("overwriting a returned secret changed the store: %v", err)
	}
	if other, err := s.Secret("other"); err != nil || bytes.Equal(other, kept) {
		t.Errorf("two names share a secret: %v", err)
	}
}

func TestRandomnessIsInjectedAndChecked(t *testing.T) {
	seed := bytes.Repeat([]byte{7}, 64)
	kid := func(dir string) string {
		s, err := Open(dir, Options{Clock: func() time.Time { return start }, Rand: bytes.NewReader(seed)})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if err := s.Ensure(Exchange, "ncp"); err != nil {
			t.Fatal(err)
		}
		k, err := s.Active(Exchange, "ncp")
		if err != nil {
			t.Fatal(err)
		}
		return k.Kid
	}
	if a, b := kid(keyDir(t)), kid(keyDir(t)); a != b {
		t.Errorf("same randomness, different keys: %s %s", a, b)
	}
	for _, n := range []int{0, 31, 35} {
		dir := keyDir(t)
		s, err := Open(dir, Options{Clock: func() time.Time { return start }, Rand: bytes.NewReader(seed[:n])})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Ensure(Exchange, "ncp"); err == nil {
			t.Errorf("made a key from %d bytes", n)
		}
		if entries, _ := os.ReadDir(dir); len(entries) != 0 {
			t.Errorf("%d bytes left %v behind", n, entries)
		}
		s.Close()
	}
	if _, err := Open(keyDir(t), Options{}); err == nil {
		t.Error("opened without clock and randomness")
	}
}

func TestSigningKeyIsNotPrinted(t *testing.T) {
	dir := keyDir(t)
	s := open(t, dir)
	if err := s.Ensure(Exchange, "ncp"); err != nil {
		t.Fatal(err)
	}
	k, err := s.Active(Exchange, "ncp")
	if err != nil {
		t.Fatal(err)
	}
	want := k.Alg + " " + k.Kid
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(verb, k); got != want {
			t.Errorf("%s prints %d bytes, want only alg and kid", verb, len(got))
		}
		if got := fmt.Sprintf(verb, s); got != "key store "+dir {
			t.Errorf("%s prints %d bytes of the store", verb, len(got))
		}
	}
	if _, err := json.Marshal(k); err == nil {
		t.Error("a signing key was written as JSON")
	}
}

// TestManyStoresAtOnce races stores inside one process, each with its own lock.
func TestManyStoresAtOnce(t *testing.T) {
	dir := keyDir(t)
	kids := make([]string, 8)
	errs := make([]error, len(kids))
	var wg sync.WaitGroup
	for i := range kids {
		wg.Go(func() { kids[i], errs[i] = startOnce(dir) })
	}
	wg.Wait()
	for i := range kids {
		if errs[i] != nil || kids[i] != kids[0] {
			t.Errorf("store %d has %q, %v; the first has %q", i, kids[i], errs[i], kids[0])
		}
	}
	checkModes(t, dir, 1)
}

func startOnce(dir string) (string, error) {
	s, err := Open(dir, Options{Clock: func() time.Time { return start }, Rand: rand.Reader})
	if err != nil {
		return "", err
	}
	defer s.Close()
	if err := s.Ensure(Exchange, "ncp"); err != nil {
		return "", err
	}
	k, err := s.Active(Exchange, "ncp")
	return k.Kid, err
}

const processDir = "EHDSGW_TEST_KEY_DIR"

// TestProcess is the other process of TestTwoProcessesAtOnce.
func TestProcess(t *testing.T) {
	dir := os.Getenv(processDir)
	if dir == "" {
		t.Skip("runs only as a child of TestTwoProcessesAtOnce")
	}
	kid, err := startOnce(dir)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("kid=%s\n", kid)
}

func TestTwoProcessesAtOnce(t *testing.T) {
	dir := keyDir(t)
	children := make([]*exec.Cmd, 3)
	outputs := make([]bytes.Buffer, len(children))
	for i := range children {
		children[i] = exec.Command(os.Args[0], "-test.run=^TestProcess$", "-test.v")
		children[i].Env = append(os.Environ(), processDir+"="+dir)
		children[i].Stdout = &outputs[i]
		if err := children[i].Start(); err != nil {
			t.Fatal(err)
		}
	}
	kids := map[string]bool{}
	for i, c := range children {
		if err := c.Wait(); err != nil {
			t.Errorf("process %d: %v\n%s", i, err, &outputs[i])
		}
		_, rest, ok := strings.Cut(outputs[i].String(), "kid=")
		if !ok {
			t.Fatalf("process %d printed no kid: %s", i, &outputs[i])
		}
		kids[strings.Fields(rest)[0]] = true
	}
	if len(kids) != 1 {
		t.Errorf("the processes disagree: %v", kids)
	}
	checkModes(t, dir, 1)
}
