package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"gatehouse/config"
)

// operations is how a command reaches the store: through the control socket of a running server, or by a store that it has
// opened itself. The commands do not see a difference.
type operations struct {
	http  *http.Client
	node  *node // nil with a running server
	local *controlServer
}

// startingWait is how long a command waits for the control socket of a server that holds the data directory but is still
// starting.
const startingWait = 15 * time.Second

// openOperations returns the operations on a data directory. Close ends them.
func openOperations(ctx context.Context, cfg *config.Config, dir dataDir) (*operations, error) {
	deadline := time.Now().Add(startingWait)
	for {
		if nc, err := dialControl(ctx, dir); err == nil {
			_ = nc.Close()
			return newOperations(func(ctx context.Context) (net.Conn, error) { return dialControl(ctx, dir) }), nil
		} else if errors.Is(err, os.ErrPermission) {
			return nil, fmt.Errorf("%s: %w; run this as root or as the user of the server", dir.control(), os.ErrPermission)
		}
		n, err := openNode(dir, cfg, commandLog())
		if err == nil {
			return operationsOn(n), nil
		}
		if !errors.Is(err, errInUse) {
			return nil, err
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

// commandLog is the log of a command: only what the operator should see.
func commandLog() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

// operationsOn serves the operations of a node in this process.
func operationsOn(n *node) *operations {
	l := newPipeListener()
	local := newControlServer(n)
	go func() { _ = local.http.Serve(l) }() // ends with close
	o := newOperations(l.dial)
	o.node, o.local = n, local
	return o
}

func newOperations(dial func(context.Context) (net.Conn, error)) *operations {
	return &operations{http: &http.Client{Transport: &http.Transport{
		DialContext:       func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) },
		DisableKeepAlives: false,
	}}}
}

func dialControl(ctx context.Context, dir dataDir) (net.Conn, error) {
	path, release, err := socketPath(dir.control())
	if err != nil {
		return nil, err
	}
	defer release()
	return (&net.Dialer{}).DialContext(ctx, "unix", path)
}

// call begins a command. Its output ends with an error unless the command did its work.
func (o *operations) call(ctx context.Context, name string, flags url.Values, in io.Reader) (io.ReadCloser, error) {
	u := url.URL{Scheme: "http", Host: "gatehouse", Path: "/" + name, RawQuery: flags.Encode()}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), in)
	if err != nil {
		return nil, err
	}
	resp, err := o.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close()
		return nil, fmt.Errorf("the running server does not know the command %q: it is of another version", name)
	}
	return &output{ReadCloser: resp.Body, response: resp}, nil
}

// output is the output of a command that is being read.
type output struct {
	io.ReadCloser
	response *http.Response
}

// Read implements [io.Reader]. In place of io.EOF it returns what the command ended with, if that is an error.
func (r *output) Read(b []byte) (int, error) {
	n, err := r.ReadCloser.Read(b)
	if errors.Is(err, io.EOF) {
		if e := readError(r.response.Trailer); e != nil {
			err = e
		}
	} else if errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("the server ended before the command was done")
	}
	return n, err
}

// close ends the operations, and the store if it was opened for them.
func (o *operations) close() error {
	o.http.CloseIdleConnections()
	if o.local == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), startingWait)
	defer cancel()
	o.local.shutdown(ctx)
	return o.node.close()
}

// pipeListener accepts the connections that its own dial makes.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
}

func newPipeListener() *pipeListener {
	return &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (l *pipeListener) dial(ctx context.Context) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.conns <- server:
		return client, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements [net.Listener].
func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case nc := <-l.conns:
		return nc, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close implements [net.Listener]. It is called once.
func (l *pipeListener) Close() error {
	close(l.closed)
	return nil
}

// Addr implements [net.Listener].
func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "pipe"} }

func dirAndBase(path string) (string, string) { return filepath.Dir(path), filepath.Base(path) }

// peerUID asks the kernel who is at the other end of a local socket.
func peerUID(nc *net.UnixConn) (int, error) {
	raw, err := nc.SyscallConn()
	if err != nil {
		return 0, err
	}
	var cred *unix.Ucred
	if cerr := raw.Control(func(fd uintptr) {
		cred, err = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}); cerr != nil {
		return 0, cerr
	}
	if err != nil {
		return 0, err
	}
	return int(cred.Uid), nil
}
