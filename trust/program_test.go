package trust_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/ga4gh"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// mutantSeed makes every run choose the same mutations. ECDSA and HPKE draw randomness of their own, so
// a finding is printed in full.
const mutantSeed = 20270301

// kind is one sort of token with its honest examples and its reader. Readers with the same accepts
// take each other's honest tokens by rights.
type kind struct {
	name    string
	accepts string
	honest  []string
	read    func(raw []byte) error
}

// TestProgramMutatedTokens changes honest tokens of every kind and wants each change refused. That
// the program bites is shown twice in the same run: the honest tokens pass, and a verifier with one
// careless step accepts some of the same mutations.
func TestProgramMutatedTokens(t *testing.T) {
	var total int
	switch size := os.Getenv("EHDSGW_PROGRAMS"); size {
	case "":
		t.Skip("EHDSGW_PROGRAMS is not set: programs under load are left out (S, P or N)")
	case "S":
		total = 5_000
	case "P":
		total = 50_000
	case "N":
		total = 1_000_000
	default:
		t.Fatalf("EHDSGW_PROGRAMS is %q; it is S, P or N", size)
	}
	kinds := kindsOfTokens(t)
	var everything []string
	accepted := map[string]map[string]bool{} // honest tokens by what reads them
	for _, k := range kinds {
		everything = append(everything, k.honest...)
		for _, h := range k.honest {
			if err := k.read([]byte(h)); err != nil {
				t.Fatalf("an honest %s is refused, so nothing would be proved: %v", k.name, err)
			}
			if accepted[k.accepts] == nil {
				accepted[k.accepts] = map[string]bool{}
			}
			accepted[k.accepts][h] = true
		}
	}
	t.Logf("seed %d, %d mutations over %d kinds", mutantSeed, total, len(kinds))
	done, careless := 0, 0
	for i, k := range kinds {
		n := total / len(kinds)
		if i < total%len(kinds) {
			n++
		}
		run := mutate(t, k, n, uint64(i), everything, accepted[k.accepts])
		done, careless = done+run.made, careless+run.careless
		t.Logf("%-14s %7d refused by %s", k.name, run.made, run)
	}
	t.Logf("%d mutated tokens: 0 accepted, 0 panics; a careless verifier accepted %d of them", done, careless)
	if done != total || careless == 0 {
		t.Errorf("%d of %d mutations made, %d accepted by the careless verifier: the program proves nothing", done, total, careless)
	}
}

// tally is what happened to the mutations of one kind.
type tally struct {
	made, careless int
	rules          map[string]int
}

// String lists the rules by how often they refused.
func (c tally) String() string {
	names := slices.SortedFunc(maps.Keys(c.rules), func(a, b string) int {
		return 2*(c.rules[b]-c.rules[a]) + strings.Compare(a, b)
	})
	var out []string
	for _, n := range names {
		out = append(out, fmt.Sprintf("%s %d", n, c.rules[n]))
	}
	return strings.Join(out, ", ")
}

// mutate makes n changed tokens of a kind, one to three changes each, and reads them.
func mutate(t *testing.T, k kind, n int, stream uint64, everything []string, honest map[string]bool) tally {
	t.Helper()
	r := rand.New(rand.NewPCG(mutantSeed, stream))
	ways := mutations()
	count := tally{rules: map[string]int{}}
	for number := 0; count.made < n; number++ {
		token, how := k.honest[r.IntN(len(k.honest))], []string(nil)
		for range 1 + r.IntN(3)/2 {
			way := ways[r.IntN(len(ways))]
			how = append(how, way.name)
			from := everything
			if r.IntN(2) == 0 {
				from = k.honest
			}
			if token != "" {
				token = way.apply(r, token, from)
			}
		}
		if honest[token] {
			continue // not a mutation: the bytes of an honest token
		}
		count.made++
		rule, err := readMutant(t, k, token, number)
		if err == nil {
			t.Fatalf("%s, mutation %d (%s) is accepted:\n%s", k.name, number, strings.Join(how, ", "), token)
		}
		if rule == "" {
			rule = "unlabelled"
		}
		count.rules[rule]++
		if careless(token) {
			count.careless++
		}
	}
	return count
}

// readMutant reads one token; a panic fails the test with the token that caused it.
func readMutant(t *testing.T, k kind, token string, number int) (rule string, err error) {
	defer func() {
		if p := recover(); p != nil {
			t.Fatalf("%s, mutation %d panics: %v\n%s", k.name, number, p, token)
		}
	}()
	err = k.read([]byte(token))
	if rule = trust.Rule(err); rule == "" {
		if rule = labelOf(err); rule == "" {
			rule = federationRule(err)
		}
	}
	return rule, err
}

// careless is a verifier that trims, pads and takes the last characters as they come, as many do: it
// decodes what it can and checks the signature over what it decoded.
func careless(token string) bool {
	seg := strings.Split(strings.TrimSpace(token), ".")
	if len(seg) < 3 {
		return false
	}
	var parts [3][]byte
	for i := range parts {
		clean := strings.NewReplacer("=", "", "\n", "", "\r", "", " ", "", "+", "-", "/", "_").Replace(seg[i])
		b, err := base64.RawURLEncoding.DecodeString(clean)
		if err != nil {
			return false
		}
		parts[i] = b
	}
	input := base64.RawURLEncoding.EncodeToString(parts[0]) + "." + base64.RawURLEncoding.EncodeToString(parts[1])
	key := trusttest.Key("https://centre.test exchange").Signer.Public().(ed25519.PublicKey)
	return len(parts[2]) == ed25519.SignatureSize && ed25519.Verify(key, []byte(input), parts[2])
}

// kindsOfTokens are the tokens that cross the wire, each as its receiver reads it.
func kindsOfTokens(t *testing.T) []kind {
	s := newStage(t)
	fr := s.f.NCP("FR")
	hdab := s.f.HDAB(fr, "hdh")
	s.resolver.Resolver = s.f.Resolver(s.centre, fr, hdab)
	verify := func(x trust.Expectation, marks ...string) func([]byte) error {
		return func(raw []byte) error {
			v, err := s.verifier.Verify(t.Context(), raw, x)
			if err == nil {
				err = v.Current()
			}
			if err == nil {
				err = v.Holds(marks...)
			}
			return err
		}
	}
	of := func(e *trusttest.Entity, typ string, change ...any) []string {
		var out []string
		for i := range 3 {
			out = append(out, e.Sign(typ, s.claims(append([]any{"iss", e.ID, "jti", fmt.Sprint("jti-", i)}, change...)...)))
		}
		return out
	}
	receipt, permit, list := s.want, s.want, s.want
	receipt.Typ, receipt.NoExpiry, receipt.MaxLifetime = "ehds-receipt+jwt", true, 0
	permit.Typ, permit.Audience, permit.Purpose, permit.MaxLifetime = "ehds-permit+jwt", "", trust.ForPermits, 0
	list.Typ, list.Audience, list.Purpose = "statuslist+jwt", "", trust.ForPermits
	status := map[string]any{"bits": 2, "lst": "eNrbuRgAAhcBXQ"}
	messages := verify(s.want, "central-platform", "ncp")
	out := []kind{
		{"message", "message", of(s.centre, typMessage), messages},
		{"chained", "message", []string{fr.SignWithChain(typMessage, s.claims("iss", fr.ID)), fr.SignWithChain(typMessage, s.claims("iss", fr.ID, "jti", "2"))}, messages},
		{"receipt", "receipt", of(s.centre, receipt.Typ, "exp", nil, "ref", "0195-1", "status", "RECEIVED"), verify(receipt, "central-platform")},
		{"permit", "permit", of(hdab, permit.Typ, "aud", nil, "permit", map[string]any{"version": 1}), verify(permit, "hdab")},
		{"statuslist", "statuslist", of(hdab, list.Typ, "aud", nil, "sub", hdab.ID+"/status", "status_list", status), verify(list, "hdab")},
	}
	return slices.Concat(out, federationKinds(s, fr), postQuantumKinds(t, s), visaKinds(t, s, hdab), sealedKinds(t), recordKinds(t, s, hdab))
}

// federationKinds are statements alone, chains (one statement a line) and marks.
func federationKinds(s *stage, fr *trusttest.Entity) []kind {
	at := s.f.Clock.Now()
	keys := s.f.Anchors()[0].Keys
	statement := func(raw []byte) error {
		st, err := federation.ParseStatement(string(raw))
		if err == nil {
			err = st.Verify(keys)
		}
		if err == nil {
			err = st.ValidAt(at)
		}
		return err
	}
	chain := func(raw []byte) error {
		e, err := federation.VerifyChain(strings.Split(string(raw), "\n"), s.f.Anchors(), at)
		if err == nil && e.ID != fr.ID {
			err = fmt.Errorf("%w: of another", federation.ErrChain)
		}
		return err
	}
	// A mark is read where it stands: in the configuration of its bearer, signed again around it.
	mark := func(raw []byte) error {
		fr.EditConfiguration(func(c *federation.Claims) {
			c.TrustMarks = []federation.MarkEntry{{Type: federation.MarkType(trusttest.AnchorID, "ncp"), Token: string(raw)}}
		})
		defer fr.EditConfiguration(nil)
		e, err := federation.VerifyChain(fr.Chain(), s.f.Anchors(), at)
		if err != nil {
			return err
		}
		return trust.MarkError(e, at, "ncp")
	}
	return []kind{
		{"statement", "statement", []string{fr.Statement(), s.centre.Statement(), s.f.Anchor.Configuration()}, statement},
		{"chain", "chain", []string{strings.Join(fr.Chain(), "\n")}, chain},
		{"mark", "mark", []string{fr.MarkToken("ncp")}, mark},
	}
}

// postQuantumKinds are read with the keys at hand: the composite, ML-DSA-65 alone, and the nested
// form, whose reader wants both halves.
func postQuantumKinds(t *testing.T, s *stage) []kind {
	key := func(alg string) jose.SigningKey {
		size, _ := jose.SeedSize(alg)
		sum := sha256.Sum256([]byte("mutants " + alg))
		k, err := jose.SignerFromSeed(alg, bytes.Repeat(sum[:], 2)[:size])
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	pq, both, es := key("ML-DSA-65"), key("ML-DSA-65-Ed25519"), key("ES256")
	read := func(k ...jose.SigningKey) func([]byte) error {
		c := trust.Check{Keys: trusttest.KeySet(k...), Typ: typMessage, Audience: us, At: s.f.Clock.Now()}
		return func(raw []byte) error { _, err := c.Verify(raw); return err }
	}
	of := func(k jose.SigningKey) []string {
		return []string{trusttest.Sign(t, k, typMessage, s.claims()), trusttest.Sign(t, k, typMessage, s.claims("jti", "2"))}
	}
	var nested []string
	for _, inner := range of(s.centre.Exchange) {
		token, err := jose.SignNested(pq, typMessage, jose.SignOptions{}, inner)
		if err != nil {
			t.Fatal(err)
		}
		nested = append(nested, token)
	}
	// What a hybrid policy asks: two halves, both sound. A classical token is not enough.
	hybrid := func(raw []byte) error {
		outer, err := jose.Parse(raw, jose.ParseOptions{Typ: []string{typMessage}, Algs: []string{"ML-DSA-65"}, Nested: true})
		if err != nil {
			return err
		}
		inner, err := outer.Inner(jose.Limits{})
		if err != nil {
			return err
		}
		set := trusttest.KeySet(pq, s.centre.Exchange)
		for _, half := range []*jose.Token{outer, inner} {
			key, err := set.Select(half.Header.Kid, half.Header.Alg, "sig")
			if err != nil {
				return err
			}
			if err := half.Verify(key); err != nil {
				return err
			}
		}
		return nil
	}
	return []kind{
		{"es256", "es256", of(es), read(es)},
		{"ml-dsa-65", "ml-dsa-65", of(pq), read(pq)},
		{"composite", "composite", of(both), read(both)},
		{"nested", "nested", nested, hybrid},
	}
}

// visaKinds are visas and passports, read with the GA4GH rules.
func visaKinds(t *testing.T, s *stage, hdab *trusttest.Entity) []kind {
	key, keys := trusttest.KeyFor(jose.AlgES256, "visas"), trusttest.KeySet(trusttest.KeyFor(jose.AlgES256, "visas"))
	const jku = "https://ncp.fr.test/visa-keys"
	m := ga4gh.Minter{
		Issuer: hdab.ID, JKU: jku, Key: func() (jose.SigningKey, error) { return key, nil }, Clock: s.f.Clock.Now,
		Rand: bytes.NewReader(bytes.Repeat([]byte("random"), 1000)),
	}
	reader := ga4gh.Reader{Issuers: []ga4gh.Issuer{{Entity: hdab.ID, JKU: jku, Keys: keys}}, Clock: s.f.Clock.Now, Audience: us}
	var visas, passports []string
	for i := range 2 {
		visa, err := m.Visa(ga4gh.Grant{
			Subject: fmt.Sprint("person-", i), Dataset: "https://data.fr.test/1", Source: hdab.ID, Asserted: s.f.Clock.Now(), Until: s.f.Clock.Now().Add(time.Hour),
		})
		if err != nil {
			t.Fatal(err)
		}
		passport, err := m.Passport(fmt.Sprint("person-", i), us, []string{visa})
		if err != nil {
			t.Fatal(err)
		}
		visas, passports = append(visas, visa), append(passports, passport)
	}
	return []kind{
		{"visa", "visa", visas, func(raw []byte) error { _, err := reader.Visa(raw); return err }},
		{"passport", "passport", passports, func(raw []byte) error {
			_, held, refused, err := reader.Passport(raw)
			if err == nil && (len(held) != 1 || len(refused) != 0) {
				err = ga4gh.ErrClaims
			}
			return err
		}},
	}
}

// sealedKinds are sealed bodies, of which a changed one must not open. They say nothing of their
// sender; the binding to the message around them does.
func sealedKinds(t *testing.T) []kind {
	var out []kind
	for _, alg := range jose.SealingAlgs() {
		k, err := jose.SealingKeyFromSeed(alg, bytes.Repeat([]byte{7}, 32))
		if err != nil {
			t.Fatal(err)
		}
		var honest []string
		for _, text := range []string{"a body", "another body"} {
			sealed, err := jose.Seal(k.Public(), []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			honest = append(honest, sealed)
		}
		name := "sealed " + alg
		out = append(out, kind{name, name, honest, func(raw []byte) error {
			_, err := jose.Open([]jose.SealingKey{k}, string(raw))
			return err
		}})
	}
	return out
}

// recordKinds are what outlives a message: lists of historical keys, and the proof that a log has it.
func recordKinds(t *testing.T, s *stage, hdab *trusttest.Entity) []kind {
	at := s.f.Clock.Now()
	past := trusttest.KeySet(trusttest.Key("a key of the past"))
	list, err := federation.SignHistorical(hdab.Federation, federation.Historical{Issuer: hdab.ID, IssuedAt: at, Keys: []federation.HistoricalKey{
		{Key: past.Keys[0], EntityType: federation.TypeHDAB, IssuedAt: at.Add(-2 * time.Hour), Expires: at.Add(-time.Hour)},
	}}, hdab.Chain())
	if err != nil {
		t.Fatal(err)
	}
	const origin, salt = "log.test/1", "0123456789abcdef"
	k, err := forge.NewLogKey(origin, bytes.NewReader(bytes.Repeat([]byte{9}, 64)))
	if err != nil {
		t.Fatal(err)
	}
	log, err := forge.NewLog(origin, k)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := evidence.VerifierFor(k.Verifier)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 9 {
		if _, err := log.Append(forge.Leaf(forge.ClassIn, []byte(salt), fmt.Sprint("token ", i))); err != nil {
			t.Fatal(err)
		}
	}
	proof, err := log.Prove(4)
	if err != nil {
		t.Fatal(err)
	}
	leaf := forge.Leaf(forge.ClassIn, []byte(salt), "token 4")
	return []kind{
		{"historical", "historical", []string{list}, func(raw []byte) error {
			_, err := federation.VerifyHistorical(string(raw), s.f.Anchors())
			return err
		}},
		{"log proof", "log proof", []string{proof.Marshal()}, func(raw []byte) error {
			p, err := evidence.ParseProof(raw)
			if err == nil {
				_, err = p.Verify(leaf, origin, verifier)
			}
			return err
		}},
	}
}
