package programs

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/config"
	"github.com/ehdsgw/ehdsgw/gateway"
)

// pace is a clock that parties in several processes share: at an instant of the machine's clock it stands
// somewhere, and goes on so many times as fast. It jumps while the gateway is down.
type pace struct {
	mu sync.Mutex
	hand
}

// hand is where the clock stands, as the gateway's process is told.
type hand struct {
	Stands time.Time `json:"stands"`
	At     time.Time `json:"at"`
	Speed  int64     `json:"speed"`
}

func (h hand) now() time.Time { return h.Stands.Add(time.Since(h.At) * time.Duration(h.Speed)) }

func (h hand) after(d time.Duration) <-chan time.Time {
	return time.After(d / time.Duration(h.Speed))
}

func (p *pace) now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hand.now()
}

// jump sets the clock forward.
func (p *pace) jump(to time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if to.Before(p.hand.now()) {
		panic(fmt.Sprintf("the clock stands at %v already, not before %v", p.hand.now(), to))
	}
	p.Stands, p.At = to, time.Now()
}

// lifeKey is the variable that makes a process of this test's binary a gateway.
const lifeKey = "EHDSGW_PROGRAMS_LIFE"

type lifetime struct {
	Hand   hand   `json:"hand"`
	Config string `json:"config"`
}

func (p *pace) life(config string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	h := p.hand
	h.At = h.At.Round(0) // another process has no share in the monotonic clock
	raw, err := json.Marshal(lifetime{h, config})
	if err != nil {
		panic(err) // plain structs
	}
	return string(raw)
}

// live is 'ehdsgw serve' with another clock: the same gateway, in a process of its own, until SIGTERM.
func live(raw string) int {
	err := func() error {
		var l lifetime
		if err := json.Unmarshal([]byte(raw), &l); err != nil {
			return err
		}
		cfg, err := config.Load(l.Config, config.Options{})
		if err != nil {
			return err
		}
		g, err := gateway.New(gateway.Options{Config: cfg, Clock: l.Hand.now, After: l.Hand.after, Rand: rand.Reader,
			Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))})
		if err != nil {
			return err
		}
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		defer stop()
		if err := g.Start(ctx); err != nil {
			return err
		}
		<-ctx.Done()
		return g.Stop(context.Background())
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// lasting is an authority and a certificate that are valid whatever the time is: clients look at the
// machine's clock, the gateway at its own.
type lasting struct {
	dir  string
	pool *x509.CertPool
}

func (l lasting) CertFile() string     { return filepath.Join(l.dir, "cert.pem") }
func (l lasting) KeyFile() string      { return filepath.Join(l.dir, "key.pem") }
func (l lasting) CAFile() string       { return l.CertFile() }
func (l lasting) Pool() *x509.CertPool { return l.pool }

func newLasting(t *testing.T, dir string) lasting {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"},
		NotBefore: time.Now().AddDate(-20, 0, 0), NotAfter: time.Now().AddDate(20, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	private, err2 := x509.MarshalPKCS8PrivateKey(key)
	if err := errors.Join(err, err2, os.MkdirAll(dir, 0o700)); err != nil {
		t.Fatal(err)
	}
	l := lasting{dir: dir, pool: x509.NewCertPool()}
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	l.pool.AppendCertsFromPEM(cert)
	if err := errors.Join(os.WriteFile(l.CertFile(), cert, 0o600),
		os.WriteFile(l.KeyFile(), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), 0o600)); err != nil {
		t.Fatal(err)
	}
	return l
}
