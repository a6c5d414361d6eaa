package trust_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/vectors"
	"github.com/ehdsgw/ehdsgw/conformance/vectors/hostile/generate"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// The standard library has no ML-DSA, so the conformance suite cannot make these vectors on its own:
// they are made here, with the product's keys, and stored as data. What they prove is that refusals
// stay refusals; that ML-DSA itself is right is for the public vectors in trust/jose.
var updateVectors = flag.Bool("update", false, "write the hybrid vectors instead of comparing them")

const hybridFile = "../conformance/vectors/hostile/hybrid.json"

// hybridBook collects the vectors of the group.
type hybridBook struct {
	vectors.Suite
	reader vectors.Expect
}

func TestHybridVectorsAreCurrent(t *testing.T) {
	t.Parallel()
	b := newHybridBook(t)
	b.nested(t)
	b.composite(t)
	b.keys(t)
	made, err := generate.Marshal(b.Suite)
	if err != nil {
		t.Fatal(err)
	}
	if *updateVectors {
		if err := os.WriteFile(hybridFile, made, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if stored, err := vectors.File("hybrid.json"); err != nil || !bytes.Equal(stored, made) {
		t.Errorf("hybrid.json is not what this test makes (%v); run go test ./trust -run TestHybridVectorsAreCurrent -update", err)
	}
}

func mldsaKey(entity string) jose.SigningKey { return trusttest.KeyFor(jose.AlgMLDSA65, entity) }

func compositeKey(entity string) jose.SigningKey { return trusttest.KeyFor(jose.AlgComposite, entity) }

func newHybridBook(t *testing.T) *hybridBook {
	b := &hybridBook{reader: generate.ExpectMessage()}
	b.Group, b.Served, b.Controls = "hybrid", map[string]string{}, map[string]vectors.Document{}
	b.reader.Algs = []string{jose.AlgMLDSA65, jose.AlgComposite}
	b.reader.Policy = map[string]string{generate.Centre: "hybrid"}
	for _, e := range []string{generate.Centre, generate.French} {
		var more []json.RawMessage
		for _, k := range trusttest.KeySet(mldsaKey(e), compositeKey(e)).Keys {
			more = append(more, marshal(t, k))
		}
		request, statement := generate.Served(e, "ehds_gateway", more...)
		b.Served[request] = statement
	}
	b.Controls["nested"] = b.read(wrap(t, mldsaKey(generate.Centre), inner()))
	b.Controls["composite"] = b.read(signedBy(t, compositeKey(generate.Centre), generate.Message()))
	b.Controls["ml-dsa"] = b.under("post-quantum", signedBy(t, mldsaKey(generate.Centre), generate.Message()))
	b.Controls["classical"] = b.under("classical", inner())
	return b
}

func marshal(t *testing.T, v any) json.RawMessage {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// inner is an honest classical message of the centre, changed by pairs of name and value.
func inner(pairs ...any) string {
	return forged(generate.ExchangeKey(generate.Centre), typMessage, generate.Message(pairs...))
}

func forged(k *forge.Key, typ string, claims any) string {
	token, err := forge.Sign(k, typ, claims)
	if err != nil {
		panic(err)
	}
	return token
}

func (b *hybridBook) read(token string) vectors.Document {
	return vectors.Document{Expect: b.reader, Token: token}
}

func (b *hybridBook) under(policy, token string) vectors.Document {
	d := b.read(token)
	d.Expect.Policy = map[string]string{generate.Centre: policy}
	return d
}

func (b *hybridBook) add(control, why, clause string, list ...vectors.Vector) {
	for _, v := range list {
		v.ID, v.Why, v.Clause, v.Run = "hybrid-"+v.ID, why, clause, generate.RunInTrust
		if v.Control == "" {
			v.Control = control
		}
		b.Vectors = append(b.Vectors, v)
	}
}

// signedBy signs claims without randomness, so that the file comes out the same.
func signedBy(t *testing.T, k jose.SigningKey, claims any) string {
	return signBytes(t, k, fmt.Sprintf(`{"alg":%q,"kid":%q,"typ":%q}`, k.Alg, k.Kid, typMessage), string(marshal(t, claims)))
}

// wrap puts bytes into the outer half, under its honest header.
func wrap(t *testing.T, k jose.SigningKey, payload string) string {
	return signBytes(t, k, fmt.Sprintf(`{"alg":%q,"kid":%q,"typ":%q,"cty":%q}`, k.Alg, k.Kid, typMessage, typMessage), payload)
}

func (b *hybridBook) nested(t *testing.T) {
	c, fr := generate.Centre, generate.French
	line := func(id, title, rule, token string) vectors.Vector {
		return vectors.Vector{ID: id, Title: title, Rule: rule, Attack: b.read(token)}
	}
	outer := func(payload string) string { return wrap(t, mldsaKey(c), payload) }
	good := outer(inner())
	claims := string(marshal(t, generate.Message()))
	other := outer(inner("jti", "0195519a-3a00-7000-8000-0000000000b2"))
	swapped := strings.Split(good, ".")
	swapped[1] = strings.Split(other, ".")[1]
	b.add("nested", "A hybrid signature is worth both halves or nothing: whoever breaks one algorithm strips, swaps or replaces the other half.", "profile §2",
		line("stripped-outer", "the inner token alone", "signature-policy", inner()),
		line("stripped-inner", "the outer token over the claims themselves", "cty", outer(claims)),
		line("stripped-inner-no-cty", "ML-DSA-65 alone over the claims", "signature-policy", signedBy(t, mldsaKey(c), generate.Message())),
		line("swapped-inner", "the outer token with the inner token of another message", "signature", strings.Join(swapped, ".")),
		line("swapped-signature", "the outer signature of another message", "signature", good[:strings.LastIndexByte(good, '.')]+other[strings.LastIndexByte(other, '.'):]),
		line("two-issuers-outer", "the outer half of another participant", "nested-issuer", wrap(t, mldsaKey(fr), inner())),
		line("two-issuers-inner", "the inner half of another participant", "nested-issuer", outer(forged(generate.ExchangeKey(fr), typMessage, generate.Message("iss", fr)))),
		line("two-issuers-stranger", "the outer half of a stranger", "nested-issuer", wrap(t, mldsaKey("mallory"), inner())),
		line("inner-stranger", "the inner half of a stranger", "key-unknown", outer(forged(generate.Key("mallory"), typMessage, generate.Message()))),
		line("inner-flipped", "the inner signature with a bit flipped, signed around it", "signature", outer(flipped(inner()))),
		line("outer-flipped", "the outer signature with a bit flipped", "signature", flipped(good)),
		line("outer-empty", "no outer signature", "signature", good[:strings.LastIndexByte(good, '.')+1]),
		line("classical-es256", "ES256 alone", "signature-policy", forged(generate.ES256Key(c), typMessage, generate.Message())),
	)
	b.add("nested", "The form has one shape: each further one is a second reader that may see something else.", "profile §2; RFC 8725 §2.4",
		line("twice", "nested twice", "nested-twice", outer(good)),
		line("inner-es256", "an ES256 token within", "nested-alg", outer(forged(generate.ES256Key(c), typMessage, generate.Message()))),
		line("inner-ml-dsa", "ML-DSA-65 within ML-DSA-65", "nested-alg", outer(signedBy(t, mldsaKey(c), generate.Message()))),
		line("outer-composite", "the composite around it", "nested-alg", wrap(t, compositeKey(c), inner())),
		line("outer-ed25519", "Ed25519 around Ed25519", "nested-alg", nestedClassical(t)),
		line("inner-typ", "a receipt within", "nested-typ", outer(forged(generate.ExchangeKey(c), "ehds-receipt+jwt", generate.Message()))),
		line("inner-padded", "the inner token with padding", "alphabet", outer(inner()+"==")),
		line("inner-newline", "a line end after the inner token", "alphabet", outer(inner()+"\n")),
		line("inner-two", "two inner tokens", "segments", outer(inner()+"."+inner())),
		line("inner-none", "an unsigned token within", "alg", outer(b64segment(`{"alg":"none","kid":"x","typ":"`+typMessage+`"}`)+"."+b64segment(claims)+".")),
		line("inner-empty", "nothing within", "segments", outer("")),
		line("cty-other", "cty JWT", "cty", signBytes(t, mldsaKey(c), fmt.Sprintf(`{"alg":%q,"kid":%q,"typ":%q,"cty":"JWT"}`, mldsaKey(c).Alg, mldsaKey(c).Kid, typMessage), inner())),
	)
}

func (b *hybridBook) composite(t *testing.T) {
	c := generate.Centre
	good := b.Controls["composite"].Token
	half := func(id, title string, change func(sig []byte) []byte) vectors.Vector {
		return vectors.Vector{ID: id, Title: title, Rule: "signature", Attack: b.read(withSignature(good, change))}
	}
	other := rawSignature(signedBy(t, compositeKey(c), generate.Message("seq", 2)))
	alone := rawSignature(signedBy(t, mldsaKey(c), generate.Message()))
	const ml = 3309 // octets of an ML-DSA-65 signature (FIPS 204 table 2); Ed25519's follows
	b.add("composite", "The composite holds only if both halves hold; a verifier that is content with one is a classical one.", "draft-ietf-jose-pq-composite-sigs §4; profile §2",
		half("composite-ml-zero", "the ML-DSA half zero", func(s []byte) []byte { clear(s[:ml]); return s }),
		half("composite-ed-zero", "the Ed25519 half zero", func(s []byte) []byte { clear(s[ml:]); return s }),
		half("composite-ml-other", "the ML-DSA half of another message", func(s []byte) []byte { copy(s[:ml], other); return s }),
		half("composite-ed-other", "the Ed25519 half of another message", func(s []byte) []byte { copy(s[ml:], other[ml:]); return s }),
		half("composite-ml-alone", "an ML-DSA signature outside the composite in its place", func(s []byte) []byte { copy(s[:ml], alone); return s }),
		half("composite-ed-missing", "without the Ed25519 half", func(s []byte) []byte { return s[:ml] }),
		half("composite-ml-missing", "without the ML-DSA half", func(s []byte) []byte { return s[ml:] }),
		half("composite-swapped", "the halves exchanged", func(s []byte) []byte { return append(s[ml:], s[:ml]...) }),
		half("composite-long", "an octet more", func(s []byte) []byte { return append(s, 0) }),
	)
	plain := b.Controls["nested"]
	plain.Expect.Algs, plain.Expect.Policy = nil, nil
	plainComposite := b.Controls["composite"]
	plainComposite.Expect.Algs, plainComposite.Expect.Policy = nil, nil
	mine := b.Controls["ml-dsa"]
	b.add("ml-dsa", "Post-quantum algorithms are read only where the reader asks for them, and trusted alone only where it says so.", "profile §2",
		vectors.Vector{ID: "policy-nested-unasked", Title: "the nested form where no post-quantum algorithm is read", Rule: "alg", Attack: plain, Control: "nested"},
		vectors.Vector{ID: "policy-composite-unasked", Title: "the composite where it is not read", Rule: "alg", Attack: plainComposite, Control: "composite"},
		vectors.Vector{ID: "policy-ml-dsa-classical", Title: "ML-DSA-65 alone under the classical policy", Rule: "signature-policy", Attack: b.under("classical", mine.Token)},
		vectors.Vector{ID: "policy-ml-dsa-hybrid", Title: "ML-DSA-65 alone under the hybrid policy", Rule: "signature-policy", Attack: b.under("hybrid", mine.Token)},
		vectors.Vector{ID: "policy-classical-pq", Title: "Ed25519 under the post-quantum policy", Rule: "signature-policy", Attack: b.under("post-quantum", inner()), Control: "classical"},
		vectors.Vector{ID: "policy-unknown", Title: "a policy nobody knows takes nothing", Rule: "signature-policy", Attack: b.under("none", inner()), Control: "classical"},
	)
	permit := vectors.Document{Expect: generate.ExpectPermit(), Token: forged(generate.PermitKey(generate.Body), generate.TypPermit, generate.Permit())}
	b.Controls["permit"] = permit
	lowered := permit
	lowered.Expect.Algs, lowered.Expect.Policy = b.reader.Algs, map[string]string{generate.French: "hybrid"}
	b.add("permit", "A policy toward a contact point counts for the permits of its bodies: they outlast the classical algorithms.", "profile §2, §6",
		vectors.Vector{ID: "policy-permit", Title: "a classical permit of a body whose contact point must sign hybrid", Rule: "signature-policy", Attack: lowered})
}

// keys are ML-DSA tokens under keys and signatures that are not what RFC 9964 asks for.
func (b *hybridBook) keys(t *testing.T) {
	k := mldsaKey("set")
	token := signedBy(t, k, generate.Message())
	jwk := string(marshal(t, trusttest.KeySet(k).Keys[0]))
	read := func(token, set string) vectors.Document {
		return vectors.Document{Expect: b.reader, Token: token, Keys: json.RawMessage(`{"keys":[` + set + `]}`)}
	}
	b.Controls["ml-dsa-set"] = read(token, jwk)
	line := func(id, title, rule, token, set string) vectors.Vector {
		return vectors.Vector{ID: id, Title: title, Rule: rule, Attack: read(token, set)}
	}
	pub, _ := k.Public()
	packed := base64.RawURLEncoding.EncodeToString(pub.Key.(*jose.MLDSAPublicKey).Bytes())
	b.add("ml-dsa-set", "An Algorithm Key Pair is its alg, its octets and nothing private.", "RFC 9964 §3, §4; FIPS 204 §5",
		line("akp-44", "ML-DSA-44 named over an ML-DSA-65 key", "key-unknown", token, strings.Replace(jwk, "ML-DSA-65", "ML-DSA-44", 1)),
		line("akp-no-alg", "no alg, which an AKP key must have", "key-unknown", token, strings.Replace(jwk, `"alg":"ML-DSA-65",`, ``, 1)),
		line("akp-seed", "the seed beside it", "key-unknown", token, strings.TrimSuffix(jwk, "}")+`,"priv":"AAAA"}`),
		line("akp-short", "pub without its last octets", "key-unknown", token, strings.Replace(jwk, packed, packed[:len(packed)-4], 1)),
		line("akp-okp", "kty OKP over it", "key-unknown", token, strings.Replace(jwk, "AKP", "OKP", 1)),
		line("akp-composite", "the composite named over it", "key-unknown", token, strings.Replace(jwk, "ML-DSA-65", "ML-DSA-65-Ed25519", 1)),
		line("akp-enc", "use enc", "key-unknown", token, strings.Replace(jwk, `"use":"sig"`, `"use":"enc"`, 1)),
		line("ml-dsa-zero", "3,309 zero octets", "signature", withSignature(token, func(s []byte) []byte { return make([]byte, len(s)) }), jwk),
		line("ml-dsa-short", "an octet less", "signature", withSignature(token, func(s []byte) []byte { return s[1:] }), jwk),
		line("ml-dsa-flipped", "a bit flipped", "signature", flipped(token), jwk),
		line("ml-dsa-hints", "hints beyond their number", "signature", withSignature(token, func(s []byte) []byte { s[len(s)-1] = 0xff; return s }), jwk),
		line("ml-dsa-other", "the signature of another message", "signature", withSignature(token, func([]byte) []byte {
			return rawSignature(signedBy(t, k, generate.Message("seq", 3)))
		}), jwk),
	)
}

func nestedClassical(t *testing.T) string {
	k := generate.ExchangeKey(generate.Centre)
	token, err := forge.SignBytes(k, []byte(fmt.Sprintf(`{"alg":%q,"kid":%q,"typ":%q,"cty":%q}`, k.Alg, k.Kid, typMessage, typMessage)), []byte(inner()))
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func rawSignature(token string) []byte {
	sig, err := base64.RawURLEncoding.DecodeString(token[strings.LastIndexByte(token, '.')+1:])
	if err != nil {
		panic(err)
	}
	return sig
}

func withSignature(token string, change func([]byte) []byte) string {
	return token[:strings.LastIndexByte(token, '.')+1] + base64.RawURLEncoding.EncodeToString(change(rawSignature(token)))
}

func flipped(token string) string {
	return withSignature(token, func(s []byte) []byte { s[len(s)/3] ^= 8; return s })
}

func b64segment(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
