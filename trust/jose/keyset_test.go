package jose

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	edJWK = `"kty":"OKP","crv":"Ed25519","x":"` + rfc8037X + `"`
	ecJWK = `"kty":"EC","crv":"P-256","x":"` + rfc7515X + `","y":"` + rfc7515Y + `"`
)

// TestKeySetEntries puts each entry between two good ones, which must survive.
func TestKeySetEntries(t *testing.T) {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(alphabet, rfc8037X[42])
	strayX := rfc8037X[:42] + alphabet[last|1:last|1+1]
	if strayX == rfc8037X {
		t.Fatal("the sample has no spare bits set")
	}
	offCurve := rfc7515Y[:10] + "A" + rfc7515Y[11:]
	small := base64.RawURLEncoding.EncodeToString(make([]byte, 32))
	tests := []struct{ name, entry, reason string }{
		{"Ed25519", `{"kid":"k",` + edJWK + `}`, ""},
		{"P-256", `{"kid":"k",` + ecJWK + `}`, ""},
		{"unknown members", `{"kid":"k",` + edJWK + `,"exp":1,"x5t":"abc","ext":true}`, ""},
		{"private Ed25519", `{"kid":"k",` + edJWK + `,"d":"` + rfc8037D + `"}`, "private or symmetric key material"},
		{"private P-256", `{"kid":"k",` + ecJWK + `,"d":"` + rfc7515D + `"}`, "private or symmetric key material"},
		{"private, null", `{"kid":"k",` + edJWK + `,"d":null}`, "private or symmetric key material"},
		{"RSA private part", `{"kid":"k",` + edJWK + `,"dp":"AQAB"}`, "private or symmetric key material"},
		{"ML-DSA private part", `{"kid":"k","kty":"AKP","alg":"ML-DSA-65","pub":"AA","priv":"AA"}`, "private or symmetric key material"},
		{"symmetric", `{"kid":"k","kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T"}`, "private or symmetric key material"},
		{"RSA", `{"kid":"k","kty":"RSA","n":"AQAB","e":"AQAB"}`, "RSA modulus is not of 2048 to 4096 bits, or even"},
		{"RSA of 1024 bits", `{"kid":"k","kty":"RSA","n":"` + odd(128) + `","e":"AQAB"}`, "RSA modulus is not of 2048 to 4096 bits, or even"},
		{"RSA of 2048 bits", `{"kid":"k","kty":"RSA","n":"` + odd(256) + `","e":"AQAB"}`, ""},
		{"RSA of 8192 bits", `{"kid":"k","kty":"RSA","n":"` + odd(1024) + `","e":"AQAB"}`, "n or e is not a canonical integer of a usable length"},
		{"RSA, even modulus", `{"kid":"k","kty":"RSA","n":"` + odd(256)[:341] + `A","e":"AQAB"}`, "RSA modulus is not of 2048 to 4096 bits, or even"},
		{"RSA, exponent 3", `{"kid":"k","kty":"RSA","n":"` + odd(256) + `","e":"Aw"}`, "RSA exponent is small, large or even"},
		{"RSA, even exponent", `{"kid":"k","kty":"RSA","n":"` + odd(256) + `","e":"AQAC"}`, "RSA exponent is small, large or even"},
		{"RSA, exponent of 32 bits", `{"kid":"k","kty":"RSA","n":"` + odd(256) + `","e":"_____w"}`, "RSA exponent is small, large or even"},
		{"RSA, leading zero", `{"kid":"k","kty":"RSA","n":"AA` + odd(256) + `","e":"AQAB"}`, "n or e is not a canonical integer of a usable length"},
		{"RSA without e", `{"kid":"k","kty":"RSA","n":"` + odd(256) + `"}`, "n or e is not a canonical integer of a usable length"},
		{"RSA, empty n", `{"kid":"k","kty":"RSA","n":"","e":"AQAB"}`, "n or e is not a canonical integer of a usable length"},
		{"ML-DSA", `{"kid":"k","kty":"AKP","alg":"ML-DSA-65","pub":"` + odd(1952) + `"}`, ""},
		{"ML-DSA, short", `{"kid":"k","kty":"AKP","alg":"ML-DSA-65","pub":"` + odd(1951) + `"}`, "pub is not canonical base64url of the right length"},
		{"ML-DSA without alg", `{"kid":"k","kty":"AKP","pub":"` + odd(1952) + `"}`, "AKP key without alg"},
		{"ML-DSA-44", `{"kid":"k","kty":"AKP","alg":"ML-DSA-44","pub":"` + odd(1312) + `"}`, "key type or curve is not used here"},
		{"composite, short", `{"kid":"k","kty":"AKP","alg":"ML-DSA-65-Ed25519","pub":"` + odd(1952) + `"}`, "pub is not canonical base64url of the right length"},
		{"composite, small order", `{"kid":"k","kty":"AKP","alg":"ML-DSA-65-Ed25519","pub":"` + encode(append(bytes.Repeat([]byte{7}, 1952), make([]byte, 32)...)) + `"}`, "the Ed25519 half is invalid or of small order"},
		{"unheard-of kty", `{"kid":"k","kty":"QQQ"}`, "key type or curve is not used here"},
		{"kty missing", `{"kid":"k"}`, "key type or curve is not used here"},
		{"kty is a number", `{"kid":"k","kty":1}`, "key type or curve is not used here"},
		{"kty in another case", `{"kid":"k","kty":"okp","crv":"Ed25519","x":"` + rfc8037X + `"}`, "key type or curve is not used here"},
		{"P-384", `{"kid":"k","kty":"EC","crv":"P-384","x":"AA","y":"AA"}`, "key type or curve is not used here"},
		{"X25519", `{"kid":"k","kty":"OKP","crv":"X25519","x":"` + rfc8037X + `"}`, "key type or curve is not used here"},
		{"kid missing", `{` + edJWK + `}`, "kid missing or unfit"},
		{"kid empty", `{"kid":"",` + edJWK + `}`, "kid missing or unfit"},
		{"kid is a number", `{"kid":1,` + edJWK + `}`, "kid missing or unfit"},
		{"kid very long", `{"kid":"` + strings.Repeat("k", 257) + `",` + edJWK + `}`, "kid missing or unfit"},
		{"alg is null", `{"kid":"k","alg":null,` + edJWK + `}`, "alg is not a name"},
		{"use is a list", `{"kid":"k","use":["sig"],` + edJWK + `}`, "use is not a name"},
		{"key_ops is text", `{"kid":"k","key_ops":"verify",` + edJWK + `}`, "key_ops is not a list of distinct names"},
		{"key_ops repeats", `{"kid":"k","key_ops":["verify","verify"],` + edJWK + `}`, "key_ops is not a list of distinct names"},
		{"x missing", `{"kid":"k","kty":"OKP","crv":"Ed25519"}`, "x is not canonical base64url of the right length"},
		{"x short", `{"kid":"k","kty":"OKP","crv":"Ed25519","x":"` + rfc8037X[:40] + `"}`, "x is not canonical base64url of the right length"},
		{"x long", `{"kid":"k","kty":"OKP","crv":"Ed25519","x":"` + rfc8037X + `AA"}`, "x is not canonical base64url of the right length"},
		{"x padded", `{"kid":"k","kty":"OKP","crv":"Ed25519","x":"` + rfc8037X + `="}`, "x is not canonical base64url of the right length"},
		{"x with stray bits", `{"kid":"k","kty":"OKP","crv":"Ed25519","x":"` + strayX + `"}`, "x is not canonical base64url of the right length"},
		{"x with a line break", `{"kid":"k","kty":"OKP","crv":"Ed25519","x":"` + rfc8037X[:42] + `\n"}`, "x is not canonical base64url of the right length"},
		{"x of small order", `{"kid":"k","kty":"OKP","crv":"Ed25519","x":"` + small + `"}`, "point is invalid or of small order"},
		{"P-256 off the curve", `{"kid":"k","kty":"EC","crv":"P-256","x":"` + rfc7515X + `","y":"` + offCurve + `"}`, "point is not on the curve"},
		{"P-256 at infinity", `{"kid":"k","kty":"EC","crv":"P-256","x":"` + small + `","y":"` + small + `"}`, "point is not on the curve"},
		{"P-256 without y", `{"kid":"k","kty":"EC","crv":"P-256","x":"` + rfc7515X + `"}`, "x or y is not canonical base64url of the right length"},
		{"P-256 with short y", `{"kid":"k","kty":"EC","crv":"P-256","x":"` + rfc7515X + `","y":"AA"}`, "x or y is not canonical base64url of the right length"},
		{"entry is text", `"k"`, "entry is not an object"},
		{"entry is null", `null`, "entry is not an object"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			set, err := ParseKeySet([]byte(`{"keys":[{"kid":"a",` + edJWK + `},` + tt.entry + `,{"kid":"z",` + ecJWK + `}],"note":1}`))
			if err != nil {
				t.Fatal(err)
			}
			reason, keys := "", 3
			if len(set.Ignored) == 1 {
				reason, keys = set.Ignored[0].Reason, 2
				if set.Ignored[0].Index != 1 {
					t.Errorf("index %d", set.Ignored[0].Index)
				}
			}
			if reason != tt.reason || len(set.Keys) != keys {
				t.Errorf("%d keys, ignored %v; want reason %q", len(set.Keys), set.Ignored, tt.reason)
			}
		})
	}
}

func TestKeySetRefused(t *testing.T) {
	many := strings.Repeat(`{"kty":"QQQ"},`, MaxKeys) + `{"kty":"QQQ"}`
	tests := []struct{ name, text, rule string }{
		{"no keys", `{}`, "json"},
		{"keys is null", `{"keys":null}`, "json"},
		{"keys is an object", `{"keys":{}}`, "json"},
		{"keys in another case", `{"Keys":[]}`, "json"},
		{"a single key", `{"kid":"a",` + edJWK + `}`, "json"},
		{"an array", `[]`, "json"},
		{"keys twice", `{"keys":[],"keys":[]}`, "duplicate-member"},
		{"a member twice in a key", `{"keys":[{"kid":"a","kid":"b",` + edJWK + `}]}`, "duplicate-member"},
		{"trailing bytes", `{"keys":[]}x`, "trailing"},
		{"deep", `{"keys":[],"x":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}`, "depth"},
		{"too many", `{"keys":[` + many + `]}`, "size"},
		{"too large", `{"keys":[],"x":"` + strings.Repeat("x", MaxKeySet) + `"}`, "size"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := ParseKeySet([]byte(tt.text)); Rule(err) != tt.rule {
				t.Errorf("%v, want rule %q", err, tt.rule)
			}
		})
	}
	if set, err := ParseKeySet([]byte(`{"keys":[]}`)); err != nil || len(set.Keys) != 0 {
		t.Errorf("empty set: %v, %v", set, err)
	}
}

func TestDuplicateKidsAreAllDropped(t *testing.T) {
	set, err := ParseKeySet([]byte(`{"keys":[{"kid":"a",` + edJWK + `},{"kid":"b",` + ecJWK + `},{"kid":"a",` + ecJWK + `},{"kid":"b","kty":"RSA"},{"kid":"c",` + edJWK + `}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Keys) != 1 || set.Keys[0].Kid != "c" {
		t.Errorf("keys %v", set.Keys)
	}
	const reason = "kid appears more than once"
	want := []IgnoredKey{{0, "a", reason}, {1, "b", reason}, {2, "a", reason}, {3, "b", reason}}
	if diff := cmp.Diff(want, set.Ignored); diff != "" {
		t.Error(diff)
	}
}

func TestSelect(t *testing.T) {
	set, err := ParseKeySet([]byte(`{"keys":[
		{"kid":"ed","alg":"Ed25519","use":"sig",` + edJWK + `},
		{"kid":"bare",` + edJWK + `},
		{"kid":"ec","alg":"ES256",` + ecJWK + `},
		{"kid":"seal","alg":"HPKE-0","use":"enc",` + ecJWK + `}]}`))
	if err != nil || len(set.Ignored) != 0 {
		t.Fatal(err, set.Ignored)
	}
	tests := []struct{ kid, alg, use, rule string }{
		{"ed", "Ed25519", "sig", ""},
		{"ed", "EdDSA", "sig", ""},
		{"ed", "ES256", "sig", "key-unknown"},
		{"ed", "Ed25519", "enc", "key-unknown"},
		{"bare", "EdDSA", "sig", ""},
		{"bare", "Ed25519", "sig", "key-unknown"},
		{"bare", "EdDSA", "enc", "key-unknown"},
		{"ec", "ES256", "sig", ""},
		{"ec", "EdDSA", "sig", "key-unknown"},
		{"ec", "", "sig", "key-unknown"},
		{"seal", "HPKE-0", "enc", ""},
		{"seal", "ES256", "sig", "key-unknown"},
		{"seal", "HPKE-0", "sig", "key-unknown"},
		{"none", "Ed25519", "sig", "key-unknown"},
		{"", "Ed25519", "sig", "key-unknown"},
	}
	for _, tt := range tests {
		k, err := set.Select(tt.kid, tt.alg, tt.use)
		if Rule(err) != tt.rule || (err == nil) != (k.Kid == tt.kid && k.Key != nil) {
			t.Errorf("Select(%q, %q, %q) = %v, %v; want rule %q", tt.kid, tt.alg, tt.use, k, err, tt.rule)
		}
	}
	twice := KeySet{Keys: []PublicKey{edPublic(t), edPublic(t)}}
	if _, err := twice.Select(rfc8037Kid, "Ed25519", "sig"); Rule(err) != "key-ambiguous" {
		t.Errorf("two matches: %v", err)
	}
}

func TestKeySetJSON(t *testing.T) {
	ed, ec := edPublic(t), ecPublic(t)
	ec.KeyOps, ec.Alg = []string{"verify"}, ""
	want := fmt.Sprintf(`{"keys":[{"kty":"OKP","crv":"Ed25519","x":"%s","kid":"%s","alg":"Ed25519","use":"sig"},`+
		`{"kty":"EC","crv":"P-256","x":"%s","y":"%s","kid":"%s","use":"sig","key_ops":["verify"]}]}`, rfc8037X, ed.Kid, rfc7515X, rfc7515Y, ec.Kid)
	for _, keys := range [][]PublicKey{{ed, ec}, {ec, ed}} {
		got, err := json.Marshal(KeySet{Keys: keys})
		if err != nil || string(got) != want {
			t.Errorf("JSON %s, %v\nwant %s", got, err, want)
		}
	}
	var back struct {
		Keys KeySet `json:"jwks"`
	}
	if err := json.Unmarshal([]byte(`{"jwks":`+want+`}`), &back); err != nil || len(back.Keys.Keys) != 2 {
		t.Errorf("read back %+v, %v", back, err)
	}
	if got, err := json.Marshal(KeySet{}); err != nil || string(got) != `{"keys":[]}` {
		t.Errorf("empty set %s, %v", got, err)
	}
	ed.KeyOps = []string{} // permits nothing, and must not turn into permitting all
	text, err := json.Marshal(KeySet{Keys: []PublicKey{ed}})
	if err != nil || !strings.Contains(string(text), `"key_ops":[]`) {
		t.Errorf("empty key_ops: %s, %v", text, err)
	}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []any{nil, rfc8037Key(t), rfc7515Key(t), &p384.PublicKey, "text"} {
		if text, err := json.Marshal(PublicKey{Kid: "x", Key: key}); err == nil {
			t.Errorf("wrote %T as %s", key, text)
		}
		if _, err := Thumbprint(key); Rule(err) != "key" {
			t.Errorf("thumbprint of %T: %v", key, err)
		}
	}
}

// odd is n octets of base64url whose integer is odd and has its top bit set.
func odd(n int) string { return encode(bytes.Repeat([]byte{0x81}, n)) }

// TestHostileKeySetIsBounded: what a key set can make a reader do is bounded, also where each key has to
// be unpacked.
func TestHostileKeySetIsBounded(t *testing.T) {
	var entries []string
	for size := 0; ; {
		entry := fmt.Sprintf(`{"kid":"k%d",%s}`, len(entries), compositeJWK(t))
		if size += len(entry) + 1; size > MaxKeySet-16 || len(entries) == MaxKeys {
			break
		}
		entries = append(entries, entry)
	}
	raw := []byte(`{"keys":[` + strings.Join(entries, ",") + `]}`)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	set, err := ParseKeySet(raw)
	runtime.ReadMemStats(&after)
	if err != nil || len(set.Keys) != len(entries) || len(entries) < 90 {
		t.Fatalf("%d of %d keys, %v", len(set.Keys), len(entries), err)
	}
	if got := after.TotalAlloc - before.TotalAlloc; got > 16<<20 {
		t.Errorf("a key set of %d bytes allocates %d", len(raw), got)
	}
}
