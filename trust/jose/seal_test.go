package jose

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func sealingKey(t testing.TB, alg string, fill byte) SealingKey {
	t.Helper()
	k, err := SealingKeyFromSeed(alg, bytes.Repeat([]byte{fill}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestSealAndOpen(t *testing.T) {
	t.Parallel()
	for _, alg := range SealingAlgs() {
		key, other := sealingKey(t, alg, 1), sealingKey(t, alg, 2)
		text, err := KeySet{Keys: []PublicKey{key.Public()}}.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		set, err := ParseKeySet(text)
		if err != nil || len(set.Ignored) > 0 {
			t.Fatalf("%s: %s: %v %v", alg, text, err, set.Ignored)
		}
		public, err := set.Select(key.Kid, alg, "enc")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := set.Select(key.Kid, alg, "sig"); Rule(err) != "key-unknown" {
			t.Errorf("%s: a sealing key for signatures: %v", alg, err)
		}
		for _, plaintext := range []string{"", "x", strings.Repeat("y", 1<<16)} {
			sealed, err := Seal(public, []byte(plaintext))
			if err != nil {
				t.Fatal(err)
			}
			again, _ := Seal(public, []byte(plaintext))
			if sealed == again {
				t.Errorf("%s: the same text twice is the same sealed text", alg)
			}
			got, err := Open([]SealingKey{other, key}, sealed)
			if err != nil || string(got) != plaintext {
				t.Errorf("%s: %d bytes, %v", alg, len(got), err)
			}
			if _, err := Open([]SealingKey{other}, sealed); Rule(err) != "unsealable" {
				t.Errorf("%s: with another key: %v", alg, err)
			}
		}
		for _, s := range []string{fmt.Sprint(key), fmt.Sprintf("%#v", key), key.LogValue().String()} {
			if s != alg+" "+key.Kid {
				t.Errorf("%s shows %q", alg, s)
			}
		}
		if _, err := json.Marshal(key); err == nil {
			t.Error("a private key was written")
		}
		if k := public.Key.(*SealingPublicKey); k.Alg() != alg || !k.Equal(key.Public().Key) || k.Equal(other.Public().Key) || k.Equal(nil) {
			t.Errorf("%s: equality", alg)
		}
	}
}

func TestUnsealable(t *testing.T) {
	t.Parallel()
	key := sealingKey(t, algHPKE3, 1)
	sealed, err := Seal(key.Public(), []byte("the body"))
	if err != nil {
		t.Fatal(err)
	}
	p := strings.Split(sealed, ".")
	header := func(text string) string {
		return strings.Join([]string{encode([]byte(text)), p[1], "", p[3], ""}, ".")
	}
	kid := `"kid":"` + key.Kid + `"`
	tests := map[string]string{
		"nothing":                         "",
		"three segments":                  strings.Join(p[:3], "."),
		"six segments":                    sealed + ".",
		"an initialization vector":        strings.Join([]string{p[0], p[1], "AA", p[3], ""}, "."),
		"a tag":                           strings.Join([]string{p[0], p[1], "", p[3], "AA"}, "."),
		"padding":                         strings.Join([]string{p[0], p[1] + "=", "", p[3], ""}, "."),
		"a line break":                    strings.Join([]string{p[0], p[1], "", p[3] + "\n", ""}, "."),
		"a truncated ciphertext":          strings.Join([]string{p[0], p[1], "", p[3][:8], ""}, "."),
		"no ciphertext":                   strings.Join([]string{p[0], p[1], "", "", ""}, "."),
		"a short encapsulated key":        strings.Join([]string{p[0], p[1][:8], "", p[3], ""}, "."),
		"an encapsulated key of zeros":    strings.Join([]string{p[0], encode(make([]byte, 32)), "", p[3], ""}, "."),
		"members in another order":        header(`{` + kid + `,"alg":"HPKE-3"}`),
		"enc in the header":               header(`{"alg":"HPKE-3",` + kid + `,"enc":"A128GCM"}`),
		"zip":                             header(`{"alg":"HPKE-3",` + kid + `,"zip":"DEF"}`),
		"crit":                            header(`{"alg":"HPKE-3",` + kid + `,"crit":["x"]}`),
		"no kid":                          header(`{"alg":"HPKE-3"}`),
		"kid twice":                       header(`{"alg":"HPKE-3",` + kid + `,` + kid + `}`),
		"alg is a number":                 header(`{"alg":3,` + kid + `}`),
		"another suite with the same key": header(`{"alg":"HPKE-4",` + kid + `}`),
		"RSA1_5":                          header(`{"alg":"RSA1_5",` + kid + `}`),
		"dir":                             header(`{"alg":"dir",` + kid + `}`),
		"the JSON form":                   `{"protected":"` + p[0] + `","ciphertext":"` + p[3] + `"}`,
		"too long":                        strings.Repeat("A", MaxSealed+1),
	}
	for _, at := range []int{0, 1, 3} {
		q := append([]string(nil), p...)
		b := []byte(q[at])
		const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
		b[len(b)/2] = alphabet[(strings.IndexByte(alphabet, b[len(b)/2])+1)%64]
		q[at] = string(b)
		tests[fmt.Sprintf("segment %d altered", at)] = strings.Join(q, ".")
	}
	for name, text := range tests {
		if _, err := Open([]SealingKey{key, {}}, text); Rule(err) != "unsealable" || err.Error() != ErrUnsealable.Error() {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Open(nil, sealed); Rule(err) != "unsealable" {
		t.Errorf("without keys: %v", err)
	}
}

func TestSealRefuses(t *testing.T) {
	t.Parallel()
	key := sealingKey(t, algHPKE0, 1).Public()
	with := func(change func(*PublicKey)) PublicKey { k := key; change(&k); return k }
	for name, tt := range map[string]struct {
		key  PublicKey
		text int
		rule string
	}{
		"a signature key":      {ecPublic(t), 1, "key"},
		"no key":               {PublicKey{}, 1, "key"},
		"another alg":          {with(func(k *PublicKey) { k.Alg = algHPKE3 }), 1, "key"},
		"use sig":              {with(func(k *PublicKey) { k.Use = "sig" }), 1, "key-use"},
		"key_ops without it":   {with(func(k *PublicKey) { k.KeyOps = []string{"deriveBits"} }), 1, "key-use"},
		"kid of somebody else": {with(func(k *PublicKey) { k.Kid = "k" }), 1, "key"},
		"a text too large":     {key, MaxSealed, "size"},
	} {
		if _, err := Seal(tt.key, make([]byte, tt.text)); Rule(err) != tt.rule {
			t.Errorf("%s: %v, want %s", name, err, tt.rule)
		}
	}
	if _, err := SealingKeyFromSeed("HPKE-1", make([]byte, 32)); Rule(err) != "alg" {
		t.Errorf("HPKE-1: %v", err)
	}
	for _, alg := range SealingAlgs() {
		if _, err := SealingKeyFromSeed(alg, make([]byte, 31)); Rule(err) != "key" {
			t.Errorf("%s from 31 octets: %v", alg, err)
		}
	}
	if _, err := SealingKeyFromSeed(algHPKE0, make([]byte, 32)); Rule(err) != "key" {
		t.Errorf("the scalar zero: %v", err)
	}
}

func TestSealingKeysInASet(t *testing.T) {
	t.Parallel()
	x := encode(bytes.Repeat([]byte{9}, 32))
	for name, tt := range map[string]struct{ entry, reason string }{
		"X25519":                   {`"kty":"OKP","crv":"X25519","alg":"HPKE-3","use":"enc","x":"` + x + `"`, ""},
		"X25519 without use":       {`"kty":"OKP","crv":"X25519","alg":"HPKE-3","x":"` + x + `"`, "a sealing key must have use enc"},
		"X25519 for signatures":    {`"kty":"OKP","crv":"X25519","alg":"HPKE-3","use":"sig","x":"` + x + `"`, "a sealing key must have use enc"},
		"X25519, short":            {`"kty":"OKP","crv":"X25519","alg":"HPKE-3","use":"enc","x":"AA"`, "a value is not canonical base64url of the right length"},
		"X25519 for HPKE-4":        {`"kty":"OKP","crv":"X25519","alg":"HPKE-4","use":"enc","x":"` + x + `"`, "key type or curve is not used here"},
		"P-256 off the curve":      {`"kty":"EC","crv":"P-256","alg":"HPKE-0","use":"enc","x":"` + x + `","y":"` + x + `"`, "the key is not one of its kind"},
		"X-Wing with a bad ML-KEM": {`"kty":"AKP","alg":"HPKE-10","use":"enc","pub":"` + encode(bytes.Repeat([]byte{0xff}, 1216)) + `"`, "the key is not one of its kind"},
		"X-Wing, short":            {`"kty":"AKP","alg":"HPKE-10","use":"enc","pub":"` + x + `"`, "a value is not canonical base64url of the right length"},
	} {
		set, err := ParseKeySet([]byte(`{"keys":[{"kid":"k",` + tt.entry + `}]}`))
		if err != nil {
			t.Fatal(err)
		}
		reason := ""
		if len(set.Ignored) > 0 {
			reason = set.Ignored[0].Reason
		}
		if reason != tt.reason {
			t.Errorf("%s: %q, want %q", name, reason, tt.reason)
		}
	}
}

func FuzzOpen(f *testing.F) {
	var keys []SealingKey
	for _, alg := range SealingAlgs() {
		k := sealingKey(f, alg, 1)
		sealed, err := Seal(k.Public(), []byte("the body"))
		if err != nil {
			f.Fatal(err)
		}
		keys = append(keys, k)
		f.Add(sealed)
	}
	f.Add("....")
	f.Fuzz(func(t *testing.T, sealed string) {
		plaintext, err := Open(keys, sealed)
		if err == nil && string(plaintext) != "the body" { // nobody else has sealed anything
			t.Fatalf("%q opens to %q", sealed, plaintext)
		}
		if err != nil && Rule(err) != "unsealable" {
			t.Fatalf("%v", err)
		}
	})
}
