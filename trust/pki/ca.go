package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"path/filepath"
	"time"
)

const (
	caLife  = 10 * 365 * 24 * time.Hour
	skew    = time.Hour // certificates start this much earlier, for clocks that lag
	caName  = "ehdsgw development authority"
	caFile  = "ca.pem"
	caKey   = "ca.key"
	pemCert = "CERTIFICATE"
	pemKey  = "PRIVATE KEY"
)

// Options says for whom the development authority vouches. Clock and Rand are required.
type Options struct {
	Clock func() time.Time
	Rand  io.Reader
	// Names are DNS names and IP addresses in text, of the one certificate it issues; at least one.
	Names []string
}

// CA is a development authority on disk together with the one certificate it issues, good for
// servers and clients: ca.pem, ca.key, leaf.pem, leaf.key in its directory.
type CA struct {
	dir  string
	opts Options
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	leaf *x509.Certificate
}

// DevelopmentCA opens the authority in dir, making directory, authority (ECDSA P-256, ten years) and
// leaf (90 days) when they are not there, and renews the leaf as Renew does. Errors wrap
// ErrPermissions, ErrIncomplete, ErrValidity (the authority itself expired) where they apply.
func DevelopmentCA(dir string, o Options) (*CA, error) {
	if o.Clock == nil || o.Rand == nil || len(o.Names) == 0 {
		return nil, errors.New("pki: clock, randomness and at least one name are required")
	}
	if err := privateDir(dir); err != nil {
		return nil, fmt.Errorf("development authority: %w", err)
	}
	ca := &CA{dir: dir, opts: o}
	err := ca.load()
	if absent(err) {
		err = ca.create()
	}
	if err != nil {
		return nil, fmt.Errorf("development authority: %w", err)
	}
	if _, err := ca.Renew(); err != nil {
		return nil, err
	}
	return ca, nil
}

// CAFile is the authority's certificate, to hand to whoever should trust it.
func (c *CA) CAFile() string { return filepath.Join(c.dir, caFile) }

// CertFile is the leaf's certificate.
func (c *CA) CertFile() string { return filepath.Join(c.dir, leafFile) }

// KeyFile is the leaf's private key.
func (c *CA) KeyFile() string { return filepath.Join(c.dir, leafKey) }

// Pool trusts this authority alone.
func (c *CA) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(c.cert)
	return pool
}

// NotAfter is when the leaf expires, UTC.
func (c *CA) NotAfter() time.Time { return c.leaf.NotAfter.UTC() }

// load reads the authority. A key without certificate is what a crash during the very first start
// leaves, and counts as absent; a certificate without key is ErrIncomplete, because somebody may
// already trust it.
func (c *CA) load() error {
	certPEM, certErr := readFile(c.CAFile())
	keyPEM, keyErr := readPrivate(filepath.Join(c.dir, caKey))
	switch {
	case certErr == nil && absent(keyErr):
		return ErrIncomplete
	case keyErr != nil:
		return keyErr
	case certErr != nil:
		return certErr
	}
	cert, key, err := parsePair(certPEM, keyPEM)
	if err != nil {
		return err
	}
	now := c.opts.Clock()
	switch {
	case !cert.IsCA:
		return errors.New("the certificate is not an authority's")
	case now.After(cert.NotAfter) || now.Before(cert.NotBefore):
		return fmt.Errorf("%s: %w", caFile, ErrValidity)
	}
	c.cert, c.key = cert, key
	return nil
}

func (c *CA) create() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), c.opts.Rand)
	if err != nil {
		return err
	}
	serial, err := c.serial()
	if err != nil {
		return err
	}
	now := c.opts.Clock()
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: caName},
		NotBefore:             now.Add(-skew),
		NotAfter:              now.Add(caLife),
		IsCA:                  true,
		BasicConstraintsValid: true,
		MaxPathLenZero:        true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	der, err := x509.CreateCertificate(c.opts.Rand, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	if err := writePair(c.CAFile(), filepath.Join(c.dir, caKey), der, key); err != nil {
		return err
	}
	c.key = key
	c.cert, err = x509.ParseCertificate(der)
	return err
}

// serial is 127 random bits, never zero (RFC 5280 §4.1.2.2).
func (c *CA) serial() (*big.Int, error) {
	b := make([]byte, 16)
	if _, err := io.ReadFull(c.opts.Rand, b); err != nil {
		return nil, fmt.Errorf("serial number: %w", err)
	}
	b[0] = b[0]&0x7f | 0x40
	return new(big.Int).SetBytes(b), nil
}

// writePair writes the key first: a certificate on disk always has its key.
func writePair(certFile, keyFile string, der []byte, key *ecdsa.PrivateKey) error {
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	if err := writePrivate(keyFile, pem.EncodeToMemory(&pem.Block{Type: pemKey, Bytes: pkcs8})); err != nil {
		return err
	}
	return writePrivate(certFile, pem.EncodeToMemory(&pem.Block{Type: pemCert, Bytes: der}))
}

// parsePair reads one certificate and the key that belongs to it.
func parsePair(certPEM, keyPEM []byte) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	certs, err := certificates(certPEM)
	if err != nil {
		return nil, nil, err
	}
	block, _ := pem.Decode(keyPEM)
	if block == nil || block.Type != pemKey {
		return nil, nil, errors.New("not a private key file")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, nil, errors.New("not a readable private key")
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || !key.PublicKey.Equal(certs[0].PublicKey) {
		return nil, nil, errors.New("certificate and key do not belong together")
	}
	return certs[0], key, nil
}
