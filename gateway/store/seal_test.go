package store

import (
	"bytes"
	"crypto/rand"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func testKey(t testing.TB, b byte) *caseKey {
	t.Helper()
	aead, err := newGCM(bytes.Repeat([]byte{b}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return &caseKey{aead: aead}
}

func TestSealOpensOnlyWhereItWasSealed(t *testing.T) {
	key := testKey(t, 1)
	here := place("message", "iss", "jti")
	for _, plain := range [][]byte{{}, []byte("x"), content64()} {
		sealed, err := key.seal(rand.Reader, here, plain)
		if err != nil {
			t.Fatal(err)
		}
		got, err := key.open(here, sealed)
		if err != nil || got == nil || !bytes.Equal(got, plain) {
			t.Fatalf("opened %q %v", got, err)
		}
		// One byte is in any ciphertext by chance; sixteen are not.
		if len(plain) >= 16 && bytes.Contains(sealed, plain) {
			t.Error("the content shows")
		}
		clear, err := (*caseKey)(nil).seal(rand.Reader, here, plain)
		if err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			key    *caseKey
			place  string
			stored []byte
		}{
			"another row":             {key, place("message", "iss", "jti2"), sealed},
			"same bytes, other split": {key, place("message", "issj", "ti"), sealed},
			"another table":           {key, place("outbox", "iss", "jti"), sealed},
			"another key":             {testKey(t, 2), here, sealed},
			"no key":                  {nil, here, sealed},
			"clear in a sealed case":  {key, here, clear},
			"cut short":               {key, here, sealed[:len(sealed)-1]},
			"only the form":           {key, here, sealed[:1]},
		} {
			if got, err := c.key.open(c.place, c.stored); !errors.Is(err, ErrCorrupt) {
				t.Errorf("%s: %q %v", name, got, err)
			}
		}
		again, err := key.seal(rand.Reader, here, plain)
		if err != nil || bytes.Equal(again, sealed) {
			t.Errorf("sealed twice alike: %v", err)
		}
	}
	if out, err := key.seal(rand.Reader, here, nil); out != nil || err != nil {
		t.Errorf("nothing sealed: %q %v", out, err)
	}
	if out, err := key.open(here, nil); out != nil || err != nil {
		t.Errorf("nothing opened: %q %v", out, err)
	}
}

func content64() []byte { return bytes.Repeat([]byte("secret! "), 8) }

func FuzzUnpack(f *testing.F) {
	f.Add(pack([]byte("a"), nil, []byte("ccc")), 3)
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}, 1)
	f.Add([]byte{5, 1}, 1)
	f.Fuzz(func(t *testing.T, data []byte, n int) {
		fields, err := unpack(data, n&7)
		if err != nil {
			if !errors.Is(err, ErrCorrupt) {
				t.Errorf("error %v", err)
			}
			return
		}
		again, err := unpack(pack(fields...), n&7)
		if diff := cmp.Diff(fields, again); err != nil || diff != "" {
			t.Errorf("round trip: %v\n%s", err, diff)
		}
	})
}

// shows R16.0.3
func TestPersonal(t *testing.T) {
	for id, want := range map[string]bool{
		"": false, "app:A-1": true, "nat:FI:1": true, "enf:FI:1": true, "ds:FI:1": false, "rep:FI:2026": false,
		"unfiled": true, "ds:fi:lower": true, "ds:": true, "anything": true,
	} {
		if got := personal(id); got != want {
			t.Errorf("%q: %v", id, got)
		}
	}
}
