package gateway

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/config"
)

const minimal = `
version: 1
entity: https://127.0.0.1:1
country: FR
development: true
admin: {address: "127.0.0.1:0"}
listen: {address: "127.0.0.1:0"}
trust: {anchors: [{entity: "https://127.0.0.1:2", jwks: anchor.jwks.json}]}
hdabs: [{id: hdh, code: HDH, name: {en: Health Data Hub}}]
central: {entity: "https://127.0.0.1:3"}
storage: {min_free: 1MiB}
`

// anchorKeys is the RFC 8037 Appendix A.2 public key: any key will do for an anchor nobody reaches.
const anchorKeys = `{"keys":[{"kty":"OKP","crv":"Ed25519","alg":"Ed25519","use":"sig",
"kid":"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`

func start(t *testing.T, yaml string) (*Gateway, *config.Config) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "anchor.jwks.json"), []byte(anchorKeys), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Parse(filepath.Join(dir, "ehdsgw.yaml"), []byte(yaml), config.Options{})
	if err != nil {
		t.Fatal(err)
	}
	g, err := New(Options{Config: cfg, Clock: time.Now, After: time.After, Rand: rand.Reader, Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	if err := g.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := g.Stop(ctx); err != nil {
			t.Errorf("Stop: %v", err)
		}
	})
	return g, cfg
}

// A gateway starts without its anchor: it is alive, says why it is not ready, and serves what it can.
func TestStartsWithoutItsAnchorAndSaysSo(t *testing.T) {
	g, cfg := start(t, minimal)
	if g.Addr() == "" {
		t.Fatal("no address")
	}
	if err := g.Ready(t.Context()); err == nil {
		t.Error("ready without marks")
	}
	d := net.Dialer{}
	c := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return d.DialContext(ctx, "unix", SocketPath(cfg.DataDir))
	}}}
	resp, err := c.Get("http://operator/v1/status")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("status = %d", resp.StatusCode)
	}
	info, err := os.Stat(SocketPath(cfg.DataDir))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("socket mode %v, %v", info.Mode(), err)
	}
}
