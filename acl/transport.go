package acl

import "net/netip"

// Transport is what is known about the connection that a session speaks through. The zero Transport is unprotected.
type Transport struct {
	Peer  netip.AddrPort // the client; from the PROXY header when there was one
	Local netip.AddrPort // our end; zero on a local socket

	Listener            string // URL of the listener, for policies and logs
	LoopbackUnprotected bool   // the listener's loopback-protected: false
	Proxied             bool   // a PROXY header came

	TLSBits           int    // strength of the cipher in bits; 0 without TLS
	ClientCertSubject string // subject DN (RFC 4514) of a verified client certificate; empty without one

	LocalSocket  bool // ldapi
	HasPeerCreds bool // PeerUID and PeerGID are what the kernel says
	PeerUID      uint32
	PeerGID      uint32
}

// Protected reports whether a password may travel: over TLS, a local socket, or loopback. Loopback counts only if both
// ends of the socket are loopback addresses, no PROXY header came, and the listener does not end it.
func (t *Transport) Protected() bool {
	if t.TLSBits > 0 || t.LocalSocket {
		return true
	}
	return !t.LoopbackUnprotected && !t.Proxied && isLoopback(t.Peer) && isLoopback(t.Local)
}

func isLoopback(a netip.AddrPort) bool { return a.Addr().Unmap().IsLoopback() }
