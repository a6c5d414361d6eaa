package trust_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/vectors"
	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/ga4gh"
	"github.com/ehdsgw/ehdsgw/trust/jose"
)

// hostileRunner is how a vector names TestHostileVectors.
const hostileRunner = "trust TestHostileVectors"

// TestHostileVectors reads every named attack, which must be refused by the rule it names, and its
// honest twin in the same place, which must pass. No host may hear of either that is not part of the
// world, nor the host of an issuer that is not onboarded.
func TestHostileVectors(t *testing.T) {
	t.Parallel()
	world, suites, err := vectors.Load()
	if err != nil {
		t.Fatal(err)
	}
	total := map[string]int{}
	for _, s := range suites {
		world := s.In(world)
		for name, control := range s.Controls {
			if !slices.ContainsFunc(s.Vectors, func(v vectors.Vector) bool { return v.Control == name && v.Run == hostileRunner }) {
				continue
			}
			if rule, err := readHostile(t, world, control); err != nil {
				t.Errorf("control %s of group %s is refused: %s: %v", name, s.Group, rule, err)
			}
		}
		for _, v := range s.Vectors {
			if v.Run != hostileRunner {
				continue
			}
			total[s.Group]++
			t.Run(v.ID, func(t *testing.T) {
				t.Parallel()
				if rule, err := readHostile(t, world, v.Attack); err == nil || rule != v.Rule {
					t.Errorf("%s: refused by %q (%v), want %q", v.Title, rule, err, v.Rule)
				}
			})
		}
	}
	t.Logf("hostile vectors read by trust: %v", total)
}

// readHostile reads one document and returns the label of the rule that refused it.
func readHostile(t *testing.T, w vectors.World, d vectors.Document) (string, error) {
	t.Helper()
	at := time.Unix(w.At, 0).UTC()
	if d.At != 0 {
		at = time.Unix(d.At, 0).UTC()
	}
	switch {
	case d.Keys != nil:
		return readWithKeys(t, d)
	case d.Chain != nil:
		_, err := federation.VerifyChain(d.Chain, pinnedIn(t, w), at)
		return federationRule(err), err
	}
	hosts := &hosts{served: w.Served, also: d.Served}
	r := federation.NewResolver(federation.Options{
		Anchors: pinnedIn(t, w), Onboarded: w.Onboarded, HTTP: &http.Client{Transport: hosts},
		Clock: func() time.Time { return at }, Logger: slog.New(slog.DiscardHandler),
	})
	v := trust.NewVerifier(r, func() time.Time { return at }).Under(policiesOf(d.Expect))
	for _, token := range d.Prior {
		if _, rule, err := judge(t, v, []byte(token), d.Expect); err != nil {
			t.Errorf("what comes before is refused: %s: %v", rule, err)
		}
	}
	got, rule, err := judge(t, v, documentBytes(t, d), d.Expect)
	if err == nil && d.Unseal != nil {
		_, err = got.Unseal(sealingKeysOf(t, d.Unseal))
		rule = labelOf(err)
	}
	if len(hosts.strays) > 0 {
		t.Errorf("hosts heard of it that may not: %q", hosts.strays)
	}
	return rule, err
}

// policiesOf are the signature policies a document is read under.
func policiesOf(x vectors.Expect) trust.SignaturePolicies {
	p := trust.SignaturePolicies{Peers: map[string]trust.SignaturePolicy{}}
	if len(x.Algs) > 0 {
		p.Algs = append(jose.DefaultAlgs(), x.Algs...)
	}
	for entity, policy := range x.Policy {
		p.Peers[entity] = trust.SignaturePolicy(policy)
	}
	return p
}

// judge is all a receiver asks of a token before it acts: signature, times, role.
func judge(t *testing.T, v *trust.Verifier, raw []byte, x vectors.Expect) (*trust.Verified, string, error) {
	got, err := v.Verify(t.Context(), raw, trust.Expectation{
		Typ: x.Typ, Audience: x.Audience, Purpose: trust.Purpose(x.Purpose), NoExpiry: x.NoExpiry,
		MaxLifetime: time.Duration(x.MaxLifetime) * time.Second, Limits: jose.Limits{MaxToken: x.MaxToken},
	})
	if err != nil {
		return nil, trust.Rule(err), err
	}
	if err := got.Current(); err != nil {
		return nil, labelOf(err), err
	}
	if err := got.Holds(x.Marks...); err != nil {
		return nil, labelOf(err), err
	}
	return got, "", nil
}

func sealingKeysOf(t *testing.T, seeds []vectors.SealingSeed) (out []jose.SealingKey) {
	t.Helper()
	for _, s := range seeds {
		seed, err := base64.RawURLEncoding.DecodeString(s.Seed)
		if err != nil {
			t.Fatal(err)
		}
		k, err := jose.SealingKeyFromSeed(s.Alg, seed)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, k)
	}
	return out
}

// readWithKeys checks a token with a key set instead of the world.
func readWithKeys(t *testing.T, d vectors.Document) (string, error) {
	t.Helper()
	token, err := jose.Parse(documentBytes(t, d), jose.ParseOptions{Typ: []string{d.Expect.Typ}, Algs: d.Expect.Algs})
	if err != nil {
		t.Fatalf("the attack lies in the keys, yet the token is refused: %v", err)
	}
	set, err := jose.ParseKeySet(d.Keys)
	if err != nil {
		return jose.Rule(err), err
	}
	key, err := set.Select(token.Header.Kid, token.Header.Alg, "sig")
	if err != nil {
		return jose.Rule(err), err
	}
	err = token.Verify(key)
	return jose.Rule(err), err
}

func documentBytes(t *testing.T, d vectors.Document) []byte {
	t.Helper()
	if d.Bytes == "" {
		return []byte(d.Token)
	}
	b, err := base64.StdEncoding.DecodeString(d.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func pinnedIn(t *testing.T, w vectors.World) []federation.Anchor {
	t.Helper()
	var set jose.KeySet
	if err := json.Unmarshal(w.AnchorKeys, &set); err != nil {
		t.Fatal(err)
	}
	return []federation.Anchor{{Entity: w.Anchor, Keys: set}}
}

// labelOf names the judgements that come after the signature.
func labelOf(err error) string {
	for label, sentinel := range map[string]error{
		"expired": trust.ErrExpired, "future": trust.ErrFuture, "no-mark": trust.ErrNoMark,
		"suspended": trust.ErrSuspended, "unavailable": trust.ErrUnavailable,
		"visa-claims": ga4gh.ErrClaims, "visa-issuer": ga4gh.ErrIssuer, "jku": ga4gh.ErrJKU, "visa-time": ga4gh.ErrTime,
		"visa-subject": ga4gh.ErrSubject, "visa-audience": ga4gh.ErrAudience, "visa-type": ga4gh.ErrType,
		"log-proof": evidence.ErrProof, "checkpoint": evidence.ErrCheckpoint, "log-signature": evidence.ErrSignature,
		"unsealable": trust.ErrUnsealable, "sealed-mismatch": trust.ErrSealedMismatch,
	} {
		if errors.Is(err, sentinel) {
			return label
		}
	}
	return ""
}

// federationRule names what refused a chain: the token rule where there is one, else the federation's.
func federationRule(err error) string {
	if rule := jose.Rule(err); rule != "" {
		return rule
	}
	return federation.Rule(err)
}

// hosts answers what the world answers and remembers every other request.
type hosts struct {
	served, also map[string]string
	mu           sync.Mutex
	strays       []string
}

// RoundTrip answers in the process; no socket is opened.
func (h *hosts) RoundTrip(r *http.Request) (*http.Response, error) {
	asked := r.Method + " " + r.URL.String()
	if r.Method == http.MethodPost {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, err
		}
		asked += " " + sha256Of(form.Get("trust_mark"))
	}
	typ := federation.TypStatement
	if r.Method == http.MethodPost {
		typ = federation.TypMarkStatus
	}
	answer, ok := h.also[asked]
	if !ok {
		answer, ok = h.served[asked]
	}
	code := http.StatusOK
	if !ok {
		code = http.StatusNotFound
		if !strings.HasPrefix(asked, "POST https://anchor.test/") { // an invented mark may be asked about
			h.mu.Lock()
			h.strays = append(h.strays, asked)
			h.mu.Unlock()
		}
	}
	return &http.Response{
		StatusCode: code, Status: fmt.Sprint(code), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/" + typ}}, Body: io.NopCloser(strings.NewReader(answer)), ContentLength: int64(len(answer)),
	}, nil
}

func sha256Of(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
