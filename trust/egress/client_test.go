package egress

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"
)

const public = "93.184.216.34" // what example.com resolves to in these tests

// site is a TLS server that the client believes to be at a public address.
type site struct {
	server *httptest.Server
	dns    *names
	dialed []string
}

func newSite(t *testing.T, h http.Handler, change ...func(*httptest.Server)) *site {
	t.Helper()
	s := &site{server: httptest.NewUnstartedServer(h), dns: &names{answers: map[string][][]string{"example.com": {{public}}}}}
	s.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	for _, f := range change {
		f(s.server)
	}
	s.server.StartTLS()
	t.Cleanup(s.server.Close)
	return s
}

func (s *site) options() Options {
	roots := x509.NewCertPool()
	roots.AddCert(s.server.Certificate())
	return Options{Roots: roots, Resolver: s.dns, Timeout: 5 * time.Second,
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			s.dialed = append(s.dialed, address)
			return (&net.Dialer{}).DialContext(ctx, network, s.server.Listener.Addr().String())
		}}
}

func (s *site) client(t *testing.T, change func(*Options)) *Client {
	t.Helper()
	o := s.options()
	if change != nil {
		change(&o)
	}
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// fetch returns the body, or the first error on the way to it.
func fetch(t *testing.T, c *http.Client, method, url string, body io.Reader) (string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	return string(data), err
}

func TestFetch(t *testing.T) {
	s := newSite(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "hello "+r.Host) }))
	got, err := fetch(t, s.client(t, nil).HTTP(), http.MethodGet, "https://example.com:8443/x?y=z", nil)
	if err != nil || got != "hello example.com:8443" {
		t.Fatalf("%q, %v", got, err)
	}
	if len(s.dialed) != 1 || s.dialed[0] != public+":8443" {
		t.Errorf("dialed %v", s.dialed)
	}
}

func TestRebinding(t *testing.T) {
	s := newSite(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	s.dns.answers["example.com"] = [][]string{{public}, {"127.0.0.1"}}
	c := s.client(t, nil)
	if _, err := fetch(t, c.HTTP(), http.MethodGet, "https://example.com/", nil); err != nil {
		t.Fatal(err)
	}
	c.CloseIdleConnections()
	if _, err := fetch(t, c.HTTP(), http.MethodGet, "https://example.com/", nil); !errors.Is(err, ErrAddressRefused) {
		t.Errorf("after the name changed its mind: %v", err)
	}
	s.dns.answers["example.com"] = [][]string{{"10.0.0.1", public, "::1"}}
	s.dialed = nil
	if _, err := fetch(t, c.HTTP(), http.MethodGet, "https://example.com/", nil); err != nil || len(s.dialed) != 1 || s.dialed[0] != public+":443" {
		t.Errorf("a mixed answer must use its public address only: %v, %v", s.dialed, err)
	}
}

func TestNextAddressIsTried(t *testing.T) {
	s := newSite(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	s.dns.answers["example.com"] = [][]string{{"93.184.216.33", public}}
	broken := errors.New("connection refused")
	c := s.client(t, func(o *Options) {
		dial := o.Dial
		o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			if address == "93.184.216.33:443" {
				return nil, broken
			}
			return dial(ctx, network, address)
		}
	})
	if _, err := fetch(t, c.HTTP(), http.MethodGet, "https://example.com/", nil); err != nil {
		t.Error(err)
	}
	s.dns.answers["example.com"] = [][]string{{"93.184.216.33"}}
	c.CloseIdleConnections()
	if _, err := fetch(t, c.HTTP(), http.MethodGet, "https://example.com/", nil); !errors.Is(err, broken) {
		t.Errorf("all addresses down: %v", err)
	}
}

func TestRedirects(t *testing.T) {
	bird := newCanary(t)
	mux := http.NewServeMux()
	to := func(path string, code int, target string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", target)
			w.WriteHeader(code)
		})
	}
	mux.HandleFunc("/end", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "end") })
	for i := range 5 {
		to(fmt.Sprintf("/hop%d", i+1), http.StatusFound, fmt.Sprintf("/hop%d", i))
	}
	to("/hop0", http.StatusFound, "/end")
	to("/same", http.StatusMovedPermanently, "https://EXAMPLE.com:443/end")
	to("/canary", http.StatusFound, "https://127.0.0.1:"+bird.port()+"/")
	to("/canaryname", http.StatusFound, "https://loopback.example:"+bird.port()+"/")
	to("/down", http.StatusFound, "http://example.com/end")
	to("/port", http.StatusFound, "https://example.com:8443/end")
	to("/host", http.StatusFound, "https://www.example.com/end")
	to("/user", http.StatusFound, "https://u:p@example.com/end")
	to("/307", http.StatusTemporaryRedirect, "/end")
	to("/303", http.StatusSeeOther, "/end")
	s := newSite(t, mux)
	s.dns.answers["www.example.com"] = [][]string{{public}}
	s.dns.answers["loopback.example"] = [][]string{{"127.0.0.1"}}
	c := s.client(t, nil)
	// A library may set its own policy on the client; the guard is below it.
	lax := c.HTTP()
	lax.CheckRedirect = func(*http.Request, []*http.Request) error { return nil }
	for _, hc := range []*http.Client{c.HTTP(), lax} {
		for _, x := range []struct {
			method, path string
			want         error
		}{
			{"GET", "/hop2", nil}, {"GET", "/same", nil}, {"GET", "/hop3", ErrRedirect}, {"GET", "/hop5", ErrRedirect},
			{"GET", "/canary", ErrAddressRefused}, {"GET", "/canaryname", ErrRedirect}, {"GET", "/down", ErrScheme},
			{"GET", "/port", ErrRedirect}, {"GET", "/host", ErrRedirect}, {"GET", "/user", ErrURL}, {"GET", "/303", nil},
			{"POST", "/307", ErrRedirect}, {"POST", "/303", ErrRedirect}, {"POST", "/hop0", ErrRedirect},
			{"PUT", "/307", ErrRedirect}, {"DELETE", "/303", ErrRedirect},
		} {
			got, err := fetch(t, hc, x.method, "https://example.com"+x.path, strings.NewReader("body"))
			if !errors.Is(err, x.want) || x.want == nil && got != "end" {
				t.Errorf("%s %s: %q, %v, want %v", x.method, x.path, got, err, x.want)
			}
		}
	}
	bird.expectSilence(t)
}

func TestBodyCap(t *testing.T) {
	s := newSite(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var n int
		_, _ = fmt.Sscanf(r.URL.Path, "/%d", &n)
		if r.URL.Query().Has("chunked") {
			w.(http.Flusher).Flush()
		} else {
			w.Header().Set("Content-Length", fmt.Sprint(n))
		}
		_, _ = w.Write(bytes.Repeat([]byte("x"), n))
	}))
	c := s.client(t, func(o *Options) { o.MaxBody = 1000 })
	for _, x := range []struct {
		path string
		n    int
		want error
	}{
		{"/0", 0, nil}, {"/999", 999, nil}, {"/1000", 1000, nil}, {"/1001", 0, ErrBodyTooLarge}, {"/1000?chunked", 1000, nil},
		{"/1001?chunked", 1000, ErrBodyTooLarge}, {"/100000?chunked", 1000, ErrBodyTooLarge},
	} {
		got, err := fetch(t, c.HTTP(), http.MethodGet, "https://example.com"+x.path, nil)
		if len(got) != x.n || !errors.Is(err, x.want) {
			t.Errorf("%s: %d bytes, %v", x.path, len(got), err)
		}
	}
	if _, err := fetch(t, c.HTTP(), http.MethodHead, "https://example.com/5000", nil); err != nil {
		t.Errorf("HEAD has no body to be too large: %v", err)
	}
	b := &cappedBody{body: io.NopCloser(strings.NewReader("abcdef")), left: 3}
	data, err := io.ReadAll(b)
	if _, again := b.Read(make([]byte, 9)); string(data) != "abc" || !errors.Is(err, ErrBodyTooLarge) || !errors.Is(again, ErrBodyTooLarge) {
		t.Errorf("%q, %v, then %v", data, err, again)
	}
}

func TestHeaderCapAndDeadline(t *testing.T) {
	// The handlers wait for the test, not for their client: one that ends as the client hangs up may
	// still finish the body in time.
	done := make(chan struct{})
	s := newSite(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/header":
			w.Header().Set("X-Long", strings.Repeat("x", 2*maxHeader))
		case "/hang":
			<-done
		case "/trickle":
			w.(http.Flusher).Flush()
			<-done
		}
	}))
	t.Cleanup(func() { close(done) }) // before the site closes, which waits for its handlers
	c := s.client(t, func(o *Options) { o.Timeout = 100 * time.Millisecond })
	if _, err := fetch(t, c.HTTP(), http.MethodGet, "https://example.com/header", nil); err == nil {
		t.Error("a header beyond the cap was accepted")
	}
	for _, path := range []string{"/hang", "/trickle"} {
		var timeout net.Error
		if _, err := fetch(t, c.HTTP(), http.MethodGet, "https://example.com"+path, nil); !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestHTTP2IsBoundedToo(t *testing.T) {
	s := newSite(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/header":
			for i := range 40 {
				w.Header().Set(fmt.Sprintf("X-Long-%d", i), strings.Repeat("x", 4096))
			}
		case "/body":
			w.(http.Flusher).Flush()
			_, _ = w.Write(make([]byte, 2000))
		}
		_, _ = io.WriteString(w, r.Proto)
	}), func(s *httptest.Server) { s.EnableHTTP2 = true })
	c := s.client(t, func(o *Options) { o.MaxBody = 1000 })
	if got, err := fetch(t, c.HTTP(), http.MethodGet, "https://example.com/", nil); err != nil || got != "HTTP/2.0" {
		t.Fatalf("%q, %v", got, err)
	}
	if _, err := fetch(t, c.HTTP(), http.MethodGet, "https://example.com/header", nil); err == nil {
		t.Error("a header beyond the cap was accepted")
	}
	if _, err := fetch(t, c.HTTP(), http.MethodGet, "https://example.com/body", nil); !errors.Is(err, ErrBodyTooLarge) {
		t.Errorf("body: %v", err)
	}
}

func TestNoProxyFromEnvironment(t *testing.T) {
	bird := newCanary(t)
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "ALL_PROXY"} {
		t.Setenv(name, "http://"+bird.listener.Addr().String())
	}
	s := newSite(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	if _, err := fetch(t, s.client(t, nil).HTTP(), http.MethodGet, "https://example.com/", nil); err != nil {
		t.Error(err)
	}
	bird.expectSilence(t)
}

func TestServerMustBeTrusted(t *testing.T) {
	s := newSite(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("the request was sent") }))
	s.dns.answers["other.test"] = [][]string{{public}}
	var unknown x509.UnknownAuthorityError
	c := s.client(t, func(o *Options) { o.Roots = x509.NewCertPool() })
	if _, err := fetch(t, c.HTTP(), http.MethodGet, "https://example.com/", nil); !errors.As(err, &unknown) {
		t.Errorf("unknown authority: %v", err)
	}
	var name x509.HostnameError
	if _, err := fetch(t, s.client(t, nil).HTTP(), http.MethodGet, "https://other.test/", nil); !errors.As(err, &name) {
		t.Errorf("certificate of another name: %v", err)
	}
}

func TestClientCertificate(t *testing.T) {
	s := newSite(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprint(w, len(r.TLS.PeerCertificates))
	}), func(s *httptest.Server) { s.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert} })
	own := s.server.TLS.Certificates[0]
	c := s.client(t, func(o *Options) {
		o.ClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &own, nil }
	})
	if got, err := fetch(t, c.HTTP(), http.MethodGet, "https://example.com/", nil); err != nil || got != "1" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestDevelopmentHTTP(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "dev") }))
	defer server.Close()
	port := server.URL[strings.LastIndex(server.URL, ":"):]
	loop := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	dns := &names{answers: map[string][][]string{"localhost": {{"127.0.0.1"}}, "dev.example": {{"127.0.0.1"}}}}
	for name, x := range map[string]struct {
		o    Options
		host string
		want error
	}{
		"literal":                  {Options{Development: true, AllowNetworks: loop}, "127.0.0.1", nil},
		"localhost":                {Options{Development: true, AllowNetworks: loop}, "localhost", nil},
		"not covered":              {Options{Development: true}, "127.0.0.1", ErrAddressRefused},
		"localhost, not covered":   {Options{Development: true}, "localhost", ErrAddressRefused},
		"not development":          {Options{AllowNetworks: loop}, "127.0.0.1", ErrScheme},
		"another name":             {Options{Development: true, AllowNetworks: loop}, "dev.example", ErrScheme},
		"private but not loopback": {Options{Development: true, AllowNetworks: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}, "10.0.0.1", ErrScheme},
	} {
		x.o.Resolver = dns
		c, err := New(x.o)
		if err != nil {
			t.Fatal(err)
		}
		got, err := fetch(t, c.HTTP(), http.MethodGet, "http://"+x.host+port+"/", nil)
		if !errors.Is(err, x.want) || x.want == nil && got != "dev" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		c.CloseIdleConnections()
	}
	// A localhost that leads elsewhere is not reached without TLS, configured or not.
	dns.answers["localhost"] = [][]string{{public}}
	c, err := New(Options{Development: true, AllowNetworks: loop, Resolver: dns})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fetch(t, c.HTTP(), http.MethodGet, "http://localhost"+port+"/", nil); !errors.Is(err, ErrAddressRefused) {
		t.Errorf("localhost at a public address: %v", err)
	}
}

func TestRequestForm(t *testing.T) {
	c, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	closed := &closeRecorder{}
	req := &http.Request{Method: http.MethodPost, URL: &url.URL{Scheme: "https", Host: "example.com"}, Host: "other.example", Body: closed}
	if _, err := c.RoundTrip(req); !errors.Is(err, ErrURL) || !closed.closed {
		t.Errorf("foreign Host header: %v, body closed %v", err, closed.closed)
	}
	if _, err := c.RoundTrip(&http.Request{}); !errors.Is(err, ErrURL) {
		t.Errorf("no URL: %v", err)
	}
	for name, o := range map[string]Options{
		"negative timeout": {Timeout: -1}, "negative body": {MaxBody: -1}, "no network": {AllowNetworks: make([]netip.Prefix, 1)},
		"mapped network": {AllowNetworks: []netip.Prefix{netip.MustParsePrefix("::ffff:10.0.0.0/104")}},
		"host bits":      {AllowNetworks: []netip.Prefix{netip.MustParsePrefix("10.0.0.1/8")}},
	} {
		if _, err := New(o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

type closeRecorder struct{ closed bool }

func (c *closeRecorder) Read([]byte) (int, error) { return 0, io.EOF }
func (c *closeRecorder) Close() error             { c.closed = true; return nil }
