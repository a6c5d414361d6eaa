package egress

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Check is the cheap look at a URL, without network: scheme, form, and the address when it is
// written as one. It repeats nothing of the URL in its error. A name may still lead somewhere
// refused; that is decided when connecting. Errors wrap ErrURL, ErrScheme or ErrAddressRefused.
func (c *Client) Check(raw string) error {
	if len(raw) > maxURL {
		return fmt.Errorf("%w: longer than %d characters", ErrURL, maxURL)
	}
	for i := range len(raw) {
		if b := raw[i]; b <= ' ' || b >= 0x7f || b == '\\' || b == '#' {
			return fmt.Errorf("%w: a character that does not belong in it", ErrURL)
		}
	}
	u, err := url.Parse(raw)
	if err != nil {
		return fmt.Errorf("%w: cannot be read", ErrURL)
	}
	return c.checkURL(u)
}

func (c *Client) checkURL(u *url.URL) error {
	if u.Scheme != "https" && u.Scheme != "http" || u.Scheme == "http" && !c.opts.Development {
		return fmt.Errorf("%w: only https", ErrScheme)
	}
	switch {
	case u.User != nil:
		return fmt.Errorf("%w: carries credentials", ErrURL)
	case u.Fragment != "" || u.Opaque != "":
		return fmt.Errorf("%w: not a plain resource", ErrURL)
	case len(u.Host) > 260:
		return fmt.Errorf("%w: host too long", ErrURL)
	}
	if err := checkPort(u.Host, u.Port()); err != nil {
		return err
	}
	return c.checkHost(u.Scheme, u.Host, u.Hostname())
}

func checkPort(host, port string) error {
	if port == "" {
		if strings.HasSuffix(host, ":") {
			return fmt.Errorf("%w: empty port", ErrURL)
		}
		return nil
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 || strconv.FormatUint(n, 10) != port {
		return fmt.Errorf("%w: port", ErrURL)
	}
	return nil
}

// checkHost looks at an address literal, or at the form of a name.
func (c *Client) checkHost(scheme, host, name string) error {
	addr, err := netip.ParseAddr(name)
	if err != nil {
		if strings.HasPrefix(host, "[") {
			return fmt.Errorf("%w: not an IPv6 address", ErrURL)
		}
		if err := checkName(name); err != nil {
			return err
		}
		if scheme == "http" && !strings.EqualFold(name, "localhost") {
			return fmt.Errorf("%w: http only to loopback", ErrScheme)
		}
		return nil
	}
	switch {
	case addr.Is4In6() || addr.Zone() != "" || !strings.EqualFold(addr.String(), name):
		return fmt.Errorf("%w: address in an unusual spelling", ErrAddressRefused)
	case !addressAllowed(addr, c.opts.AllowNetworks):
		return fmt.Errorf("%w: not public and not configured", ErrAddressRefused)
	case scheme == "http" && !addr.IsLoopback():
		return fmt.Errorf("%w: http only to loopback", ErrScheme)
	}
	return nil
}

// checkName wants a host name of letters, digits and hyphens (RFC 1123 §2.1). A last label that
// starts like a number is refused: some resolvers read it as an address in octal, hexadecimal or one
// decimal number.
func checkName(name string) error {
	if name == "" || len(name) > 253 {
		return fmt.Errorf("%w: host", ErrURL)
	}
	labels := strings.Split(name, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.Trim(strings.ToLower(label), "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return fmt.Errorf("%w: host name", ErrURL)
		}
	}
	last := labels[len(labels)-1]
	if last[0] >= '0' && last[0] <= '9' {
		return fmt.Errorf("%w: address in an unusual spelling", ErrAddressRefused)
	}
	return nil
}
