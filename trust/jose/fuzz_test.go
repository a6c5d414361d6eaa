package jose

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

// FuzzParse: no input panics, every refusal has a rule, and nothing but the
// signed token itself verifies.
func FuzzParse(f *testing.F) {
	key := edPublic(f)
	good := forge(f, rfc8037Key(f), goodHeader, goodClaims)
	f.Add([]byte(good))
	f.Add([]byte(good + "="))
	f.Add([]byte(good[:len(good)-1]))
	f.Add([]byte(forge(f, rfc8037Key(f), `{"alg":"none"}`, `{"a":[{}]}`)))
	f.Add([]byte(forge(f, rfc7515Key(f), header("ES256", rfc8037Kid), goodClaims)))
	f.Add([]byte(`{"payload":"","signatures":[]}`))
	f.Add([]byte(".."))
	f.Fuzz(func(t *testing.T, raw []byte) {
		token, err := Parse(raw, accept("jku"))
		if err != nil {
			if Rule(err) == "" || token != nil {
				t.Fatalf("refusal without a rule: %v, %v", token, err)
			}
			return
		}
		if token.Raw != string(raw) || !json.Valid(token.Payload) {
			t.Fatal("token differs from its input")
		}
		if err := token.Verify(key); err == nil && string(raw) != good {
			t.Fatal("another token verifies")
		} else if err != nil && Rule(err) == "" {
			t.Fatalf("refusal without a rule: %v", err)
		}
	})
}

// FuzzParseKeySet: what is accepted survives writing and reading.
func FuzzParseKeySet(f *testing.F) {
	f.Add([]byte(`{"keys":[{"kid":"a",` + edJWK + `},{"kid":"b","use":"sig","key_ops":["verify"],` + ecJWK + `}]}`))
	f.Add([]byte(`{"keys":[{"kid":"a",` + edJWK + `,"d":"` + rfc8037D + `"},{"kid":"a",` + ecJWK + `}]}`))
	f.Add([]byte(`{"keys":[null,1,"x",{"kty":"RSA","kid":"r"}]}`))
	f.Add([]byte(`{"keys":[{"kid":"m",` + mldsaJWK(f) + `},{"kid":"c",` + compositeJWK(f) + `},{"kid":"r",` + rsaJWK(odd(256)) + `}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		set, err := ParseKeySet(raw)
		if err != nil {
			if Rule(err) == "" {
				t.Fatalf("refusal without a rule: %v", err)
			}
			return
		}
		text, err := set.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseKeySet(text)
		if err != nil || len(again.Keys) != len(set.Keys) || len(again.Ignored) != 0 {
			t.Fatalf("%s\nreads as %+v, %v", text, again, err)
		}
		if rewritten, err := again.MarshalJSON(); err != nil || !bytes.Equal(text, rewritten) {
			t.Fatalf("written twice:\n%s\n%s\n%v", text, rewritten, err)
		}
		for _, k := range set.Keys {
			if _, err := Thumbprint(k.Key); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// FuzzCanonical: the form is its own form, and JSON that encoding/json reads.
func FuzzCanonical(f *testing.F) {
	f.Add([]byte(`{"b":[1,-0,"\ud83d\ude00\u0000"],"a":{"":null}}`))
	f.Add([]byte(`{"a":1,"\u0061":2}`))
	f.Add([]byte(`[1e3,0.5,9007199254740993]`))
	f.Add([]byte(" \"\\ud800\""))
	f.Fuzz(func(t *testing.T, raw []byte) {
		out, err := Canonical(raw)
		if err != nil {
			if Rule(err) == "" {
				t.Fatalf("refusal without a rule: %v", err)
			}
			return
		}
		if !json.Valid(raw) || !json.Valid(out) {
			t.Fatalf("accepted %q as %q", raw, out)
		}
		again, err := Canonical(out)
		if err != nil || !bytes.Equal(out, again) {
			t.Fatalf("not idempotent: %q, %q, %v", out, again, err)
		}
	})
}

// FuzzDecodeStrict: the strict reading never accepts what encoding/json
// refuses, and the two walks over a text never disagree about its form.
func FuzzDecodeStrict(f *testing.F) {
	f.Add([]byte(`{"name":1,"list":[{"item":"a"}],"map":{"x":{"item":"b"}},"any":[{}]}`))
	f.Add([]byte(`{"Name":1}`))
	f.Add([]byte(`{"named":[],"list":{},"map":1}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var strict, open claims
		if err := DecodeStrict(raw, &strict); err != nil {
			if Rule(err) == "" {
				t.Fatalf("refusal without a rule: %v", err)
			}
			return
		}
		if err := DecodeKnown(raw, &open); err != nil {
			t.Fatalf("strict accepts, known refuses: %v", err)
		}
		if !json.Valid(raw) {
			t.Fatal("accepted invalid JSON")
		}
	})
}

// FuzzInner: whatever stands within a token, it is refused with a rule or it is
// one Ed25519 token that nests no further.
func FuzzInner(f *testing.F) {
	good := forge(f, rfc8037Key(f), goodHeader, goodClaims)
	f.Add([]byte(good))
	f.Add([]byte(goodClaims))
	f.Add([]byte(forge(f, rfc8037Key(f), strings.Replace(goodHeader, "}", `,"cty":"`+testTyp+`"}`, 1), good)))
	f.Add([]byte(forge(f, rfc8037Key(f), header(AlgMLDSA65, "k"), goodClaims)))
	f.Fuzz(func(t *testing.T, payload []byte) {
		outer := Token{Header: Header{Alg: AlgMLDSA65, Typ: testTyp, Cty: testTyp}, Payload: payload}
		inner, err := outer.Inner(Limits{})
		if err != nil {
			if Rule(err) == "" || inner != nil {
				t.Fatalf("refusal without a rule: %v, %v", inner, err)
			}
			return
		}
		if inner.IsNested() || inner.Header.Alg != AlgEd25519 || inner.Header.Typ != testTyp || inner.Raw != string(payload) || !json.Valid(inner.Payload) {
			t.Fatalf("accepted %q", payload)
		}
	})
}

// FuzzPostQuantumSignature: no signature but the honest one verifies, under
// ML-DSA-65 and under its composite.
func FuzzPostQuantumSignature(f *testing.F) {
	input := []byte(b64(header(AlgMLDSA65, "k")) + "." + b64(goodClaims))
	keys, honest := map[string]PublicKey{}, map[string][]byte{}
	for _, alg := range []string{AlgMLDSA65, AlgComposite} {
		k := pqKey(f, alg, 'f')
		sig, err := k.Signer.Sign(nil, input, nil)
		if err != nil {
			f.Fatal(err)
		}
		keys[alg], honest[alg] = public(f, k), sig
		f.Add(alg == AlgMLDSA65, sig)
		f.Add(alg == AlgMLDSA65, sig[1:])
		f.Add(alg == AlgMLDSA65, bytes.Repeat([]byte{0}, len(sig)))
	}
	f.Fuzz(func(t *testing.T, plain bool, sig []byte) {
		alg := AlgComposite
		if plain {
			alg = AlgMLDSA65
		}
		key := keys[alg]
		token := Token{Header: Header{Alg: alg, Kid: key.Kid}, SigningInput: input, Signature: sig}
		if err := token.Verify(key); (err == nil) != bytes.Equal(sig, honest[alg]) {
			t.Fatalf("%s: honest %v, %v", alg, bytes.Equal(sig, honest[alg]), err)
		}
	})
}
