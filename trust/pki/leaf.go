package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"
)

const (
	leafLife  = 90 * 24 * time.Hour
	leafRenew = 30 * 24 * time.Hour // renewed when less is left
	leafName  = "ehdsgw development"
	leafFile  = "leaf.pem"
	leafKey   = "leaf.key"
)

// Renew replaces the leaf when less than 30 days are left, when it is for other names, when it is
// not of this authority, or when its files are missing or do not fit; it reports whether it did. A
// key open to others is ErrPermissions, never silently replaced. Call it from time to time in a
// process that runs long; the files are replaced at once, the key first.
func (c *CA) Renew() (bool, error) {
	leaf, err := c.loadLeaf()
	if errors.Is(err, ErrPermissions) {
		return false, fmt.Errorf("development certificate: %w", err)
	}
	if err == nil && c.good(leaf) {
		c.leaf = leaf
		return false, nil
	}
	if err := c.issue(); err != nil {
		return false, fmt.Errorf("development certificate: %w", err)
	}
	return true, nil
}

func (c *CA) loadLeaf() (*x509.Certificate, error) {
	keyPEM, err := readPrivate(c.KeyFile())
	if err != nil {
		return nil, err
	}
	certPEM, err := readFile(c.CertFile())
	if err != nil {
		return nil, err
	}
	cert, _, err := parsePair(certPEM, keyPEM)
	return cert, err
}

func (c *CA) good(leaf *x509.Certificate) bool {
	now := c.opts.Clock()
	dns, ips := splitNames(c.opts.Names)
	left := leaf.NotAfter.Sub(now)
	return leaf.CheckSignatureFrom(c.cert) == nil && !now.Before(leaf.NotBefore) &&
		(left >= leafRenew || leaf.NotAfter.Equal(c.cert.NotAfter) && left > 0) &&
		slices.Equal(leaf.DNSNames, dns) && slices.EqualFunc(leaf.IPAddresses, ips, net.IP.Equal)
}

func (c *CA) issue() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), c.opts.Rand)
	if err != nil {
		return err
	}
	serial, err := c.serial()
	if err != nil {
		return err
	}
	now := c.opts.Clock()
	dns, ips := splitNames(c.opts.Names)
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: leafName},
		DNSNames:     dns,
		IPAddresses:  ips,
		NotBefore:    now.Add(-skew),
		NotAfter:     now.Add(leafLife),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if template.NotAfter.After(c.cert.NotAfter) {
		template.NotAfter = c.cert.NotAfter
	}
	der, err := x509.CreateCertificate(c.opts.Rand, template, c.cert, key.Public(), c.key)
	if err != nil {
		return err
	}
	if err := writePair(c.CertFile(), c.KeyFile(), der, key); err != nil {
		return err
	}
	c.leaf, err = x509.ParseCertificate(der)
	return err
}

// splitNames tells DNS names from IP addresses, keeping their order.
func splitNames(names []string) (dns []string, ips []net.IP) {
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			ips = append(ips, ip)
		} else {
			dns = append(dns, n)
		}
	}
	return dns, ips
}
