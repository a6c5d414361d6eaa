package central

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/roles"
	"github.com/ehdsgw/ehdsgw/conformance/roles/trust"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
)

// clock is time that passes when a test says so.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }
func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// swap is a server whose handler is set after its address is known, and may be replaced.
type swap struct {
	mu sync.Mutex
	h  http.Handler
	*httptest.Server
}

func serve(t *testing.T) *swap {
	s := &swap{}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *swap) set(h http.Handler) { s.mu.Lock(); defer s.mu.Unlock(); s.h = h }
func (s *swap) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	h := s.h
	s.mu.Unlock()
	h.ServeHTTP(w, r)
}

// world is an anchor, the central and contact points.
type world struct {
	t       *testing.T
	clock   *clock
	anchor  *trust.Anchor
	central *Central
	server  *swap // of the central
	dir     string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, clock: &clock{now: time.Now().UTC()}, dir: t.TempDir(), server: serve(t)}
	as := serve(t)
	var err error
	w.anchor, err = trust.New(trust.Options{Entity: as.URL, Dir: t.TempDir(), Clock: w.clock.Now, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	as.set(w.anchor.Handler())
	w.open()
	if err := w.anchor.Enroll(w.central.Entity(), w.central.JWKS(), []string{"central-platform"}, stated(roles.StateGateway(ehds.CountryEU))); err != nil {
		t.Fatal(err)
	}
	if !w.central.Ready(t.Context()) {
		t.Fatal("the central has no mark")
	}
	return w
}

func stated(metadata map[string]json.RawMessage) trust.EnrollOptions {
	return trust.EnrollOptions{Metadata: metadata}
}

// open starts the central on its folder, after closing the one before.
func (w *world) open() {
	w.t.Helper()
	if w.central != nil {
		if err := w.central.Close(); err != nil {
			w.t.Fatal(err)
		}
	}
	c, err := New(Options{
		Entity: w.server.URL, Dir: w.dir, Anchor: w.pinned(), HTTP: w.server.Client(), Clock: w.clock.Now,
		After: time.After, Rand: rand.Reader, DisplayName: "Central Platform (model)",
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.central = c
	w.server.set(c.Handler())
}

func (w *world) pinned() roles.Anchor {
	return roles.Anchor{Entity: w.anchor.Entity(), JWKS: w.anchor.JWKS()}
}

// deliver sends what the central has queued.
func (w *world) deliver() {
	w.t.Helper()
	if err := w.central.Deliver(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// ncp is a contact point built on forge.
type ncp struct {
	w        *world
	id       string
	country  string
	exchange *forge.Key
	entity   *roles.Entity
	resolver *roles.Resolver
	blobs    roles.Blobs
	federate *forge.Key
	hdab     *forge.Key // federation key of its body
	permits  *forge.Key // permit key of its body
	lists    []string   // message types in its metadata

	mu    sync.Mutex
	log   *forge.Log
	vkey  string
	inbox []arrived
	seen  map[string]string // jti → receipt
	seqs  map[string]int64
	fail  func(http.ResponseWriter) bool // answers instead, when set
}

// arrived is a message as the contact point stored it.
type arrived struct {
	env   ehds.Envelope
	token string
}

func newNCP(t *testing.T, w *world, country string) *ncp {
	t.Helper()
	s := serve(t)
	n := &ncp{w: w, id: s.URL, country: country, blobs: roles.Blobs{Dir: t.TempDir()}, seen: map[string]string{}, seqs: map[string]int64{},
		lists: []string{string(ehds.ApplicationShared), string(ehds.PermitChangeRequest)}}
	for _, k := range []**forge.Key{&n.federate, &n.exchange, &n.hdab, &n.permits} {
		var err error
		if *k, err = forge.NewKey(forge.AlgES256, rand.Reader); err != nil {
			t.Fatal(err)
		}
	}
	lk, err := forge.NewLogKey("ncp.example/"+country, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if n.log, err = forge.NewLog("ncp.example/"+country, lk); err != nil {
		t.Fatal(err)
	}
	n.vkey = lk.Verifier
	n.resolver = &roles.Resolver{Anchor: w.pinned(), HTTP: s.Client(), Clock: w.clock.Now, Logger: slog.New(slog.DiscardHandler)}
	n.entity = &roles.Entity{
		ID: n.id, Key: n.federate, Roles: []ehds.Mark{ehds.MarkNCP}, Resolver: n.resolver, Gateway: n.metadata,
		Superior: forge.FederationMetadata{Fetch: n.id + "/fetch"},
	}
	s.set(n.handler())
	if err := w.anchor.Enroll(n.id, forge.NewJWKS(n.federate), []string{"ncp"}, stated(roles.StateGateway(country))); err != nil {
		t.Fatal(err)
	}
	if err := w.anchor.Enroll(n.body(), forge.JWKS{}, []string{"hdab"}, trust.EnrollOptions{}); err != nil {
		t.Fatal(err)
	}
	return n
}

func (n *ncp) body() string { return n.id + "/hdab/one" }

func (n *ncp) metadata() roles.GatewayMetadata {
	return roles.GatewayMetadata{
		ExchangeEndpoint: n.id + "/exchange", JWKS: forge.NewJWKS(n.exchange), Country: n.country, Profiles: []string{ehds.ProfileR8},
		EvidenceLog:  &roles.EvidenceLog{Origin: "ncp.example/" + n.country, VKeys: []string{n.vkey}},
		MessageTypes: n.lists,
	}
}

func (n *ncp) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+roles.WellKnown, n.entity.ServeConfiguration)
	mux.HandleFunc("GET /hdab/one"+roles.WellKnown, func(w http.ResponseWriter, r *http.Request) {
		roles.WriteToken(w, http.StatusOK, roles.MediaStatement, n.bodyConfiguration(r.Context()))
	})
	mux.HandleFunc("GET /fetch", func(w http.ResponseWriter, r *http.Request) {
		roles.WriteToken(w, http.StatusOK, roles.MediaStatement, n.sign(n.federate, forge.TypStatement, forge.Statement{
			Iss: n.id, Sub: r.URL.Query().Get("sub"), Iat: n.w.clock.Now().Unix(), Exp: n.w.clock.Now().Add(time.Hour).Unix(),
			JWKS: forge.NewJWKS(n.hdab), Metadata: roles.StateBody(n.country, "ONE"),
		}))
	})
	mux.HandleFunc("POST /exchange", n.receive)
	return mux
}

func (n *ncp) sign(k *forge.Key, typ string, claims any) string {
	token, err := forge.Sign(k, typ, claims)
	if err != nil {
		n.w.t.Error(err)
	}
	return token
}

func (n *ncp) bodyConfiguration(ctx context.Context) string {
	entry, _, err := n.resolver.FetchMark(ctx, "hdab", n.body())
	var marks []forge.MarkEntry
	if err == nil {
		marks = []forge.MarkEntry{entry}
	}
	meta, err := json.Marshal(map[string]any{"jwks": forge.NewJWKS(n.permits), "country": n.country})
	if err != nil {
		n.w.t.Error(err)
	}
	now := n.w.clock.Now()
	return n.sign(n.hdab, forge.TypStatement, forge.Statement{
		Iss: n.body(), Sub: n.body(), Iat: now.Unix(), Exp: now.Add(time.Hour).Unix(), JWKS: forge.NewJWKS(n.hdab),
		AuthorityHints: []string{n.id}, Metadata: map[string]json.RawMessage{roles.TypeHDAB: meta}, TrustMarks: marks,
	})
}

// receive takes a message of the central, checks it and gives a receipt.
func (n *ncp) receive(w http.ResponseWriter, r *http.Request) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.fail != nil && n.fail(w) {
		return
	}
	d, err := roles.ReadDelivery(w, r)
	if err != nil {
		n.w.t.Errorf("delivery: %v", err)
		return
	}
	v, err := n.resolver.Verify(r.Context(), d.Token, ehds.TypMessage, n.id)
	if err != nil {
		n.w.t.Errorf("message: %v", err)
		return
	}
	var env ehds.Envelope
	err = errors.Join(forge.DecodeExact(v.Token.Payload, &env), v.Peer.Holds(v.At, ehds.MarkCentralPlatform))
	atts, attErr := d.Attachments(env.Attachments, n.blobs)
	if err = errors.Join(err, attErr); err != nil {
		n.w.t.Errorf("message: %v", err)
		return
	}
	if schema, ok := ehds.Schema(env.Type); !ok || len(forge.CheckBody(schema, env.Body)) > 0 {
		n.w.t.Errorf("%s breaks its schema: %s", env.Type, env.Body)
	}
	roles.WriteToken(w, http.StatusOK, roles.MediaReceipt, n.receipt(v, env, atts))
}

func (n *ncp) receipt(v *roles.Verified, env ehds.Envelope, atts []ehds.ReceiptAttachment) string {
	now := n.w.clock.Now()
	out := ehds.Receipt{
		Iss: n.id, Aud: v.Iss, Iat: now.Unix(), Ref: v.Jti, TokenSHA256: v.Token.SHA256(), ReceivedAt: stamp(now), Status: ehds.Received,
	}
	if first, twice := n.seen[v.Jti]; twice {
		out.Status, out.Original = ehds.Duplicate, first
		return n.sign(n.exchange, ehds.TypReceipt, out)
	}
	ev, err := n.log.Evidence(forge.ClassIn, []byte("0123456789abcdef"), v.Token.Raw)
	if err != nil {
		n.w.t.Error(err)
	}
	out.Evidence, out.Attachments = ev, atts
	n.inbox = append(n.inbox, arrived{env, v.Token.Raw})
	n.seen[v.Jti] = n.sign(n.exchange, ehds.TypReceipt, out)
	return n.seen[v.Jti]
}

// message is an envelope to the central with everything but the number, which send gives.
func (n *ncp) message(typ ehds.MessageType, caseID string, body any) ehds.Envelope {
	raw, err := json.Marshal(body)
	if err != nil {
		n.w.t.Fatal(err)
	}
	jti, err := uuid.NewV7()
	if err != nil {
		n.w.t.Fatal(err)
	}
	now := n.w.clock.Now()
	return ehds.Envelope{
		Iss: n.id, Aud: n.w.central.Entity(), Iat: now.Unix(), Exp: now.Add(time.Hour).Unix(), Jti: jti.String(),
		Type: typ, Profile: ehds.ProfileR8, Case: caseID, Body: raw,
	}
}

// next numbers a message.
func (n *ncp) next(e ehds.Envelope) ehds.Envelope {
	n.seqs[e.Case]++
	e.Seq = n.seqs[e.Case]
	return e
}

// post sends a message signed with the contact point's key.
func (n *ncp) post(e ehds.Envelope) (int, ehds.Receipt, string) {
	n.w.t.Helper()
	return n.postToken(e, n.sign(n.exchange, ehds.TypMessage, e))
}

func (n *ncp) postToken(e ehds.Envelope, token string) (int, ehds.Receipt, string) {
	n.w.t.Helper()
	a, err := roles.Post(n.w.t.Context(), n.w.server.Client(), n.w.central.Entity()+"/exchange", token, e.Attachments, n.blobs)
	if err != nil {
		n.w.t.Fatal(err)
	}
	if a.Receipt == "" {
		return a.Status, ehds.Receipt{}, ""
	}
	peer, err := n.resolver.Resolve(n.w.t.Context(), n.w.central.Entity(), nil)
	if err != nil {
		n.w.t.Fatal(err)
	}
	sent := forge.Sent{Jti: e.Jti, From: n.id, To: n.w.central.Entity(), Tokens: []string{token}, Attachments: e.Attachments}
	var outer ehds.Receipt
	tok, err := forge.Parse(a.Receipt, ehds.TypReceipt)
	if err != nil || tok.Verify(peer.Gateway.JWKS) != nil || forge.DecodeExact(tok.Payload, &outer) != nil {
		n.w.t.Fatalf("receipt does not hold: %v", err)
	}
	if outer.Status == ehds.Duplicate { // the original is about the first token
		return a.Status, outer, a.Receipt
	}
	if _, _, err := forge.CheckReceipt(a.Receipt, sent, peer.Gateway.JWKS, peer.LogOf(), n.w.clock.Now()); err != nil {
		n.w.t.Fatal(err)
	}
	return a.Status, outer, a.Receipt
}

// tell sends the next message of a case, wants it received, and has the central deliver its answers.
func (n *ncp) tell(e ehds.Envelope) ehds.Envelope {
	n.w.t.Helper()
	e = n.next(e)
	if status, r, _ := n.post(e); status != http.StatusOK || r.Status != ehds.Received {
		n.w.t.Fatalf("%s: %d %s %s", e.Type, status, r.Status, r.Problem)
	}
	n.w.deliver()
	return e
}

// about returns the messages that answer one of ours, or of a type when ref is empty.
func (n *ncp) about(typ ehds.MessageType, ref string) []arrived {
	n.mu.Lock()
	defer n.mu.Unlock()
	var out []arrived
	for _, a := range n.inbox {
		if a.env.Type == typ && (ref == "" || a.env.Ref == ref) {
			out = append(out, a)
		}
	}
	return out
}

// response is the business response to a message of ours.
func (n *ncp) response(e ehds.Envelope) ehds.ResponseBody {
	n.w.t.Helper()
	found := n.about(e.Type.Response(), e.Jti)
	if len(found) != 1 {
		n.w.t.Fatalf("%d responses to %s", len(found), e.Type)
	}
	var b ehds.ResponseBody
	if err := json.Unmarshal(found[0].env.Body, &b); err != nil {
		n.w.t.Fatal(err)
	}
	return b
}

// wantCode wants NOT_VALIDATED with a code.
func (n *ncp) wantCode(e ehds.Envelope, code string) {
	n.w.t.Helper()
	b := n.response(e)
	has := slices.ContainsFunc(b.Findings, func(f ehds.Finding) bool { return f.Code == code })
	if b.Result != ehds.NotValidated || !has {
		n.w.t.Errorf("%s: %s %v, want %s", e.Type, b.Result, b.Findings, code)
	}
}

func (n *ncp) wantValid(e ehds.Envelope) ehds.ResponseBody {
	n.w.t.Helper()
	b := n.response(e)
	if b.Result != ehds.Validated {
		n.w.t.Fatalf("%s: %s %v", e.Type, b.Result, b.Findings)
	}
	return b
}
