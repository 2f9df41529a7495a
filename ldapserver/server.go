package ldapserver

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"gatehouse/acl"
)

// Options is what a server is made of. Backend is needed; the zero value of the rest is a working default.
type Options struct {
	Backend Backend
	// TLS returns the configuration of the moment, so that a new certificate needs no restart; nil, or a nil result: no TLS.
	TLS    func() *tls.Config
	Log    *slog.Logger
	Limits *Limits
}

// Server serves any number of listeners until Shutdown. Safe for concurrent use.
type Server struct {
	backend Backend
	tls     func() *tls.Config
	log     *slog.Logger
	limits  Limits

	ctx      context.Context // of all operations; ends when the wait for them is over
	cancel   context.CancelFunc
	tick     atomic.Int64  // seconds since the start, for idle times
	searches chan struct{} // places of unbounded searches
	unread   chan struct{} // places of those that wait for their clients
	shaking  chan struct{} // places of TLS handshakes

	binds      *bindLog
	input      inputShare
	persistent atomic.Int64 // persistent searches
	waiting    atomic.Int64 // octets of large requests that are queued or run
	hurry      atomic.Bool  // a shutdown waits no longer

	mu        sync.Mutex
	listeners map[*Listener]struct{}
	conns     map[*conn]struct{}
	perAddr   map[netip.Addr]int
	stopping  bool
	running   sync.WaitGroup // connections and the janitor
	stopped   chan struct{}
}

// New returns a server that listens nowhere yet.
func New(o Options) *Server {
	limits := DefaultLimits()
	if o.Limits != nil {
		limits = *o.Limits
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{
		backend: o.Backend, tls: o.TLS, log: o.Log, limits: limits, ctx: ctx, cancel: cancel,
		searches:  make(chan struct{}, max(1, limits.SearchWorkers)),
		binds:     newBindLog(o.Log, time.Now()),
		unread:    make(chan struct{}, waitingSearches),
		shaking:   make(chan struct{}, handshakes),
		listeners: make(map[*Listener]struct{}), conns: make(map[*conn]struct{}), perAddr: make(map[netip.Addr]int),
		stopped: make(chan struct{}),
	}
	s.running.Add(1)
	go s.janitor()
	return s
}

// ErrServerClosed is what Serve returns after Shutdown.
var ErrServerClosed = errors.New("server closed")

// Serve accepts connections on l until Shutdown, then returns ErrServerClosed. It closes l.
func (s *Server) Serve(l *Listener) error {
	s.mu.Lock()
	if s.stopping {
		s.mu.Unlock()
		_ = l.Close()
		return ErrServerClosed
	}
	s.listeners[l] = struct{}{}
	s.mu.Unlock()
	var pause time.Duration
	for {
		nc, err := l.Accept()
		if err != nil {
			if s.isStopping() {
				return ErrServerClosed
			}
			if errors.Is(err, net.ErrClosed) {
				return fmt.Errorf("accept on %s: %w", l.URL, err)
			}
			// Out of file descriptors, most likely: wait for some to come back.
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			s.log.Warn("accept", "listener", l.URL, "error", err, "wait", pause)
			time.Sleep(pause)
			continue
		}
		pause = 0
		s.accept(l, nc)
	}
}

func (s *Server) isStopping() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stopping
}

// accept admits a connection, or closes it where a bound is reached. The PROXY header and the TLS handshake happen on the
// connection's own goroutine.
func (s *Server) accept(l *Listener, nc net.Conn) {
	t := l.transport(nc)
	s.mu.Lock()
	defer s.mu.Unlock()
	c := newConn(s, nc, t)
	// Behind a proxy all connections come from one address; the header says which client to count.
	if s.stopping || len(s.conns) >= s.limits.Connections || !l.trusts(t.Peer.Addr()) && !s.count(c, t.Peer.Addr()) {
		_ = nc.Close()
		return
	}
	s.conns[c] = struct{}{}
	s.running.Add(1)
	go func() {
		defer s.running.Done()
		defer s.forget(c)
		c.serve(l)
	}()
}

// count counts a connection for its client's address; false where that has too many. The caller holds s.mu.
func (s *Server) count(c *conn, addr netip.Addr) bool {
	addr = addr.Unmap()
	if !addr.IsValid() || addr.IsLoopback() {
		return true
	}
	if s.perAddr[addr] >= s.limits.ConnectionsPerAddress {
		return false
	}
	s.perAddr[addr]++
	c.counted = addr
	return true
}

func (s *Server) forget(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	if addr := c.counted; addr.IsValid() {
		if s.perAddr[addr]--; s.perAddr[addr] == 0 {
			delete(s.perAddr, addr)
		}
	}
}

// prepare does what comes before LDAP: the PROXY header and, for ldaps, the handshake.
func (c *conn) prepare(l *Listener) error {
	if l.Proxy != nil && l.trusts(c.session.Transport().Peer.Addr()) {
		nc, t, err := readProxyHeader(c.net, *c.session.Transport())
		if err != nil {
			return err
		}
		c.net, c.out.conn, c.raw = nc, nc, nil
		c.session = acl.NewSession(t)
		if err := c.srv.admit(c, t.Peer.Addr()); err != nil {
			return err
		}
	}
	if !l.TLS {
		return nil
	}
	if c.srv.tls == nil {
		return errors.New("the server has no certificate")
	}
	return c.secure()
}

// admit counts a connection whose client a PROXY header has named.
func (s *Server) admit(c *conn, addr netip.Addr) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.stopping: // the deadline that was to wake the reader may have been cleared by the header
		return errClosed
	case !s.count(c, addr):
		return fmt.Errorf("%s has too many connections", addr)
	}
	return nil
}

// janitor moves the clock of idle times and ends connections that were idle for too long.
func (s *Server) janitor() {
	defer s.running.Done()
	t := time.NewTicker(janitorInterval)
	defer t.Stop()
	for {
		select {
		case <-s.stopped:
			return
		case <-t.C:
			s.binds.tell(time.Now())
			s.sweep(s.tick.Add(int64(janitorInterval / time.Second)))
		}
	}
}

func (s *Server) sweep(now int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		limit := s.limits.BindTimeout
		if c.isBound.Load() {
			limit = s.limits.IdleTimeout
		}
		if limit > 0 && time.Duration(now-c.lastRequest.Load())*time.Second > limit && c.queue.idle() {
			c.expire()
		}
	}
}

// Shutdown closes the listeners first, lets every connection finish what it has begun, sends the notice of disconnection and
// closes it. When ctx ends before, what still runs is cancelled. It returns when nothing runs any more.
func (s *Server) Shutdown(ctx context.Context) {
	s.mu.Lock()
	if s.stopping {
		s.mu.Unlock()
		return
	}
	s.stopping = true
	for l := range s.listeners {
		_ = l.Close()
	}
	for c := range s.conns {
		c.stop()
	}
	s.mu.Unlock()
	close(s.stopped)
	done := make(chan struct{})
	go func() {
		s.running.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
		s.hurry.Store(true)
		s.cancel()
		s.mu.Lock()
		for c := range s.conns {
			_ = c.sock.SetDeadline(time.Unix(1, 0))
		}
		s.mu.Unlock()
		<-done
	}
	s.cancel()
}

// Connections returns how many connections are open.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}
