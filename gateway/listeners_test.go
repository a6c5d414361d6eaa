package gateway

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/gateway/permits"
	"github.com/ehdsgw/ehdsgw/gateway/store"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/jose"
	"github.com/ehdsgw/ehdsgw/trust/keys"
	"github.com/ehdsgw/ehdsgw/trust/pki"
	"github.com/ehdsgw/ehdsgw/trust/statuslist"
)

// get reads an address; the client trusts the gateway's development authority.
func (n *nation) get(address string) (status int, header http.Header, body string) {
	n.t.Helper()
	resp, err := n.client().Get(address)
	if err != nil {
		n.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		n.t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(raw)
}

func TestAdminEndpoints(t *testing.T) {
	n := newNation(t)
	n.away.Store(true)
	g := n.start()
	admin := "http://" + g.AdminAddr()
	if status, _, body := n.get(admin + "/livez"); status != 200 || !strings.Contains(body, "alive") {
		t.Errorf("livez: %d %s", status, body)
	}
	if status, _, body := n.get(admin + "/readyz"); status != 503 || !strings.Contains(body, "no ncp mark") {
		t.Errorf("readyz without marks: %d %s", status, body)
	}
	n.away.Store(false)
	n.ready(g)
	if status, _, body := n.get(admin + "/readyz"); status != 200 {
		t.Errorf("readyz: %d %s", status, body)
	}
	n.until("counted", func() error {
		if _, _, body := n.get(admin + "/metrics"); !strings.Contains(body, `ehdsgw_record_rows{kind="case"} 0`) {
			return errors.New(body)
		}
		return nil
	})
	if status, _, _ := n.get(admin + "/v1/status"); status != 404 {
		t.Errorf("the operator API on the admin listener: %d", status)
	}
	if status, _, _ := n.get(n.entity + "/metrics"); status != 404 {
		t.Errorf("metrics on the public listener: %d", status)
	}
}

// Below the floor of free space nothing is acknowledged; what was refused is taken once there is room.
func TestNoReceiptBelowTheFloor(t *testing.T) {
	n := newNation(t)
	g := n.start()
	n.ready(g)
	message := n.submit("A1")
	n.free.Store(1<<20 - 1)
	if status, receipt, body := n.deliver(strings.NewReader(message)); status != 503 || receipt == ehds.Received {
		t.Errorf("below the floor: %d %s %s", status, receipt, body)
	}
	if err := g.Ready(t.Context()); !errors.Is(err, store.ErrNoSpace) {
		t.Errorf("readiness below the floor: %v", err)
	}
	if status, _, body := n.get("http://" + g.AdminAddr() + "/readyz"); status != 503 || !strings.Contains(body, "free space") {
		t.Errorf("readyz below the floor: %d %s", status, body)
	}
	if status, _, _ := n.get(n.entity + federation.WellKnown); status != 200 {
		t.Errorf("reading below the floor: %d", status)
	}
	n.free.Store(1 << 20)
	if err := g.Ready(t.Context()); err != nil {
		t.Errorf("readiness at the floor: %v", err)
	}
	if status, receipt, body := n.deliver(strings.NewReader(message)); status != 200 || receipt != ehds.Received {
		t.Errorf("at the floor: %d %s %s", status, receipt, body)
	}
	if status, receipt, _ := n.deliver(strings.NewReader(message)); status != 200 || receipt != ehds.Duplicate {
		t.Errorf("the same again: %d %s", status, receipt)
	}
	if c, err := g.record.Counts(t.Context()); err != nil || c.Messages != 1 || c.Cases != 1 {
		t.Errorf("%+v, %v", c, err)
	}
}

// A stop answers what is under way and takes nothing new.
func TestStopAnswersWhatIsUnderWay(t *testing.T) {
	n := newNation(t)
	g := n.start()
	n.ready(g)
	r, w := io.Pipe()
	type outcome struct {
		status  int
		receipt ehds.ReceiptStatus
	}
	done := make(chan outcome, 1)
	go func() {
		status, receipt, _ := n.deliver(r)
		done <- outcome{status, receipt}
	}()
	message := n.submit("A1")
	if _, err := io.WriteString(w, message[:len(message)/2]); err != nil { // read by the client: under way
		t.Fatal(err)
	}
	n.until("under way", func() error {
		s := g.servers[0]
		s.mu.Lock()
		defer s.mu.Unlock()
		if len(s.fresh) > 0 {
			return errors.New("the request has not arrived")
		}
		return nil
	})
	stopped := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
		defer cancel()
		stopped <- g.Stop(ctx)
	}()
	n.until("not ready", func() error {
		if g.Ready(t.Context()) == nil {
			return errors.New("ready")
		}
		return nil
	})
	if status, _, body := n.get("http://" + g.AdminAddr() + "/readyz"); status != 503 || !strings.Contains(body, "stopping") {
		t.Errorf("readyz while stopping: %d %s", status, body)
	}
	if _, err := io.WriteString(w, message[len(message)/2:]); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got := <-done; got.status != 200 || got.receipt != ehds.Received {
		t.Errorf("a request under way got %d %s", got.status, got.receipt)
	}
	if err := <-stopped; err != nil {
		t.Errorf("Stop: %v", err)
	}
	if _, err := n.client().Get(n.entity + federation.WellKnown); err == nil {
		t.Error("a stopped gateway answers")
	}
}

// A stop that may not wait closes everything all the same, and says that it did not wait.
func TestStopThatMayNotWait(t *testing.T) {
	n := newNation(t)
	g := n.new(n.options())
	if err := g.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	n.ready(g)
	r, w := io.Pipe()
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		if resp, err := n.client().Post(n.entity+"/exchange", "application/"+ehds.TypMessage, r); err == nil {
			_ = resp.Body.Close()
		}
	}()
	if _, err := io.WriteString(w, "eyJ"); err != nil {
		t.Fatal(err)
	}
	n.until("under way", func() error {
		g.servers[0].mu.Lock()
		defer g.servers[0].mu.Unlock()
		if len(g.servers[0].fresh) > 0 {
			return errors.New("the request has not arrived")
		}
		return nil
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := g.Stop(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Stop: %v", err)
	}
	_ = w.Close()
	<-gone
	if err := g.record.Healthy(); !errors.Is(err, store.ErrClosed) {
		t.Errorf("the record is open: %v", err)
	}
}

// The status list is served to everybody, signed, and kept for a moment.
func TestStatusList(t *testing.T) {
	n := newNation(t)
	g := n.start()
	n.ready(g)
	list := HDABEntity(n.entity, "hdh") + "/status/2027"
	if status, _, _ := n.get(list); status != 404 {
		t.Errorf("a list never used: %d", status)
	}
	set := func(w store.PermitWrite) {
		t.Helper()
		_, err := g.record.Update(t.Context(), "app:A1", func(store.State) (store.Change, error) {
			return store.Change{Doc: []byte(`{}`), Permits: []store.PermitWrite{w}}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	set(store.PermitWrite{ID: "DP-1-v1", Token: "token", List: list, Index: 7})
	status, header, first := n.get(list)
	if status != 200 || header.Get("Content-Type") != "application/statuslist+jwt" || header.Get("Set-Cookie") != "" {
		t.Fatalf("%d %v", status, header)
	}
	if got := entry(t, first, 7); got != ehds.StatusValid {
		t.Errorf("status = %d", got)
	}
	set(store.PermitWrite{ID: "DP-1-v1", Status: ehds.StatusInvalid})
	n.until("seen revoked", func() error {
		n.offset.Add(int64(permits.ListAge / 20)) // at most this is how long it takes
		if _, _, token := n.get(list); entry(t, token, 7) != ehds.StatusInvalid {
			return errors.New("still valid")
		}
		return nil
	})
	for _, path := range []string{"/hdab/other/status/2027", "/hdab/hdh/status/20277", "/hdab/hdh/status/x", "/status/2027"} {
		if status, _, _ := n.get(n.entity + path); status != 404 {
			t.Errorf("%s: %d", path, status)
		}
	}
}

func entry(t *testing.T, token string, idx int64) int {
	t.Helper()
	tok, err := jose.Parse([]byte(token), jose.ParseOptions{Typ: []string{ehds.TypStatusList}})
	if err != nil {
		t.Fatal(err)
	}
	if len(tok.Header.TrustChain) != 4 {
		t.Errorf("the list has a chain of %d", len(tok.Header.TrustChain))
	}
	var c statuslist.Token
	if err := json.Unmarshal(tok.Payload, &c); err != nil {
		t.Fatal(err)
	}
	list, err := statuslist.Decode(c.StatusList)
	if err != nil {
		t.Fatal(err)
	}
	got, err := list.Get(idx)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// Renewed TLS files are taken over at a reload, on both listeners; broken ones are not.
func TestReloadOfTLSFiles(t *testing.T) {
	n := newNation(t)
	put := func() []byte {
		ca, err := pki.DevelopmentCA(filepath.Join(t.TempDir(), "pki"), pki.Options{Clock: n.now, Rand: rand.Reader, Names: []string{"127.0.0.1"}})
		if err != nil {
			t.Fatal(err)
		}
		for to, from := range map[string]string{"cert.pem": ca.CertFile(), "key.pem": ca.KeyFile()} {
			raw, err := os.ReadFile(from)
			if err != nil {
				t.Fatal(err)
			}
			n.file(to, raw)
		}
		pair, err := tls.LoadX509KeyPair(ca.CertFile(), ca.KeyFile())
		if err != nil {
			t.Fatal(err)
		}
		return pair.Certificate[0]
	}
	first := put()
	o := n.options()
	o.Config.Listen.TLS = config.TLS{Cert: filepath.Join(n.dir, "cert.pem"), Key: filepath.Join(n.dir, "key.pem")}
	o.Config.Admin.TLS = o.Config.Listen.TLS
	g := n.new(o)
	if err := g.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer n.stop(g)
	shows := func(want []byte, when string) {
		t.Helper()
		for _, address := range []string{g.Addr(), g.AdminAddr()} {
			conn, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}) //nolint:gosec // only looks at the certificate
			if err != nil {
				t.Fatal(err)
			}
			if got := conn.ConnectionState().PeerCertificates[0].Raw; string(got) != string(want) {
				t.Errorf("%s: another certificate on %s", when, address)
			}
			_ = conn.Close()
		}
	}
	shows(first, "at the start")
	second := put()
	if err := g.Reload(); err != nil {
		t.Fatal(err)
	}
	shows(second, "renewed")
	n.file("key.pem", []byte("no key"))
	if err := g.Reload(); err == nil || strings.Count(err.Error(), "tls files") != 2 {
		t.Errorf("a broken key: %v", err)
	}
	shows(second, "broken")
	third := put()
	stray := n.file("data/keys/stray.json", []byte("{}"))
	if err := g.Reload(); err == nil || !strings.Contains(err.Error(), "stray.json") {
		t.Errorf("a stray file among the keys: %v", err)
	}
	shows(third, "with a stray key file")
	if _, err := g.signer().Sign(ehds.TypReceipt, map[string]any{}, nil); err != nil {
		t.Errorf("signing after a reload that failed: %v", err)
	}
	if err := os.Remove(stray); err != nil {
		t.Fatal(err)
	}
	if err := g.Reload(); err != nil {
		t.Error(err)
	}
}

// A reload shows the keys as they are now, not a configuration signed before; with nothing new to say
// the configuration stays, and peers confirm it.
func TestReloadMakesStatementsAnew(t *testing.T) {
	n := newNation(t)
	g := n.start()
	n.ready(g)
	_, header, before := n.get(n.entity + federation.WellKnown)
	n.offset.Add(int64(2 * time.Second)) // iat, in seconds
	if err := g.Reload(); err != nil {
		t.Fatal(err)
	}
	confirmed := func() bool {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, n.entity+federation.WellKnown, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("If-None-Match", header.Get("ETag"))
		resp, err := n.client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		return resp.StatusCode == http.StatusNotModified
	}
	if _, _, again := n.get(n.entity + federation.WellKnown); again != before || !confirmed() {
		t.Error("another configuration, with nothing new to say")
	}
	k, err := n.keyStore() // as another process, "keys rotate" for instance
	if err != nil {
		t.Fatal(err)
	}
	defer k.Close()
	if _, err := k.Generate(keys.Exchange, ownerNCP, "ES256"); err != nil {
		t.Fatal(err)
	}
	if err := g.Reload(); err != nil {
		t.Fatal(err)
	}
	_, _, after := n.get(n.entity + federation.WellKnown)
	if before == after || confirmed() {
		t.Error("the configuration kept outlives a reload")
	}
	s, err := federation.ParseStatement(after)
	if err != nil || len(s.TrustMarks) != 1 {
		t.Errorf("%v, %d marks", err, len(s.TrustMarks))
	}
}
