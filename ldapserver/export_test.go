package ldapserver

import (
	"io"
	"net"

	"gatehouse/acl"
)

// ReadProxyHeaderForTest reads a PROXY header and what follows it.
func ReadProxyHeaderForTest(nc net.Conn) (peer, rest string, err error) {
	behind, t, err := readProxyHeader(nc, acl.Transport{})
	if err != nil {
		return "", "", err
	}
	b, err := io.ReadAll(behind)
	return t.Peer.String(), string(b), err
}

// LargeInputForTest returns the octets that buffers of large messages hold.
func LargeInputForTest(s *Server) int64 { return s.largeInput.Load() }
