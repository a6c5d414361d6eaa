package egress

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"
)

// Errors of the guard. They arrive wrapped, possibly in a *url.Error.
var (
	ErrURL            = errors.New("address not acceptable")            // form of the URL
	ErrScheme         = errors.New("scheme not acceptable")             // anything but https
	ErrAddressRefused = errors.New("network address not acceptable")    // where it leads
	ErrRedirect       = errors.New("redirect not acceptable")           // other origin, too many, or after a POST
	ErrBodyTooLarge   = errors.New("response body larger than allowed") // MaxBody
)

// Defaults and fixed bounds.
const (
	DefaultTimeout = 20 * time.Second
	DefaultMaxBody = 8 << 20
	maxHeader      = 64 << 10
	maxURL         = 2048
	maxRedirects   = 3
	maxAddresses   = 4 // of one name, tried in order
	connectTimeout = 10 * time.Second
)

// Resolver turns a name into addresses. *net.Resolver implements it.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Options configures a Client. The zero value is the strictest.
type Options struct {
	// AllowNetworks lists the networks that may be reached although they are not public.
	AllowNetworks []netip.Prefix
	// Roots are the certificate authorities for servers; nil means the system's.
	Roots *x509.CertPool
	// ClientCertificate presents our certificate to servers that ask (mutual TLS).
	ClientCertificate func(*tls.CertificateRequestInfo) (*tls.Certificate, error)
	// Timeout bounds one exchange from connecting to the last body byte; 0 means DefaultTimeout.
	Timeout time.Duration
	// MaxBody bounds a response body in bytes; 0 means DefaultMaxBody.
	MaxBody int64
	// Development allows http to loopback addresses that AllowNetworks covers.
	Development bool
	// Resolver looks names up; nil means the system's.
	Resolver Resolver
	// Dial connects to an address that was already checked, always a literal "ip:port"; nil means TCP.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

func (o Options) withDefaults() (Options, error) {
	if o.Timeout < 0 || o.MaxBody < 0 {
		return o, errors.New("egress: negative limit")
	}
	for i, p := range o.AllowNetworks {
		if !p.IsValid() || p.Addr().Is4In6() || p != p.Masked() {
			return o, fmt.Errorf("egress: allowed network %d is not a plain network", i)
		}
	}
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	if o.MaxBody == 0 {
		o.MaxBody = DefaultMaxBody
	}
	if o.Resolver == nil {
		o.Resolver = &net.Resolver{}
	}
	return o, nil
}
