package ldapserver

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"time"

	"gatehouse/acl"
)

// The PROXY protocol, as HAProxy specifies it: version 1 is a line of at most 107 octets, version 2 starts with a signature
// and has a length. What stands behind the addresses (TLVs) is skipped.
const (
	proxyLineMax   = 107
	proxyV2Head    = 16
	proxyV2BodyMax = 4096
)

var proxyV2Signature = []byte("\r\n\r\n\x00\r\nQUIT\n")

// proxied is a connection whose first bytes, behind the header, are in a buffered reader.
type proxied struct {
	net.Conn
	r *bufio.Reader
}

func (p *proxied) Read(b []byte) (int, error) { return p.r.Read(b) }

// readProxyHeader reads the header and returns the connection behind it, with the addresses that it names. A LOCAL or
// UNKNOWN header (a health check of the proxy itself) keeps the socket's addresses.
func readProxyHeader(nc net.Conn, t acl.Transport) (net.Conn, acl.Transport, error) {
	if err := nc.SetReadDeadline(time.Now().Add(handshakeTimeout)); err != nil {
		return nil, t, err
	}
	r := bufio.NewReaderSize(nc, proxyV2Head+proxyV2BodyMax)
	head, err := r.Peek(len(proxyV2Signature))
	if err != nil {
		return nil, t, fmt.Errorf("PROXY header: %w", err)
	}
	var peer, local netip.AddrPort
	if bytes.Equal(head, proxyV2Signature) {
		peer, local, err = proxyV2(r)
	} else {
		peer, local, err = proxyV1(r)
	}
	if err != nil {
		return nil, t, fmt.Errorf("PROXY header: %w", err)
	}
	t.Proxied = true
	if peer.IsValid() {
		t.Peer, t.Local = peer, local
	}
	return &proxied{Conn: nc, r: r}, t, nc.SetReadDeadline(time.Time{})
}

func proxyV1(r *bufio.Reader) (peer, local netip.AddrPort, err error) {
	var line []byte
	for !bytes.HasSuffix(line, []byte("\r\n")) {
		b, err := r.ReadByte()
		if err != nil {
			return peer, local, err
		}
		if line = append(line, b); len(line) > proxyLineMax {
			return peer, local, errors.New("a line of more than 107 octets")
		}
	}
	f := strings.Split(string(line[:len(line)-2]), " ")
	switch {
	case len(f) >= 2 && f[0] == "PROXY" && f[1] == "UNKNOWN":
		return peer, local, nil
	case len(f) != 6 || f[0] != "PROXY" || f[1] != "TCP4" && f[1] != "TCP6":
		return peer, local, errors.New("not a header of the PROXY protocol")
	}
	if peer, err = netip.ParseAddrPort(net.JoinHostPort(f[2], f[4])); err != nil {
		return peer, local, err
	}
	local, err = netip.ParseAddrPort(net.JoinHostPort(f[3], f[5]))
	return peer, local, err
}

func proxyV2(r *bufio.Reader) (peer, local netip.AddrPort, err error) {
	head := make([]byte, proxyV2Head)
	if _, err := io.ReadFull(r, head); err != nil {
		return peer, local, err
	}
	n := int(binary.BigEndian.Uint16(head[14:]))
	if head[12]>>4 != 2 || n > proxyV2BodyMax {
		return peer, local, errors.New("unknown version or a header of more than 4 KiB")
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(r, body); err != nil {
		return peer, local, err
	}
	if head[12]&0xf == 0 { // LOCAL
		return peer, local, nil
	}
	size := map[byte]int{0x11: 4, 0x21: 16}[head[13]]
	if size == 0 {
		return peer, local, nil // a family that has no addresses of ours
	}
	if n < 2*size+4 {
		return peer, local, errors.New("addresses are cut off")
	}
	from, _ := netip.AddrFromSlice(body[:size])
	to, _ := netip.AddrFromSlice(body[size : 2*size])
	peer = netip.AddrPortFrom(from, binary.BigEndian.Uint16(body[2*size:]))
	local = netip.AddrPortFrom(to, binary.BigEndian.Uint16(body[2*size+2:]))
	return peer, local, nil
}
