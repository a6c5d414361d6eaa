package gateway

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/keys"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// nation is a throw-away federation of an anchor and a centre, served over TLS on loopback, and the
// data directory of one gateway in it.
type nation struct {
	t       testing.TB
	server  *httptest.Server
	anchor  *federation.Self
	centre  *federation.Self
	past    atomic.Pointer[string] // the centre's list of historical keys, when it serves one
	away    atomic.Bool            // the anchor and the centre do not answer
	suspend atomic.Bool            // the anchor hands out no marks
	offset  atomic.Int64
	free    atomic.Uint64 // what may still be written
	dir     string
	entity  string
	listen  net.Listener
	log     *journal
	more    string       // added to the configuration
	region  http.Handler // an intermediate at /region, when not nil
	// issuers, when not nil, may issue role marks by the anchor's word.
	issuers atomic.Pointer[[]string]
	// enrolled, when not nil, are the keys the anchor knows the gateway by.
	enrolled atomic.Pointer[jose.KeySet]
}

// journal is a log that is written and read at the same time.
type journal struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.String()
}

// now is the time of every party: the machine's, moved by the test.
func (n *nation) now() time.Time { return time.Now().Add(time.Duration(n.offset.Load())) }

func newNation(t testing.TB) *nation {
	t.Helper()
	n := &nation{t: t, dir: t.TempDir(), log: &journal{}}
	n.free.Store(1 << 40)
	n.server = httptest.NewUnstartedServer(http.HandlerFunc(n.serve))
	n.server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	n.server.StartTLS()
	t.Cleanup(n.server.Close)
	n.anchor = n.self("/anchor", "anchor", nil, map[string]any{federation.TypeFederationEntity: federation.FederationMetadata{
		FetchEndpoint: n.server.URL + "/anchor/fetch", MarkEndpoint: n.server.URL + "/anchor/mark", MarkStatusEndpoint: n.server.URL + "/anchor/mark-status",
	}})
	n.centre = n.centreWith(trusttest.Key("centre exchange"))
	n.file("anchor.jwks.json", n.json(trusttest.KeySet(trusttest.Key("anchor"))))
	n.file("ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: n.server.Certificate().Raw}))
	n.port()
	return n
}

// centreWith is a centre with these exchange keys.
func (n *nation) centreWith(exchange ...jose.SigningKey) *federation.Self {
	centre := n.server.URL + "/centre"
	return n.centreThatSays(federation.GatewayMetadata{
		ExchangeEndpoint: centre + "/exchange", Keys: trusttest.KeySet(exchange...), Country: "EU",
		Profiles: []string{ehds.ProfileR8}, SigningAlgs: []string{"Ed25519"},
	})
}

// centreThatSays is a centre with this metadata.
func (n *nation) centreThatSays(md federation.GatewayMetadata) *federation.Self {
	centre := n.server.URL + "/centre"
	return n.self("/centre", "centre", func() []federation.MarkEntry {
		return []federation.MarkEntry{{Type: n.markType("central-platform"), Token: n.mark(centre, n.markType("central-platform"))}}
	}, map[string]any{federation.TypeGateway: md})
}

// port takes the address the gateway is known by.
func (n *nation) port() {
	n.t.Helper()
	address := "127.0.0.1:0"
	if n.listen != nil {
		address = n.listen.Addr().String()
		_ = n.listen.Close() // a stop has done so, or nobody used it
	}
	ln, err := net.Listen("tcp", address)
	if err != nil {
		n.t.Fatal(err)
	}
	n.listen, n.entity = ln, "https://"+ln.Addr().String()
	n.t.Cleanup(func() { _ = ln.Close() })
}

type testKeys string

func (k testKeys) Signing() (jose.SigningKey, error) { return trusttest.Key(string(k)), nil }
func (k testKeys) Public() (jose.KeySet, error) {
	return trusttest.KeySet(trusttest.Key(string(k))), nil
}

func (n *nation) self(path, key string, marks func() []federation.MarkEntry, metadata map[string]any) *federation.Self {
	var hints []string
	if path != "/anchor" {
		hints = []string{n.server.URL + "/anchor"}
	}
	return federation.NewSelf(federation.SelfOptions{
		Entity: n.server.URL + path, Hints: hints, Keys: testKeys(key), Marks: marks, Clock: n.now,
		Metadata:  func() (map[string]any, error) { return metadata, nil },
		MarkRules: func() (federation.MarkRules, error) { return n.markRules(path), nil },
	})
}

// markRules are the anchor's word about marks; others have none.
func (n *nation) markRules(path string) (rules federation.MarkRules) {
	if issuers := n.issuers.Load(); path == "/anchor" && issuers != nil {
		rules.Issuers = map[string][]string{n.markType("ncp"): *issuers, n.markType("hdab"): *issuers}
	}
	return rules
}

func (n *nation) markType(name string) string {
	return federation.MarkType(n.server.URL+"/anchor", name)
}

func (n *nation) mark(sub, markType string) string {
	now := n.now()
	return trusttest.Sign(n.t, trusttest.Key("anchor"), federation.TypMark, map[string]any{
		"iss": n.server.URL + "/anchor", "sub": sub, "trust_mark_type": markType, "iat": now.Unix(), "exp": now.Add(7 * 24 * time.Hour).Unix(),
	})
}

// serve is the anchor and the centre.
func (n *nation) serve(w http.ResponseWriter, r *http.Request) {
	if n.away.Load() {
		http.Error(w, "away", http.StatusBadGateway)
		return
	}
	q := r.URL.Query()
	switch r.URL.Path {
	case "/anchor" + federation.WellKnown:
		n.answer(w, federation.TypStatement)(n.anchor.Configuration())
	case "/centre" + federation.WellKnown:
		n.answer(w, federation.TypStatement)(n.centre.Configuration())
	case "/anchor/fetch":
		set, err := n.keysOf(q.Get("sub"))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		now, country := n.now(), "FR"
		if q.Get("sub") == n.server.URL+"/centre" {
			country = "EU"
		}
		n.answer(w, federation.TypStatement)(trusttest.Sign(n.t, trusttest.Key("anchor"), federation.TypStatement, federation.Claims{
			Iss: n.server.URL + "/anchor", Sub: q.Get("sub"), Iat: now.Unix(), Exp: now.Add(trusttest.Life).Unix(), JWKS: set,
			Metadata: map[string]json.RawMessage{federation.TypeGateway: n.json(federation.Identity{Country: country})},
		}), nil)
	case "/anchor/mark":
		if n.suspend.Load() {
			http.NotFound(w, r)
			return
		}
		n.answer(w, federation.TypMark)(n.mark(q.Get("sub"), q.Get("trust_mark_type")), nil)
	case "/anchor/mark-status":
		n.answer(w, federation.TypMarkStatus)(trusttest.Sign(n.t, trusttest.Key("anchor"), federation.TypMarkStatus, map[string]any{
			"iss": n.server.URL + "/anchor", "iat": n.now().Unix(), "trust_mark": r.FormValue("trust_mark"), "status": "active",
		}), nil)
	case "/centre/historical-keys":
		if past := n.past.Load(); past != nil {
			trusttest.Answer(w, federation.TypHistorical, *past)
			return
		}
		http.NotFound(w, r)
	default:
		if n.region != nil && strings.HasPrefix(r.URL.Path, "/region/") {
			n.region.ServeHTTP(w, r)
			return
		}
		http.NotFound(w, r)
	}
}

func (n *nation) answer(w http.ResponseWriter, typ string) func(string, error) {
	return func(token string, err error) {
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		trusttest.Answer(w, typ, token)
	}
}

// keysOf are the keys the anchor knows an entity by; the gateway's are read from its key files.
func (n *nation) keysOf(sub string) (jose.KeySet, error) {
	switch sub {
	case n.server.URL + "/centre":
		return testKeys("centre").Public()
	case n.server.URL + "/region":
		return testKeys("region").Public()
	case n.entity:
		if set := n.enrolled.Load(); set != nil {
			return *set, nil
		}
		k, err := n.keyStore()
		if err != nil {
			return jose.KeySet{}, err
		}
		defer k.Close()
		return k.Public(keys.Federation, ownerNCP)
	}
	return jose.KeySet{}, os.ErrNotExist
}

func (n *nation) dataDir() string { return filepath.Join(n.dir, "data") }

func (n *nation) keyStore() (*keys.Store, error) {
	return keys.Open(filepath.Join(n.dataDir(), "keys"), keys.Options{Clock: n.now, Rand: rand.Reader})
}

func (n *nation) file(name string, content []byte) string {
	n.t.Helper()
	path := filepath.Join(n.dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		n.t.Fatal(err)
	}
	return path
}

func (n *nation) json(v any) []byte {
	n.t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		n.t.Fatal(err)
	}
	return raw
}

func (n *nation) config() *config.Config {
	n.t.Helper()
	text := fmt.Sprintf(`
version: 1
entity: %s
country: FR
development: true
admin: {address: "127.0.0.1:0"}
listen: {address: "127.0.0.1:0"}
trust: {ca_file: ca.pem, anchors: [{entity: "%[2]s/anchor", jwks: anchor.jwks.json}]}
hdabs: [{id: hdh, code: HDH, name: {en: Health Data Hub}}]
central: {entity: "%[2]s/centre"}
storage: {min_free: 1MiB}
%[3]s`, n.entity, n.server.URL, n.more)
	cfg, err := config.Parse(filepath.Join(n.dir, "ehdsgw.yaml"), []byte(text), config.Options{})
	if err != nil {
		n.t.Fatal(err)
	}
	return cfg
}

func (n *nation) options() Options {
	return Options{
		Config: n.config(), Clock: n.now, After: time.After, Rand: rand.Reader, Logger: slog.New(slog.NewTextHandler(n.log, nil)),
		Listener: n.listen, FreeSpace: func(string) (uint64, error) { return n.free.Load(), nil },
	}
}

func (n *nation) new(o Options) *Gateway {
	n.t.Helper()
	g, err := New(o)
	if err != nil {
		n.t.Fatal(err)
	}
	return g
}

// start brings a gateway up and ends it with the test.
func (n *nation) start() *Gateway {
	n.t.Helper()
	g := n.new(n.options())
	if err := g.Start(n.t.Context()); err != nil {
		n.t.Fatalf("%v\n%s", err, n.log)
	}
	n.t.Cleanup(func() { n.stop(g) })
	return g
}

func (n *nation) stop(g *Gateway) {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := g.Stop(ctx); err != nil {
		n.t.Errorf("Stop: %v\n%s", err, n.log)
	}
}

// ready waits until the gateway is ready.
func (n *nation) ready(g *Gateway) {
	n.t.Helper()
	n.until("ready", func() error { return g.Ready(n.t.Context()) })
}

// until waits for something another goroutine does; there is nothing to be told by.
func (n *nation) until(what string, f func() error) {
	n.t.Helper()
	limit, tick := time.After(10*time.Second), time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for {
		err := f()
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-limit:
			n.t.Fatalf("not %s: %v\n%s", what, err, n.log)
		}
	}
}

// client trusts the gateway's development authority.
func (n *nation) client() *http.Client {
	n.t.Helper()
	raw, err := os.ReadFile(filepath.Join(n.dataDir(), "pki", "ca.pem"))
	if err != nil {
		n.t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(raw)
	tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, DisableKeepAlives: true}
	n.t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

// operator calls the operator socket: a POST when in is not empty.
func (n *nation) operator(path, in string, out any) (status int, code string) {
	n.t.Helper()
	tr := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", SocketPath(n.dataDir()))
	}}
	method := http.MethodGet
	if in != "" {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(n.t.Context(), method, "http://operator"+path, strings.NewReader(in))
	if err != nil {
		n.t.Fatal(err)
	}
	resp, err := (&http.Client{Transport: tr}).Do(req)
	if err != nil {
		n.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		n.t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		var p ehds.Problem
		if err := json.Unmarshal(raw, &p); err != nil || resp.Header.Get("Content-Type") != "application/problem+json" {
			n.t.Fatalf("%s: no problem object: %s", path, raw)
		}
		return resp.StatusCode, p.Code
	}
	if out != nil {
		if err := json.Unmarshal(raw, out); err != nil {
			n.t.Fatalf("%s: %v: %s", path, err, raw)
		}
	}
	return resp.StatusCode, ""
}

// submit is a signed application of the centre, the number-th message of its case.
func (n *nation) submit(id string) string {
	n.t.Helper()
	now := n.now()
	return trusttest.Sign(n.t, trusttest.Key("centre exchange"), ehds.TypMessage, ehds.Envelope{
		Iss: n.server.URL + "/centre", Aud: n.entity, Iat: now.Unix(), Exp: now.Add(time.Hour).Unix(),
		Jti: uuid.Must(uuid.NewV7()).String(), Type: ehds.ApplicationSubmit, Profile: ehds.ProfileR8, Case: "app:" + id, Seq: 1,
		Body: n.json(ehds.ApplicationBody{
			ApplicationID: id, Kind: ehds.DataAccessApplication, Version: 1, Title: "A study", Language: "en",
			DateSubmitted: now.UTC().Format(time.RFC3339), Form: map[string]json.RawMessage{"section1": json.RawMessage(`{}`)},
			Datasets: []ehds.ApplicationDataset{{DatasetID: "ds-1", CatalogID: "cat", Country: "FR"}},
		}),
	})
}

// deliver posts a message and gives the status, the receipt's status and the body.
func (n *nation) deliver(body io.Reader) (int, ehds.ReceiptStatus, string) {
	req, err := http.NewRequestWithContext(n.t.Context(), http.MethodPost, n.entity+"/exchange", body)
	if err != nil {
		n.t.Error(err)
		return 0, "", ""
	}
	req.Header.Set("Content-Type", "application/"+ehds.TypMessage)
	resp, err := n.client().Do(req)
	if err != nil {
		n.t.Error(err)
		return 0, "", ""
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		n.t.Error(err)
	}
	var r ehds.Receipt
	if t, err := jose.Parse(raw, jose.ParseOptions{Typ: []string{ehds.TypReceipt}}); err == nil {
		if err := json.Unmarshal(t.Payload, &r); err != nil {
			n.t.Error(err)
		}
	}
	return resp.StatusCode, r.Status, string(raw)
}

func sha(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
