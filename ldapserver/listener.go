package ldapserver

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"slices"
	"syscall"

	"gatehouse/acl"
)

// Listener is a listening socket with what its connections inherit.
type Listener struct {
	net.Listener
	URL                 string // for logs and policies
	TLS                 bool   // ldaps: the handshake comes first
	LoopbackUnprotected bool   // ends the rule that loopback is protected transport
	// Proxy, if not nil, lists the networks whose PROXY protocol header is expected and believed.
	Proxy []netip.Prefix
}

// ListenTCP listens on HOST:PORT.
func ListenTCP(url, addr string) (*Listener, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", url, err)
	}
	return &Listener{Listener: l, URL: url}, nil
}

// ListenUnix listens on a local socket that anybody on the machine may connect to: who they are is what the kernel says.
// A socket that a dead server left is replaced; one that a living server answers on is an error.
func ListenUnix(url, path string, mode fs.FileMode) (*Listener, error) {
	if info, err := os.Lstat(path); err == nil {
		if info.Mode()&fs.ModeSocket == 0 {
			return nil, fmt.Errorf("listen on %s: %s exists and is no socket", url, path)
		}
		if nc, err := net.Dial("unix", path); err == nil {
			_ = nc.Close()
			return nil, fmt.Errorf("listen on %s: another server answers there", url)
		}
		if err := os.Remove(path); err != nil {
			return nil, fmt.Errorf("listen on %s: %w", url, err)
		}
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", url, err)
	}
	if err := os.Chmod(path, mode); err != nil {
		return nil, errors.Join(fmt.Errorf("listen on %s: %w", url, err), l.Close())
	}
	return &Listener{Listener: l, URL: url}, nil
}

// transport describes a new connection.
func (l *Listener) transport(nc net.Conn) acl.Transport {
	t := acl.Transport{Listener: l.URL, LoopbackUnprotected: l.LoopbackUnprotected}
	switch addr := nc.RemoteAddr().(type) {
	case *net.TCPAddr:
		t.Peer = addr.AddrPort()
		if local, ok := nc.LocalAddr().(*net.TCPAddr); ok {
			t.Local = local.AddrPort()
		}
	case *net.UnixAddr:
		t.LocalSocket = true
		t.PeerUID, t.PeerGID, t.HasPeerCreds = peerCredentials(nc)
	}
	return t
}

func (l *Listener) trusts(addr netip.Addr) bool {
	return slices.ContainsFunc(l.Proxy, func(p netip.Prefix) bool { return p.Contains(addr.Unmap()) })
}

// peerCredentials asks the kernel who is at the other end of a local socket.
func peerCredentials(nc net.Conn) (uid, gid uint32, ok bool) {
	sc, isSocket := nc.(syscall.Conn)
	if !isSocket {
		return 0, 0, false
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return 0, 0, false
	}
	var cred *syscall.Ucred
	if cerr := raw.Control(func(fd uintptr) {
		cred, err = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	}); cerr != nil || err != nil {
		return 0, 0, false
	}
	return cred.Uid, cred.Gid, true
}
