package config

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
)

var (
	errURL       = errors.New("not a URL such as https://ncp.fr.example")
	errScheme    = errors.New("must be an https URL")
	errUserinfo  = errors.New("must not hold a user or a password")
	errQuery     = errors.New("must not hold a query or a fragment")
	errHost      = errors.New("host must be in small letters")
	errAddress   = errors.New("not an address such as 127.0.0.1:8443")
	errAnyScheme = errors.New("must be a path or an http or https URL")
)

// cacheSchemes tells for each scheme of cache.url whether it needs a host.
var cacheSchemes = map[string]bool{
	"memory": false, "redis": true, "rediss": true, "redis+sentinel": true, "redis+cluster": true,
}

func (b *builder) checkListeners(c *Config) {
	b.address("listen.address", c.Listen.Address)
	b.pair("listen.tls", c.Listen.TLS)
	if !c.Listen.TLS.Enabled() && !c.Development && !b.bad["development"] {
		b.refuse("listen.tls", "required outside development: name cert and key")
	}
	host, ok := b.address("admin.address", c.Admin.Address)
	b.pair("admin.tls", c.Admin.TLS)
	if ok && !c.Admin.TLS.Enabled() && !loopback(host) {
		b.refuse("admin.address", "must be a loopback address unless admin.tls is given")
	}
	if ok && c.Admin.Address == c.Listen.Address && !strings.HasSuffix(c.Admin.Address, ":0") {
		b.refuse("admin.address", "is the same as listen.address")
	}
}

// pair checks that a certificate and its key come together.
func (b *builder) pair(path string, t TLS) {
	switch {
	case t.Cert != "" && t.Key == "":
		b.refuse(path+".key", "required with cert")
	case t.Cert == "" && t.Key != "":
		b.refuse(path+".cert", "required with key")
	case t.Cert == "" && t.ClientCA != "":
		b.refuse(path+".client_ca", "needs cert and key")
	}
}

func (b *builder) checkTrust(c *Config) {
	t := c.Trust
	if len(t.Anchors) == 0 {
		b.refuse("trust.anchors", "required; pin at least one trust anchor")
	}
	seen := map[string]int{}
	for i, a := range t.Anchors {
		path := at("trust.anchors", i)
		if b.required(path+".entity", a.Entity) {
			b.entityURL(path+".entity", a.Entity, c.Development)
			b.unique(path+".entity", seen, a.Entity, i)
		}
		b.required(path+".jwks", a.JWKS)
	}
	b.checkSuperiors("trust.superiors", t.Superiors, c)
	b.checkSuperiors("trust.intermediates", t.Intermediates, c)
	if len(t.Superiors) > maxSuperiors {
		b.refuse("trust.superiors", "at most %d: nobody follows more authority hints", maxSuperiors)
	}
	for i, p := range t.AllowNetworks {
		if p.Bits() == 0 {
			b.refuse(at("trust.allow_networks", i), "allows every address; name the networks")
		}
	}
	between(b, "trust.mark_refresh", t.MarkRefresh, time.Second, time.Hour)
	between(b, "trust.mark_grace", t.MarkGrace, t.MarkRefresh, 24*time.Hour)
	between(b, "trust.stale_if_error", t.StaleIfError, time.Minute, 24*time.Hour)
	b.checkSignatures(t, c.Development)
}

// maxSuperiors is how many authority hints of an entity are followed.
const maxSuperiors = 4

// checkSuperiors checks entities that stand above others. The hub itself above itself is a loop.
func (b *builder) checkSuperiors(path string, list []string, c *Config) {
	seen := map[string]int{}
	for i, entity := range list {
		if !b.required(at(path, i), entity) {
			continue
		}
		b.entityURL(at(path, i), entity, c.Development)
		b.unique(at(path, i), seen, entity, i)
		if entity == c.Entity {
			b.refuse(at(path, i), "is this contact point itself")
		}
	}
}

func (b *builder) checkCache(c Cache) {
	u, err := url.Parse(c.URL.Reveal())
	if err != nil || c.URL.IsZero() {
		b.refuse("cache.url", "not a URL such as memory: or redis://127.0.0.1:6379")
		return
	}
	needsHost, known := cacheSchemes[u.Scheme]
	switch {
	case !known:
		b.refuse("cache.url", "scheme must be memory, redis, rediss, redis+sentinel or redis+cluster")
	case needsHost && u.Hostname() == "":
		b.refuse("cache.url", "host is missing")
	case !needsHost && (u.Opaque != "" || u.Host != "" || u.Path != ""):
		b.refuse("cache.url", "memory: takes no host and no path")
	}
}

// entityURL checks an entity identifier (OpenID Federation 1.1: https, no query,
// no fragment). Development also takes http on a loopback host.
func (b *builder) entityURL(path, value string, development bool) {
	if err := httpsURL(value, development); err != nil {
		b.refuse(path, "%s", err)
	}
}

func httpsURL(value string, development bool) error {
	u, err := url.Parse(value)
	switch {
	case err != nil || !u.IsAbs() || u.Opaque != "" || u.Hostname() == "" || strings.ContainsAny(value, " \t\r\n\\"):
		return errURL
	case u.Scheme != "https" && (u.Scheme != "http" || !development || !loopback(u.Hostname())):
		return errScheme
	case u.User != nil:
		return errUserinfo
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(value, "#"):
		return errQuery
	case u.Host != strings.ToLower(u.Host):
		return errHost
	}
	return nil
}

// sourceURL checks the location of a catalogue that is read over the network.
// Credentials do not belong in it: locations are logged.
func sourceURL(value string) error {
	u, err := url.Parse(value)
	switch {
	case err != nil || u.Hostname() == "":
		return errURL
	case u.Scheme != "http" && u.Scheme != "https":
		return errAnyScheme
	case u.User != nil:
		return errUserinfo
	}
	return nil
}

// address checks HOST:PORT and returns the host.
func (b *builder) address(path, value string) (host string, ok bool) {
	if !b.required(path, value) {
		return "", false
	}
	host, port, err := net.SplitHostPort(value)
	if n, perr := strconv.ParseUint(port, 10, 16); err != nil || perr != nil || strconv.FormatUint(n, 10) != port {
		b.refuse(path, "%s", errAddress)
		return "", false
	}
	return host, true
}

// loopback tells whether a host can only be reached from this machine.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}

// isURL tells whether a source's location is a URL rather than a path.
func isURL(location string) bool { return strings.Contains(location, "://") }
