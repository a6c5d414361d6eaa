package federation

import (
	"crypto/ed25519"
	"encoding/json"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/jose"
)

func seedKey(tb testing.TB) (jose.SigningKey, jose.KeySet) {
	k, err := jose.NewSigningKey(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	if err != nil {
		tb.Fatal(err)
	}
	pub, err := k.Public()
	if err != nil {
		tb.Fatal(err)
	}
	return k, jose.KeySet{Keys: []jose.PublicKey{pub}}
}

func seed(tb testing.TB, k jose.SigningKey, typ string, claims any) string {
	b, err := json.Marshal(claims)
	if err != nil {
		tb.Fatal(err)
	}
	token, err := jose.Sign(k, typ, jose.SignOptions{}, b)
	if err != nil {
		tb.Fatal(err)
	}
	return token
}

func FuzzParseStatement(f *testing.F) {
	k, set := seedKey(f)
	f.Add(seed(f, k, TypStatement, Claims{Iss: "https://a.test", Sub: "https://a.test", Iat: 1, Exp: 2, JWKS: set}))
	f.Add(seed(f, k, TypStatement, map[string]any{"crit": []string{"x"}}))
	f.Add("..")
	f.Fuzz(func(t *testing.T, token string) {
		s, err := ParseStatement(token)
		if err != nil {
			return
		}
		if s.Iss == "" || s.Sub == "" || s.Iat <= 0 || s.Exp <= s.Iat || s.Exp > maxNumericDate || len(s.JWKS.Keys) == 0 || s.Token != token {
			t.Errorf("accepted: %+v", s.Claims)
		}
		_ = s.Verify(s.JWKS)
		_, _ = s.endpoint(func(m FederationMetadata) string { return m.FetchEndpoint })
		_, _ = VerifyChain([]string{token, token, token}, nil, time.Unix(s.Iat, 0))
	})
}

func FuzzVerifyMark(f *testing.F) {
	k, set := seedKey(f)
	f.Add(seed(f, k, TypMark, markClaims{Iss: "https://a.test", Sub: "https://b.test", Type: "https://a.test/marks/ncp", Iat: 1, Exp: 2}))
	f.Add(seed(f, k, TypMarkStatus, markStatusClaims{Iss: "https://a.test", Iat: 1, Status: "active"}))
	f.Add("..")
	f.Fuzz(func(t *testing.T, token string) {
		if c, err := verifyMark(token, set); err == nil && (c.Exp <= c.Iat || c.Exp-c.Iat > 7*86400) {
			t.Errorf("accepted: %+v", c)
		}
		if s, err := readMarkStatus(token, "", "https://a.test", set, time.Unix(1, 0)); err == nil && s == MarkUnknown {
			t.Error("an answer that holds says unknown")
		}
	})
}
