package forge

import (
	"bytes"
	"crypto/ecdh"
	"crypto/hpke"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
)

// What forge seals, the standard library's own HPKE opens: two implementations of RFC 9180.
func TestSealOpens(t *testing.T) {
	for alg, curve := range map[string]ecdh.Curve{AlgHPKE0: ecdh.P256(), AlgHPKE3: ecdh.X25519()} {
		t.Run(alg, func(t *testing.T) {
			s := Sealing{Alg: alg, Recipient: bytes.Repeat([]byte{1}, 32), Ephemeral: bytes.Repeat([]byte{2}, 32)}
			sealed, err := Seal(s, []byte("the body"))
			if err != nil {
				t.Fatal(err)
			}
			if again, _ := Seal(s, []byte("the body")); again != sealed {
				t.Error("it comes out differently the second time")
			}
			p := strings.Split(sealed, ".")
			private, err := hpke.DHKEM(curve).NewPrivateKey(s.Recipient)
			if err != nil {
				t.Fatal(err)
			}
			enc, _ := base64.RawURLEncoding.DecodeString(p[1])
			ct, _ := base64.RawURLEncoding.DecodeString(p[3])
			for info, want := range map[string]bool{"": true, "x": false} {
				r, err := hpke.NewRecipient(enc, private, hpke.HKDFSHA256(), hpke.AES128GCM(), []byte(info))
				if err != nil {
					t.Fatal(err)
				}
				if got, err := r.Open([]byte(p[0]), ct); (err == nil && string(got) == "the body") != want {
					t.Errorf("info %q: %q, %v", info, got, err)
				}
			}
			if j, err := SealingJWK(alg, s.Recipient); err != nil || j.Use != "enc" || !strings.Contains(sealedHeaderText(t, p[0]), j.Kid) {
				t.Errorf("%+v, %v", j, err)
			}
		})
	}
}

func sealedHeaderText(t *testing.T, segment string) string {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(segment)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestSealRefuses(t *testing.T) {
	key := bytes.Repeat([]byte{1}, 32)
	for name, s := range map[string]Sealing{
		"algorithm": {Alg: "HPKE-9", Recipient: key, Ephemeral: key},
		"recipient": {Alg: AlgHPKE3, Recipient: key[1:], Ephemeral: key},
		"ephemeral": {Alg: AlgHPKE0, Recipient: key, Ephemeral: make([]byte, 32)},
	} {
		if _, err := Seal(s, nil); !errors.Is(err, ErrKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
