// Package origin reads documents off one web origin. It serves the catalogue drivers that speak HTTP.
//
// Guarantees: only https and only the origin it was made for is asked (scheme, host and port, RFC 6454),
// redirects included, of which few are followed and none after a POST; one request has a deadline and
// a bound of bytes; nothing is inflated, no cookie is kept. Retried is a request whose credentials had
// expired, once, and one whose server asks for time, after that time and a few times at most. A body
// that breaks off is an error, never a shorter document. Errors of an exchange name no address, because
// it may hold a query, and repeat nothing of the answer.
//
// It knows no protocol: what to ask, and what an answer means, is the driver's.
package origin

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
)

// Bounds. DefaultMaxBytes and DefaultTimeout are what zero Options stand for.
const (
	DefaultMaxBytes int64 = 8 << 20
	DefaultTimeout        = time.Minute
	maxRedirects          = 3
	maxURL                = 2048
)

// Errors of New and of a request.
var (
	// ErrLocation is returned for a location that is not an https URL.
	ErrLocation = errors.New("the location is not an https URL without credentials and query")
	// ErrNoClient is returned without an HTTP client.
	ErrNoClient = errors.New("an HTTP client is needed")
	// ErrElsewhere is returned for an address of another origin: it was not asked.
	ErrElsewhere = errors.New("the link leads to another origin and was not followed")
	// ErrFetch is wrapped by every error of a document that was not given out.
	ErrFetch = errors.New("the document could not be fetched")
	// ErrMediaType is returned for an answer of another media type than was asked for.
	ErrMediaType = errors.New("the answer is of another media type than was asked for")
	// ErrTooLarge is returned for a body over the bound.
	ErrTooLarge = errors.New("the answer is too large")
)

// Credentials are sent with every request. They are used by one request at a time.
type Credentials interface {
	// Header is the header field to send, obtained first where necessary; an empty name for none.
	Header(ctx context.Context) (name, value string, err error)
	// Refused tells that the server did not take the field (401). It says whether a new one may be had.
	Refused() bool
}

// Static are credentials that never change: one header field.
type Static struct{ Name, Value string }

// Header implements Credentials.
func (s Static) Header(context.Context) (name, value string, err error) { return s.Name, s.Value, nil }

// Refused implements Credentials.
func (Static) Refused() bool { return false }

// String hides the value.
func (s Static) String() string { return s.Name + ": [secret]" }

// GoString hides the value.
func (s Static) GoString() string { return s.String() }

// Options of a reader.
type Options struct {
	Location    string       // https URL; its origin is the one that is read
	HTTP        *http.Client // guarded
	Credentials Credentials  // nil for none

	MaxBytes int64         // of one body; 0 means DefaultMaxBytes
	Timeout  time.Duration // of one exchange; 0 means DefaultTimeout

	// Sleep waits as long as a server asked for, or until the context ends; nil waits by the real clock.
	Sleep func(context.Context, time.Duration) error
}

// Reader reads off one origin, one request at a time.
type Reader struct {
	root        *url.URL
	client      *resty.Client
	credentials Credentials
	limit       time.Duration
	bytes       int64
	sleep       func(context.Context, time.Duration) error
}

// New makes a reader. It asks nothing yet.
func New(o Options) (*Reader, error) {
	root, err := url.Parse(o.Location)
	if err != nil || root.Scheme != "https" || root.Hostname() == "" || root.User != nil || root.RawQuery != "" {
		return nil, ErrLocation
	}
	if o.HTTP == nil {
		return nil, ErrNoClient
	}
	root.Fragment, root.RawFragment = "", ""
	root.Path, root.RawPath = strings.TrimSuffix(root.Path, "/"), strings.TrimSuffix(root.RawPath, "/")
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	r := &Reader{root: root, credentials: o.Credentials, limit: o.Timeout, bytes: o.MaxBytes, sleep: o.Sleep}
	own := *o.HTTP // the settings below must not reach the owner's client
	own.Jar, own.CheckRedirect = nil, r.redirect
	r.client = resty.NewWithClient(&own).SetRetryCount(0).SetLogger(silent{}).
		SetDoNotParseResponse(true) // left alone, it inflates whatever says it is gzip
	return r, nil
}

// silent keeps the library from writing to the process's standard error; what matters is returned.
type silent struct{}

func (silent) Errorf(string, ...any) {}
func (silent) Warnf(string, ...any)  {}
func (silent) Debugf(string, ...any) {}

func (r *Reader) redirect(next *http.Request, via []*http.Request) error {
	switch {
	case via[0].Method != http.MethodGet:
		return http.ErrUseLastResponse // what was posted is not repeated elsewhere
	case len(via) > maxRedirects:
		return errors.New("too many redirects")
	case !r.Within(next.URL):
		return ErrElsewhere
	}
	return nil
}

// Root is the location, without a slash at its end. It is not to be changed.
func (r *Reader) Root() *url.URL { return r.root }

// MaxBytes is the bound of one body.
func (r *Reader) MaxBytes() int64 { return r.bytes }

// Within says whether an address belongs to the origin and smuggles no credentials in.
func (r *Reader) Within(u *url.URL) bool {
	return u.User == nil && u.Host != "" && strings.EqualFold(r.root.Scheme, u.Scheme) &&
		strings.EqualFold(r.root.Hostname(), u.Hostname()) && port(r.root) == port(u)
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	return map[string]string{"https": "443", "http": "80"}[strings.ToLower(u.Scheme)]
}

// Place names an address in findings: no credentials, no fragment.
func Place(u *url.URL) string {
	named := *u
	named.User, named.Fragment, named.RawFragment = nil, "", ""
	return named.String()
}

// Status is the status of an answer without a document.
type Status int

// Error gives the number alone.
func (s Status) Error() string { return fmt.Sprintf("status %d", int(s)) }

// Is puts the status into the words callers know: fs.ErrNotExist, fs.ErrPermission.
func (s Status) Is(target error) bool {
	switch s {
	case http.StatusNotFound, http.StatusGone:
		return target == fs.ErrNotExist
	case http.StatusUnauthorized, http.StatusForbidden:
		return target == fs.ErrPermission
	}
	return false
}

// failure is the error of an exchange that failed, without the address.
func failure(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return fmt.Errorf("%w: %w", ErrFetch, err)
}

// watched bounds a body and remembers how reading failed.
type watched struct {
	io.Reader
	left int64
	err  error
}

// Read reads on.
func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	if w.left -= int64(n); w.left < 0 {
		n, err = max(0, n+int(w.left)), ErrTooLarge
	}
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}
