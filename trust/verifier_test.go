package trust_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

const (
	typMessage = "ehds-message+jwt"
	us         = "https://ncp.de.test"
)

// counting resolves through a federation and counts.
type counting struct {
	trust.Resolver
	resolved, refreshed int
}

func (c *counting) Resolve(ctx context.Context, entity string, chain []string) (*federation.Entity, error) {
	c.resolved++
	return c.Resolver.Resolve(ctx, entity, chain)
}

func (c *counting) Refresh(ctx context.Context, entity string) (*federation.Entity, error) {
	c.refreshed++
	return c.Resolver.Refresh(ctx, entity)
}

// stage is a federation with the centre onboarded, and what we expect of a message.
type stage struct {
	test     testing.TB
	f        *trusttest.Federation
	centre   *trusttest.Entity
	resolver *counting
	verifier *trust.Verifier
	want     trust.Expectation
}

func newStage(t *testing.T) *stage {
	f := trusttest.NewFederation(t)
	s := &stage{test: t, f: f, centre: f.Centre()}
	s.resolver = &counting{Resolver: f.Resolver(s.centre)}
	s.verifier = trust.NewVerifier(s.resolver, f.Clock.Now)
	s.want = trust.Expectation{Typ: typMessage, Audience: us, Purpose: trust.ForExchange, MaxLifetime: 24 * time.Hour}
	return s
}

// claims are those of a good message, changed by pairs of name and value; a nil value deletes.
func (s *stage) claims(change ...any) map[string]any {
	now := s.f.Clock.Unix()
	c := map[string]any{"iss": s.centre.ID, "aud": us, "iat": now, "exp": now + 3600, "jti": "0195-1", "body": map[string]any{"a": 1}}
	for i := 0; i < len(change); i += 2 {
		if change[i+1] == nil {
			delete(c, change[i].(string))
			continue
		}
		c[change[i].(string)] = change[i+1]
	}
	return c
}

func (s *stage) verify(t *testing.T, token string) (*trust.Verified, error) {
	return s.verifier.Verify(t.Context(), []byte(token), s.want)
}

func TestVerifiedSaysWhatWasProved(t *testing.T) {
	s := newStage(t)
	token := s.centre.Sign(typMessage, s.claims())
	v, err := s.verify(t, token)
	if err != nil {
		t.Fatal(err)
	}
	if v.Token != token || v.Issuer != s.centre.ID || v.JTI != "0195-1" || v.Entity.ID != s.centre.ID || len(v.TokenSHA256) != 64 ||
		v.Header.Kid != s.centre.Exchange.Kid || !v.IssuedAt.Equal(s.f.Clock.Now()) || !v.Expires.Equal(s.f.Clock.Now().Add(time.Hour)) {
		t.Errorf("verified = %+v", v)
	}
	if err := v.Current(); err != nil {
		t.Error(err)
	}
	if err := v.Holds("ncp", "central-platform"); err != nil {
		t.Error(err)
	}
	if err := v.Holds("ncp"); !errors.Is(err, trust.ErrNoMark) {
		t.Errorf("another mark: %v", err)
	}
	again, err := s.verify(t, s.centre.Sign(typMessage, s.claims("iat", s.f.Clock.Unix()-9, "exp", s.f.Clock.Unix()+9)))
	if err != nil || again.Digest != v.Digest || again.TokenSHA256 == v.TokenSHA256 {
		t.Errorf("another attempt has another digest: %v", err)
	}
}

func TestCheapRefusalsNeverResolve(t *testing.T) {
	type edit = func(s *stage) string
	with := func(change ...any) edit {
		return func(s *stage) string { return s.centre.Sign(typMessage, s.claims(change...)) }
	}
	for name, c := range map[string]struct {
		token edit
		class error
		rule  string
	}{
		"too large": {func(s *stage) string {
			s.want.Limits.MaxToken = 100
			return with()(s)
		}, trust.ErrTooLarge, "size"},
		"header too large": {func(s *stage) string {
			s.want.Limits.MaxHeader = 10
			return with()(s)
		}, trust.ErrTooLarge, "size"},
		"empty":          {func(*stage) string { return "" }, trust.ErrMalformed, "segments"},
		"other alphabet": {func(s *stage) string { return with()(s) + "=" }, trust.ErrMalformed, "alphabet"},
		"trailing dot":   {func(s *stage) string { return with()(s) + "." }, trust.ErrMalformed, "segments"},
		"another typ":    {func(s *stage) string { return s.centre.Sign("ehds-receipt+jwt", s.claims()) }, trust.ErrMalformed, "typ"},
		"nested": {func(s *stage) string {
			token, err := jose.Sign(s.centre.Exchange, typMessage, jose.SignOptions{Cty: typMessage}, []byte(`{}`))
			if err != nil {
				panic(err)
			}
			return token
		}, trust.ErrMalformed, "nested-alg"},
		"no iss":                    {with("iss", nil), trust.ErrMalformed, "claims"},
		"empty iss":                 {with("iss", ""), trust.ErrMalformed, "claims"},
		"iss in two spellings":      {with("Iss", "https://ncp.fr.test"), trust.ErrMalformed, "claims"},
		"iss that folds":            {with("i\u017fs", "https://ncp.fr.test"), trust.ErrMalformed, "claims"},
		"iss that is no text":       {with("iss", 7), trust.ErrMalformed, "claims"},
		"jti that is no text":       {with("jti", 7), trust.ErrMalformed, "claims"},
		"no iat":                    {with("iat", nil), trust.ErrMalformed, "claims"},
		"iat before all times":      {with("iat", -1), trust.ErrMalformed, "claims"},
		"iat after all times":       {with("iat", int64(253402300800)), trust.ErrMalformed, "claims"},
		"iat with a fraction":       {with("iat", 1.5), trust.ErrMalformed, "claims"},
		"iat as text":               {with("iat", "1"), trust.ErrMalformed, "claims"},
		"no aud":                    {with("aud", nil), trust.ErrMalformed, "aud"},
		"aud in a list":             {with("aud", []string{us}), trust.ErrMalformed, "aud"},
		"another aud":               {with("aud", "https://ncp.fr.test"), trust.ErrNotAuthenticated, "aud"},
		"aud with a slash more":     {with("aud", us+"/"), trust.ErrNotAuthenticated, "aud"},
		"no exp":                    {with("exp", nil), trust.ErrMalformed, "exp-missing"},
		"exp at iat":                {with("exp", trusttest.Start().Unix()), trust.ErrMalformed, "lifetime"},
		"exp before iat":            {with("exp", 1), trust.ErrMalformed, "lifetime"},
		"exp after all times":       {with("exp", int64(253402300800)), trust.ErrMalformed, "lifetime"},
		"lives longer than allowed": {with("exp", trusttest.Start().Unix()+86401), trust.ErrMalformed, "lifetime"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			v, err := s.verify(t, c.token(s))
			if !errors.Is(err, c.class) || trust.Rule(err) != c.rule || v != nil {
				t.Errorf("error = %v (%s), want %v (%s)", err, trust.Rule(err), c.class, c.rule)
			}
			if s.resolver.resolved+s.resolver.refreshed != 0 || s.f.Requests("") != 0 {
				t.Errorf("%d resolved, %d requests", s.resolver.resolved, s.f.Requests(""))
			}
		})
	}
}

func TestDearRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		token func(s *stage) string
		class error
		rule  string
	}{
		"unknown issuer": {func(s *stage) string { return s.f.NCP("FR").Sign(typMessage, s.claims("iss", "https://ncp.fr.test")) },
			trust.ErrNotAuthenticated, "issuer"},
		"issuer under a claim nobody understands": {func(s *stage) string {
			s.centre.EditStatement(func(c *federation.Claims) { c.Crit = []string{"x"} })
			return s.centre.Sign(typMessage, s.claims())
		}, trust.ErrNotAuthenticated, "issuer-crit"},
		"issuer whose metadata fails a policy": {func(s *stage) string {
			s.centre.EditStatement(func(c *federation.Claims) {
				c.MetadataPolicy = json.RawMessage(`{"ehds_gateway":{"country":{"one_of":["FR"]}}}`)
			})
			return s.centre.Sign(typMessage, s.claims())
		}, trust.ErrNotAuthenticated, "issuer-invalid-metadata"},
		"issuer that a superior takes its type from": {func(s *stage) string {
			s.centre.EditStatement(func(c *federation.Claims) {
				c.Constraints = &federation.Constraints{AllowedEntityTypes: []string{federation.TypeHDAB}}
			})
			return s.centre.Sign(typMessage, s.claims())
		}, trust.ErrNotAuthenticated, "key-unknown"},
		"issuer down": {func(s *stage) string { s.centre.Down(true); return s.centre.Sign(typMessage, s.claims()) },
			trust.ErrUnavailable, "issuer-unavailable"},
		"issuer disowned": {func(s *stage) string { s.centre.Disown(); return s.centre.Sign(typMessage, s.claims()) },
			trust.ErrNotAuthenticated, "issuer-chain"},
		"in another's name": {func(s *stage) string { return s.f.NCP("FR").Sign(typMessage, s.claims()) },
			trust.ErrNotAuthenticated, "key-unknown"},
		"with the federation key": {func(s *stage) string {
			return trusttest.Sign(s.test, s.centre.Federation, typMessage, s.claims())
		}, trust.ErrNotAuthenticated, "key-unknown"},
		"for a purpose the issuer has no keys for": {func(s *stage) string {
			s.want.Purpose = trust.ForPermits
			return s.centre.Sign(typMessage, s.claims())
		}, trust.ErrNotAuthenticated, "key-unknown"},
		"signature of another token": {func(s *stage) string {
			a, b := s.centre.Sign(typMessage, s.claims()), s.centre.Sign(typMessage, s.claims("jti", "2"))
			return a[:strings.LastIndex(a, ".")] + b[strings.LastIndex(b, "."):]
		}, trust.ErrNotAuthenticated, "signature"},
		"a number that has no canonical form": {func(s *stage) string {
			return s.centre.Sign(typMessage, s.claims("body", map[string]any{"x": 1.5}))
		}, trust.ErrMalformed, "number"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			v, err := s.verify(t, c.token(s))
			if !errors.Is(err, c.class) || trust.Rule(err) != c.rule || v != nil {
				t.Errorf("error = %v (%s), want %v (%s)", err, trust.Rule(err), c.class, c.rule)
			}
			if !strings.Contains(err.Error(), c.class.Error()) || s.resolver.resolved != 1 {
				t.Errorf("%v; %d resolved", err, s.resolver.resolved)
			}
		})
	}
}

func TestUnknownKidCausesOneRefresh(t *testing.T) {
	s := newStage(t)
	if _, err := s.verify(t, s.centre.Sign(typMessage, s.claims())); err != nil {
		t.Fatal(err)
	}
	before := s.f.Requests(s.centre.ID)
	s.centre.Rotate(true)
	s.f.Clock.Advance(time.Second)
	for _, token := range []string{s.centre.Sign(typMessage, s.claims()), s.centre.SignWithChain(typMessage, s.claims())} {
		if _, err := s.verify(t, token); err != nil {
			t.Fatal(err)
		}
	}
	if s.resolver.refreshed != 1 || s.f.Requests(s.centre.ID) != before+1 {
		t.Errorf("%d refreshed, %d requests", s.resolver.refreshed, s.f.Requests(s.centre.ID)-before)
	}
	mallory := trusttest.Key("mallory")
	for range 10 {
		if _, err := s.verify(t, trusttest.Sign(t, mallory, typMessage, s.claims())); !errors.Is(err, trust.ErrNotAuthenticated) {
			t.Fatal(err)
		}
	}
	if s.f.Requests(s.centre.ID) != before+1 {
		t.Error("a stranger causes requests without end")
	}
	s.f.Clock.Advance(time.Minute)
	s.centre.Down(true)
	s.f.Anchor.Down(true)
	_, err := s.verify(t, trusttest.Sign(t, mallory, typMessage, s.claims()))
	if !errors.Is(err, trust.ErrUnavailable) || trust.Rule(err) != "issuer-unavailable" {
		t.Errorf("unknown kid while the issuer is down: %v", err)
	}
}

func TestChainInTheHeader(t *testing.T) {
	s := newStage(t)
	fr := s.f.NCP("FR")
	v, err := s.verify(t, fr.SignWithChain(typMessage, s.claims("iss", fr.ID)))
	if err != nil || v.Issuer != fr.ID || v.Holds("ncp") != nil {
		t.Errorf("%+v, %v", v, err)
	}
	// A kid the chain does not list causes no request to the issuer.
	s.f.Forget()
	token := trusttest.Sign(t, trusttest.Key("mallory"), typMessage, s.claims("iss", fr.ID), fr.Chain()...)
	if _, err := s.verify(t, token); trust.Rule(err) != "key-unknown" || s.f.Requests(fr.ID) != 0 {
		t.Errorf("error = %v, %d requests", err, s.f.Requests(fr.ID))
	}
	// Nor does a chain speak for another issuer.
	if _, err := s.verify(t, fr.SignWithChain(typMessage, s.claims("iss", "https://ncp.it.test"))); trust.Rule(err) != "issuer-chain" {
		t.Errorf("error = %v", err)
	}
}

func TestPermitKeysAreForPermits(t *testing.T) {
	s := newStage(t)
	fr := s.f.NCP("FR")
	hda := s.f.HDAB(fr, "hdh")
	s.want.Audience = ""
	token := func() string { return hda.SignWithChain(typMessage, s.claims("iss", hda.ID, "aud", nil)) }
	if _, err := s.verify(t, token()); !errors.Is(err, trust.ErrNotAuthenticated) {
		t.Errorf("a body sent a message: %v", err)
	}
	s.want.Purpose = trust.ForPermits
	if _, err := s.verify(t, token()); err != nil {
		t.Errorf("a permit: %v", err)
	}
	s.want.Purpose = "anything"
	if _, err := s.verify(t, token()); !errors.Is(err, trust.ErrNotAuthenticated) {
		t.Errorf("an unknown purpose: %v", err)
	}
}

func TestReceiptsHaveNoEnd(t *testing.T) {
	s := newStage(t)
	s.want.NoExpiry = true
	s.want.MaxLifetime = 0
	v, err := s.verify(t, s.centre.Sign(typMessage, s.claims("exp", nil)))
	if err != nil || !v.Expires.IsZero() || v.Current() != nil {
		t.Fatalf("%+v, %v", v, err)
	}
	if v, err := s.verify(t, s.centre.Sign(typMessage, s.claims())); err != nil || v.Expires.IsZero() {
		t.Errorf("with an end: %v", err)
	}
}

// shows R15.1.5-6
func TestLeeway(t *testing.T) {
	for _, c := range []struct {
		iat, exp int64
		want     error
	}{
		{0, 3600, nil},
		{60, 3600, nil}, {61, 3600, trust.ErrFuture}, {301, 3600, trust.ErrFuture}, {1 << 30, 1<<30 + 1, trust.ErrFuture},
		{-3600, -59, nil}, {-3600, -60, nil}, {-3600, -61, trust.ErrExpired}, {-3600, -301, trust.ErrExpired},
	} {
		s := newStage(t)
		now := s.f.Clock.Unix()
		v, err := s.verify(t, s.centre.Sign(typMessage, s.claims("iat", now+c.iat, "exp", now+c.exp)))
		if err != nil {
			t.Fatalf("%+v: %v", c, err)
		}
		if err := v.Current(); !errors.Is(err, c.want) {
			t.Errorf("iat %+d, exp %+d: %v, want %v", c.iat, c.exp, err, c.want)
		}
	}
}

func TestMarkError(t *testing.T) {
	at := trusttest.Start()
	m := func(name string, status federation.MarkStatus, left time.Duration) federation.TrustMark {
		return federation.TrustMark{Name: name, Status: status, Expires: at.Add(left)}
	}
	hour := time.Hour
	for name, c := range map[string]struct {
		marks []federation.TrustMark
		want  error
	}{
		"none":                  {nil, trust.ErrNoMark},
		"another":               {[]federation.TrustMark{m("hdab", "active", hour)}, trust.ErrNoMark},
		"active":                {[]federation.TrustMark{m("ncp", "active", hour)}, nil},
		"the other one allowed": {[]federation.TrustMark{m("uhdas", "active", hour)}, nil},
		"over":                  {[]federation.TrustMark{m("ncp", "active", 0)}, trust.ErrNoMark},
		"about to end":          {[]federation.TrustMark{m("ncp", "active", 1)}, nil},
		"suspended":             {[]federation.TrustMark{m("ncp", "suspended", hour)}, trust.ErrSuspended},
		"unknown":               {[]federation.TrustMark{m("ncp", "unknown", hour)}, trust.ErrUnavailable},
		"revoked":               {[]federation.TrustMark{m("ncp", "revoked", hour)}, trust.ErrNoMark},
		"invalid":               {[]federation.TrustMark{m("ncp", "invalid", hour)}, trust.ErrNoMark},
		"expired":               {[]federation.TrustMark{m("ncp", "expired", hour)}, trust.ErrNoMark},
		"a word nobody knows":   {[]federation.TrustMark{m("ncp", "ACTIVE", hour)}, trust.ErrNoMark},
		"suspended, unknown":    {[]federation.TrustMark{m("ncp", "suspended", hour), m("uhdas", "unknown", hour)}, trust.ErrSuspended},
		"unknown, suspended":    {[]federation.TrustMark{m("ncp", "unknown", hour), m("uhdas", "suspended", hour)}, trust.ErrSuspended},
		"suspended, active":     {[]federation.TrustMark{m("ncp", "suspended", hour), m("uhdas", "active", hour)}, nil},
	} {
		err := trust.MarkError(&federation.Entity{Marks: c.marks}, at, "ncp", "uhdas")
		if c.want == nil && err != nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if err := trust.MarkError(nil, at, "ncp"); !errors.Is(err, trust.ErrNoMark) {
		t.Errorf("nobody: %v", err)
	}
}

func TestNoMutatedTokenVerifies(t *testing.T) {
	s := newStage(t)
	fr := s.f.NCP("FR")
	for _, good := range []string{
		s.centre.Sign(typMessage, s.claims()), fr.SignWithChain(typMessage, s.claims("iss", fr.ID)),
	} {
		if _, err := s.verify(t, good); err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(20270301, uint64(len(good))))
		const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.="
		for i := range 1000 {
			b, at := []byte(good), r.IntN(len(good))
			switch i % 4 {
			case 0:
				b[at] ^= byte(1 << r.IntN(8))
			case 1:
				b[at] = alphabet[r.IntN(len(alphabet))]
			case 2:
				b = append(b[:at:at], b[at+1:]...)
			default:
				b = append(b[:at:at], append([]byte{alphabet[r.IntN(len(alphabet))]}, good[at:]...)...)
			}
			if string(b) == good {
				continue
			}
			if _, err := s.verifier.Verify(t.Context(), b, s.want); err == nil {
				t.Fatalf("mutation %d at byte %d of %d verifies", i, at, len(good))
			}
		}
	}
}

func TestRuleOfOtherErrors(t *testing.T) {
	if got := trust.Rule(fmt.Errorf("x: %w", jose.ErrTyp)); got != "typ" {
		t.Errorf("rule = %q", got)
	}
	if got := trust.Rule(errors.New("x")); got != "" {
		t.Errorf("rule = %q", got)
	}
}
