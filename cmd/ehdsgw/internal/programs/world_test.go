package programs

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/conformance/forge"
	"github.com/ehdsgw/ehdsgw/conformance/roles"
	"github.com/ehdsgw/ehdsgw/conformance/roles/trust"
	"github.com/ehdsgw/ehdsgw/gateway"
	"github.com/ehdsgw/ehdsgw/gateway/ehds"
	"github.com/ehdsgw/ehdsgw/trust/keys"
	"github.com/ehdsgw/ehdsgw/trust/pki"
)

const hdabID = "national"

// world is one gateway process and everything it talks to.
type world struct {
	t      *testing.T
	dir    string
	ca     authority
	anchor *trust.Anchor
	centre *centre
	pace   *pace // of all parties; nil where the machine's clock is everybody's

	entity, address, admin string // of the gateway
	central                string // the centre's entity
	keys                   forge.JWKS
	log                    forge.LogOf
	settings               map[string]string // parts of the configuration that programs change

	client, client2 *http.Client // to the parties: HTTP/1.1 with connections kept, and HTTP/2
	child           *child
}

// authority is who signs the certificates of all parties.
type authority interface {
	CertFile() string
	KeyFile() string
	CAFile() string
	Pool() *x509.CertPool
}

// newWorld brings up anchor and centre, makes the gateway's keys, enrols it and writes its
// configuration. The gateway is not started.
func newWorld(t *testing.T) *world {
	t.Helper()
	dir := t.TempDir()
	ca, err := pki.DevelopmentCA(filepath.Join(dir, "pki"), pki.Options{
		Clock: time.Now, Rand: rand.Reader, Names: []string{"localhost", "127.0.0.1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	w := openWorld(t, dir, ca, nil)
	w.centre = newCentre(w)
	w.central = w.centre.entity
	w.writeConfiguration()
	return w
}

// openWorld is a world without a centre and a configuration, whose parties have a pace in common.
func openWorld(t *testing.T, dir string, ca authority, p *pace) *world {
	t.Helper()
	w := &world{t: t, dir: dir, ca: ca, pace: p, settings: map[string]string{
		"cache": "memory:", "min_free": "1MiB", "exchange": "retry: {first: 50ms, max: 1s, give_up: 336h}, breaker: {failures: 100, open: 1s}",
	}}
	var err error
	w.client, w.client2 = w.newClient(false), w.newClient(true)
	anchorListener := w.listen()
	if w.anchor, err = trust.New(trust.Options{
		Entity: "https://" + anchorListener.Addr().String(), Dir: filepath.Join(w.dir, "anchor"), Clock: w.now, Rand: rand.Reader,
	}); err != nil {
		t.Fatal(err)
	}
	w.serve(anchorListener, w.anchor.Handler())
	w.address, w.admin = freeAddress(t), freeAddress(t)
	w.entity = "https://" + w.address
	w.makeGatewayKeys()
	return w
}

// now is the time of all parties.
func (w *world) now() time.Time {
	if w.pace == nil {
		return time.Now()
	}
	return w.pace.now()
}

func (w *world) dataDir() string { return filepath.Join(w.dir, "gateway", "data") }
func (w *world) config() string  { return filepath.Join(w.dir, "gateway", "ehdsgw.yaml") }
func (w *world) hdab() string    { return gateway.HDABEntity(w.entity, hdabID) }

// newClient trusts the development authority and nobody else. It speaks HTTP/2, or HTTP/1.1 with
// connections kept.
func (w *world) newClient(http2 bool) *http.Client {
	tr := &http.Transport{
		TLSClientConfig:     &tls.Config{RootCAs: w.ca.Pool(), MinVersion: tls.VersionTLS12},
		MaxIdleConnsPerHost: 64, ForceAttemptHTTP2: http2,
	}
	if !http2 {
		tr.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	}
	w.t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: 20 * time.Second}
}

func (w *world) listen() net.Listener {
	w.t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	return ln
}

// serve runs a party's server over TLS until the test ends.
func (w *world) serve(ln net.Listener, h http.Handler) {
	w.t.Helper()
	files, err := pki.NewReloader(pki.Files{Cert: w.ca.CertFile(), Key: w.ca.KeyFile(), Clock: w.now})
	if err != nil {
		w.t.Fatal(err)
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)}
	go func() { _ = s.Serve(tls.NewListener(ln, files.ServerConfig())) }() // ends with the test
	w.t.Cleanup(func() { _ = s.Close() })
}

// freeAddress finds a port below the range the system hands out for outgoing connections, so that
// nobody takes it while the gateway is down.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 200 {
		address := fmt.Sprintf("127.0.0.1:%d", 18000+mathrand.IntN(12000))
		ln, err := net.Listen("tcp", address)
		if err == nil {
			_ = ln.Close()
			return address
		}
	}
	t.Fatal("no free port on loopback")
	return ""
}

// makeGatewayKeys makes the keys as the gateway's first start would, and enrols it and its body.
func (w *world) makeGatewayKeys() {
	w.t.Helper()
	k, err := keys.Open(filepath.Join(w.dataDir(), "keys"), keys.Options{Clock: w.now, Rand: rand.Reader})
	if err != nil {
		w.t.Fatal(err)
	}
	defer k.Close()
	if err := gateway.EnsureKeys(k, []string{hdabID}); err != nil {
		w.t.Fatal(err)
	}
	public := func(p keys.Purpose, owner string) forge.JWKS {
		set, err := k.Public(p, owner)
		if err != nil {
			w.t.Fatal(err)
		}
		raw, err := json.Marshal(set)
		if err != nil {
			w.t.Fatal(err)
		}
		out, err := forge.ParseJWKS(raw)
		if err != nil {
			w.t.Fatal(err)
		}
		return out
	}
	for _, e := range []struct {
		entity, owner string
		mark          ehds.Mark
		stated        map[string]json.RawMessage
	}{
		{w.entity, "ncp", ehds.MarkNCP, roles.StateGateway("FR")},
		{w.hdab(), "hdab-" + hdabID, ehds.MarkHDAB, roles.StateBody("FR", "HDH")},
	} {
		if err := w.anchor.Enroll(e.entity, public(keys.Federation, e.owner), []string{string(e.mark)}, trust.EnrollOptions{Metadata: e.stated}); err != nil {
			w.t.Fatal(err)
		}
	}
	origin := gateway.LogOrigin(w.entity)
	logKey, err := k.LogKey(origin)
	if err != nil {
		w.t.Fatal(err)
	}
	w.keys, w.log = public(keys.Exchange, "ncp"), forge.LogOf{Origin: origin, VKeys: []string{logKey.VKey}}
}

// writeConfiguration writes what an operator would, with the settings as they stand.
func (w *world) writeConfiguration() {
	w.t.Helper()
	anchorKeys, err := json.Marshal(w.anchor.JWKS())
	if err != nil {
		w.t.Fatal(err)
	}
	text := fmt.Sprintf(`version: 1
entity: %s
country: FR
display_name: {en: "Programs under load"}
development: true
data_dir: data
listen: {address: %q, tls: {cert: %q, key: %q}}
admin: {address: %q}
trust:
  anchors: [{entity: %q, jwks: anchor.jwks.json}]
  ca_file: %q
hdabs: [{id: %s, code: HDH, name: {en: "Programs under load"}}]
central: {entity: %q}
exchange: {workers: 16, %s}
cache: {url: %q}
storage: {min_free: %s}
log: {level: warn, format: text}
%s`, w.entity, w.address, w.ca.CertFile(), w.ca.KeyFile(), w.admin, w.anchor.Entity(), w.ca.CAFile(), hdabID,
		w.central, w.settings["exchange"], w.settings["cache"], w.settings["min_free"], w.settings["more"])
	for name, content := range map[string][]byte{"ehdsgw.yaml": []byte(text), "anchor.jwks.json": anchorKeys} {
		if err := os.WriteFile(filepath.Join(w.dir, "gateway", name), content, 0o600); err != nil {
			w.t.Fatal(err)
		}
	}
}

// operator asks the gateway's operator socket.
func (w *world) operator(path string, into any) error {
	d := net.Dialer{}
	c := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return d.DialContext(ctx, "unix", gateway.SocketPath(w.dataDir()))
		},
	}}
	resp, err := c.Get("http://operator" + path)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("operator socket: %s: %s", path, resp.Status)
	}
	return json.NewDecoder(resp.Body).Decode(into)
}
