package egress

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"syscall"
)

// dialer connects to checked addresses only.
type dialer struct {
	opts         Options
	loopbackOnly bool
}

func (d *dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("%w: host and port", ErrURL)
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("%w: port", ErrURL)
	}
	addrs, err := d.resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	connect := d.opts.Dial
	if connect == nil {
		connect = (&net.Dialer{Timeout: connectTimeout, ControlContext: d.control}).DialContext
	}
	failures := []error{}
	for _, addr := range addrs {
		conn, err := connect(ctx, network, netip.AddrPortFrom(addr, uint16(port)).String())
		if err == nil {
			return conn, nil
		}
		failures = append(failures, err)
	}
	return nil, errors.Join(failures...)
}

// resolve returns the addresses of host that may be connected to; none is ErrAddressRefused.
func (d *dialer) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	found := []netip.Addr{}
	if literal, err := netip.ParseAddr(host); err == nil {
		found = append(found, literal)
	} else if found, err = d.opts.Resolver.LookupNetIP(ctx, "ip", host); err != nil {
		return nil, fmt.Errorf("look up host: %w", err)
	}
	allowed := make([]netip.Addr, 0, maxAddresses)
	for _, addr := range found {
		if addr = addr.Unmap(); d.allowed(addr) && len(allowed) < maxAddresses {
			allowed = append(allowed, addr)
		}
	}
	if len(allowed) == 0 {
		return nil, fmt.Errorf("%w: not public and not configured", ErrAddressRefused)
	}
	return allowed, nil
}

func (d *dialer) allowed(addr netip.Addr) bool {
	return addressAllowed(addr, d.opts.AllowNetworks) && (!d.loopbackOnly || addr.IsLoopback())
}

// control is the last look, at the address the socket is about to connect to.
func (d *dialer) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil || !d.allowed(ap.Addr().Unmap()) {
		return fmt.Errorf("%w: at connect", ErrAddressRefused)
	}
	return nil
}
