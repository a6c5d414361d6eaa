package forge

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

func newKey(t *testing.T, alg string) *Key {
	t.Helper()
	k, err := NewKey(alg, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestThumbprintVectors(t *testing.T) {
	for _, c := range []struct {
		name, want string
		jwk        JWK
	}{
		{"RFC 8037 A.3", "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
			JWK{Kty: "OKP", Crv: "Ed25519", X: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}},
		{"RFC 7515 A.3 key", "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U",
			JWK{Kty: "EC", Crv: "P-256", X: "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
				Y: "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}},
	} {
		got, err := c.jwk.Thumbprint()
		if err != nil || got != c.want {
			t.Errorf("%s: %s, %v; want %s", c.name, got, err, c.want)
		}
		if _, err := c.jwk.Key(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestSignatureVector(t *testing.T) {
	// RFC 8037 A.4 without its header's form: the signature itself is checked.
	seed, _ := base64.RawURLEncoding.DecodeString("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
	k, err := keyFromSeed(AlgEd25519, seed)
	if err != nil {
		t.Fatal(err)
	}
	sig, err := k.SignRaw([]byte("eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"))
	const want = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
	if err != nil || base64.RawURLEncoding.EncodeToString(sig) != want {
		t.Errorf("%s, %v", base64.RawURLEncoding.EncodeToString(sig), err)
	}
}

func TestSignParseVerify(t *testing.T) {
	for _, alg := range []string{AlgEd25519, AlgES256} {
		t.Run(alg, func(t *testing.T) {
			k, other := newKey(t, alg), newKey(t, alg)
			raw, err := Sign(k, "x+jwt", map[string]any{"iss": "https://a.example", "n": 1})
			if err != nil {
				t.Fatal(err)
			}
			tok, err := Parse(raw, "x+jwt")
			if err != nil {
				t.Fatal(err)
			}
			if err := tok.Verify(NewJWKS(other, k)); err != nil {
				t.Error(err)
			}
			for name, set := range map[string]JWKS{
				"another key": NewJWKS(other), "no key": {}, "twice": NewJWKS(k, k),
				"kid of another": func() JWKS { j := other.Public(); j.Kid = k.Kid; return JWKS{Keys: []JWK{j}} }(),
				"for encryption": func() JWKS { j := k.Public(); j.Use = "enc"; return JWKS{Keys: []JWK{j}} }(),
				"another alg":    func() JWKS { j := k.Public(); j.Alg = "RS256"; return JWKS{Keys: []JWK{j}} }(),
			} {
				if err := tok.Verify(set); !errors.Is(err, ErrSignature) {
					t.Errorf("%s: %v", name, err)
				}
			}
			kept, err := k.MarshalPrivate()
			if err != nil {
				t.Fatal(err)
			}
			back, err := ParsePrivate(kept)
			if err != nil || back.Public() != k.Public() {
				t.Errorf("read back %+v, %v", back, err)
			}
			if _, err := ParsePrivate(bytes.Replace(kept, []byte(k.Kid), []byte(other.Kid), 1)); !errors.Is(err, ErrKey) {
				t.Errorf("a key under another's kid: %v", err)
			}
			if _, err := ParseJWKS([]byte(`{"keys":[` + string(kept) + `]}`)); !errors.Is(err, ErrKey) {
				t.Errorf("a private key in a set: %v", err)
			}
		})
	}
}

func TestEdDSAIsReadOnly(t *testing.T) {
	k := newKey(t, AlgEd25519)
	raw, err := SignHeader(k, Header{Alg: AlgEdDSA, Kid: k.Kid, Typ: "x"}, map[string]any{})
	if err != nil {
		t.Fatal(err)
	}
	tok, err := Parse(raw, "x")
	if err != nil {
		t.Fatal(err)
	}
	for alg, want := range map[string]bool{"": true, AlgEdDSA: true, AlgEd25519: true, AlgES256: false} {
		j := k.Public()
		j.Alg = alg
		if err := tok.Verify(JWKS{Keys: []JWK{j}}); (err == nil) != want {
			t.Errorf("key alg %q: %v", alg, err)
		}
	}
	if _, err := NewKey("EdDSA", rand.Reader); !errors.Is(err, ErrKey) {
		t.Errorf("a new EdDSA key: %v", err)
	}
}

func TestParseRefuses(t *testing.T) {
	k := newKey(t, AlgEd25519)
	h := fmt.Sprintf(`"alg":"Ed25519","kid":%q,"typ":"x"`, k.Kid)
	sign := func(header, payload string) string {
		raw, err := SignBytes(k, []byte(header), []byte(payload))
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	good := sign(`{`+h+`}`, `{"a":1}`)
	if tok, err := Parse(good, "x"); err != nil || tok.Verify(NewJWKS(k)) != nil {
		t.Fatal(err)
	}
	parts := strings.Split(good, ".")
	for name, raw := range map[string]string{
		"empty": "", "two segments": parts[0] + "." + parts[1], "four segments": good + ".x",
		"padding": parts[0] + "=." + parts[1] + "." + parts[2], "space": " " + good, "line break": good + "\n",
		"stray bits":      parts[0] + "." + parts[1] + "." + parts[2][:85] + string(stray(parts[2][85])),
		"JSON form":       `{"payload":"` + parts[1] + `"}`,
		"unknown header":  sign(`{`+h+`,"jku":"https://evil.example"}`, `{}`),
		"crit":            sign(`{`+h+`,"crit":["b64"],"b64":false}`, `{}`),
		"header twice":    sign(`{`+h+`,"typ":"x"}`, `{}`),
		"header case":     sign(`{`+h+`,"Typ":"x"}`, `{}`),
		"no kid":          sign(`{"alg":"Ed25519","typ":"x"}`, `{}`),
		"alg none":        sign(fmt.Sprintf(`{"alg":"none","kid":%q,"typ":"x"}`, k.Kid), `{}`),
		"alg HS256":       sign(fmt.Sprintf(`{"alg":"HS256","kid":%q,"typ":"x"}`, k.Kid), `{}`),
		"typ case":        sign(fmt.Sprintf(`{"alg":"Ed25519","kid":%q,"typ":"X"}`, k.Kid), `{}`),
		"payload array":   sign(`{`+h+`}`, `[]`),
		"payload twice":   sign(`{`+h+`}`, `{"a":1,"a":2}`),
		"escaped twice":   sign(`{`+h+`}`, `{"a":1,"\u0061":2}`),
		"trailing":        sign(`{`+h+`}`, `{}{}`),
		"invalid UTF-8":   sign(`{`+h+`}`, "{\"a\":\"\xff\"}"),
		"lone surrogate":  sign(`{`+h+`}`, `{"a":"\ud800"}`),
		"deep":            sign(`{`+h+`}`, `{"a":`+strings.Repeat("[", 32)+strings.Repeat("]", 32)+`}`),
		"leading zero":    sign(`{`+h+`}`, `{"a":01}`),
		"control in text": sign(`{`+h+`}`, "{\"a\":\"\n\"}"),
	} {
		if _, err := Parse(raw, "x"); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := Parse(strings.Repeat("a", MaxToken+1), "x"); !errors.Is(err, ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
}

// stray is another last character of the same decoded byte: its unused bits differ.
func stray(c byte) byte {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return alphabet[strings.IndexByte(alphabet, c)^1]
}

func TestCanonical(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"order by UTF-16", `{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}`,
			"{\"\\r\":2,\"1\":4,\"\u0080\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\ufb33\":3}"},
		{"escapes", `{"a":"\u000f\u000a\u0041\u0042\u0022\u005c\/\u003c"}`, `{"a":"\u000f\nAB\"\\/<"}`},
		{"spaces and literals", " [ true , null,\tfalse, -0, 12 ] ", `[true,null,false,0,12]`},
	} {
		got, err := Canonical([]byte(c.in))
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %s, %v", c.name, got, err)
		}
	}
	for _, bad := range []string{`1.5`, `1e2`, `9007199254740992`, `{"a":1.0}`, ``, `nul`} {
		if got, err := Canonical([]byte(bad)); err == nil {
			t.Errorf("%s: %s", bad, got)
		}
	}
}

func TestContentDigest(t *testing.T) {
	digest := func(s string) string {
		d, err := ContentDigest([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	base := digest(`{"jti":"1","iat":1,"exp":2,"body":{"iat":5}}`)
	if got := digest(`{ "body":{"iat":5}, "exp":9, "j\u0074i":"1", "iat":7}`); got != base {
		t.Error("times or spelling change the digest")
	}
	for _, other := range []string{`{"jti":"2","body":{"iat":5}}`, `{"jti":"1","body":{"iat":6}}`, `{"jti":"1","body":{}}`} {
		if digest(other) == base {
			t.Errorf("%s has the same digest", other)
		}
	}
}

func TestDecodeExact(t *testing.T) {
	for _, c := range []struct {
		name, in string
		ok       bool
	}{
		{"plain", `{"iss":"a","track":{"catalog_id":"c","hdab":"h"},"body":{"Any":1},"attachments":[{"id":"1"}]}`, true},
		{"unknown member", `{"iss":"a","x":1}`, false},
		{"another case", `{"Iss":"a"}`, false},
		{"nested, another case", `{"track":{"HDAB":"h"}}`, false},
		{"in a list, unknown", `{"attachments":[{"id":"1","url":"x"}]}`, false},
		{"another type", `{"iss":1}`, false},
		{"no object", `[]`, false},
	} {
		var e ehds.Envelope
		if err := DecodeExact([]byte(c.in), &e); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	var h Header
	if err := DecodeKnown([]byte(`{"alg":"a","other":1}`), &h); err != nil || h.Alg != "a" {
		t.Errorf("a further member: %v", err)
	}
	if err := DecodeKnown([]byte(`{"ALG":"a"}`), &h); err == nil {
		t.Error("a known member in another case passes")
	}
}

func TestCheckBodyKnowsEveryKeyword(t *testing.T) {
	var walk func(name string, v any)
	walk = func(name string, v any) {
		m, ok := v.(map[string]any)
		if !ok {
			return
		}
		c := &schemaCheck{}
		c.check(v, "text", "")
		c.check(v, json.Number("1"), "")
		c.check(v, map[string]any{}, "")
		c.check(v, []any{}, "")
		for _, f := range c.found {
			switch f.Rule {
			case "type", "const", "enum", "anyOf", "required":
			default:
				if !known(f.Rule) {
					t.Errorf("%s: keyword %s is not known", name, f.Rule)
				}
			}
		}
		for k, below := range m {
			switch k {
			case "properties":
				for n, p := range below.(map[string]any) {
					walk(name+"."+n, p)
				}
			case "allOf", "anyOf":
				for _, p := range list(below) {
					walk(name+"."+k, p)
				}
			case "items", "if", "then", "propertyNames", "additionalProperties":
				walk(name+"."+k, below)
			}
		}
	}
	for _, r := range ehds.TypeRules() {
		schema, ok := ehds.Schema(r.Type)
		if !ok {
			t.Fatalf("no schema of %s", r.Type)
		}
		v, err := ParseJSON(schema)
		if err != nil {
			t.Fatal(err)
		}
		walk(string(r.Type), v)
	}
}

func TestCheckBody(t *testing.T) {
	for _, c := range []struct {
		name    string
		typ     ehds.MessageType
		in      string
		pointer string
		rule    string
	}{
		{"good", ehds.ApplicationAck, `{"application_id":"a1","status_id":"SUBMITTED","date":"2026-11-24T02:00:00Z","more":1}`, "", ""},
		{"missing", ehds.ApplicationAck, `{"application_id":"a1","date":"2026-11-24T02:00:00Z"}`, "", "required"},
		{"no date", ehds.ApplicationAck, `{"application_id":"a1","status_id":"S","date":"2026-13-24T02:00:00Z"}`, "/date", "format"},
		{"pattern", ehds.ApplicationAck, `{"application_id":"a b","status_id":"S","date":"2026-11-24T02:00:00Z"}`, "/application_id", "pattern"},
		{"type", ehds.ExchangeVoid, `{"seq":"1","reason":"r"}`, "/seq", "type"},
		{"range", ehds.ExchangeVoid, `{"seq":0,"reason":"r"}`, "/seq", "minimum"},
		{"no integer", ehds.ExchangeVoid, `{"seq":1.5,"reason":"r"}`, "/seq", "type"},
		{"huge exponent", ehds.ExchangeVoid, `{"seq":1e999999999,"reason":"r"}`, "/seq", "maximum"},
		{"enum", ehds.ApplicationStatus, `{"application_id":"a","axis":"x","status":"S","date":"2026-11-24T02:00:00Z"}`, "/axis", "enum"},
		{"if then", ehds.DatasetCreate.Response(), `{"result":"NOT_VALIDATED"}`, "", "required"},
		{"if not", ehds.DatasetCreate.Response(), `{"result":"VALIDATED"}`, "", ""},
		{"no object", ehds.ExchangeVoid, `[]`, "", "type"},
	} {
		t.Run(c.name, func(t *testing.T) {
			schema, _ := ehds.Schema(c.typ)
			found := CheckBody(schema, []byte(c.in))
			if c.rule == "" && len(found) == 0 {
				return
			}
			if len(found) == 0 || found[0] != (SchemaFinding{c.pointer, c.rule}) {
				t.Errorf("%v, want %s %s", found, c.pointer, c.rule)
			}
		})
	}
	if found := CheckBody([]byte(`{"uniqueItems":true}`), []byte(`[]`)); len(found) != 1 || found[0].Rule != "uniqueItems" {
		t.Errorf("an unknown keyword is skipped: %v", found)
	}
}
