package redis_test

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/ehdsgw/ehdsgw/gateway/cache"
	"github.com/ehdsgw/ehdsgw/gateway/cache/cachetest"
	"github.com/ehdsgw/ehdsgw/gateway/cache/redis"
)

// open connects to an address.
func open(t *testing.T, address string, o redis.Options) cache.Cache {
	t.Helper()
	c, err := cache.Open(t.Context(), address, redis.Drivers(o))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestContractOnMiniredis(t *testing.T) {
	server := miniredis.RunT(t)
	server.ClockTTL(true)
	now := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	server.SetTime(now)
	cachetest.Run(t, func(t *testing.T) cache.Cache {
		return open(t, "redis://"+server.Addr(), redis.Options{})
	}, cachetest.Capabilities{
		AdvanceClock: func(d time.Duration) { now = now.Add(d); server.SetTime(now) },
		Flush:        func(*testing.T) { server.FlushAll() },
	})
}

func TestPasswordAndDatabase(t *testing.T) {
	server := miniredis.RunT(t)
	server.RequireUserAuth("gateway", "pass word")
	c := open(t, "redis://gateway:pass%20word@"+server.Addr()+"/3", redis.Options{})
	if err := c.Set(t.Context(), "k", []byte("v"), time.Hour); err != nil {
		t.Fatal(err)
	}
	if got, err := server.DB(3).Get("k"); got != "v" || err != nil {
		t.Errorf("database 3 holds %q, %v", got, err)
	}
	wrong := open(t, "redis://gateway:hunter2@"+server.Addr(), redis.Options{})
	err := wrong.Ping(t.Context())
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("Ping with a wrong password = %v", err)
	}
}

func TestTLS(t *testing.T) {
	certificate := httptest.NewTLSServer(nil) // only for its certificate
	defer certificate.Close()
	server, err := miniredis.RunTLS(&tls.Config{Certificates: certificate.TLS.Certificates})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	roots := x509.NewCertPool()
	roots.AddCert(certificate.Certificate())
	trusting := open(t, "rediss://"+server.Addr(), redis.Options{TLS: &tls.Config{RootCAs: roots}})
	if err := trusting.Ping(t.Context()); err != nil {
		t.Errorf("Ping over TLS: %v", err)
	}
	if err := open(t, "rediss://"+server.Addr(), redis.Options{}).Ping(t.Context()); err == nil {
		t.Error("an unknown certificate was accepted")
	}
	if err := open(t, "redis://"+server.Addr(), redis.Options{}).Ping(t.Context()); err == nil {
		t.Error("plain text was accepted by a TLS server")
	}
}

// TestIncrIsNotRepeated loses the answer to a script that did run, and expects
// one count: the client must not send it again.
func TestIncrIsNotRepeated(t *testing.T) {
	server := miniredis.RunT(t)
	direct := open(t, "redis://"+server.Addr(), redis.Options{})
	if _, err := direct.Incr(t.Context(), "n", time.Hour); err != nil { // also loads the script
		t.Fatal(err)
	}
	lossy := startLossy(t, server.Addr())
	c := open(t, "redis://"+lossy.addr, redis.Options{})
	if err := c.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	lossy.dropAnswer.Store(true)
	if n, err := c.Incr(t.Context(), "n", time.Hour); err == nil {
		t.Errorf("Incr = %d without an answer", n)
	}
	if got, err := server.Get("n"); got != "2" || err != nil {
		t.Errorf("counter = %q, %v; want 2", got, err)
	}
}

func FuzzURL(f *testing.F) {
	for _, seed := range []string{
		"redis://h", "rediss://u:p@h:1/2?pool_size=3", "redis+sentinel://a:1,b:2/m/3?tls=true&sentinel_user=u",
		"redis+cluster://:" + "p@[::1]:7000,h:7001", "redis://%zz", "redis://h:99999", "redis:///", "redis+sentinel://h/m/-1",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := url.Parse(raw)
		if err != nil {
			return
		}
		secret := rand.Text()
		if u.User != nil {
			u.User = url.UserPassword("u", secret)
		}
		c, err := redis.New(u, redis.Options{})
		if err == nil {
			_ = c.Close()
		} else if strings.Contains(err.Error(), secret) {
			t.Errorf("error shows the password: %v", err)
		}
	})
}
