package jose

import (
	"strings"
	"testing"
)

func TestRedactHidesSecretsOnly(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"nothing":           {`{"iss":"https://a.test", "d":"a day","k":1}`, `{"iss":"https://a.test", "d":"a day","k":1}`},
		"public":            {`{"jwks":{"keys":[{"kty":"OKP","x":"AA"}]}}`, `{"jwks":{"keys":[{"kty":"OKP","x":"AA"}]}}`},
		"private":           {`{"jwks":{"keys":[{"kty":"OKP","x":"AA","d":"c2VjcmV0"}]},"n":1.50}`, `{"jwks":{"keys":[{"d":"(secret, not shown)","kty":"OKP","x":"AA"}]},"n":1.50}`},
		"symmetric":         {`[{"kty":"oct","k":"c2VjcmV0"}]`, `[{"k":"(secret, not shown)","kty":"oct"}]`},
		"seed":              {`{"pub":"AA","priv":"c2VjcmV0"}`, `{"priv":"(secret, not shown)","pub":"AA"}`},
		"RSA without kty":   {`{"n":"AA","dp":"c2VjcmV0","oth":[{"r":"c2VjcmV0"}]}`, `{"dp":"(secret, not shown)","n":"AA","oth":"(secret, not shown)"}`},
		"in a list of keys": {`{"keys":[{"d":"c2VjcmV0"},"d"]}`, `{"keys":[{"d":"(secret, not shown)"},"d"]}`},
		"no JSON":           {`c2VjcmV0.x`, `c2VjcmV0.x`},
		"angles are kept":   {`{"kty":"<a>","d":1}`, `{"d":"(secret, not shown)","kty":"<a>"}`},
		"deep, and a null":  {`{"a":[[{"crv":"P-256","d":null}]]}`, `{"a":[[{"crv":"P-256","d":"(secret, not shown)"}]]}`},
	} {
		if got := string(Redact([]byte(c.in))); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestIgnoredKeysSayWhenTheyArePrivate(t *testing.T) {
	t.Parallel()
	set, err := ParseKeySet([]byte(`{"keys":[{"kid":"a","kty":"oct","k":"AA"},{"kid":"b","kty":"unknown"}]}`))
	if err != nil || len(set.Ignored) != 2 || !set.Ignored[0].Private() || set.Ignored[1].Private() {
		t.Errorf("%+v, %v", set.Ignored, err)
	}
}

func FuzzRedact(f *testing.F) {
	f.Add([]byte(`{"kty":"OKP","d":"x","a":[{"n":1}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		once := Redact(raw)
		if twice := Redact(once); string(twice) != string(once) {
			t.Errorf("%s becomes %s", once, twice)
		}
		if set, err := ParseKeySet(raw); err == nil {
			for _, k := range set.Ignored {
				if k.Private() && !strings.Contains(string(once), redacted) {
					t.Errorf("a private key is shown: %s", once)
				}
			}
		}
	})
}
