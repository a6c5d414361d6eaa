package fdp

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-resty/resty/v2"

	"github.com/ehdsgw/ehdsgw/gateway/catalogue/rdf"
)

// Bounds of one exchange.
const (
	maxRedirects = 3
	maxURL       = 2048
	accept       = "text/turtle, application/n-triples;q=0.9"
)

// wire makes single exchanges with one origin: redirects stay within it and are few, nothing is
// retried but a request whose token had expired, and nothing is inflated.
type wire struct {
	client  *resty.Client
	root    *url.URL
	session session
	limit   time.Duration
	bytes   int64
	byQuery bool // the server looks at ?format=ttl, not at Accept
}

func newWire(root *url.URL, o Options) *wire {
	own := *o.HTTP // the settings below must not reach the owner's client
	own.Jar = nil
	own.CheckRedirect = func(next *http.Request, via []*http.Request) error {
		switch {
		case via[0].Method != http.MethodGet:
			return http.ErrUseLastResponse // a login is not repeated elsewhere
		case len(via) > maxRedirects, !sameOrigin(root, next.URL):
			return fmt.Errorf("%w: redirect", ErrElsewhere)
		}
		return nil
	}
	c := resty.NewWithClient(&own).SetRetryCount(0).SetLogger(silent{}).
		SetDoNotParseResponse(true) // left alone, it inflates whatever says it is gzip
	return &wire{client: c, root: root, session: session{login: o.Login, token: o.Token}, limit: o.Timeout, bytes: o.MaxBytes}
}

// silent keeps the library from writing to the process's standard error; what matters is returned.
type silent struct{}

func (silent) Errorf(string, ...any) {}
func (silent) Warnf(string, ...any)  {}
func (silent) Debugf(string, ...any) {}

// document is an answer with RDF.
type document struct {
	*rdf.Graph
	next, last string // targets of the Link header (RFC 8288), absolute; empty without
}

// get reads a document of the origin. Every failure but the context's and the login's wraps ErrFetch
// or is a *rdf.SyntaxError.
func (w *wire) get(ctx context.Context, address string) (document, error) {
	u, err := url.Parse(address)
	if err != nil || len(address) > maxURL || !sameOrigin(w.root, u) {
		return document{}, ErrElsewhere
	}
	u.Fragment, u.RawFragment = "", ""
	doc, err := w.try(ctx, u)
	if errors.Is(err, ErrMediaType) && !w.byQuery {
		w.byQuery = true
		if doc, err = w.try(ctx, u); err != nil {
			w.byQuery = false
		}
	}
	return doc, err
}

// try asks once; with a login, once more after a renewal of the token.
func (w *wire) try(ctx context.Context, u *url.URL) (document, error) {
	for renewed := false; ; renewed = true {
		if err := w.ensureToken(ctx); err != nil {
			return document{}, err
		}
		doc, err := w.exchange(ctx, u)
		var status statusError
		if renewed || !w.session.renewable() || !errors.As(err, &status) || status != http.StatusUnauthorized {
			return doc, err
		}
		w.session.token = ""
	}
}

func (w *wire) exchange(ctx context.Context, u *url.URL) (document, error) {
	ctx, cancel := context.WithTimeout(ctx, w.limit)
	defer cancel()
	req := w.client.R().SetContext(ctx).SetHeader("Accept", accept).SetHeader("Accept-Encoding", "identity")
	if w.session.token != "" {
		req.SetAuthToken(w.session.token)
	}
	if w.byQuery {
		q := u.Query()
		q.Set("format", "ttl")
		copied := *u
		copied.RawQuery = q.Encode()
		u = &copied
	}
	resp, err := req.Get(u.String())
	if err != nil {
		return document{}, transport(err)
	}
	body := &watched{ReadCloser: resp.RawBody()}
	defer func() { _ = body.Close() }() // nothing was written
	return w.read(ctx, resp.RawResponse, body)
}

// read judges the head of an answer, then reads its body.
func (w *wire) read(ctx context.Context, resp *http.Response, body *watched) (document, error) {
	if resp.StatusCode != http.StatusOK {
		return document{}, fmt.Errorf("%w: %w", ErrFetch, statusError(resp.StatusCode))
	}
	if coding := resp.Header.Get("Content-Encoding"); coding != "" && !strings.EqualFold(coding, "identity") {
		return document{}, fmt.Errorf("%w: the body is encoded, which was not asked for", ErrFetch)
	}
	format, ok := rdf.FormatOfMediaType(resp.Header.Get("Content-Type"))
	if !ok {
		return document{}, fmt.Errorf("%w: %w", ErrFetch, ErrMediaType)
	}
	at := resp.Request.URL // after redirects
	g, err := rdf.Read(ctx, body, format, rdf.ReadOptions{File: place(at), Base: at.String(), MaxBytes: w.bytes, MaxTriples: maxTriples})
	switch {
	case body.err != nil: // what was read is not the document
		return document{}, transport(body.err)
	case err != nil:
		return document{}, err
	}
	doc := document{Graph: g}
	for _, l := range parseLinks(resp.Header.Values("Link")) {
		if target, err := at.Parse(l.target); err == nil && doc.next == "" && l.is("next") {
			doc.next = target.String()
		} else if err == nil && doc.last == "" && l.is("last") {
			doc.last = target.String()
		}
	}
	return doc, nil
}

// watched remembers how reading failed.
type watched struct {
	io.ReadCloser
	err error
}

// Read reads on.
func (w *watched) Read(p []byte) (int, error) {
	n, err := w.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}

// statusError is an answer other than 200.
type statusError int

// Error gives the number alone: bodies of errors are nobody's business.
func (s statusError) Error() string { return fmt.Sprintf("status %d", int(s)) }

// Is puts the status into the words callers know.
func (s statusError) Is(target error) bool {
	switch s {
	case http.StatusNotFound, http.StatusGone:
		return target == fs.ErrNotExist
	case http.StatusUnauthorized, http.StatusForbidden:
		return target == fs.ErrPermission
	}
	return false
}

// hidden says whether the server does not show a resource to us at all.
func hidden(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission)
}

// transport is the error of an exchange that failed, without the address, which may hold a query.
func transport(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return fmt.Errorf("%w: %w", ErrFetch, err)
}

// sameOrigin compares scheme, host and port (RFC 6454 §5), and lets nobody smuggle credentials in.
func sameOrigin(a, b *url.URL) bool {
	return b.User == nil && b.Host != "" && strings.EqualFold(a.Scheme, b.Scheme) &&
		strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	return map[string]string{"https": "443", "http": "80"}[strings.ToLower(u.Scheme)]
}

// place names a document in findings: no credentials, no fragment.
func place(u *url.URL) string {
	named := *u
	named.User, named.Fragment, named.RawFragment = nil, "", ""
	return named.String()
}
