package exchange

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/ehdsgw/ehdsgw/connectors"
	"github.com/ehdsgw/ehdsgw/gateway/access"
	"github.com/ehdsgw/ehdsgw/gateway/catalogue"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/gateway/store/sqlite"
	"github.com/ehdsgw/ehdsgw/trust"
	"github.com/ehdsgw/ehdsgw/trust/evidence"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// clock is a clock that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// world is a few entities that know each other, and their gateways.
type world struct {
	t     *testing.T
	clock *clock
	logs  *safeBuffer
	log   *slog.Logger
	mu    sync.Mutex
	known map[string]*federation.Entity
	err   error // of every resolution
}

// safeBuffer is a buffer for many writers.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func newWorld(t *testing.T) *world {
	logs := &safeBuffer{}
	return &world{
		t: t, clock: &clock{now: time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)}, logs: logs,
		log:   slog.New(slog.NewTextHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
		known: map[string]*federation.Entity{},
	}
}

// Resolve implements trust.Resolver and Peers.
func (w *world) Resolve(_ context.Context, id string, _ []string) (*federation.Entity, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return nil, w.err
	}
	e, ok := w.known[id]
	if !ok {
		return nil, federation.ErrUnknownIssuer
	}
	c := *e
	c.Marks = append([]federation.TrustMark(nil), e.Marks...)
	return &c, nil
}

// Refresh implements trust.Resolver.
func (w *world) Refresh(ctx context.Context, id string) (*federation.Entity, error) {
	return w.Resolve(ctx, id, nil)
}

// edit changes what the federation says of an entity.
func (w *world) edit(id string, f func(*federation.Entity)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := *w.known[id]
	g := *c.Gateway
	c.Gateway, c.Marks = &g, append([]federation.TrustMark(nil), c.Marks...)
	f(&c)
	w.known[id] = &c
}

// node is one entity with a gateway of its own.
type node struct {
	w       *world
	id      string
	key     jose.SigningKey
	dir     string
	origin  string
	signer  note.Signer
	log     note.Verifier
	record  *store.Record
	router  *Router
	apps    *Applications
	compose Composer
	inbox   *Inbox
	woken   atomic.Int64
}

// Entities of the tests.
const (
	ncpID    = "https://ncp.example"
	centreID = "https://centre.example"
	hdabA    = ncpID + "/hdab/a" // the coordinator
	hdabB    = ncpID + "/hdab/b"
)

func newNode(w *world, id string, mark ehds.Mark) *node {
	w.t.Helper()
	n := newPeer(w, id, mark)
	n.open()
	return n
}

// newPeer is a node that only signs.
func newPeer(w *world, id string, mark ehds.Mark) *node {
	w.t.Helper()
	n := &node{w: w, id: id, key: trusttest.Key(id), origin: strings.TrimPrefix(id, "https://") + "/log", dir: filepath.Join(w.t.TempDir(), "record")}
	skey, vkey, err := note.GenerateKey(rand.Reader, n.origin)
	if err != nil {
		w.t.Fatal(err)
	}
	if n.signer, err = note.NewSigner(skey); err != nil {
		w.t.Fatal(err)
	}
	if n.log, err = evidence.VerifierFor(vkey); err != nil {
		w.t.Fatal(err)
	}
	w.mu.Lock()
	w.known[id] = &federation.Entity{
		ID: id, Gateway: &federation.GatewayMetadata{
			ExchangeEndpoint: id + "/exchange", Keys: trusttest.KeySet(n.key), Country: "FR",
			EvidenceLog: &federation.EvidenceLog{Origin: n.origin, VKeys: []string{vkey}},
		},
		Marks: []federation.TrustMark{{Name: string(mark), Status: federation.MarkActive, Expires: w.clock.Now().Add(1000 * time.Hour)}},
	}
	w.mu.Unlock()
	n.compose = Composer{Entity: n.id, Profile: ehds.ProfileR8, Rand: rand.Reader}
	return n
}

// compiled are the schemas, compiled once: they never change.
var compiled = sync.OnceValues(CompileSchemas)

// open starts the node over its record, as after a crash.
func (n *node) open() {
	w := n.w
	w.t.Helper()
	if n.record != nil {
		if err := n.record.Close(); err != nil {
			w.t.Fatal(err)
		}
	}
	var err error
	n.record, err = store.Open(w.t.Context(), store.Options{
		Driver: sqlite.New(sqlite.Options{Dir: n.dir}), Origin: n.origin, LogSigner: n.signer, LogVerifiers: []note.Verifier{n.log},
		RecordKey: make([]byte, store.RecordKeySize), Clock: w.clock.Now, Rand: rand.Reader, Logger: w.log,
		Timers: TimersOf,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	record := n.record
	w.t.Cleanup(func() { _ = record.Close() })
	n.router = NewRouter("FR", []HDAB{{Entity: hdabA, Code: "AAA"}, {Entity: hdabB, Code: "BBB", Agents: []string{"https://b.example/agent"}}})
	n.apps = &Applications{Rules: access.Rules{}, Router: n.router, Compose: n.compose, Systems: Systems{Default: "desk"}}
	schemas, err := compiled()
	if err != nil {
		w.t.Fatal(err)
	}
	n.inbox = &Inbox{
		Entity: n.id, Verifier: n.verifier(), Signer: n.trustSigner(), Record: n.router.Watching(n.record, w.log), Schemas: schemas,
		Handlers: n.apps.Handlers(), Compose: n.compose, Limits: DefaultLimits(), Clock: w.clock.Now, Logger: w.log,
		Refusals: NewRefusalLimiter(5, 100), Wake: func() { n.woken.Add(1) },
	}
}

func (n *node) verifier() *trust.Verifier { return trust.NewVerifier(n.w, n.w.clock.Now) }

func (n *node) trustSigner() *trust.Signer {
	return trust.NewSigner(trust.KeyringFunc(func() (jose.SigningKey, error) { return n.key, nil }))
}

// envelope is an application.submit to another node, changed by mod.
func (n *node) envelope(to *node, mod ...func(*ehds.Envelope)) ehds.Envelope {
	now := n.w.clock.Now()
	e := ehds.Envelope{
		Iss: n.id, Aud: to.id, Iat: now.Unix(), Exp: now.Add(time.Hour).Unix(), Jti: n.compose.NewID(),
		Type: ehds.ApplicationSubmit, Profile: ehds.ProfileR8, Case: "app:A1", Seq: 1, Body: submitBody("A1", "ds-1"),
	}
	for _, m := range mod {
		m(&e)
	}
	return e
}

// sign signs claims as a message of the node.
func (n *node) sign(claims any) string {
	return trusttest.Sign(n.w.t, n.key, ehds.TypMessage, claims)
}

// submitBody is an application for datasets of ours.
func submitBody(id string, datasets ...string) json.RawMessage {
	b := ehds.ApplicationBody{
		ApplicationID: id, Kind: ehds.DataAccessApplication, Version: 1, Title: "A study", Language: "en",
		DateSubmitted: "2027-03-01T09:00:00Z",
	}
	if err := json.Unmarshal([]byte(completeForm), &b.Form); err != nil {
		panic(err)
	}
	for _, d := range datasets {
		b.Datasets = append(b.Datasets, ehds.ApplicationDataset{DatasetID: d, CatalogID: "cat", Country: "FR"})
	}
	return mustJSON(b)
}

// completeForm answers everything that is asked of an application for pseudonymised data in France.
const completeForm = `{"section1": {"datasetVariables": [{"name": "v"}]}, "section2": {"projectLeader": "L", "purposeForWhichDataWillBeUsed": [{"key": "e"}]},
 "section3": {"applyingForDataOnBehalfOfPublicSector": {"key": "b"}, "legalOrNaturalPerson": {"key": "a"}, "legalPersonName": "O"},
 "section5": {"whyTheDataIsNeeded": "w", "whatIsTheAimAndTopicOfTheProject": "a", "whichAreTheExpectedBenefits": "b",
  "describeApplicantsQualification": "q", "formatOfTheElectronicHealthData": {"key": "b"}},
 "section6": [{"country_id": "FRANCE", "timePeriodOfDataExtraction": "2019/2020", "inclusionCriteria": "i"}],
 "section8": {"technicalRequirementsForEnvironment": "t", "estimatedStartDatesForDataProcessing": "2027-06-01",
  "estimatedEndDatesForDataProcessing": "2029-05-31", "peopleWhoWillBeProcessingTheData": [{"fullName": "N"}],
  "complyWithDataMinimisationPrinciple": "m", "legalBasisForProcessingPersonalData": [{"key": "e"}],
  "protectionAndSecurityStatementsA": true, "protectionAndSecurityStatementsB": true, "protectionAndSecurityStatementsC": true,
  "protectionAndSecurityStatementsD": true, "protectionAndSecurityStatementsE": true},
 "section10": {"awareProcessingFee": true, "awareChargeFee": true, "awareInformationCorrect": true}}`

// publish puts a dataset into the node's published record.
func (n *node) publish(id, hdab string) {
	n.router.Learn(catalogue.Publication{Source: "cat", Identifier: id, HDAB: hdab, State: catalogue.Validated})
}

func seq(n int64) func(*ehds.Envelope) { return func(e *ehds.Envelope) { e.Seq = n } }

func typed(t ehds.MessageType, body any) func(*ehds.Envelope) {
	return func(e *ehds.Envelope) { e.Type, e.Body = t, mustJSON(body) }
}

func onCase(id string) func(*ehds.Envelope) {
	return func(e *ehds.Envelope) { e.Case, e.Body = "app:"+id, submitBody(id, "ds-1") }
}

// receive delivers a token without attachments.
func (n *node) receive(token string) Reply {
	return n.inbox.Receive(n.w.t.Context(), []byte(token), NoParts{})
}

// receipt reads and proves a reply's receipt.
func (n *node) receipt(token string) ehds.Receipt {
	n.w.t.Helper()
	v, err := n.verifier().Verify(n.w.t.Context(), []byte(token), trust.Expectation{Typ: ehds.TypReceipt, Purpose: trust.ForExchange, NoExpiry: true})
	if err != nil {
		n.w.t.Fatalf("receipt: %v", err)
	}
	var r ehds.Receipt
	if err := jose.DecodeStrict(v.Claims, &r); err != nil {
		n.w.t.Fatal(err)
	}
	if v.Issuer != n.id {
		n.w.t.Fatalf("receipt by %s", v.Issuer)
	}
	return r
}

func (n *node) counts() store.Counts {
	n.w.t.Helper()
	c, err := n.record.Counts(n.w.t.Context())
	if err != nil {
		n.w.t.Fatal(err)
	}
	return c
}

// doc reads the document of an application.
func (n *node) doc(id string) ApplicationDoc {
	n.w.t.Helper()
	c, ok, err := n.record.Case(n.w.t.Context(), "app:"+id)
	if err != nil || !ok {
		n.w.t.Fatalf("case %s: %v, %v", id, ok, err)
	}
	d, err := readApplication(c.Doc)
	if err != nil {
		n.w.t.Fatal(err)
	}
	return d
}

// rows lists the outbox.
func (n *node) rows() []store.Outbox {
	n.w.t.Helper()
	list, err := n.record.OutboxList(n.w.t.Context(), "", 0, 1000)
	if err != nil {
		n.w.t.Fatal(err)
	}
	return list
}

func (n *node) row(id int64) store.Outbox {
	n.w.t.Helper()
	for _, r := range n.rows() {
		if r.ID == id {
			return r
		}
	}
	n.w.t.Fatalf("no outbox row %d", id)
	return store.Outbox{}
}

// envelopeOf reads an outbox row's claims.
func envelopeOf(t *testing.T, row store.Outbox) ehds.Envelope {
	t.Helper()
	var e ehds.Envelope
	if err := json.Unmarshal(row.Payload, &e); err != nil {
		t.Fatal(err)
	}
	return e
}

func types(rows []store.Outbox) string {
	var out []string
	for _, r := range rows {
		out = append(out, r.Type)
	}
	return strings.Join(out, " ")
}

// problemOf reads a receipt's problem.
func problemOf(t *testing.T, r ehds.Receipt) ehds.Problem {
	t.Helper()
	var p ehds.Problem
	if err := json.Unmarshal(r.Problem, &p); err != nil {
		t.Fatalf("problem: %v", err)
	}
	return p
}

// part is an attachment on its way.
type part struct {
	id   string
	body io.Reader
}

// parts is a delivery of attachments; end, when not nil, comes instead of io.EOF.
type parts struct {
	list []part
	end  error
}

func (p *parts) Next() (string, io.Reader, error) {
	if len(p.list) == 0 {
		if p.end != nil {
			return "", nil, p.end
		}
		return "", nil, io.EOF
	}
	next := p.list[0]
	p.list = p.list[1:]
	return next.id, next.body, nil
}

func attachment(id, content string) ehds.Attachment {
	sum := sha256.Sum256([]byte(content))
	return ehds.Attachment{ID: id, Name: id + ".pdf", MediaType: "application/pdf", Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:])}
}

// wire is a transport made of a function.
type wire func(ctx context.Context, p connectors.Peer, token string, a []connectors.Outbound) (connectors.Answer, error)

func (w wire) Send(ctx context.Context, p connectors.Peer, token string, a []connectors.Outbound) (connectors.Answer, error) {
	return w(ctx, p, token, a)
}

// to is the transport that reaches a node's inbox.
func to(n *node) wire {
	return func(ctx context.Context, _ connectors.Peer, token string, list []connectors.Outbound) (connectors.Answer, error) {
		p := &parts{}
		for _, a := range list {
			r, err := a.Open(ctx)
			if err != nil {
				return connectors.Answer{}, err
			}
			defer r.Close()
			p.list = append(p.list, part{a.ID, r})
		}
		return answerOf(n.inbox.Receive(ctx, []byte(token), p)), nil
	}
}

func answerOf(r Reply) connectors.Answer {
	a := connectors.Answer{Status: 200, Receipt: r.Receipt}
	if r.Fault != nil {
		a.Status, a.RetryAfter = StatusOf(r.Fault), r.Fault.RetryAfter
	}
	return a
}

// sender is a node's worker of the central channel.
func (n *node) sender(transport connectors.Central) *Sender {
	return &Sender{
		Record: n.record, Peers: n.w, Signer: n.trustSigner(), Verifier: n.verifier(), Transport: transport, Lifetime: time.Hour,
		Backoff:  Backoff{First: time.Second, Max: time.Minute, GiveUp: 24 * time.Hour, Rand: rand.Reader},
		Breakers: NewBreakers(math.MaxInt, time.Minute), Compose: n.compose, Clock: n.w.clock.Now, Logger: n.w.log,
	}
}

// queue puts messages on a node's outbox and returns their rows.
func (n *node) queue(caseID string, list ...store.Outgoing) []store.Outbox {
	n.w.t.Helper()
	c, err := n.record.Update(n.w.t.Context(), caseID, func(store.State) (store.Change, error) {
		return store.Change{Send: list}, nil
	})
	if err != nil {
		n.w.t.Fatal(err)
	}
	var out []store.Outbox
	for _, s := range c.Sent {
		out = append(out, n.row(s.ID))
	}
	return out
}

var errBoom = errors.New("boom")

// verifiedOf is a good message, verified.
func verifiedOf(t *testing.T, to, from *node) *trust.Verified {
	t.Helper()
	v, err := to.verifier().Verify(t.Context(), []byte(from.sign(from.envelope(to))), trust.Expectation{
		Typ: ehds.TypMessage, Audience: to.id, Purpose: trust.ForExchange,
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func responseOf(t *testing.T, row store.Outbox) ehds.ResponseBody {
	t.Helper()
	var b ehds.ResponseBody
	if err := json.Unmarshal(envelopeOf(t, row).Body, &b); err != nil {
		t.Fatal(err)
	}
	return b
}

type contextT = context.Context

func withCancel(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithCancel(t.Context())
}

// readFunc is a reader made of a function.
type readFunc func([]byte) (int, error)

func (f readFunc) Read(b []byte) (int, error) { return f(b) }

func mustRead(t *testing.T, raw []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(raw, v); err != nil {
		t.Fatal(err)
	}
}

func setStatus(id string, value int, from time.Time) access.SetPermitStatus {
	return access.SetPermitStatus{PermitID: id, Value: value, From: from}
}
