package jose

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/base64"
	"math/big"
	"strings"
	"testing"
)

// The key pair of RFC 8037 appendix A.1 and the thumbprint of A.3.
const (
	rfc8037D   = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
	rfc8037X   = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
	rfc8037Kid = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
)

// The key pair of RFC 7515 appendix A.3.
const (
	rfc7515X = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
	rfc7515Y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
	rfc7515D = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"
)

func unb64(t testing.TB, s string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func rfc8037Key(t testing.TB) ed25519.PrivateKey {
	t.Helper()
	return ed25519.NewKeyFromSeed(unb64(t, rfc8037D))
}

func rfc7515Key(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), unb64(t, rfc7515D))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// RFC 8037 appendix A.4 and A.5 sign a payload that is no JSON object, so the
// vector goes to the primitives that Sign and Verify use.
func TestRFC8037Signature(t *testing.T) {
	const input = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
	const want = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
	key := rfc8037Key(t)
	ed, _ := algorithmNamed("Ed25519")
	sig, err := ed.sign(key, []byte(input))
	if err != nil {
		t.Fatal(err)
	}
	if got := base64.RawURLEncoding.EncodeToString(sig); got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
	for _, name := range []string{"Ed25519", "EdDSA"} {
		alg, _ := algorithmNamed(name)
		if err := alg.verify(key.Public(), []byte(input), unb64(t, want)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// RFC 7515 appendix A.3: the token has neither kid nor typ, which the profile
// requires, so the vector goes to the primitive.
func TestRFC7515ES256(t *testing.T) {
	const input = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
	const sig = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
	alg, _ := algorithmNamed("ES256")
	pub := rfc7515Key(t).Public()
	if err := alg.verify(pub, []byte(input), unb64(t, sig)); err != nil {
		t.Error(err)
	}
	if err := alg.verify(pub, []byte(input+"x"), unb64(t, sig)); err == nil {
		t.Error("a changed input verified")
	}
	if _, err := Parse([]byte(input+"."+sig), ParseOptions{Typ: []string{"JWT"}}); Rule(err) != "header-member" {
		t.Errorf("a token without kid and typ: %v", err)
	}
}

func TestRFC8037Thumbprint(t *testing.T) {
	got, err := Thumbprint(rfc8037Key(t).Public())
	if err != nil || got != rfc8037Kid {
		t.Errorf("Thumbprint = %q, %v; want %q", got, err, rfc8037Kid)
	}
	set, err := ParseKeySet([]byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a","x":"` + rfc8037X + `"}]}`))
	if err != nil || len(set.Keys) != 1 || !rfc8037Key(t).Public().(ed25519.PublicKey).Equal(set.Keys[0].Key) {
		t.Errorf("ParseKeySet = %+v, %v", set, err)
	}
}

func TestRFC7515KeyParses(t *testing.T) {
	set, err := ParseKeySet([]byte(`{"keys":[{"kty":"EC","crv":"P-256","kid":"b","x":"` + rfc7515X + `","y":"` + rfc7515Y + `"}]}`))
	if err != nil || len(set.Keys) != 1 || !rfc7515Key(t).PublicKey.Equal(set.Keys[0].Key) {
		t.Errorf("ParseKeySet = %+v, %v", set, err)
	}
}

// The points of small order, from the definition: [8]P is the identity.
func TestSmallOrderPoints(t *testing.T) {
	p, d := fieldPrime(), curveD(fieldPrime())
	hexes := map[string]string{
		"order 1":        "0100000000000000000000000000000000000000000000000000000000000000",
		"order 2":        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"order 4":        "0000000000000000000000000000000000000000000000000000000000000000",
		"order 4, sign":  "0000000000000000000000000000000000000000000000000000000000000080",
		"order 8":        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"order 8, sign":  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
		"order 8'":       "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
		"order 8', sign": "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
	}
	for name, h := range hexes {
		enc, ok := new(big.Int).SetString(h, 16)
		if !ok {
			t.Fatal(name)
		}
		point := enc.FillBytes(make([]byte, 32))
		if order := orderDividing8(point, p, d); order == 0 {
			t.Errorf("%s: [8]P is not the identity, the table is wrong", name)
		}
		if validEd25519(point) {
			t.Errorf("%s accepted", name)
		}
	}
	if !validEd25519(rfc8037Key(t).Public().(ed25519.PublicKey)) {
		t.Error("the key of RFC 8037 refused")
	}
	notCanonical := strings.Repeat("\xff", 31) + "\x7f"
	if validEd25519([]byte(notCanonical)) {
		t.Error("y above the field prime accepted")
	}
	refused := 0
	for y := range 64 {
		if !validEd25519(append([]byte{byte(y)}, make([]byte, 31)...)) {
			refused++
		}
	}
	if refused < 16 || refused > 48 {
		t.Errorf("%d of 64 small y refused; about half are off the curve", refused)
	}
}

// orderDividing8 doubles the point and returns the first power of two that
// gives the identity, or 0. Twisted Edwards addition, RFC 8032 §5.1.4.
func orderDividing8(encoded []byte, p, d *big.Int) int {
	enc := append([]byte(nil), encoded...)
	enc[31] &= 0x7f
	for i := range 16 {
		enc[i], enc[31-i] = enc[31-i], enc[i]
	}
	mul := func(a, b *big.Int) *big.Int { c := new(big.Int).Mul(a, b); return c.Mod(c, p) }
	one := big.NewInt(1)
	y := new(big.Int).SetBytes(enc)
	u := new(big.Int).Sub(mul(y, y), one)
	v := new(big.Int).Add(mul(d, mul(y, y)), one)
	x := new(big.Int).ModSqrt(mul(u.Mod(u, p), new(big.Int).ModInverse(v, p)), p)
	if x == nil {
		return 0
	}
	for order := 1; order <= 8; order *= 2 {
		if x.Sign() == 0 && y.Cmp(one) == 0 {
			return order
		}
		dxy := mul(d, mul(mul(x, x), mul(y, y)))
		num := mul(x, y)
		num.Add(num, num).Mod(num, p)
		yy := new(big.Int).Add(mul(y, y), mul(x, x))
		plus := new(big.Int).Add(one, dxy)
		minus := new(big.Int).Sub(one, dxy)
		minus.Mod(minus, p)
		x = mul(num, new(big.Int).ModInverse(plus, p))
		y = mul(yy.Mod(yy, p), new(big.Int).ModInverse(minus, p))
	}
	return 0
}
