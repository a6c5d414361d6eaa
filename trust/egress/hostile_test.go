package egress

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"
)

// names is a resolver with fixed answers; each lookup of a name takes the next one, the last stays.
type names struct {
	mu      sync.Mutex
	answers map[string][][]string
	lookups int
}

func (n *names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lookups++
	list := n.answers[strings.ToLower(host)]
	if len(list) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	if len(list) > 1 {
		n.answers[host] = list[1:]
	}
	out := []netip.Addr{}
	for _, s := range list[0] {
		out = append(out, netip.MustParseAddr(s))
	}
	return out, nil
}

// canary counts every connection it gets. It listens on loopback, where no guarded client may go.
type canary struct {
	listener net.Listener
	accepted chan string // remote addresses, in order
}

func newCanary(t *testing.T) *canary {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &canary{listener: l, accepted: make(chan string, 1000)}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			c.accepted <- conn.RemoteAddr().String()
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close() })
	return c
}

func (c *canary) port() string {
	_, port, _ := net.SplitHostPort(c.listener.Addr().String())
	return port
}

// expectSilence connects itself: connections are accepted in order, so that ours coming out first
// shows there was none before.
func (c *canary) expectSilence(t *testing.T) {
	t.Helper()
	conn, err := net.Dial("tcp", c.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if got := <-c.accepted; got != conn.LocalAddr().String() {
		t.Error("the canary was connected to")
	}
}

// shows R16.0.1 R16.0.4
func TestHostileURLs(t *testing.T) {
	bird := newCanary(t)
	dns := &names{answers: map[string][][]string{
		"localhost":            {{"127.0.0.1", "::1"}},
		"loopback.example":     {{"127.0.0.1"}},
		"mapped.example":       {{"::ffff:127.0.0.1"}},
		"six.example":          {{"::1"}},
		"ten.example":          {{"10.1.2.3"}},
		"seventeen.example":    {{"172.31.255.255"}},
		"home.example":         {{"192.168.1.1"}},
		"cgnat.example":        {{"100.127.0.1"}},
		"metadata.example":     {{"169.254.169.254"}},
		"any.example":          {{"0.0.0.0"}},
		"anysix.example":       {{"::"}},
		"multicast.example":    {{"224.0.0.251", "ff02::1"}},
		"broadcast.example":    {{"255.255.255.255"}},
		"ula.example":          {{"fd00::1"}},
		"linklocal.example":    {{"fe80::1"}},
		"nat64.example":        {{"64:ff9b::7f00:1"}},
		"nat64local.example":   {{"64:ff9b:1::7f00:1"}},
		"sixtofour.example":    {{"2002:7f00:1::1"}},
		"teredo.example":       {{"2001:0:4136:e378:8000:63bf:80ff:fffe"}},
		"compatible.example":   {{"::127.0.0.1"}},
		"test.example":         {{"192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1"}},
		"benchmark.example":    {{"198.18.0.1"}},
		"nothing.example":      {{}},
		"2130706433":           {{"127.0.0.1"}},
		"0x7f000001":           {{"127.0.0.1"}},
		"017700000001":         {{"127.0.0.1"}},
		"127.1":                {{"127.0.0.1"}},
		"0177.0.0.1":           {{"127.0.0.1"}},
		"0x7f.0.0.1":           {{"127.0.0.1"}},
		"loopback.example.":    {{"127.0.0.1"}},
		"xn--loopback-example": {{"127.0.0.1"}},
	}}
	client, err := New(Options{Resolver: dns, Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	p := ":" + bird.port()
	cases := []struct {
		url    string
		want   error
		static bool // Check alone refuses
	}{
		{"http://loopback.example" + p, ErrScheme, true},
		{"http://127.0.0.1" + p, ErrScheme, true},
		{"ftp://loopback.example" + p, ErrScheme, true},
		{"file:///etc/passwd", ErrScheme, true},
		{"gopher://127.0.0.1" + p, ErrScheme, true},
		{"//127.0.0.1" + p, ErrScheme, true},
		{"https:127.0.0.1" + p, ErrURL, true},
		{"https:///path", ErrURL, true},
		{"https://127.0.0.1" + p, ErrAddressRefused, true},
		{"https://127.0.0.2" + p, ErrAddressRefused, true},
		{"https://0.0.0.0" + p, ErrAddressRefused, true},
		{"https://169.254.169.254/latest/meta-data/", ErrAddressRefused, true},
		{"https://[::1]" + p, ErrAddressRefused, true},
		{"https://[::]" + p, ErrAddressRefused, true},
		{"https://[::ffff:127.0.0.1]" + p, ErrAddressRefused, true},
		{"https://[::ffff:7f00:1]" + p, ErrAddressRefused, true},
		{"https://[::127.0.0.1]" + p, ErrAddressRefused, true},
		{"https://[0:0:0:0:0:0:0:1]" + p, ErrAddressRefused, true},
		{"https://[fe80::1%25lo]" + p, ErrAddressRefused, true},
		{"https://[64:ff9b::127.0.0.1]" + p, ErrAddressRefused, true},
		{"https://[2002:7f00:1::]" + p, ErrAddressRefused, true},
		{"https://[fd00:ec2::254]/", ErrAddressRefused, true},
		{"https://2130706433" + p, ErrAddressRefused, true},
		{"https://0x7f000001" + p, ErrAddressRefused, true},
		{"https://017700000001" + p, ErrAddressRefused, true},
		{"https://127.1" + p, ErrAddressRefused, true},
		{"https://0177.0.0.1" + p, ErrAddressRefused, true},
		{"https://0x7f.0.0.1" + p, ErrAddressRefused, true},
		{"https://user:pw@loopback.example" + p, ErrURL, true},
		{"https://good.example@127.0.0.1" + p, ErrURL, true},
		{"https://loopback.example" + p + "/#fragment", ErrURL, true},
		{"https://loopback.example\\@good.example" + p, ErrURL, true},
		{"https://loopback.example." + p, ErrURL, true},
		{"https://loop%62ack.example" + p, ErrURL, true},
		{"https://ⅼoopback.example" + p, ErrURL, true},
		{"https://loopback.example:0/", ErrURL, true},
		{"https://loopback.example:65536/", ErrURL, true},
		{"https://loopback.example:0" + p[1:] + "/", ErrURL, true},
		{"https://-loopback.example" + p, ErrURL, true},
		{"https://[loopback.example]" + p, ErrURL, true},
		{"https://loopback.example" + p + "/" + strings.Repeat("a", 2048), ErrURL, true},
		{"https://loopback.example" + p + "/\r\nHost: x", ErrURL, true},
		{"https://localhost" + p, ErrAddressRefused, false},
		{"https://LOCALHOST" + p, ErrAddressRefused, false},
		{"https://loopback.example" + p, ErrAddressRefused, false},
		{"https://mapped.example" + p, ErrAddressRefused, false},
		{"https://six.example" + p, ErrAddressRefused, false},
		{"https://ten.example" + p, ErrAddressRefused, false},
		{"https://seventeen.example" + p, ErrAddressRefused, false},
		{"https://home.example" + p, ErrAddressRefused, false},
		{"https://cgnat.example" + p, ErrAddressRefused, false},
		{"https://metadata.example" + p, ErrAddressRefused, false},
		{"https://any.example" + p, ErrAddressRefused, false},
		{"https://anysix.example" + p, ErrAddressRefused, false},
		{"https://multicast.example" + p, ErrAddressRefused, false},
		{"https://broadcast.example" + p, ErrAddressRefused, false},
		{"https://ula.example" + p, ErrAddressRefused, false},
		{"https://linklocal.example" + p, ErrAddressRefused, false},
		{"https://nat64.example" + p, ErrAddressRefused, false},
		{"https://nat64local.example" + p, ErrAddressRefused, false},
		{"https://sixtofour.example" + p, ErrAddressRefused, false},
		{"https://teredo.example" + p, ErrAddressRefused, false},
		{"https://compatible.example" + p, ErrAddressRefused, false},
		{"https://test.example" + p, ErrAddressRefused, false},
		{"https://benchmark.example" + p, ErrAddressRefused, false},
		{"https://nothing.example" + p, ErrAddressRefused, false},
		{"https://xn--loopback-example" + p, ErrAddressRefused, false},
	}
	for _, c := range cases {
		before := dns.lookups
		err := client.Check(c.url)
		if c.static && !errors.Is(err, c.want) || !c.static && err != nil {
			t.Errorf("Check(%.60q) = %v, want %v (static %v)", c.url, err, c.want, c.static)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.url, nil)
		if err != nil {
			continue // not even net/http takes it
		}
		resp, err := client.Do(req)
		if err == nil {
			_ = resp.Body.Close()
			t.Errorf("%.60q was fetched", c.url)
		} else if !errors.Is(err, c.want) && !strings.Contains(err.Error(), "no Host in request URL") {
			t.Errorf("%.60q: %v, want %v", c.url, err, c.want)
		}
		if c.static && dns.lookups != before {
			t.Errorf("%.60q caused a lookup", c.url)
		}
	}
	bird.expectSilence(t)
	// net/http drops an empty port before a transport sees it; the text form is refused all the same.
	if err := client.Check("https://loopback.example:/"); !errors.Is(err, ErrURL) {
		t.Errorf("empty port: %v", err)
	}
}

// TestControlIsALastLook bypasses resolving: what the socket connects to is judged once more.
func TestControlIsALastLook(t *testing.T) {
	d := &dialer{}
	for _, address := range []string{"127.0.0.1:443", "[::1]:443", "[::ffff:10.0.0.1]:443", "nonsense"} {
		if err := d.control(t.Context(), "tcp", address, nil); !errors.Is(err, ErrAddressRefused) {
			t.Errorf("%s: %v", address, err)
		}
	}
	if err := d.control(t.Context(), "tcp", "93.184.216.34:443", nil); err != nil {
		t.Error(err)
	}
}

func TestAddressAllowed(t *testing.T) {
	networks := func(list ...string) (out []netip.Prefix) {
		for _, s := range list {
			out = append(out, netip.MustParsePrefix(s))
		}
		return out
	}
	for name, c := range map[string]struct {
		addr  string
		allow []netip.Prefix
		want  bool
	}{
		"public v4":                    {"93.184.216.34", nil, true},
		"public v6":                    {"2606:2800:220:1::1", nil, true},
		"private":                      {"10.0.0.1", nil, false},
		"private, configured":          {"10.0.0.1", networks("10.0.0.0/24"), true},
		"private, beside configured":   {"10.0.1.1", networks("10.0.0.0/24"), false},
		"mapped, configured":           {"::ffff:10.0.0.1", networks("10.0.0.0/24"), true},
		"zone":                         {"fe80::1%eth0", networks("fe80::/10"), false},
		"translated":                   {"64:ff9b::5db8:d822", nil, false},
		"translated, configured":       {"64:ff9b::5db8:d822", networks("64:ff9b::/96"), true},
		"translated private":           {"64:ff9b::a00:1", networks("64:ff9b::/96"), false},
		"translated private, both":     {"64:ff9b::a00:1", networks("64:ff9b::/96", "10.0.0.0/8"), true},
		"private, all v6 configured":   {"10.0.0.1", networks("::/0"), false},
		"last before shared":           {"100.63.255.255", nil, true},
		"first after shared":           {"100.128.0.0", nil, true},
		"last before 172.16":           {"172.15.255.255", nil, true},
		"first after 172.31":           {"172.32.0.0", nil, true},
		"beyond global unicast":        {"4000::1", nil, false},
		"site-local, long deprecated":  {"fec0::1", nil, false},
		"documentation, second prefix": {"3fff::1", nil, false},
	} {
		if got := addressAllowed(netip.MustParseAddr(c.addr), c.allow); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if addressAllowed(netip.Addr{}, networks("0.0.0.0/0", "::/0")) {
		t.Error("no address at all is allowed")
	}
}

func FuzzCheck(f *testing.F) {
	for _, s := range []string{"https://a.example/x", "https://[::1]/", "http://127.0.0.1/", "https://a@b/", "https://0x7f.1/"} {
		f.Add(s)
	}
	client, err := New(Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		if client.Check(raw) != nil {
			return
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, raw, nil)
		if err != nil {
			t.Fatalf("%q passes and is not a URL", raw)
		}
		addr, err := netip.ParseAddr(req.URL.Hostname())
		if req.URL.Scheme != "https" || req.URL.User != nil || err == nil && !addressAllowed(addr, nil) {
			t.Errorf("%q passes", raw)
		}
	})
}
