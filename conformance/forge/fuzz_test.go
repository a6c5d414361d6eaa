package forge

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

func FuzzParse(f *testing.F) {
	f.Add("a.b.c")
	f.Add("eyJhbGciOiJFZDI1NTE5Iiwia2lkIjoiayIsInR5cCI6IngifQ.e30.AA")
	f.Fuzz(func(t *testing.T, raw string) {
		tok, err := Parse(raw, "x")
		if err != nil {
			return
		}
		if tok.Raw != raw || !json.Valid(tok.Payload) {
			t.Error("accepted what is not JSON")
		}
		_ = tok.Verify(JWKS{})
	})
}

func FuzzParseJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1,-2.5e3,"\ud83d\ude00",null,true]}`, `{"a":1,"a":2}`, "\"\xff\"", `[[[[`, `1e999`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		v, err := ParseJSON(raw)
		if err != nil {
			return
		}
		if !json.Valid(raw) {
			t.Fatal("accepted what encoding/json refuses")
		}
		once, err := appendCanonical(nil, v)
		if err != nil {
			return
		}
		twice, err := Canonical(once)
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("the canonical form is not stable: %s, %s, %v", once, twice, err)
		}
	})
}

func FuzzParseProof(f *testing.F) {
	f.Add("c2sp.org/tlog-proof@v1\nindex 0\n\nx\n1\ny\n")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParseProof(text)
		if err != nil {
			return
		}
		if p.Marshal() != text {
			t.Error("a second spelling of one proof")
		}
		_, _ = p.Verify([]byte("leaf"), origin, nil)
	})
}

func FuzzParseJWKS(f *testing.F) {
	f.Add([]byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"k"}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		set, err := ParseJWKS(raw)
		if err != nil {
			return
		}
		for _, k := range set.Keys {
			if _, err := k.Key(); err != nil || k.Kid == "" {
				t.Error("an unusable key is kept")
			}
		}
	})
}

func FuzzCheckBody(f *testing.F) {
	schema, _ := ehds.Schema(ehds.ApplicationSubmit)
	f.Add([]byte(`{"application_id":"a","kind":"DATA_ACCESS_APPLICATION"}`))
	f.Add([]byte(`{"version":1e999999}`))
	f.Fuzz(func(_ *testing.T, raw []byte) { CheckBody(schema, raw) })
}
