//go:build pkcs11

package pkcs11

import (
	"crypto"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/miekg/pkcs11"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

const pin = "8317"

// softHSM makes a throw-away token and returns how to open it.
func softHSM(t *testing.T) Options {
	t.Helper()
	module := ""
	for _, path := range []string{
		os.Getenv("SOFTHSM2_MODULE"), "/usr/lib/softhsm/libsofthsm2.so",
		"/usr/lib64/softhsm/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so",
	} {
		if _, err := os.Stat(path); err == nil {
			module = path
			break
		}
	}
	util, err := exec.LookPath("softhsm2-util")
	if err != nil || module == "" {
		t.Skip("no SoftHSM2 here: install softhsm2, or name its library in SOFTHSM2_MODULE")
	}
	dir := t.TempDir()
	conf := filepath.Join(dir, "softhsm2.conf")
	if err := os.WriteFile(conf, fmt.Appendf(nil, "directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n", dir), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SOFTHSM2_CONF", conf)
	out, err := exec.CommandContext(t.Context(), util, "--init-token", "--free", "--label", "ehdsgw test", "--pin", pin, "--so-pin", "12345678").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return Options{Module: module, TokenLabel: "ehdsgw test", PIN: pin}
}

func open(t *testing.T, o Options) *Token {
	t.Helper()
	token, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// sign makes a token with the key and verifies it.
func sign(t *testing.T, s crypto.Signer) jose.SigningKey {
	t.Helper()
	key, err := jose.NewSigningKey(s)
	if err != nil {
		t.Fatal(err)
	}
	text, err := jose.Sign(key, "x+jwt", jose.SignOptions{}, []byte(`{"a":1}`))
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := jose.Parse([]byte(text), jose.ParseOptions{Typ: []string{"x+jwt"}})
	if err != nil {
		t.Fatal(err)
	}
	public, err := key.Public()
	if err != nil {
		t.Fatal(err)
	}
	if err := parsed.Verify(public); err != nil {
		t.Error(err)
	}
	return key
}

func TestTokenSigns(t *testing.T) {
	o := softHSM(t)
	token := open(t, o)
	kids := map[string]string{}
	for i, alg := range []string{"Ed25519", "ES256"} {
		id := []byte{byte(i), 7}
		made, err := token.Generate(alg, id)
		if err != nil {
			t.Fatalf("%s: %v", alg, err)
		}
		key := sign(t, made)
		if key.Alg != alg {
			t.Errorf("made %s, want %s", key.Alg, alg)
		}
		kids[alg] = key.Kid
		if _, err := token.Generate(alg, id); !errors.Is(err, ErrKey) {
			t.Errorf("%s: a second key under one id: %v", alg, err)
		}
		if _, err := made.Sign(nil, make([]byte, 32), crypto.SHA512); !errors.Is(err, ErrKey) {
			t.Errorf("%s: another hash: %v", alg, err)
		}
		// The token drops the session: the next signature opens another.
		if err := token.ctx.CloseSession(token.session); err != nil {
			t.Fatal(err)
		}
		sign(t, made)
	}
	if err := token.Close(); err != nil {
		t.Fatal(err)
	}
	token = open(t, o)
	for i, alg := range []string{"Ed25519", "ES256"} {
		found, err := token.Find(alg, []byte{byte(i), 7})
		if err != nil {
			t.Fatal(err)
		}
		if key := sign(t, found); key.Kid != kids[alg] {
			t.Errorf("%s: another key after reopening", alg)
		}
	}
	for name, f := range map[string]func() (crypto.Signer, error){
		"absent":            func() (crypto.Signer, error) { return token.Find("Ed25519", []byte{9}) },
		"of another kind":   func() (crypto.Signer, error) { return token.Find("ES256", []byte{0, 7}) },
		"of no kind":        func() (crypto.Signer, error) { return token.Find("ML-DSA-65", []byte{0, 7}) },
		"made of no kind":   func() (crypto.Signer, error) { return token.Generate("ML-DSA-65", []byte{9}) },
		"empty point check": func() (crypto.Signer, error) { _, err := kinds["ES256"].point([]byte{4, 1, 4}); return nil, err },
	} {
		if _, err := f(); !errors.Is(err, ErrKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := token.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestTokenRefused(t *testing.T) {
	o := softHSM(t)
	for name, change := range map[string]func(*Options){
		"no such module": func(o *Options) { o.Module = "/nonexistent/libx.so" },
		"another label":  func(o *Options) { o.TokenLabel = "other" },
		"a wrong PIN":    func(o *Options) { o.PIN = "0000" },
	} {
		bad := o
		change(&bad)
		_, err := Open(bad)
		if !errors.Is(err, ErrToken) || strings.Contains(err.Error(), bad.PIN) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTokenGoesAway: a token that was pulled, or whose module was shut, fails every call and never
// falls back to anything.
func TestTokenGoesAway(t *testing.T) {
	o := softHSM(t)
	token := open(t, o)
	made, err := token.Generate("ES256", []byte{1})
	if err != nil {
		t.Fatal(err)
	}
	odd := *made.(*signer)
	odd.kind.mechanism = ckmEdDSA // not for such a key
	if _, err := odd.Sign(nil, make([]byte, 32), crypto.SHA256); !errors.Is(err, ErrKey) {
		t.Errorf("a mechanism the key is not for: %v", err)
	}
	if _, err := kinds["Ed25519"].point([]byte{1, 2}); !errors.Is(err, ErrKey) {
		t.Errorf("a short point: %v", err)
	}
	if err := token.ctx.CloseSession(token.session); err != nil {
		t.Fatal(err)
	}
	token.o.TokenLabel = "pulled"
	for range 2 { // the session is found dropped, and then is not there
		if _, err := made.Sign(nil, make([]byte, 32), crypto.SHA256); !errors.Is(err, ErrToken) {
			t.Errorf("pulled: %v", err)
		}
	}
	token.o.TokenLabel = o.TokenLabel
	sign(t, made) // put back
	public, err := token.one(token.session, pkcs11.CKO_PUBLIC_KEY, kinds["ES256"], []byte{1})
	if err != nil {
		t.Fatal(err)
	}
	if err := token.ctx.DestroyObject(token.session, public); err != nil {
		t.Fatal(err)
	}
	if _, err := token.Find("ES256", []byte{1}); !errors.Is(err, ErrKey) {
		t.Errorf("half a key: %v", err)
	}
	if err := token.ctx.Finalize(); err != nil {
		t.Fatal(err)
	}
	if _, err := token.slot(); !errors.Is(err, ErrToken) {
		t.Errorf("the module is shut: %v", err)
	}
	if _, err := made.Sign(nil, make([]byte, 32), crypto.SHA256); err == nil {
		t.Error("signed without a module")
	}
	if err := token.Close(); err == nil {
		t.Error("closing a module that was shut reports nothing")
	}
}
