package egress

import "net/netip"

// special lists IPv4 ranges that are not public unicast (IANA IPv4 Special-Purpose Address Registry,
// RFC 6890) and the parts of IPv6 global unicast that are not (IANA IPv6 registry). IPv6 outside
// 2000::/3, such as loopback, unique local, link-local, multicast, mapped and translated addresses,
// is special as a whole.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("10.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"), // carrier-grade NAT
	netip.MustParsePrefix("127.0.0.0/8"),
	netip.MustParsePrefix("169.254.0.0/16"), // link-local, with the clouds' metadata services
	netip.MustParsePrefix("172.16.0.0/12"),
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"),
	netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("224.0.0.0/3"), // multicast, reserved, broadcast
	netip.MustParsePrefix("2001::/23"),   // Teredo, ORCHID and other protocol assignments
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"), // 6to4, carries an IPv4 address
	netip.MustParsePrefix("3fff::/20"),
}

var (
	globalUnicast = netip.MustParsePrefix("2000::/3")
	nat64         = netip.MustParsePrefix("64:ff9b::/96") // RFC 6052
)

// addressAllowed judges one address to connect to. An allowed network opens what it covers; through
// an allowed NAT64 prefix the IPv4 address inside is judged as well.
func addressAllowed(addr netip.Addr, allow []netip.Prefix) bool {
	if !addr.IsValid() || addr.Zone() != "" {
		return false
	}
	addr = addr.Unmap()
	if nat64.Contains(addr) {
		b := addr.As16()
		return contains(allow, addr) && addressAllowed(netip.AddrFrom4([4]byte(b[12:])), allow)
	}
	if contains(allow, addr) {
		return true
	}
	if addr.Is6() && !globalUnicast.Contains(addr) {
		return false
	}
	return !contains(special, addr)
}

func contains(networks []netip.Prefix, addr netip.Addr) bool {
	for _, p := range networks {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}
