package jose

import (
	"bytes"
	"encoding/json"
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
