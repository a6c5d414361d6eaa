package trust_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// strongRing holds a key for every algorithm; the Ed25519 one is the entity's own.
type strongRing struct {
	*trusttest.Entity
	strong map[string]jose.SigningKey
}

// newStrongRing publishes a key for each algorithm beside the entity's own.
func newStrongRing(e *trusttest.Entity, algs ...string) strongRing {
	r := strongRing{e, map[string]jose.SigningKey{}}
	for _, alg := range algs {
		r.strong[alg] = trusttest.KeyFor(alg, e.ID)
		e.Publish(r.strong[alg])
	}
	return r
}

// SigningKeyFor implements trust.AlgKeyring.
func (r strongRing) SigningKeyFor(alg string) (jose.SigningKey, error) {
	if alg == jose.AlgEd25519 {
		return r.SigningKey()
	}
	k, ok := r.strong[alg]
	if !ok {
		return k, errors.New("no such key")
	}
	return k, nil
}

// nest wraps an inner token by hand, well-formed or not.
func nest(t testing.TB, outer jose.SigningKey, typ, inner string) string {
	t.Helper()
	header := `{"alg":"` + outer.Alg + `","kid":"` + outer.Kid + `","typ":"` + typ + `","cty":"` + typ + `"}`
	return signBytes(t, outer, header, inner)
}

// in signs claims in one of the forms.
func (r strongRing) in(t testing.TB, form trust.Form, typ string, claims any) string {
	t.Helper()
	switch form {
	case trust.FormNested:
		return nest(t, r.strong[jose.AlgMLDSA65], typ, r.Sign(typ, claims))
	case trust.FormComposite:
		return trusttest.Sign(t, r.strong[jose.AlgComposite], typ, claims)
	case trust.FormMLDSA:
		return trusttest.Sign(t, r.strong[jose.AlgMLDSA65], typ, claims)
	}
	return r.Sign(typ, claims)
}

var forms = []trust.Form{trust.FormClassical, trust.FormNested, trust.FormComposite, trust.FormMLDSA}

// TestPolicies is the table of wire profile §2: every form under every policy.
func TestPolicies(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	ring := newStrongRing(s.centre, jose.AlgMLDSA65, jose.AlgComposite)
	for policy, takes := range map[trust.SignaturePolicy][]trust.Form{
		"":                {trust.FormClassical, trust.FormNested, trust.FormComposite},
		trust.Classical:   {trust.FormClassical, trust.FormNested, trust.FormComposite},
		trust.Hybrid:      {trust.FormNested, trust.FormComposite},
		trust.PostQuantum: {trust.FormNested, trust.FormComposite, trust.FormMLDSA},
		"unknown":         {},
	} {
		for _, place := range []string{"default", "peer"} {
			p := trust.SignaturePolicies{Algs: jose.ProfileAlgs(), Default: policy}
			if place == "peer" {
				p.Default, p.Peers = trust.PostQuantum, map[string]trust.SignaturePolicy{s.centre.ID: policy}
			}
			verifier := trust.NewVerifier(s.resolver, s.f.Clock.Now).Under(p)
			for _, form := range forms {
				token := ring.in(t, form, typMessage, s.claims())
				v, err := verifier.Verify(t.Context(), []byte(token), s.want)
				want := "signature-policy"
				if slices.Contains(takes, form) {
					want = ""
				}
				if trust.Rule(err) != want || (want == "") != (v != nil) {
					t.Errorf("%s form under %s policy %q: %v, want rule %q", form, place, policy, err, want)
					continue
				}
				if v != nil && (v.Form != form || v.Token != token || v.Issuer != s.centre.ID || !json.Valid(v.Claims)) {
					t.Errorf("%s form: %+v", form, v)
				}
				if want != "" && !(errors.Is(err, trust.ErrPolicy) && errors.Is(err, trust.ErrNotAuthenticated)) {
					t.Errorf("%s form under policy %q: %v", form, policy, err)
				}
			}
		}
	}
}

// TestPolicyOfReceiptsAndPermits: the policy for a peer governs what else it signs, and so what the
// bodies under it sign.
func TestPolicyOfReceiptsAndPermits(t *testing.T) {
	t.Parallel()
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	body := f.HDAB(fr, "hdh")
	verifier := trust.NewVerifier(f.Resolver(fr, body), f.Clock.Now).Under(trust.SignaturePolicies{
		Algs: jose.ProfileAlgs(), Peers: map[string]trust.SignaturePolicy{fr.ID: trust.Hybrid},
	})
	for _, c := range []struct {
		signer *trusttest.Entity
		x      trust.Expectation
	}{
		{fr, trust.Expectation{Typ: "ehds-receipt+jwt", Purpose: trust.ForExchange, NoExpiry: true}},
		{body, trust.Expectation{Typ: "ehds-permit+jwt", Purpose: trust.ForPermits, NoExpiry: true}},
	} {
		ring := newStrongRing(c.signer, jose.AlgMLDSA65)
		claims := map[string]any{"iss": c.signer.ID, "iat": f.Clock.Unix()}
		for form, rule := range map[trust.Form]string{trust.FormClassical: "signature-policy", trust.FormNested: ""} {
			if _, err := verifier.Verify(t.Context(), []byte(ring.in(t, form, c.x.Typ, claims)), c.x); trust.Rule(err) != rule {
				t.Errorf("%s in %s form: %v, want rule %q", c.x.Typ, form, err, rule)
			}
		}
	}
}

// TestPolicyIsCheap: a signature that cannot be enough causes no resolution, and hence no request.
func TestPolicyIsCheap(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	verifier := s.verifier.Under(trust.SignaturePolicies{Algs: jose.ProfileAlgs(), Default: trust.Hybrid})
	if _, err := verifier.Verify(t.Context(), []byte(s.centre.SignWithChain(typMessage, s.claims())), s.want); trust.Rule(err) != "signature-policy" {
		t.Error(err)
	}
	if s.resolver.resolved+s.resolver.refreshed != 0 || s.f.Requests("") != 0 {
		t.Errorf("%d resolved, %d requests", s.resolver.resolved, s.f.Requests(""))
	}
}

// TestHybridFormsAreOptIn: without their algorithms nothing post-quantum is read, whoever signs it.
func TestHybridFormsAreOptIn(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	ring := newStrongRing(s.centre, jose.AlgMLDSA65, jose.AlgComposite)
	for _, form := range forms[1:] {
		if _, err := s.verify(t, ring.in(t, form, typMessage, s.claims())); trust.Rule(err) != "alg" {
			t.Errorf("%s: %v", form, err)
		}
	}
	nestedOnly := s.verifier.Under(trust.SignaturePolicies{Algs: []string{jose.AlgEd25519, jose.AlgMLDSA65}})
	for form, rule := range map[trust.Form]string{trust.FormNested: "", trust.FormComposite: "alg", trust.FormMLDSA: "signature-policy"} {
		if _, err := nestedOnly.Verify(t.Context(), []byte(ring.in(t, form, typMessage, s.claims())), s.want); trust.Rule(err) != rule {
			t.Errorf("%s where the composite is not read: %v, want rule %q", form, err, rule)
		}
	}
}

// TestNestedIsReadInFull: both halves, of one issuer, once.
func TestNestedIsReadInFull(t *testing.T) {
	t.Parallel()
	const receipt = "ehds-receipt+jwt"
	for name, c := range map[string]struct {
		token func(s *stage, centre, other strongRing) string
		rule  string
	}{
		"honest":         {func(s *stage, c, _ strongRing) string { return c.in(s.test, trust.FormNested, typMessage, s.claims()) }, ""},
		"outer stripped": {func(s *stage, c, _ strongRing) string { return c.Sign(typMessage, s.claims()) }, "signature-policy"},
		"inner and outer swapped": {func(s *stage, c, _ strongRing) string {
			return nest(s.test, c.Exchange, typMessage, c.in(s.test, trust.FormMLDSA, typMessage, s.claims()))
		}, "nested-alg"},
		"outer of another issuer": {func(s *stage, c, o strongRing) string {
			return nest(s.test, o.strong[jose.AlgMLDSA65], typMessage, c.Sign(typMessage, s.claims()))
		}, "nested-issuer"},
		"inner of another issuer": {func(s *stage, c, o strongRing) string {
			return nest(s.test, c.strong[jose.AlgMLDSA65], typMessage, o.Sign(typMessage, s.claims("iss", o.ID)))
		}, "nested-issuer"},
		"inner signed by another issuer": {func(s *stage, c, o strongRing) string {
			return nest(s.test, c.strong[jose.AlgMLDSA65], typMessage, o.Sign(typMessage, s.claims()))
		}, "key-unknown"},
		"inner of a stranger's key": {func(s *stage, c, _ strongRing) string {
			return nest(s.test, c.strong[jose.AlgMLDSA65], typMessage, trusttest.Sign(s.test, trusttest.Key("mallory"), typMessage, s.claims()))
		}, "key-unknown"},
		"inner signature of another message": {func(s *stage, c, _ strongRing) string {
			a, b := c.Sign(typMessage, s.claims()), c.Sign(typMessage, s.claims("jti", "2"))
			return nest(s.test, c.strong[jose.AlgMLDSA65], typMessage, a[:strings.LastIndex(a, ".")]+b[strings.LastIndex(b, "."):])
		}, "signature"},
		"outer signature of another message": {func(s *stage, c, _ strongRing) string {
			a, b := c.in(s.test, trust.FormNested, typMessage, s.claims()), c.in(s.test, trust.FormNested, typMessage, s.claims("jti", "2"))
			return a[:strings.LastIndex(a, ".")] + b[strings.LastIndex(b, "."):]
		}, "signature"},
		"nested twice": {func(s *stage, c, _ strongRing) string {
			return nest(s.test, c.strong[jose.AlgMLDSA65], typMessage, c.in(s.test, trust.FormNested, typMessage, s.claims()))
		}, "nested-twice"},
		"inner of another typ": {func(s *stage, c, _ strongRing) string {
			return nest(s.test, c.strong[jose.AlgMLDSA65], typMessage, c.Sign(receipt, s.claims()))
		}, "nested-typ"},
		"both of another typ": {func(s *stage, c, _ strongRing) string { return c.in(s.test, trust.FormNested, receipt, s.claims()) }, "typ"},
		"claims in place of the inner token": {func(s *stage, c, _ strongRing) string {
			text, _ := json.Marshal(s.claims())
			return nest(s.test, c.strong[jose.AlgMLDSA65], typMessage, string(text))
		}, "cty"},
		"composite outside": {func(s *stage, c, _ strongRing) string {
			return nest(s.test, c.strong[jose.AlgComposite], typMessage, c.Sign(typMessage, s.claims()))
		}, "nested-alg"},
		"inner for another audience": {func(s *stage, c, _ strongRing) string {
			return c.in(s.test, trust.FormNested, typMessage, s.claims("aud", "https://ncp.fr.test"))
		}, "aud"},
		"inner above the size limit": {func(s *stage, c, _ strongRing) string {
			return c.in(s.test, trust.FormNested, typMessage, s.claims("pad", strings.Repeat("x", jose.DefaultMaxToken)))
		}, "size"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			fr := s.f.NCP("FR")
			s.verifier = trust.NewVerifier(s.f.Resolver(s.centre, fr), s.f.Clock.Now).Under(trust.SignaturePolicies{
				Algs: jose.ProfileAlgs(), Default: trust.Hybrid,
			})
			centre, other := newStrongRing(s.centre, jose.AlgMLDSA65, jose.AlgComposite), newStrongRing(fr, jose.AlgMLDSA65)
			if v, err := s.verify(t, c.token(s, centre, other)); trust.Rule(err) != c.rule || (err == nil) != (v != nil) {
				t.Errorf("%v, want rule %q", err, c.rule)
			}
		})
	}
}

// TestNestedIdentity: the digest is that of the content, the hash that of the token as it came.
func TestNestedIdentity(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	ring := newStrongRing(s.centre, jose.AlgMLDSA65)
	s.verifier = s.verifier.Under(trust.SignaturePolicies{Algs: jose.ProfileAlgs()})
	plain, err := s.verify(t, ring.Sign(typMessage, s.claims()))
	if err != nil {
		t.Fatal(err)
	}
	token := ring.in(t, trust.FormNested, typMessage, s.claims())
	nested, err := s.verify(t, token)
	if err != nil {
		t.Fatal(err)
	}
	if nested.Digest != plain.Digest || nested.JTI != plain.JTI || nested.TokenSHA256 == plain.TokenSHA256 {
		t.Errorf("nested %+v\nplain %+v", nested, plain)
	}
	outer, err := jose.Parse([]byte(token), jose.ParseOptions{Typ: []string{typMessage}, Algs: []string{jose.AlgMLDSA65}, Nested: true})
	if err != nil || outer.SHA256() != nested.TokenSHA256 || nested.Header.Kid != ring.strong[jose.AlgMLDSA65].Kid {
		t.Errorf("%v, %+v", err, nested.Header)
	}
}

// TestNestedAfterARotation: an outer key not seen yet causes one re-fetch, as an inner one does.
func TestNestedAfterARotation(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.verifier = s.verifier.Under(trust.SignaturePolicies{Algs: jose.ProfileAlgs(), Default: trust.PostQuantum})
	if _, err := s.verify(t, s.centre.Sign(typMessage, s.claims())); trust.Rule(err) != "signature-policy" {
		t.Fatal(err)
	}
	if _, err := s.resolver.Resolve(t.Context(), s.centre.ID, nil); err != nil {
		t.Fatal(err)
	}
	ring := newStrongRing(s.centre, jose.AlgMLDSA65) // published after we looked
	s.f.Clock.Advance(time.Second)
	if _, err := s.verify(t, ring.in(t, trust.FormNested, typMessage, s.claims())); err != nil || s.resolver.refreshed != 1 {
		t.Errorf("%v, %d refreshed", err, s.resolver.refreshed)
	}
}

func TestPolicyFor(t *testing.T) {
	t.Parallel()
	p := trust.SignaturePolicies{Default: trust.PostQuantum, Peers: map[string]trust.SignaturePolicy{
		"https://ncp.fr.test": trust.Hybrid, "https://ncp.fr.test/hdab/b": trust.Classical, "https://centre.test": "",
		"https://ncp.pt.test/": trust.Hybrid,
	}}
	for entity, want := range map[string]trust.SignaturePolicy{
		"https://ncp.fr.test":          trust.Hybrid,
		"https://ncp.fr.test/hdab/a":   trust.Hybrid,
		"https://ncp.fr.test/hdab/b":   trust.Classical,
		"https://ncp.fr.test/hdab/b/c": trust.Classical,
		"https://ncp.fr.test/hdab/bc":  trust.Hybrid,
		"https://ncp.fr.test.evil":     trust.PostQuantum,
		"https://ncp.fr.tes":           trust.PostQuantum,
		"https://centre.test":          trust.Classical,
		"https://ncp.pt.test":          trust.Hybrid,
		"https://ncp.pt.test/":         trust.Hybrid,
		"https://ncp.pt.test/hdab/a":   trust.Hybrid,
		"":                             trust.PostQuantum,
	} {
		if got := p.For(entity); got != want {
			t.Errorf("For(%q) = %s, want %s", entity, got, want)
		}
	}
	if diff := cmp.Diff([]string{"", "https://ncp.fr.test", "https://ncp.pt.test/"}, p.Hybrid()); diff != "" {
		t.Error(diff)
	}
	p = trust.SignaturePolicies{SignHybrid: []string{"https://ncp.pt.test", "https://ncp.es.test"}, Peers: map[string]trust.SignaturePolicy{
		"https://ncp.fr.test": trust.PostQuantum, "https://ncp.es.test": trust.Classical, "https://ncp.it.test": trust.Classical,
	}}
	if diff := cmp.Diff([]string{"https://ncp.es.test", "https://ncp.fr.test", "https://ncp.pt.test"}, p.Hybrid()); diff != "" {
		t.Error(diff)
	}
	if p.For("https://ncp.es.test") != trust.Classical || !p.HybridFor("https://ncp.es.test/hdab/a") || p.HybridFor("https://ncp.it.test") {
		t.Error("what is signed for a peer is not what is asked of it")
	}
	if got := (trust.SignaturePolicies{}).Hybrid(); len(got) != 0 {
		t.Errorf("zero policies: hybrid for %q", got)
	}
	if got := (trust.SignaturePolicies{}).For("https://x.test"); got != trust.Classical {
		t.Errorf("zero policies: %s", got)
	}
}

func TestPoliciesCheck(t *testing.T) {
	t.Parallel()
	hybrid := map[string]trust.SignaturePolicy{"https://ncp.fr.test": trust.Hybrid}
	for name, c := range map[string]struct {
		p    trust.SignaturePolicies
		says string
	}{
		"zero":                     {trust.SignaturePolicies{}, ""},
		"everything":               {trust.SignaturePolicies{Default: trust.PostQuantum, Peers: hybrid, Algs: jose.ProfileAlgs()}, ""},
		"hybrid by the composite":  {trust.SignaturePolicies{Peers: hybrid, Algs: []string{jose.AlgEd25519, jose.AlgComposite}}, ""},
		"hybrid cannot be met":     {trust.SignaturePolicies{Peers: hybrid}, "https://ncp.fr.test"},
		"default cannot be met":    {trust.SignaturePolicies{Default: trust.PostQuantum, Algs: []string{jose.AlgEd25519}}, "default"},
		"unknown default":          {trust.SignaturePolicies{Default: "none"}, `"none"`},
		"unknown policy of a peer": {trust.SignaturePolicies{Peers: map[string]trust.SignaturePolicy{"https://x.test": "Hybrid"}}, `"Hybrid"`},
		"unknown algorithm":        {trust.SignaturePolicies{Algs: []string{jose.AlgEd25519, "ES384"}}, `"ES384"`},
		"RS256":                    {trust.SignaturePolicies{Algs: []string{jose.AlgEd25519, jose.AlgRS256}}, `"RS256"`},
		"without Ed25519":          {trust.SignaturePolicies{Algs: []string{jose.AlgES256}}, "Ed25519"},
	} {
		err := c.p.Check()
		if (c.says == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
	if diff := cmp.Diff([]string{"Ed25519", "ES256"}, trust.SignaturePolicies{}.Listed()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"Ed25519", "ES256", "ML-DSA-65", "ML-DSA-65-Ed25519"}, trust.SignaturePolicies{Algs: jose.ProfileAlgs()}.Listed()); diff != "" {
		t.Error(diff)
	}
}

// TestSignerUnderPolicies: what is asked of a peer is given to it, or nothing is signed.
func TestSignerUnderPolicies(t *testing.T) {
	t.Parallel()
	const fr, fi = "https://ncp.fr.test", "https://ncp.fi.test"
	both := trust.SignaturePolicies{Algs: jose.ProfileAlgs(), Peers: map[string]trust.SignaturePolicy{fr: trust.Hybrid, fi: trust.PostQuantum}}
	noComposite := both
	noComposite.Algs = []string{jose.AlgEd25519, jose.AlgMLDSA65}
	always := trust.SignaturePolicies{Algs: jose.ProfileAlgs(), Default: trust.Hybrid}
	for name, c := range map[string]struct {
		p    trust.SignaturePolicies
		keys []string // beside Ed25519
		aud  any
		want trust.Form // empty: refused
	}{
		"classical toward others":               {both, []string{jose.AlgMLDSA65}, us, trust.FormClassical},
		"nested under hybrid":                   {both, []string{jose.AlgMLDSA65, jose.AlgComposite}, fr, trust.FormNested},
		"nested under post-quantum":             {both, []string{jose.AlgMLDSA65}, fi, trust.FormNested},
		"composite where it is all there is":    {both, []string{jose.AlgComposite}, fr, trust.FormComposite},
		"before it is asked for":                {trust.SignaturePolicies{SignHybrid: []string{fr}}, []string{jose.AlgMLDSA65}, fr, trust.FormNested},
		"composite not listed":                  {noComposite, []string{jose.AlgComposite}, fr, ""},
		"no strong key":                         {both, nil, fr, ""},
		"no audience, classical by default":     {both, nil, nil, trust.FormClassical},
		"no audience, hybrid by default":        {always, []string{jose.AlgMLDSA65}, nil, trust.FormNested},
		"an audience that is a list, hybrid":    {always, []string{jose.AlgMLDSA65}, []string{us}, trust.FormNested},
		"a policy nobody knows signs as hybrid": {trust.SignaturePolicies{Default: "x"}, []string{jose.AlgMLDSA65}, us, trust.FormNested},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			ring := newStrongRing(s.centre, c.keys...)
			signer := trust.NewSigner(ring).Under(c.p)
			if aud, text := c.aud.(string); text {
				if err := signer.Ready(aud); (c.want == "") != errors.Is(err, trust.ErrPolicy) {
					t.Errorf("ready: %v", err)
				}
			}
			token, err := signer.Sign(typMessage, s.claims("aud", c.aud), s.centre.Chain())
			if c.want == "" {
				if token != "" || !errors.Is(err, trust.ErrPolicy) {
					t.Errorf("signed %q, %v", token, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			read, err := trust.ReadSigned([]byte(token), jose.ParseOptions{Typ: []string{typMessage}, Algs: jose.ProfileAlgs()})
			if err != nil || read.Form() != c.want || len(read.Header().TrustChain) == 0 {
				t.Fatalf("%+v, %v", read, err)
			}
			keys := []jose.SigningKey{s.centre.Exchange}
			for _, k := range ring.strong {
				keys = append(keys, k)
			}
			if err := read.Verify(trusttest.KeySet(keys...)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestSignerWithoutAKeyringByAlgorithm(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	hybrid := trust.SignaturePolicies{Algs: jose.ProfileAlgs(), Default: trust.Hybrid}
	if token, err := trust.NewSigner(s.centre).Under(hybrid).Sign(typMessage, s.claims(), nil); token != "" || !errors.Is(err, trust.ErrPolicy) {
		t.Errorf("signed %q, %v", token, err)
	}
	ring := newStrongRing(s.centre, jose.AlgMLDSA65)
	if token, err := trust.NewSigner(lacking{ring}).Under(hybrid).Sign(typMessage, s.claims(), nil); token != "" || !errors.Is(err, trust.ErrPolicy) {
		t.Errorf("without the inner key: signed %q, %v", token, err)
	}
	if token, err := trust.NewSigner(ring).Under(hybrid).Sign(typMessage, []int{1}, nil); token != "" || jose.Rule(err) != "json" {
		t.Errorf("claims that are no object: signed %q, %v", token, err)
	}
}

// lacking has no Ed25519 key.
type lacking struct{ strongRing }

func (l lacking) SigningKeyFor(alg string) (jose.SigningKey, error) {
	if alg == jose.AlgEd25519 {
		return jose.SigningKey{}, errors.New("no such key")
	}
	return l.strongRing.SigningKeyFor(alg)
}

// TestOfflineReadsEveryForm: a bundle proves hybrid tokens, and a key that its chain does not list is
// "cannot tell" in either place.
func TestOfflineReadsEveryForm(t *testing.T) {
	t.Parallel()
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	ring := newStrongRing(fr, jose.AlgMLDSA65, jose.AlgComposite)
	o := &trust.Offline{Anchors: f.Anchors(), Chains: map[string][]string{fr.ID: fr.Chain()}}
	claims := map[string]any{"iss": fr.ID}
	for _, form := range forms {
		issuer, payload, err := o.Check(t.Context(), ring.in(t, form, typMessage, claims), typMessage, f.Clock.Now())
		if err != nil || issuer != fr.ID || !json.Valid(payload) {
			t.Errorf("%s: %q, %v", form, issuer, err)
		}
	}
	for name, token := range map[string]string{
		"outer key not listed": nest(t, trusttest.KeyFor(jose.AlgMLDSA65, "mallory"), typMessage, fr.Sign(typMessage, claims)),
		"inner key not listed": nest(t, ring.strong[jose.AlgMLDSA65], typMessage, trusttest.Sign(t, trusttest.Key("mallory"), typMessage, claims)),
	} {
		if _, _, err := o.Check(t.Context(), token, typMessage, f.Clock.Now()); !errors.Is(err, evidence.ErrCannotTell) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzReadSigned: what is not refused with a rule is one of the forms, and only the honest tokens
// verify.
func FuzzReadSigned(f *testing.F) {
	inner, outer := trusttest.Key("fuzz"), trusttest.KeyFor(jose.AlgMLDSA65, "fuzz")
	keys := trusttest.KeySet(inner, outer)
	plain := trusttest.Sign(f, inner, typMessage, map[string]any{"iss": "x"})
	honest := map[string]trust.Form{plain: trust.FormClassical, nest(f, outer, typMessage, plain): trust.FormNested}
	for token := range honest {
		f.Add([]byte(token))
		f.Add([]byte(token[1:]))
	}
	f.Add([]byte(nest(f, outer, typMessage, "..")))
	f.Add([]byte(nest(f, inner, typMessage, plain)))
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := trust.ReadSigned(raw, jose.ParseOptions{Typ: []string{typMessage}, Algs: jose.ProfileAlgs()})
		if err != nil {
			if jose.Rule(err) == "" || s != nil {
				t.Fatalf("refusal without a rule: %v", err)
			}
			return
		}
		if !json.Valid(s.Payload()) || !slices.Contains(forms, s.Form()) {
			t.Fatalf("read %q", raw)
		}
		if err := s.Verify(keys); (err == nil) != (honest[string(raw)] == s.Form()) {
			t.Fatalf("%v for %q", err, raw)
		}
	})
}

var _ trust.AlgKeyring = strongRing{}

// TestReadableBy: what the other side lists decides whether we sign, never how.
func TestReadableBy(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	const fr = "https://ncp.fr.test"
	p := trust.SignaturePolicies{Algs: jose.ProfileAlgs(), SignHybrid: []string{fr}}
	nested := trust.NewSigner(newStrongRing(s.centre, jose.AlgMLDSA65)).Under(p)
	composite := trust.NewSigner(newStrongRing(s.f.NCP("SE"), jose.AlgComposite)).Under(p)
	for name, c := range map[string]struct {
		signer   *trust.Signer
		audience string
		listed   []string
		want     error
	}{
		"nested, listed":        {nested, fr, []string{jose.AlgEd25519, jose.AlgMLDSA65}, nil},
		"nested, not listed":    {nested, fr, []string{jose.AlgEd25519, jose.AlgComposite}, trust.ErrNotListed},
		"nothing listed":        {nested, fr, nil, trust.ErrNotListed},
		"composite, listed":     {composite, fr, []string{jose.AlgComposite}, nil},
		"composite, not listed": {composite, fr, []string{jose.AlgMLDSA65}, trust.ErrNotListed},
		"classical":             {nested, us, nil, nil},
		"no key":                {trust.NewSigner(s.centre).Under(p), fr, jose.ProfileAlgs(), trust.ErrPolicy},
	} {
		if err := c.signer.ReadableBy(c.audience, c.listed); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}
