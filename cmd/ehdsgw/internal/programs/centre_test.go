package programs

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/roles"
	"github.com/ehdsgw/ehdsgw/conformance/roles/trust"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/trust/federation"
)

// arrival is one message the centre received, once.
type arrival struct {
	env     ehds.Envelope
	digest  string
	receipt string // the first, verbatim
}

// centre is the central platform: it gives real receipts with evidence from a log of its own, and
// notes whatever breaks a promise of the gateway.
type centre struct {
	w           *world
	entity      string
	federation  *forge.Key
	key         *forge.Key
	logKey      forge.LogKey
	log         *forge.Log
	mark        string
	onFirst     func(ehds.Envelope) // called for each message received for the first time
	mu          sync.Mutex
	byJTI       map[string]*arrival
	byCase      map[string][]*arrival // in order of seq
	repeats     int
	lost        int // answers not given on purpose
	faults      []string
	faultsTotal int
}

// newCentre enrols the centre and starts serving it.
func newCentre(w *world) *centre {
	w.t.Helper()
	ln := w.listen()
	c := &centre{w: w, entity: "https://" + ln.Addr().String(), byJTI: map[string]*arrival{}, byCase: map[string][]*arrival{}}
	var err error
	must := func(e error) {
		w.t.Helper()
		if e != nil {
			w.t.Fatal(e)
		}
	}
	c.federation, err = forge.NewKey(forge.AlgEd25519, rand.Reader)
	must(err)
	c.key, err = forge.NewKey(forge.AlgEd25519, rand.Reader)
	must(err)
	origin := ln.Addr().String() + "/log"
	c.logKey, err = forge.NewLogKey(origin, rand.Reader)
	must(err)
	c.log, err = forge.NewLog(origin, c.logKey)
	must(err)
	must(w.anchor.Enroll(c.entity, forge.NewJWKS(c.federation), []string{string(ehds.MarkCentralPlatform)},
		trust.EnrollOptions{Metadata: roles.StateGateway(ehds.CountryEU)}))
	c.mark, err = c.fetchMark()
	must(err)
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+roles.WellKnown, c.configuration)
	mux.HandleFunc("POST /exchange", c.exchange)
	w.serve(ln, mux)
	return c
}

func (c *centre) fetchMark() (string, error) {
	q := url.Values{"sub": {c.entity}, "trust_mark_type": {forge.MarkType(c.w.anchor.Entity(), string(ehds.MarkCentralPlatform))}}
	resp, err := c.w.client.Get(c.w.anchor.Entity() + "/federation/trust-mark?" + q.Encode())
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("trust mark: %s", resp.Status)
	}
	return string(raw), err
}

// configuration is the centre's entity configuration (OpenID Federation 1.1 §9).
func (c *centre) configuration(w http.ResponseWriter, _ *http.Request) {
	now := time.Now()
	metadata, err := json.Marshal(map[string]any{
		"exchange_endpoint": c.entity + "/exchange", "jwks": forge.NewJWKS(c.key), "country": "EU",
		"profiles": []string{ehds.ProfileR8}, "message_types": []string{}, "signing_alg_values_supported": []string{"Ed25519"},
		"evidence_log": map[string]any{"origin": c.entity[len("https://"):] + "/log", "vkeys": []string{c.logKey.Verifier}},
	})
	if err == nil {
		var token string
		token, err = forge.Sign(c.federation, forge.TypStatement, forge.Statement{
			Iss: c.entity, Sub: c.entity, Iat: now.Unix(), Exp: now.Add(12 * time.Hour).Unix(), JWKS: forge.NewJWKS(c.federation),
			AuthorityHints: []string{c.w.anchor.Entity()}, Metadata: map[string]json.RawMessage{federation.TypeGateway: metadata},
			TrustMarks: []forge.MarkEntry{{Type: forge.MarkType(c.w.anchor.Entity(), string(ehds.MarkCentralPlatform)), Mark: c.mark}},
		})
		if err == nil {
			roles.WriteToken(w, http.StatusOK, roles.MediaStatement, token)
			return
		}
	}
	c.fault("the centre's configuration cannot be made: %v", err)
	w.WriteHeader(http.StatusInternalServerError)
}

// exchange takes a message of the gateway.
func (c *centre) exchange(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, forge.MaxToken))
	if err != nil {
		return // the gateway was killed while it sent
	}
	receipt, swallow, err := c.receive(string(raw))
	switch {
	case err != nil:
		c.fault("a message of the gateway does not hold: %v", err)
		roles.WriteProblem(w, roles.NewProblem(http.StatusBadRequest, "malformed", ""))
	case swallow:
		panic(http.ErrAbortHandler) // recorded, and the answer lost on the way
	default:
		roles.WriteToken(w, http.StatusOK, roles.MediaReceipt, receipt)
	}
}

// loseEvery is how often an answer of the centre is lost on purpose.
const loseEvery = 61

func (c *centre) receive(raw string) (receipt string, swallow bool, err error) {
	token, err := forge.Parse(raw, ehds.TypMessage)
	if err == nil {
		err = token.Verify(c.w.keys)
	}
	var env ehds.Envelope
	if err == nil {
		err = forge.DecodeExact(token.Payload, &env)
	}
	if err != nil {
		return "", false, err
	}
	digest, err := forge.ContentDigest(token.Payload)
	if err != nil {
		return "", false, err
	}
	if env.Iss != c.w.entity || env.Aud != c.entity {
		return "", false, fmt.Errorf("from %s to %s", env.Iss, env.Aud)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if known := c.byJTI[env.Jti]; known != nil {
		c.repeats++
		if known.digest != digest {
			return "", false, fmt.Errorf("%s of %s came twice with different content", env.Type, env.Case)
		}
		receipt, err = c.sign(env.Jti, raw, ehds.Receipt{Status: ehds.Duplicate, Original: known.receipt})
		return receipt, false, err
	}
	return c.first(env, digest, raw)
}

// first records a new message. Numbers of a case must follow each other.
func (c *centre) first(env ehds.Envelope, digest, raw string) (receipt string, swallow bool, err error) {
	if want := int64(len(c.byCase[env.Case]) + 1); env.Seq != want {
		return "", false, fmt.Errorf("%s of %s has number %d, not %d", env.Type, env.Case, env.Seq, want)
	}
	salt := make([]byte, forge.SaltSize)
	if _, err := rand.Read(salt); err != nil {
		return "", false, err
	}
	proof, err := c.log.Evidence(forge.ClassIn, salt, raw)
	if err != nil {
		return "", false, err
	}
	if receipt, err = c.sign(env.Jti, raw, ehds.Receipt{Status: ehds.Received, Evidence: proof}); err != nil {
		return "", false, err
	}
	a := &arrival{env: env, digest: digest, receipt: receipt}
	c.byJTI[env.Jti], c.byCase[env.Case] = a, append(c.byCase[env.Case], a)
	if c.onFirst != nil {
		c.onFirst(env)
	}
	if swallow = len(c.byJTI)%loseEvery == 0; swallow {
		c.lost++
	}
	return receipt, swallow, nil
}

func (c *centre) sign(ref, raw string, r ehds.Receipt) (string, error) {
	now := time.Now().UTC()
	r.Iss, r.Aud, r.Ref, r.TokenSHA256 = c.entity, c.w.entity, ref, forge.SHA256Hex(raw)
	r.Iat, r.ReceivedAt = now.Unix(), now.Format("2006-01-02T15:04:05.000000Z")
	return forge.Sign(c.key, ehds.TypReceipt, r)
}

// maxFaults is how many faults are shown; all are counted.
const maxFaults = 20

func (c *centre) fault(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.faultsTotal++; len(c.faults) < maxFaults {
		c.faults = append(c.faults, fmt.Sprintf(format, args...))
	}
}

// about lists what arrived about a case, in order.
func (c *centre) about(caseID string) []*arrival {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]*arrival(nil), c.byCase[caseID]...)
}

// totals are the messages received and how often one came again.
func (c *centre) totals() (received, repeats, lost int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.byJTI), c.repeats, c.lost
}
