package egress

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Client is the guarded client. It is safe for concurrent use.
type Client struct {
	opts  Options
	https *http.Transport
	http  *http.Transport // nil outside development; reaches loopback only
}

// New returns a client for the options; an error means the options contradict themselves.
func New(o Options) (*Client, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	c := &Client{opts: o}
	c.https = c.transport(false)
	if o.Development {
		c.http = c.transport(true)
	}
	return c, nil
}

func (c *Client) transport(loopbackOnly bool) *http.Transport {
	return &http.Transport{
		Proxy:       nil, // never from the environment
		DialContext: (&dialer{opts: c.opts, loopbackOnly: loopbackOnly}).dial,
		TLSClientConfig: &tls.Config{
			MinVersion:           tls.VersionTLS12,
			RootCAs:              c.opts.Roots,
			GetClientCertificate: c.opts.ClientCertificate,
		},
		ForceAttemptHTTP2:      true,
		DisableCompression:     true, // what is counted is what was sent
		MaxResponseHeaderBytes: maxHeader,
		TLSHandshakeTimeout:    connectTimeout,
		ResponseHeaderTimeout:  c.opts.Timeout,
		ExpectContinueTimeout:  time.Second,
		IdleConnTimeout:        time.Minute,
		MaxIdleConnsPerHost:    4,
		MaxIdleConns:           64,
	}
}

// HTTP returns a client for code that wants an *http.Client. Each call gives a new one over the same
// connections; nothing its owner changes but the Transport itself weakens the guard.
func (c *Client) HTTP() *http.Client {
	return &http.Client{Transport: c, Timeout: c.opts.Timeout}
}

// Do sends a request; see http.Client.Do. Errors wrap the guard's where it refused.
func (c *Client) Do(req *http.Request) (*http.Response, error) { return c.HTTP().Do(req) }

// CloseIdleConnections drops connections kept for reuse.
func (c *Client) CloseIdleConnections() {
	c.https.CloseIdleConnections()
	if c.http != nil {
		c.http.CloseIdleConnections()
	}
}

// RoundTrip implements http.RoundTripper: it judges URL and redirect, sends, and bounds the body.
func (c *Client) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := c.checkRequest(req); err != nil {
		if req.Body != nil {
			_ = req.Body.Close() // the request was not sent; that is the error to report
		}
		return nil, err
	}
	transport := c.https
	if req.URL.Scheme == "http" {
		transport = c.http
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if req.Method != http.MethodHead && resp.ContentLength > c.opts.MaxBody {
		_ = resp.Body.Close()
		return nil, fmt.Errorf("%w: announced %d bytes", ErrBodyTooLarge, resp.ContentLength)
	}
	resp.Request = req
	resp.Body = &cappedBody{body: resp.Body, left: c.opts.MaxBody}
	return resp, nil
}

func (c *Client) checkRequest(req *http.Request) error {
	if req.URL == nil {
		return fmt.Errorf("%w: none given", ErrURL)
	}
	if err := c.Check(req.URL.String()); err != nil {
		return err
	}
	if req.Host != "" && !strings.EqualFold(req.Host, req.URL.Host) {
		return fmt.Errorf("%w: Host header of another host", ErrURL)
	}
	return checkRedirects(req)
}

// checkRedirects walks back from a request to the one the caller made. net/http links a followed
// redirect to the response that asked for it, whatever the client's own policy is.
func checkRedirects(req *http.Request) error {
	hops := 0
	for at := req; at.Response != nil && at.Response.Request != nil; at = at.Response.Request {
		from := at.Response.Request
		hops++
		switch {
		case hops > maxRedirects:
			return fmt.Errorf("%w: more than %d", ErrRedirect, maxRedirects)
		case from.Method != http.MethodGet && from.Method != http.MethodHead && from.Method != "":
			return fmt.Errorf("%w: after %s", ErrRedirect, from.Method)
		case origin(from.URL) != origin(at.URL):
			return fmt.Errorf("%w: to another origin", ErrRedirect)
		}
	}
	return nil
}

// origin is scheme, host and port (RFC 6454 §4) in one comparable form.
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
	}
	return u.Scheme + "|" + strings.ToLower(u.Hostname()) + "|" + port
}
