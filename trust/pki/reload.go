package pki

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// checkEvery is how often, at most, a handshake looks whether the files changed.
const checkEvery = 10 * time.Second

// Files says where a Reloader reads from. Clock is required.
type Files struct {
	Cert, Key string // PEM; the certificate may be followed by its intermediates
	// ClientCA, when set, makes clients prove themselves with a certificate of these authorities.
	ClientCA string
	// ClientOptional lets clients without a certificate in as well; one that is shown must verify.
	ClientOptional bool
	Clock          func() time.Time
	// OnReload, when set, hears of every attempt to take over changed files that a handshake or Refresh
	// made; err is nil on success. It must not call Reload or Refresh.
	OnReload func(err error)
}

// Reloader is a source of TLS configuration from files that may change. It is safe for concurrent
// use.
type Reloader struct {
	files Files
	now   atomic.Pointer[loaded]

	mu      sync.Mutex // guards what follows, and one load at a time
	stamp   [3]fileStamp
	checked time.Time
}

// loaded is one consistent set of files.
type loaded struct {
	cert     *tls.Certificate
	config   *tls.Config // kept, so that session tickets live as long as what they were made under
	notAfter time.Time
}

// fileStamp tells one content of a file from another without reading it.
type fileStamp struct {
	size     int64
	modified time.Time
}

// NewReloader reads the files; unlike later, an error here is final.
func NewReloader(f Files) (*Reloader, error) {
	if f.Clock == nil {
		return nil, errors.New("pki: a clock is required")
	}
	r := &Reloader{files: f}
	if err := r.Reload(); err != nil {
		return nil, err
	}
	return r, nil
}

// Reload reads the files now and takes them over if they are whole: the key fits, the certificate is
// valid at this time, the client authorities can be read. Otherwise what was loaded before stays in
// use and the error says why; it wraps ErrValidity or ErrNoCertificate where they apply.
func (r *Reloader) Reload() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.reload()
}

func (r *Reloader) reload() error {
	stamp := r.stamps() // before reading: a change in between is then seen at the next look
	next, err := r.load()
	r.stamp, r.checked = stamp, r.files.Clock()
	if err != nil {
		return fmt.Errorf("tls files: %w", err)
	}
	r.now.Store(next)
	return nil
}

// Refresh reloads when a file changed since it was last read, and reports whether it tried.
func (r *Reloader) Refresh() (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.refresh()
}

func (r *Reloader) refresh() (bool, error) {
	r.checked = r.files.Clock()
	if r.stamps() == r.stamp {
		return false, nil
	}
	err := r.reload()
	if r.files.OnReload != nil {
		r.files.OnReload(err)
	}
	return true, err
}

// current is what to use for a handshake, after looking for changes if it is time to.
func (r *Reloader) current() *loaded {
	if r.mu.TryLock() {
		if r.files.Clock().Sub(r.checked) >= checkEvery {
			_, _ = r.refresh() // OnReload hears of it; the handshake goes on with what works
		}
		r.mu.Unlock()
	}
	return r.now.Load()
}

// NotAfter is when the first certificate of the chain in use expires, UTC.
func (r *Reloader) NotAfter() time.Time { return r.now.Load().notAfter }

// ServerConfig is for a listener. Each handshake uses the files as last taken over.
func (r *Reloader) ServerConfig() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"h2", "http/1.1"},
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			return r.current().config, nil
		},
	}
}

// ClientCertificate is for tls.Config.GetClientCertificate: it shows the same certificate to servers.
func (r *Reloader) ClientCertificate(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
	return r.current().cert, nil
}

func (r *Reloader) load() (*loaded, error) {
	certPEM, err := readFile(r.files.Cert)
	if err != nil {
		return nil, err
	}
	keyPEM, err := readFile(r.files.Key)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", r.files.Cert, err)
	}
	next := &loaded{cert: &pair}
	if next.notAfter, err = validity(pair.Certificate, r.files.Clock()); err != nil {
		return nil, fmt.Errorf("%s: %w", r.files.Cert, err)
	}
	next.config = &tls.Config{
		MinVersion:   tls.VersionTLS12,
		NextProtos:   []string{"h2", "http/1.1"},
		Certificates: []tls.Certificate{pair},
		Time:         r.files.Clock,
	}
	if r.files.ClientCA != "" {
		if next.config.ClientCAs, err = Pool(r.files.ClientCA); err != nil {
			return nil, err
		}
		next.config.ClientAuth = tls.RequireAndVerifyClientCert
		if r.files.ClientOptional {
			next.config.ClientAuth = tls.VerifyClientCertIfGiven
		}
	}
	return next, nil
}

// validity wants the whole chain valid now and returns when its first certificate expires.
func validity(chain [][]byte, now time.Time) (time.Time, error) {
	var first time.Time
	for _, der := range chain {
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return first, fmt.Errorf("%w: %w", ErrNoCertificate, err)
		}
		if now.Before(c.NotBefore) || now.After(c.NotAfter) {
			return first, ErrValidity
		}
		if first.IsZero() || c.NotAfter.Before(first) {
			first = c.NotAfter.UTC()
		}
	}
	return first, nil
}

// stamps looks at the files; one that cannot be looked at has the zero stamp.
func (r *Reloader) stamps() (out [3]fileStamp) {
	for i, name := range []string{r.files.Cert, r.files.Key, r.files.ClientCA} {
		if name == "" {
			continue
		}
		if info, err := os.Stat(name); err == nil {
			out[i] = fileStamp{info.Size(), info.ModTime()}
		}
	}
	return out
}
