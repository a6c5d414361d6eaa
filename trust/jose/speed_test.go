package jose

import (
	"crypto"
	"crypto/ed25519"
	"strings"
	"testing"
	"time"
)

// hashed asks for a digest to be signed.
type hashed struct{}

func (hashed) HashFunc() crypto.Hash { return crypto.SHA256 }

// kibibyte are claims that make an Ed25519 token of 1 KiB.
func kibibyte(t testing.TB) []byte {
	t.Helper()
	claims := `{"iss":"https://ncp.example","aud":"https://centre.example","iat":1790000000,"exp":1790000300,"jti":"01990b5e-0000-7000-8000-000000000000","body":{"text":"` + strings.Repeat("x", 440) + `"}}`
	return []byte(claims)
}

func signedKibibyte(t testing.TB, k SigningKey) ([]byte, PublicKey) {
	t.Helper()
	token, err := Sign(k, testTyp, SignOptions{}, kibibyte(t))
	if err != nil {
		t.Fatal(err)
	}
	public, err := k.Public()
	if err != nil {
		t.Fatal(err)
	}
	return []byte(token), public
}

func verifyStrictly(t testing.TB, token []byte, o ParseOptions, k PublicKey) {
	read, err := Parse(token, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := read.Verify(k); err != nil {
		t.Fatal(err)
	}
}

// nestedKibibyte wraps the token of 1 KiB.
func nestedKibibyte(t testing.TB, inner SigningKey) (token []byte, outer PublicKey) {
	t.Helper()
	k := pqKey(t, AlgMLDSA65, 5)
	within, _ := signedKibibyte(t, inner)
	nested, err := SignNested(k, testTyp, SignOptions{}, string(within))
	if err != nil {
		t.Fatal(err)
	}
	return []byte(nested), public(t, k)
}

var nestedAccept = ParseOptions{Typ: []string{testTyp}, Algs: ProfileAlgs(), Nested: true}

func verifyNested(t testing.TB, token []byte, outer, inner PublicKey) {
	read, err := Parse(token, nestedAccept)
	if err != nil {
		t.Fatal(err)
	}
	if err := read.Verify(outer); err != nil {
		t.Fatal(err)
	}
	within, err := read.Inner(Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if err := within.Verify(inner); err != nil {
		t.Fatal(err)
	}
}

// Strict verification is a few allocations, whatever the token says.
func TestVerifyAllocates(t *testing.T) {
	key, err := NewSigningKey(rfc8037Key(t))
	if err != nil {
		t.Fatal(err)
	}
	token, public := signedKibibyte(t, key)
	if len(token) < 1000 || len(token) > 1048 {
		t.Errorf("the token of 1 KiB has %d bytes", len(token))
	}
	if got := testing.AllocsPerRun(50, func() { verifyStrictly(t, token, accept(), public) }); got > 20 {
		t.Errorf("strict verification makes %.0f allocations, 20 are allowed", got)
	}
	nested, outer := nestedKibibyte(t, key)
	if got := testing.AllocsPerRun(50, func() { verifyNested(t, nested, outer, public) }); got > 40 {
		t.Errorf("strict verification of a nested token makes %.0f allocations, 40 are allowed", got)
	}
}

// A hostile token costs a refusal, not memory.
func TestHugeTokenAllocatesNothing(t *testing.T) {
	for name, huge := range map[string][]byte{
		"20 MB of letters": []byte(strings.Repeat("A", 20<<20)),
		"20 MB of dots":    []byte(strings.Repeat(".", 20<<20)),
		"20 MB of zeros":   make([]byte, 20<<20),
	} {
		got := testing.AllocsPerRun(5, func() {
			if _, err := Parse(huge, accept()); Rule(err) != "size" {
				t.Fatalf("%s: %v", name, err)
			}
		})
		if got > 1 {
			t.Errorf("%s: %.0f allocations", name, got)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	ed, err := NewSigningKey(rfc8037Key(b))
	if err != nil {
		b.Fatal(err)
	}
	b.Run("Ed25519", func(b *testing.B) {
		token, public := signedKibibyte(b, ed)
		read, _ := Parse(token, accept())
		benchRatio(b, func() { verifyStrictly(b, token, accept(), public) }, func() {
			if !ed25519.Verify(public.Key.(ed25519.PublicKey), read.SigningInput, read.Signature) {
				b.Fatal("bare verification")
			}
		})
	})
	b.Run("ML-DSA-65", func(b *testing.B) {
		token, public := signedKibibyte(b, pqKey(b, AlgMLDSA65, 5))
		o := accept()
		o.Algs = []string{AlgMLDSA65}
		read, _ := Parse(token, o)
		key := public.Key.(*MLDSAPublicKey)
		benchRatio(b, func() { verifyStrictly(b, token, o, public) }, func() {
			if !key.holds(read.SigningInput, nil, read.Signature) {
				b.Fatal("bare verification")
			}
		})
	})
	b.Run("ML-DSA-65-Ed25519", func(b *testing.B) {
		token, public := signedKibibyte(b, pqKey(b, AlgComposite, 5))
		o := accept()
		o.Algs = []string{AlgComposite}
		read, _ := Parse(token, o)
		key := public.Key.(*CompositePublicKey)
		benchRatio(b, func() { verifyStrictly(b, token, o, public) }, func() {
			if !key.holds(read.SigningInput, read.Signature) {
				b.Fatal("bare verification")
			}
		})
	})
	b.Run("nested", func(b *testing.B) {
		_, inner := signedKibibyte(b, ed)
		token, outer := nestedKibibyte(b, ed)
		read, err := Parse(token, nestedAccept)
		if err != nil {
			b.Fatal(err)
		}
		within, err := read.Inner(Limits{})
		if err != nil {
			b.Fatal(err)
		}
		key := outer.Key.(*MLDSAPublicKey)
		benchRatio(b, func() { verifyNested(b, token, outer, inner) }, func() {
			if !key.holds(read.SigningInput, nil, read.Signature) ||
				!ed25519.Verify(inner.Key.(ed25519.PublicKey), within.SigningInput, within.Signature) {
				b.Fatal("bare verification")
			}
		})
	})
}

// benchRatio reports how many times as long ours takes as the bare primitive, measured turn by turn in
// one run, since machines are noisy.
func benchRatio(b *testing.B, ours, bare func()) {
	b.Helper()
	b.ReportAllocs()
	var took, bareTook int64
	for b.Loop() {
		took += nanoseconds(ours)
		b.StopTimer()
		bareTook += nanoseconds(bare)
		b.StartTimer()
	}
	b.ReportMetric(float64(took)/float64(bareTook), "x-bare")
}

func nanoseconds(f func()) int64 {
	start := time.Now()
	f()
	return time.Since(start).Nanoseconds()
}
