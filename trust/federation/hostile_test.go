package federation_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ehdsgw/ehdsgw/trust/egress"
	"github.com/ehdsgw/ehdsgw/trust/federation"
	"github.com/ehdsgw/ehdsgw/trust/trusttest"
)

// canary listens on loopback and counts who comes.
type canary struct {
	port  string
	calls atomic.Int64
}

func newCanary(t *testing.T) *canary {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ln.Close() })
	_, port, err := net.SplitHostPort(ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c := &canary{port: port}
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			c.calls.Add(1)
			_ = conn.Close()
		}
	}()
	return c
}

// names resolves what an attacker's name server would; the second answer differs from the first where
// the name is rebound.
type names struct {
	mu    sync.Mutex
	asked map[string]int
}

func (n *names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asked[host]++
	addr := func(s string) []netip.Addr { return []netip.Addr{netip.MustParseAddr(s)} }
	switch host {
	case "rebind.test":
		if n.asked[host] == 1 {
			return addr("192.0.2.1"), nil
		}
		return addr("127.0.0.1"), nil
	case "metadata.test":
		return addr("169.254.169.254"), nil
	case "private.test":
		return addr("10.0.0.1"), nil
	case "mapped.test":
		return addr("::ffff:127.0.0.1"), nil
	case "mixed.test":
		return append(addr("fe80::1"), addr("127.0.0.1")...), nil
	case "nobody.test":
		return nil, errors.New("no such host")
	}
	return addr("127.0.0.1"), nil
}

// hostileURLs are entity identifiers and endpoints that must never be called.
func hostileURLs(port string) []string {
	p := ":" + port
	return []string{
		"https://127.0.0.1" + p, "https://127.0.0.2" + p, "https://localhost" + p, "https://LOCALHOST" + p,
		"https://0.0.0.0" + p, "https://0" + p, "https://[::]" + p, "https://[::1]" + p, "https://[0:0:0:0:0:0:0:1]" + p,
		"https://[::ffff:127.0.0.1]" + p, "https://[::ffff:7f00:1]" + p, "https://[::127.0.0.1]" + p, "https://[fe80::1%25lo]" + p,
		"https://[64:ff9b::7f00:1]" + p, "https://[2002:7f00:1::]" + p, "https://2130706433" + p, "https://0x7f000001" + p,
		"https://017700000001" + p, "https://0177.0.0.1" + p, "https://127.1" + p, "https://127.0.0.1." + p, "https://127.0.0.1%2e" + p,
		"https://169.254.169.254/latest/meta-data", "https://metadata.test" + p, "https://private.test" + p, "https://mapped.test" + p,
		"https://mixed.test" + p, "https://rebind.test" + p, "https://nobody.test" + p, "https://canary.test" + p, "https://canary.test." + p,
		"https://user:pw@127.0.0.1" + p, "https://anchor.test@127.0.0.1" + p, "https://anchor.test" + p + "@127.0.0.1" + p,
		"https://127.0.0.1" + p + "#@anchor.test", "https://127.0.0.1" + p + "?x=https://anchor.test", `https://anchor.test\@127.0.0.1` + p,
		"http://127.0.0.1" + p, "http://canary.test" + p, "HTTP://127.0.0.1" + p, "//127.0.0.1" + p, "127.0.0.1" + p, "file:///etc/passwd", "gopher://127.0.0.1" + p,
		"https://127.0.0.1:0" + port, "https://127.0.0.1:" + port + "0", "https://127.0.0.1:99999", "https://127.0.0.1:", "https://", "https:///x",
		"https://xn--n3h.test" + p, "https://xn--80ak6aa92e.test" + p, "https://аnchor.test" + p, "https://127。0。0。1" + p, "https://１２７.0.0.1" + p, "https://ⓛocalhost" + p,
		"https://127.0.0.1" + p + "/\r\nHost: anchor.test", "https://127.0.0.1" + p + "/\x00", "https://127.0.0.1 " + p, " https://127.0.0.1" + p,
		"https://canary.test" + p + "/" + strings.Repeat("a", 3000), "",
	}
}

// guarded is a resolver over the real guarded client, as a deployment outside development has it.
func guarded(t *testing.T, f *trusttest.Federation, onboarded, intermediates []string) *federation.Resolver {
	t.Helper()
	client, err := egress.New(egress.Options{Resolver: &names{asked: map[string]int{}}, Timeout: 2 * time.Second, Dial: refuseDocumentation})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdleConnections)
	return federation.NewResolver(federation.Options{
		Anchors: f.Anchors(), Onboarded: onboarded, Intermediates: intermediates, Clock: f.Clock.Now, Timeout: 2 * time.Second,
		Logger: slog.New(slog.DiscardHandler), HTTP: &http.Client{Transport: split{f.Client().Transport, client}},
	})
}

// refuseDocumentation dials for real, but for addresses that nobody has.
func refuseDocumentation(ctx context.Context, network, address string) (net.Conn, error) {
	if strings.HasPrefix(address, "192.0.2.") {
		return nil, errors.New("unreachable")
	}
	return (&net.Dialer{}).DialContext(ctx, network, address)
}

// split sends what goes to the federation's hosts to them, all else through the guard.
type split struct{ inside, guard http.RoundTripper }

func (s split) RoundTrip(r *http.Request) (*http.Response, error) {
	switch r.URL.Scheme + "://" + r.URL.Host {
	case trusttest.AnchorID, "https://ncp.fr.test", "https://mid.test":
		return s.inside.RoundTrip(r)
	}
	return s.guard.RoundTrip(r)
}

func TestHostileAddressesAreNotCalled(t *testing.T) {
	t.Parallel()
	bird := newCanary(t)
	urls := hostileURLs(bird.port)
	if len(urls) < 40 {
		t.Fatalf("%d addresses", len(urls))
	}
	for _, hostile := range urls {
		f := trusttest.NewFederation(t)
		fr := f.NCP("FR")
		for place, run := range map[string]func() error{
			"onboarded": func() error {
				_, err := guarded(t, f, []string{hostile}, nil).Resolve(t.Context(), hostile, nil)
				return err
			},
			"hint of an enrolled superior": func() error {
				fr.EditConfiguration(func(c *federation.Claims) { c.AuthorityHints = []string{hostile} })
				_, err := guarded(t, f, []string{fr.ID}, []string{hostile}).Resolve(t.Context(), fr.ID, nil)
				fr.EditConfiguration(nil)
				return err
			},
			"hint an operator's entity names": func() error {
				fr.EditConfiguration(func(c *federation.Claims) { c.AuthorityHints = []string{hostile} })
				_, err := guarded(t, f, nil, nil).Discover(t.Context(), fr.ID)
				fr.EditConfiguration(nil)
				return err
			},
			"fetch endpoint of the anchor": func() error {
				editEndpoints(f.Anchor, endpointNamed("federation_fetch_endpoint", hostile))
				_, err := guarded(t, f, []string{fr.ID}, nil).Resolve(t.Context(), fr.ID, nil)
				return err
			},
			"list endpoint of the anchor": func() error {
				editEndpoints(f.Anchor, endpointNamed("federation_list_endpoint", hostile))
				_, err := guarded(t, f, nil, nil).List(t.Context(), trusttest.AnchorID, federation.ListFilter{})
				return err
			},
		} {
			if err := run(); err == nil {
				t.Errorf("%q as %s: no error", hostile, place)
			}
		}
	}
	time.Sleep(10 * time.Millisecond) // a call that was made has arrived by now
	if n := bird.calls.Load(); n != 0 {
		t.Errorf("%d connections", n)
	}
	t.Logf("%d hostile addresses in 5 places: %d connections", len(urls), bird.calls.Load())
}

func endpointNamed(member, address string) string {
	raw, err := json.Marshal(map[string]string{member: address})
	if err != nil {
		panic(err) // strings
	}
	return string(raw)
}

// An issuer nobody knows, whose identifier and whose chain point to the canary.
func TestUnknownIssuerCausesNoConnection(t *testing.T) {
	t.Parallel()
	bird := newCanary(t)
	f := trusttest.NewFederation(t)
	fr := f.NCP("FR")
	id := "https://127.0.0.1:" + bird.port
	client, err := egress.New(egress.Options{AllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	o := f.Options()
	o.HTTP = client.HTTP() // which could reach the canary
	r := federation.NewResolver(o)
	chain := fr.Chain()
	fr.EditConfiguration(func(c *federation.Claims) {
		c.Iss, c.Sub, c.AuthorityHints = id, id, []string{id}
		editedEndpoints := fmt.Sprintf(`{"federation_fetch_endpoint":"%s/fetch","federation_trust_mark_status_endpoint":"%s/status"}`, id, id)
		c.Metadata[federation.TypeFederationEntity] = []byte(editedEndpoints)
	})
	own := fr.Configuration()
	for range 20 {
		for _, headers := range [][]string{nil, {own}, {own, chain[1], chain[2]}, {own, own, own}, chain} {
			if _, err := r.Resolve(t.Context(), id, headers); err == nil || errors.Is(err, federation.ErrUnavailable) {
				t.Errorf("error = %v", err)
			}
		}
		if _, err := r.Refresh(t.Context(), id); !errors.Is(err, federation.ErrUnknownIssuer) {
			t.Errorf("refresh: %v", err)
		}
		if _, err := r.List(t.Context(), id, federation.ListFilter{}); !errors.Is(err, federation.ErrUnknownIssuer) {
			t.Errorf("list: %v", err)
		}
	}
	time.Sleep(10 * time.Millisecond)
	if n := bird.calls.Load(); n != 0 {
		t.Errorf("%d connections", n)
	}
}
