package ldapserver

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"syscall"
	"time"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/ldapserver/wire"
)

// conn is one connection. Its reader goroutine owns all fields but those of out and queue, which have their own locks,
// and lastRequest.
type conn struct {
	srv     *Server
	sock    net.Conn        // the socket itself, for deadlines from other goroutines; never replaced
	net     net.Conn        // what the client speaks through now: the socket, or TLS on it
	raw     syscall.RawConn // of a socket without TLS
	in      input
	out     output
	queue   *queue
	msg     wire.Message // of operations that run on the reader
	session *acl.Session // replaced at barriers only
	counted netip.Addr   // the address that it is counted for, under the server's lock
	ctx     context.Context
	emit    func(*acl.View) error // sends an entry of the search that runs on the reader
	beside  *acl.SearchControls   // of that search

	inline      int       // operations since the reader last waited or gave way
	inlineSince time.Time // when the first of them began

	lastRequest atomic.Int64 // the server's tick at the last complete request
	isBound     atomic.Bool  // for the janitor
	stopping    atomic.Bool  // the server is shutting down
}

var (
	// errClosed ends the reader without anything to say: unbind, or a notice that was sent.
	errClosed = errors.New("connection ended")
	// errRefused is a connection that ends before LDAP begins.
	errRefused = errors.New("connection refused")
)

// internalError is what a client sees of a panic.
const internalError = "internal error; the server's log says more"

func newConn(srv *Server, nc net.Conn, t acl.Transport) *conn {
	c := &conn{
		srv: srv, sock: nc, net: nc, queue: newQueue(), session: acl.NewSession(t), ctx: srv.ctx,
		in:  input{share: &srv.input},
		out: output{sock: nc, conn: nc, timeout: srv.limits.WriteTimeout, hurry: &srv.hurry},
	}
	if sc, ok := nc.(syscall.Conn); ok {
		if raw, err := sc.SyscallConn(); err == nil {
			c.raw = raw
		}
	}
	c.emit = c.emitInline
	c.lastRequest.Store(srv.tick.Load())
	return c
}

// log returns a logger that names the other end of the socket. It is made when it is needed: most connections never log.
func (c *conn) log() *slog.Logger { return c.srv.log.With("peer", c.sock.RemoteAddr().String()) }

// serve reads and serves until the client or the server ends the connection.
func (c *conn) serve(l *Listener) {
	err := c.safely(func() error {
		if err := c.prepare(l); err != nil {
			return errors.Join(errRefused, err)
		}
		return c.loop()
	})
	c.queue.abandonSearches()
	c.queue.waitIdle()
	switch {
	case errors.Is(err, errRefused):
		c.log().Debug("connection refused", "error", err)
	case c.stopping.Load():
		c.notice(directory.Unavailable, "the server is shutting down")
	case err == nil || errors.Is(err, errClosed) || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed):
	case errors.Is(err, os.ErrDeadlineExceeded):
		c.notice(directory.Unavailable, "idle for too long")
	default:
		var e *wire.Error
		if errors.As(err, &e) {
			c.notice(e.Code, e.Diagnostic)
		}
		c.log().Debug("connection ended", "error", err)
	}
	_ = c.out.flush()
	c.in.release()
	_ = c.net.Close()
}

// safely turns a panic that is not of one operation into an error that ends the connection, and no more than that.
func (c *conn) safely(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			c.log().Error("a connection panicked", "panic", p, "stack", string(debug.Stack()))
			err = &wire.Error{Code: directory.Other, Diagnostic: internalError, Fatal: true}
		}
	}()
	return f()
}

func (c *conn) loop() error {
	for {
		bytes, limits := c.srv.limits.RequestBytes, messageLimits
		if c.session.IsAnonymous() {
			bytes, limits = min(bytes, requestBytesAnonymous), messageLimitsAnonymous
		}
		pdu, err := c.in.next(c.net, c.raw, bytes, c.drained)
		if err != nil {
			return err
		}
		if c.stopping.Load() {
			return errClosed
		}
		c.lastRequest.Store(c.srv.tick.Load())
		if err := wire.Decode(pdu, limits, &c.msg); err != nil {
			if err := c.refuse(err); err != nil {
				return err
			}
			continue
		}
		if err := c.dispatch(pdu); err != nil {
			return err
		}
		if len(pdu) > inputBytes {
			c.msg.Reset() // what it took would be held while the client is idle
		}
	}
}

// drained is called when the input is empty.
func (c *conn) drained() error { return c.out.flush() }

// breathe flushes and gives way to other connections after as much work as one may do at a stretch.
func (c *conn) breathe() error {
	if c.inline == 0 || c.in.waited {
		c.inline, c.in.waited, c.inlineSince = 0, false, time.Now()
	}
	if c.inline++; c.inline < inlineOperations && (c.inline&3 != 0 || time.Since(c.inlineSince) < inlineTime) {
		return nil
	}
	c.inline = 0
	err := c.out.flush()
	runtime.Gosched()
	return err
}

// refuse answers a message that could not be decoded, or says that the connection must end.
func (c *conn) refuse(err error) error {
	var e *wire.Error
	if !errors.As(err, &e) || e.Fatal {
		return err
	}
	if e.ResponseTag == wire.TagBindResponse {
		// A bind that is refused still ends the authentication that was there (RFC 4511 section 4.2.1).
		c.queue.barrier()
		c.setSession(c.session.Anonymous())
	}
	if e.ResponseTag == 0 {
		return nil
	}
	r := e.Result()
	return c.answer(e.ID, e.ResponseTag, &r)
}

// answer sends a result that is an LDAPResult and nothing else, or a bind or extended one without its extras.
func (c *conn) answer(id directory.MessageID, tag byte, r *directory.Result) error {
	return c.out.append(func(b []byte) []byte { return wire.AppendResult(b, id, tag, r, nil) })
}

// finish answers an operation by its error.
func (c *conn) finish(id directory.MessageID, tag byte, err error) error {
	r := c.resultOf(id, err)
	return c.answer(id, tag, &r)
}

// finishWith is finish with controls, which may be none.
func (c *conn) finishWith(id directory.MessageID, tag byte, err error, controls []directory.Control) error {
	r := c.resultOf(id, err)
	return c.out.append(func(b []byte) []byte {
		if tag == wire.TagSearchResultDone {
			c.out.end = len(b)
		}
		return wire.AppendResult(b, id, tag, &r, controls)
	})
}

// resultOf turns an error into what the client sees, and logs what it does not. A client that went away while it was answered
// is no failure of the server's.
func (c *conn) resultOf(id directory.MessageID, err error) directory.Result {
	if err == nil {
		return directory.Result{}
	}
	var e *directory.Error
	if (!errors.As(err, &e) || e.Cause != nil) && !c.out.isFailure(err) {
		c.log().Error("operation failed", "message", id, "error", err)
	}
	return directory.ResultOf(err)
}

// notice sends an unsolicited notice of disconnection (RFC 4511 section 4.4.1).
func (c *conn) notice(code directory.ResultCode, why string) {
	_ = c.out.append(func(b []byte) []byte { return wire.AppendNoticeOfDisconnection(b, code, why) })
	_ = c.out.flush()
}

func (c *conn) setSession(s *acl.Session) {
	c.session = s
	c.isBound.Store(!s.IsAnonymous())
}

// stop makes the reader end: now if it waits, else before its next request.
func (c *conn) stop() {
	c.stopping.Store(true)
	_ = c.sock.SetReadDeadline(time.Unix(1, 0))
}

// expire ends a connection that was idle for too long.
func (c *conn) expire() { _ = c.sock.SetReadDeadline(time.Unix(1, 0)) }
