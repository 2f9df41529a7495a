package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"gatehouse/config"
	"gatehouse/ldapserver"
)

// ldapVerb is the protocol that a connection to the control socket may be upgraded to (RFC 9110 section 7.8). From then on it is like
// one to an ldapi listener: SASL EXTERNAL says who the peer is, and the policy what it may do.
const ldapVerb = "ldap"

// ldapListener is the listener of upgraded connections, for the LDAP server.
func (c *controlServer) ldapListener() *ldapserver.Listener {
	return &ldapserver.Listener{Listener: c.ldap, URL: "control"}
}

// upgrade hands the connection of a request over to the LDAP server.
func (c *controlServer) upgrade(w http.ResponseWriter, r *http.Request) {
	uid, _ := r.Context().Value(peerKey{}).(int)
	c.log.Info("control: a command speaks LDAP through the control socket", "uid", uid)
	hijacker, ok := w.(http.Hijacker)
	if !ok {
		http.Error(w, "no upgrade", http.StatusNotImplemented)
		return
	}
	nc, buffered, err := hijacker.Hijack()
	if err != nil {
		c.log.Warn("control: upgrade to LDAP", "error", err)
		return
	}
	const answer = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ldap\r\n\r\n"
	if buffered.Reader.Buffered() > 0 { // nothing may come before the answer
		err = errors.New("the peer did not wait for the answer")
	} else if _, err = nc.Write([]byte(answer)); err == nil {
		err = c.ldap.hand(r.Context(), nc)
	}
	if err != nil {
		c.log.Warn("control: upgrade to LDAP", "error", err)
		_ = nc.Close()
	}
}

// hand gives a connection to whoever accepts.
func (l *pipeListener) hand(ctx context.Context, nc net.Conn) error {
	select {
	case l.conns <- nc:
		return nil
	case <-l.closed:
		return net.ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// dialControlLDAP returns a connection to the LDAP server of a running service, by way of its control socket.
func dialControlLDAP(ctx context.Context, dir dataDir) (net.Conn, error) {
	nc, err := dialControl(ctx, dir)
	if err != nil {
		return nil, err
	}
	_, err = fmt.Fprintf(nc, "POST /%s HTTP/1.1\r\nHost: gatehouse\r\nConnection: Upgrade\r\nUpgrade: %s\r\nContent-Length: 0\r\n\r\n", ldapVerb, ldapVerb)
	if err == nil {
		err = readUpgrade(nc)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("control socket: %w", err), nc.Close())
	}
	return nc, nil
}

func readUpgrade(nc net.Conn) error {
	in := bufio.NewReader(nc)
	resp, err := http.ReadResponse(in, nil)
	if err != nil {
		return err
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusSwitchingProtocols || in.Buffered() > 0 {
		return errOtherVersion
	}
	return nil
}

// localLDAP is an LDAP server inside of a command, on a store that no other process has open.
type localLDAP struct {
	node   *node
	server *ldapserver.Server
	conns  *pipeListener
}

// openLocalLDAP opens a data directory that no server runs on.
func openLocalLDAP(dir dataDir, cfg *config.Config) (*localLDAP, error) {
	n, err := openNode(dir, cfg, commandLog())
	if err != nil {
		return nil, err
	}
	l := &localLDAP{node: n, conns: newPipeListener()}
	l.server = ldapserver.New(ldapserver.Options{Backend: backend{n.directory}, Log: quiet(), Limits: serverLimits(cfg)})
	go func() { _ = l.server.Serve(&ldapserver.Listener{Listener: l.conns, URL: "command"}) }() // ends with close
	return l, nil
}

// dial returns a connection on which the kernel vouches for this process.
func (l *localLDAP) dial(ctx context.Context) (net.Conn, error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("socket pair: %w", err)
	}
	var ends [2]net.Conn
	for i, fd := range fds {
		file := os.NewFile(uintptr(fd), "ldap")
		ends[i], err = net.FileConn(file)
		if err = errors.Join(err, file.Close()); err != nil {
			break
		}
	}
	if err == nil {
		err = l.conns.hand(ctx, ends[1])
	}
	if err == nil {
		return ends[0], nil
	}
	for _, nc := range ends {
		if nc != nil {
			_ = nc.Close()
		}
	}
	return nil, err
}

// close ends the server and the store.
func (l *localLDAP) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), startingWait)
	defer cancel()
	l.server.Shutdown(ctx)
	return l.node.close()
}

// waitLocalLDAP is openLocalLDAP, which waits for a server that is just starting or ending; nil if there is one to ask now.
func waitLocalLDAP(ctx context.Context, dir dataDir, cfg *config.Config) (*localLDAP, error) {
	deadline := time.Now().Add(startingWait)
	for {
		l, err := openLocalLDAP(dir, cfg)
		if !errors.Is(err, errInUse) {
			return l, err
		}
		if nc, err := dialControl(ctx, dir); err == nil {
			return nil, nc.Close()
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("%w, which has no control socket: it is another command, or a server that cannot start or end; try again when it is done", err)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}
