package trust_test

import (
	"bytes"
	"crypto"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

const checkTyp = "ehds-message+jwt"

func pqKey(t testing.TB, alg string) jose.SigningKey {
	t.Helper()
	size, _ := jose.SeedSize(alg)
	k, err := jose.SignerFromSeed(alg, bytes.Repeat([]byte{9}, size))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func checkClaims(at time.Time) map[string]any {
	return map[string]any{"iss": "https://fr.example", "aud": "https://centre.example", "iat": at.Unix(), "nbf": at.Unix(), "exp": at.Add(time.Hour).Unix()}
}

func TestCheckVerify(t *testing.T) {
	t.Parallel()
	now := trusttest.Start()
	key, outer := trusttest.Key("checked"), pqKey(t, "ML-DSA-65")
	good := trusttest.Sign(t, key, checkTyp, checkClaims(now))
	nested, err := jose.SignNested(outer, checkTyp, jose.SignOptions{}, good)
	if err != nil {
		t.Fatal(err)
	}
	keys := trusttest.KeySet(key, outer)
	base := trust.Check{Keys: keys, Typ: checkTyp, At: now}
	with := func(change func(*trust.Check)) trust.Check { c := base; change(&c); return c }
	tests := []struct {
		name, token string
		check       trust.Check
		rule        string
	}{
		{"good", good, base, ""},
		{"good, with its audience", good, with(func(c *trust.Check) { c.Audience = "https://centre.example" }), ""},
		{"nested", nested, base, ""},
		{"ML-DSA-65 alone", trusttest.Sign(t, outer, checkTyp, checkClaims(now)), base, ""},
		{"without dates", trusttest.Sign(t, key, checkTyp, map[string]any{"iss": "x"}), base, ""},
		{"another audience", good, with(func(c *trust.Check) { c.Audience = "https://fi.example" }), "aud"},
		{"another typ", good, with(func(c *trust.Check) { c.Typ = "ehds-receipt+jwt" }), "typ"},
		{"no keys", good, with(func(c *trust.Check) { c.Keys = jose.KeySet{} }), "key-unknown"},
		{"nested, without the outer key", nested, with(func(c *trust.Check) { c.Keys = trusttest.KeySet(key) }), "nested-issuer"},
		{"nested, without the inner key", nested, with(func(c *trust.Check) { c.Keys = trusttest.KeySet(outer) }), "key-unknown"},
		{"too early", good, with(func(c *trust.Check) { c.At = now.Add(-2 * time.Minute) }), "future"},
		{"too late", good, with(func(c *trust.Check) { c.At = now.Add(62 * time.Minute) }), "expired"},
		{"within the leeway", good, with(func(c *trust.Check) { c.At = now.Add(-time.Minute) }), ""},
		{"not yet", trusttest.Sign(t, key, checkTyp, map[string]any{"nbf": now.Add(time.Hour).Unix()}), base, "not-yet"},
		{"a date far away", trusttest.Sign(t, key, checkTyp, map[string]any{"exp": int64(1) << 60}), base, "claims"},
		{"a date in another case", trusttest.Sign(t, key, checkTyp, map[string]any{"Exp": 1}), base, "claims"},
		{"only ES256 wanted", good, with(func(c *trust.Check) { c.Algs = []string{"ES256"} }), "alg"},
		{"a flipped signature", good[:len(good)-2] + flipLetter(good[len(good)-2:]), base, "signature"},
		{"an inner typ that differs", mustNest(t, outer, trusttest.Sign(t, key, "ehds-receipt+jwt", checkClaims(now))), base, "nested-typ"},
	}
	for _, tt := range tests {
		claims, err := tt.check.Verify([]byte(tt.token))
		if trust.Rule(err) != tt.rule {
			t.Errorf("%s: %v, want rule %q", tt.name, err, tt.rule)
		}
		if tt.rule == "" && !json.Valid(claims) {
			t.Errorf("%s: claims %s", tt.name, claims)
		}
		if e := tt.check.Explain([]byte(tt.token + "\n")); e.Verified != (tt.rule == "") {
			t.Errorf("%s: Explain says %+v, Verify %v", tt.name, e, err)
		}
	}
	if _, err := base.Verify([]byte(strings.Repeat("A", 3<<20))); !errors.Is(err, trust.ErrTooLarge) {
		t.Errorf("3 MiB: %v", err)
	}
}

// flipLetter changes the first of two letters, whose bits all count.
func flipLetter(two string) string {
	if two[0] == 'A' {
		return "B" + two[1:]
	}
	return "A" + two[1:]
}

// mustNest signs around a token that SignNested would refuse.
func mustNest(t *testing.T, outer jose.SigningKey, inner string) string {
	t.Helper()
	header := `{"alg":"ML-DSA-65","kid":"` + outer.Kid + `","typ":"` + checkTyp + `","cty":"` + checkTyp + `"}`
	return signBytes(t, outer, header, inner)
}

// signBytes signs any header and payload.
func signBytes(t testing.TB, outer jose.SigningKey, header, inner string) string {
	t.Helper()
	b64 := base64.RawURLEncoding
	input := b64.EncodeToString([]byte(header)) + "." + b64.EncodeToString([]byte(inner))
	sig, err := outer.Signer.Sign(nil, []byte(input), crypto.Hash(0))
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + b64.EncodeToString(sig)
}

func TestExplain(t *testing.T) {
	t.Parallel()
	now := trusttest.Start()
	key, outer := trusttest.Key("explained"), pqKey(t, "ML-DSA-65")
	good := trusttest.Sign(t, key, checkTyp, checkClaims(now))
	nested, err := jose.SignNested(outer, checkTyp, jose.SignOptions{}, good)
	if err != nil {
		t.Fatal(err)
	}
	outcome := func(e trust.Explanation, rule string) string {
		for _, s := range e.Steps {
			if s.Rule == rule {
				return s.Outcome
			}
		}
		return "no such step"
	}
	e := trust.Check{At: now}.Explain([]byte(good))
	if e.Verified || e.Rule != "" || outcome(e, "typ") != trust.StepPassed || outcome(e, "signature") != trust.StepNotAsked || outcome(e, "aud") != trust.StepNotAsked {
		t.Errorf("without keys: %+v", e)
	}
	e = trust.Check{Keys: trusttest.KeySet(key, outer), At: now}.Explain([]byte(nested))
	if !e.Verified || !strings.Contains(string(e.Inner), "Ed25519") || !strings.Contains(string(e.Claims), "fr.example") {
		t.Errorf("nested: %+v", e)
	}
	e = trust.Check{Keys: trusttest.KeySet(outer), At: now, Audience: "https://centre.example"}.Explain([]byte(good))
	if e.Rule != "key-unknown" || outcome(e, "aud") != trust.StepPassed || outcome(e, "signature") != trust.StepNotReached {
		t.Errorf("without the key: %+v", e)
	}
	at := slices.IndexFunc(e.Steps, func(s trust.Step) bool { return s.Outcome == trust.StepRefused })
	if at < 0 || e.Steps[at].Mend == "" || e.Steps[at-1].Mend != "" {
		t.Errorf("the way to mend is told for the refusing rule alone: %+v", e.Steps)
	}
}

// FuzzExplain: every refusal is a step of the walk, and what is not refused was signed by the key.
func FuzzExplain(f *testing.F) {
	key := trusttest.Key("explained")
	payload, _ := json.Marshal(checkClaims(trusttest.Start()))
	good, err := jose.Sign(key, checkTyp, jose.SignOptions{}, payload)
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{good, "", "..", "a.b.c", good + ".", good[1:], `{"payload":""}`} {
		f.Add([]byte(s))
	}
	c := trust.Check{Keys: trusttest.KeySet(key), At: trusttest.Start()}
	f.Fuzz(func(t *testing.T, raw []byte) {
		e := c.Explain(raw)
		if e.Verified && string(bytes.TrimSpace(raw)) != good {
			t.Fatalf("%q is verified", raw)
		}
		refused := slices.ContainsFunc(e.Steps, func(s trust.Step) bool { return s.Outcome == trust.StepRefused })
		if refused != (e.Rule != "") || e.Verified == refused {
			t.Fatalf("rule %q, verified %v, steps %+v", e.Rule, e.Verified, e.Steps)
		}
		if _, err := json.Marshal(e); err != nil {
			t.Fatal(err)
		}
	})
}
