package ga4gh_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/ga4gh"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

const (
	hdab    = "https://ncp.fr.test/hdab/hdh"
	jku     = hdab + "/visa-keys"
	subject = "ada@spe.fr.test"
	dataset = "https://ncp.fr.test/datasets/CANCER"
)

func es256(t testing.TB, fill byte) jose.SigningKey {
	t.Helper()
	k, err := jose.SignerFromSeed("ES256", bytes.Repeat([]byte{fill}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func minter(t testing.TB, now time.Time) ga4gh.Minter {
	key := es256(t, 1)
	return ga4gh.Minter{
		Issuer: hdab, JKU: jku, Key: func() (jose.SigningKey, error) { return key, nil },
		Clock: func() time.Time { return now }, Rand: rand.Reader,
	}
}

func reader(t testing.TB, now time.Time, keys ...jose.SigningKey) ga4gh.Reader {
	if len(keys) == 0 {
		keys = []jose.SigningKey{es256(t, 1)}
	}
	return ga4gh.Reader{
		Issuers: []ga4gh.Issuer{{Entity: hdab, JKU: jku, Keys: trusttest.KeySet(keys...)}},
		Clock:   func() time.Time { return now },
	}
}

func grant(now time.Time) ga4gh.Grant {
	return ga4gh.Grant{Subject: subject, Dataset: dataset, Source: hdab, Asserted: now.Add(-48 * time.Hour), Until: now.Add(90 * 24 * time.Hour)}
}

func TestVisaEnds(t *testing.T) {
	t.Parallel()
	now := trusttest.Start()
	tests := []struct {
		name  string
		life  time.Duration
		until time.Duration
		want  time.Duration
		err   error
	}{
		{"24 hours by default", 0, 1000 * time.Hour, 24 * time.Hour, nil},
		{"as long as asked", time.Hour, 1000 * time.Hour, time.Hour, nil},
		{"no longer than the permit", 0, 2 * time.Hour, 2 * time.Hour, nil},
		{"30 days at most", 30 * 24 * time.Hour, 1000 * time.Hour, 720 * time.Hour, nil},
		{"longer", 30*24*time.Hour + time.Second, 1000 * time.Hour, 0, ga4gh.ErrLife},
		{"less than nothing", -time.Second, 1000 * time.Hour, 0, ga4gh.ErrLife},
		{"the permit is over", 0, 0, 0, ga4gh.ErrOver},
	}
	for _, tt := range tests {
		m, g := minter(t, now), grant(now)
		m.Life, g.Until = tt.life, now.Add(tt.until)
		token, err := m.Visa(g)
		if !errors.Is(err, tt.err) {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if tt.err != nil {
			continue
		}
		c, err := reader(t, now).Visa([]byte(token))
		if err != nil || time.Unix(c.Exp, 0).Sub(now) != tt.want {
			t.Errorf("%s: exp in %s, %v; want %s", tt.name, time.Unix(c.Exp, 0).Sub(now), err, tt.want)
		}
		if c.Visa != (ga4gh.Object{Type: ga4gh.TypeControlledAccessGrants, Asserted: g.Asserted.Unix(), Value: dataset, Source: hdab, By: "dac"}) {
			t.Errorf("%s: %+v", tt.name, c.Visa)
		}
	}
}

func TestGrantsThatAreNone(t *testing.T) {
	t.Parallel()
	now := trusttest.Start()
	for name, change := range map[string]func(*ga4gh.Grant){
		"nobody":                 func(g *ga4gh.Grant) { g.Subject = "" },
		"a long name":            func(g *ga4gh.Grant) { g.Subject = strings.Repeat("x", 256) },
		"http dataset":           func(g *ga4gh.Grant) { g.Dataset = "http://ncp.fr.test/x" },
		"no IRI":                 func(g *ga4gh.Grant) { g.Dataset = "CANCER" },
		"dataset with a login":   func(g *ga4gh.Grant) { g.Dataset = "https://u:p@ncp.fr.test/x" },
		"source of nowhere":      func(g *ga4gh.Grant) { g.Source = "" },
		"a long source":          func(g *ga4gh.Grant) { g.Source = "https://x.test/" + strings.Repeat("x", 255) },
		"asserted in the future": func(g *ga4gh.Grant) { g.Asserted = now.Add(time.Second) },
	} {
		g := grant(now)
		change(&g)
		if _, err := minter(t, now).Visa(g); !errors.Is(err, ga4gh.ErrGrant) {
			t.Errorf("%s: %v", name, err)
		}
	}
	m := minter(t, now)
	m.Key = func() (jose.SigningKey, error) { return trusttest.Key("an Ed25519 key"), nil }
	if _, err := m.Visa(grant(now)); !errors.Is(err, jose.ErrAlg) {
		t.Errorf("Ed25519 visa: %v", err)
	}
	broken := errors.New("no key")
	m.Key = func() (jose.SigningKey, error) { return jose.SigningKey{}, broken }
	if _, err := m.Visa(grant(now)); !errors.Is(err, broken) {
		t.Errorf("without a key: %v", err)
	}
	if _, err := m.Passport(subject, "", []string{"x"}); !errors.Is(err, broken) {
		t.Errorf("passport without a key: %v", err)
	}
	m = minter(t, now)
	m.Rand = bytes.NewReader(nil)
	if _, err := m.Visa(grant(now)); err == nil {
		t.Error("a visa without randomness")
	}
}

// foreign signs any visa with a key and header of the test's choice.
func foreign(t *testing.T, key jose.SigningKey, header map[string]any, claims any) string {
	t.Helper()
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	token, err := jose.Sign(key, ga4gh.TypVisa, jose.SignOptions{Extra: header}, payload)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestVisasRefused(t *testing.T) {
	t.Parallel()
	now := trusttest.Start()
	good := func() map[string]any {
		return map[string]any{
			"iss": hdab, "sub": subject, "jti": "1", "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
			"ga4gh_visa_v1": map[string]any{"type": "ControlledAccessGrants", "asserted": now.Unix() - 9, "value": dataset, "source": hdab, "by": "dac"},
		}
	}
	visa := func(c map[string]any) map[string]any { return c["ga4gh_visa_v1"].(map[string]any) }
	own := map[string]any{"jku": jku}
	tests := []struct {
		name   string
		header map[string]any
		change func(map[string]any)
		want   error
	}{
		{"honest", own, func(map[string]any) {}, nil},
		{"other members are fine", own, func(c map[string]any) { c["scope"] = "x"; visa(c)["note"] = 1 }, nil},
		{"another issuer", own, func(c map[string]any) { c["iss"] = "https://elsewhere.test" }, ga4gh.ErrIssuer},
		{"jku of somebody else", map[string]any{"jku": "https://evil.test/keys"}, func(map[string]any) {}, ga4gh.ErrJKU},
		{"jku missing", nil, func(map[string]any) {}, ga4gh.ErrJKU},
		{"jku is a list", map[string]any{"jku": []string{jku}}, func(map[string]any) {}, ga4gh.ErrJKU},
		{"another header member", map[string]any{"jku": jku, "x5t": "x"}, func(map[string]any) {}, jose.ErrHeaderMember},
		{"nobody", own, func(c map[string]any) { c["sub"] = "" }, ga4gh.ErrClaims},
		{"no visa object", own, func(c map[string]any) { delete(c, "ga4gh_visa_v1") }, ga4gh.ErrClaims},
		{"visa object is a list", own, func(c map[string]any) { c["ga4gh_visa_v1"] = []int{1} }, ga4gh.ErrClaims},
		{"claim in another case", own, func(c map[string]any) { c["Sub"] = "x" }, ga4gh.ErrClaims},
		{"another type", own, func(c map[string]any) { visa(c)["type"] = "ResearcherStatus" }, ga4gh.ErrType},
		{"conditions", own, func(c map[string]any) { visa(c)["conditions"] = []any{} }, ga4gh.ErrConditions},
		{"value is no IRI", own, func(c map[string]any) { visa(c)["value"] = "x" }, ga4gh.ErrClaims},
		{"source is no URL", own, func(c map[string]any) { visa(c)["source"] = "x" }, ga4gh.ErrClaims},
		{"asserted after it was issued", own, func(c map[string]any) { visa(c)["asserted"] = now.Unix() + 1 }, ga4gh.ErrClaims},
		{"asserted never", own, func(c map[string]any) { visa(c)["asserted"] = 0 }, ga4gh.ErrClaims},
		{"exp missing", own, func(c map[string]any) { delete(c, "exp") }, ga4gh.ErrClaims},
		{"exp beyond year 9999", own, func(c map[string]any) { c["exp"] = int64(1) << 60 }, ga4gh.ErrClaims},
		{"expired", own, func(c map[string]any) { c["iat"], c["exp"] = now.Unix()-7200, now.Unix()-61; visa(c)["asserted"] = 1 }, ga4gh.ErrTime},
		{"in the future", own, func(c map[string]any) { c["iat"], c["exp"] = now.Unix()+61, now.Unix()+7200 }, ga4gh.ErrTime},
		{"too long", own, func(c map[string]any) { c["exp"] = now.Add(31 * 24 * time.Hour).Unix() }, ga4gh.ErrTime},
	}
	for _, tt := range tests {
		c := good()
		tt.change(c)
		if _, err := reader(t, now).Visa([]byte(foreign(t, es256(t, 1), tt.header, c))); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
	if _, err := reader(t, now).Visa([]byte(foreign(t, es256(t, 2), own, good()))); !errors.Is(err, jose.ErrKeyUnknown) {
		t.Errorf("a key of nobody: %v", err)
	}
	if _, err := reader(t, now).Visa([]byte(foreign(t, trusttest.Key("ed"), own, good()))); !errors.Is(err, jose.ErrAlg) {
		t.Errorf("Ed25519, the algorithm of everything else: %v", err)
	}
	if _, err := reader(t, now).Visa(make([]byte, 1<<20)); !errors.Is(err, jose.ErrSize) {
		t.Errorf("1 MiB: %v", err)
	}
}

// signedRS256 signs a visa with RS256, as others do.
func signedRS256(t *testing.T, typ string, c ga4gh.Claims) (token string, key jose.PublicKey) {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	kid, err := jose.Thumbprint(&private.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	b64 := base64.RawURLEncoding
	header, _ := json.Marshal(map[string]string{"alg": "RS256", "typ": typ, "kid": kid, "jku": jku})
	claims, _ := json.Marshal(c)
	input := b64.EncodeToString(header) + "." + b64.EncodeToString(claims)
	digest := sha256.Sum256([]byte(input))
	sig, err := rsa.SignPKCS1v15(nil, private, crypto.SHA256, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + b64.EncodeToString(sig), jose.PublicKey{Kid: kid, Alg: "RS256", Use: "sig", Key: &private.PublicKey}
}

// Visas of others may be signed with RS256, 2048 bits or more.
func TestRS256IsReadHere(t *testing.T) {
	t.Parallel()
	now := trusttest.Start()
	token, key := signedRS256(t, ga4gh.TypVisa, ga4gh.Claims{Iss: hdab, Sub: subject, Iat: now.Unix(), Exp: now.Unix() + 60, Visa: ga4gh.Object{
		Type: ga4gh.TypeControlledAccessGrants, Asserted: 1, Value: dataset, Source: hdab,
	}})
	r := reader(t, now)
	r.Issuers[0].Keys = jose.KeySet{Keys: []jose.PublicKey{key}}
	if _, err := r.Visa([]byte(token)); err != nil {
		t.Errorf("RS256: %v", err)
	}
	altered := []byte(token)
	altered[len(altered)-10] ^= 1
	if _, err := r.Visa(altered); !errors.Is(err, jose.ErrSignature) {
		t.Errorf("RS256, altered: %v", err)
	}
}

// REMS writes the older form: typ "JWT", identifiers that are no web addresses, a year of life. It is
// read from an issuer that is configured so, and from no other.
func TestTheOlderFormIsReadWhereConfigured(t *testing.T) {
	t.Parallel()
	now := trusttest.Start()
	visa := func(typ, value string, life time.Duration) error {
		token, key := signedRS256(t, typ, ga4gh.Claims{Iss: hdab, Sub: subject, Iat: now.Unix(), Exp: now.Add(life).Unix(), Visa: ga4gh.Object{
			Type: ga4gh.TypeControlledAccessGrants, Asserted: 1, Value: value, Source: hdab,
		}})
		r := reader(t, now)
		r.Issuers[0].Keys = jose.KeySet{Keys: []jose.PublicKey{key}}
		_, newer := r.Visa([]byte(token))
		r.Issuers[0].Plain = true
		_, older := r.Visa([]byte(token))
		if typ == "JWT" && newer == nil {
			t.Errorf("%s %q for %s is read from an issuer of the newer form", typ, value, life)
		}
		return older
	}
	for _, c := range []struct {
		name, typ, value string
		life             time.Duration
		want             error
	}{
		{"as REMS writes it", "JWT", "urn:nbn:fi:lb-201403262", 365 * 24 * time.Hour, nil},
		{"a web address", "JWT", dataset, time.Hour, nil},
		{"the newer typ", ga4gh.TypVisa, dataset, time.Hour, jose.ErrTyp},
		{"no value", "JWT", "", time.Hour, ga4gh.ErrClaims},
		{"a value too long", "JWT", strings.Repeat("x", 256), time.Hour, ga4gh.ErrClaims},
		{"two years", "JWT", "urn:x:y", 2 * 365 * 24 * time.Hour, ga4gh.ErrTime},
	} {
		if err := visa(c.typ, c.value, c.life); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestPassport(t *testing.T) {
	t.Parallel()
	now := trusttest.Start()
	m := minter(t, now)
	visa := func(change func(*ga4gh.Grant)) string {
		g := grant(now)
		change(&g)
		token, err := m.Visa(g)
		if err != nil {
			t.Fatal(err)
		}
		return token
	}
	own := visa(func(*ga4gh.Grant) {})
	short := visa(func(g *ga4gh.Grant) { g.Until = now.Add(time.Minute) })
	others := visa(func(g *ga4gh.Grant) { g.Subject = "bob@spe.fr.test" })
	passport, err := m.Passport(subject, "https://spe.fr.test", []string{own, short})
	if err != nil {
		t.Fatal(err)
	}
	r := reader(t, now)
	r.Audience = "https://spe.fr.test"
	c, visas, refused, err := r.Passport([]byte(passport))
	if err != nil || len(visas) != 2 || len(refused) != 0 || c.Exp != now.Add(time.Minute).Unix() {
		t.Errorf("%+v, %d visas, %v, %v", c, len(visas), refused, err)
	}
	r.Audience = "https://spe.fi.test"
	if _, _, _, err := r.Passport([]byte(passport)); !errors.Is(err, ga4gh.ErrAudience) {
		t.Errorf("for another environment: %v", err)
	}
	if _, _, _, err := reader(t, now.Add(3*time.Minute)).Passport([]byte(passport)); !errors.Is(err, ga4gh.ErrAudience) {
		t.Errorf("without an audience: %v", err)
	}
	for name, list := range map[string][]string{"none": nil, "somebody else's": {own, others}, "too many": make([]string, ga4gh.MaxVisas+1), "noise": {"x"}} {
		if _, err := m.Passport(subject, "", list); !errors.Is(err, ga4gh.ErrGrant) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// What another issuer bundled: each visa stands for itself.
	payload, _ := json.Marshal(ga4gh.PassportClaims{Iss: hdab, Sub: subject, Iat: now.Unix(), Exp: now.Unix() + 60, Visas: []string{own, others, "x", short}})
	bundled, err := jose.Sign(es256(t, 1), ga4gh.TypPassport, jose.SignOptions{Extra: map[string]any{"jku": jku}}, payload)
	if err != nil {
		t.Fatal(err)
	}
	_, visas, refused, err = reader(t, now).Passport([]byte(bundled))
	if err != nil || len(visas) != 2 || len(refused) != 2 || !errors.Is(refused[0].Err, ga4gh.ErrSubject) || refused[1].Index != 2 {
		t.Errorf("%d visas, %+v, %v", len(visas), refused, err)
	}
	if _, _, _, err := reader(t, now.Add(time.Hour)).Passport([]byte(bundled)); !errors.Is(err, ga4gh.ErrTime) {
		t.Errorf("later: %v", err)
	}
	nobody, _ := json.Marshal(ga4gh.PassportClaims{Iss: hdab, Iat: now.Unix(), Exp: now.Unix() + 60})
	token, _ := jose.Sign(es256(t, 1), ga4gh.TypPassport, jose.SignOptions{Extra: map[string]any{"jku": jku}}, nobody)
	if _, _, _, err := reader(t, now).Passport([]byte(token)); !errors.Is(err, ga4gh.ErrClaims) {
		t.Errorf("nobody's: %v", err)
	}
	if _, _, _, err := reader(t, now).Passport([]byte(own)); !errors.Is(err, jose.ErrTyp) {
		t.Errorf("a visa as a passport: %v", err)
	}
	if _, err := reader(t, now).Visa([]byte(passport)); !errors.Is(err, jose.ErrTyp) {
		t.Errorf("a passport as a visa: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	now := trusttest.Start()
	m := minter(f, now)
	visa, err := m.Visa(grant(now))
	if err != nil {
		f.Fatal(err)
	}
	passport, err := m.Passport(subject, "", []string{visa})
	if err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{visa, passport, "", "..", visa[:len(visa)-1]} {
		f.Add([]byte(s))
	}
	r := reader(f, now)
	// The key has signed one visa and one passport, here and in every fuzzing process, each with other
	// signatures: what is read says what they say.
	f.Fuzz(func(t *testing.T, raw []byte) {
		if c, err := r.Visa(raw); err == nil && (c.Sub != subject || c.Visa.Value != grant(now).Dataset || c.Iat != now.Unix()) {
			t.Fatalf("%q is a visa", raw)
		}
		if c, visas, _, err := r.Passport(raw); err == nil && (c.Sub != subject || len(visas) != 1) {
			t.Fatalf("%q is a passport", raw)
		}
	})
}
