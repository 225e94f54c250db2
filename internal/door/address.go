package door

import (
	"net"
	"net/netip"
)

// reserved are the networks that lead to no public server, besides those that net/netip knows.
func reserved() [11]netip.Prefix {
	v4 := func(a, b byte, bits int) netip.Prefix {
		return netip.PrefixFrom(netip.AddrFrom4([4]byte{a, b}), bits)
	}
	v6 := func(a, b, c, d byte, bits int) netip.Prefix {
		return netip.PrefixFrom(netip.AddrFrom16([16]byte{a, b, c, d}), bits)
	}
	return [...]netip.Prefix{
		v4(0, 0, 8), v4(100, 64, 10), v4(192, 0, 24), v4(198, 18, 15), v4(240, 0, 4), // RFC 6890
		v6(0x01, 0, 0, 0, 64), v6(0x20, 0x01, 0x0d, 0xb8, 32), v6(0x20, 0x01, 0, 0, 32), v6(0xfe, 0xc0, 0, 0, 10), v6(0x3f, 0xff, 0, 0, 20),
		netip.PrefixFrom(netip.AddrFrom16([16]byte{0, 0x64, 0xff, 0x9b, 0, 1}), 48), // RFC 8215
	}
}

// Public reports whether a server at addr can be one of the public internet.
func Public(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	if inner, ok := embedded(addr); ok {
		return Public(inner)
	}
	if !addr.IsValid() || !addr.IsGlobalUnicast() || addr.IsPrivate() {
		return false // IsGlobalUnicast excludes loopback, link-local, multicast, unspecified, broadcast
	}
	for _, network := range reserved() {
		if network.Contains(addr) {
			return false
		}
	}
	return true
}

// embedded returns the IPv4 address that an IPv6 address leads to: NAT64 and 6to4.
func embedded(addr netip.Addr) (netip.Addr, bool) {
	if !addr.Is6() {
		return addr, false
	}
	b := addr.As16()
	switch {
	case [12]byte(b[:12]) == [12]byte{0x00, 0x64, 0xff, 0x9b}: // 64:ff9b::/96
		return netip.AddrFrom4([4]byte(b[12:16])), true
	case b[0] == 0x20 && b[1] == 0x02: // 2002::/16
		return netip.AddrFrom4([4]byte(b[2:6])), true
	case [12]byte(b[:12]) == [12]byte{}: // ::a.b.c.d
		return netip.AddrFrom4([4]byte(b[12:16])), true
	default:
		return addr, false
	}
}

// PublicConn reports whether a connection leads to a public server. What has no IP address does
// not.
func PublicConn(remote net.Addr) bool {
	if remote == nil {
		return false
	}
	at, err := netip.ParseAddrPort(remote.String())
	return err == nil && Public(at.Addr())
}
