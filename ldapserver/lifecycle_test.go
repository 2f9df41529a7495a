package ldapserver_test

import (
	"context"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/ldapserver"
)

func TestShutdownFinishesWritesAndSaysGoodbye(t *testing.T) {
	t.Parallel()
	b := &stub{block: make(chan struct{})}
	s, addr := start(t, ldapserver.Options{Backend: b})
	nc, idle := dial(t, addr), dial(t, addr)
	send(t, nc, deleteRequest(1, "cn=a"))
	eventually(t, "the delete to begin", func() bool { return len(b.seen()) == 1 && s.Connections() == 2 })
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.Shutdown(context.Background())
	}()
	if got := readAnswer(t, idle); got != (answer{0, 24, 52}) {
		t.Errorf("idle connection: got %+v, want a notice with unavailable", got)
	}
	if _, err := net.Dial("tcp", addr); err == nil {
		t.Error("the listener is still open while operations finish")
	}
	close(b.block)
	if got := readAnswer(t, nc); got != (answer{1, 11, 0}) {
		t.Errorf("the delete in progress: got %+v", got)
	}
	if got := readAnswer(t, nc); got != (answer{0, 24, 52}) {
		t.Errorf("then: got %+v, want the notice", got)
	}
	<-done
}

func TestShutdownDoesNotWaitForever(t *testing.T) {
	t.Parallel()
	b := &stub{block: make(chan struct{})}
	s, addr := start(t, ldapserver.Options{Backend: b})
	nc := dial(t, addr)
	send(t, nc, deleteRequest(1, "cn=a"))
	eventually(t, "the delete to begin", func() bool { return len(b.seen()) == 1 })
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	s.Shutdown(ctx) // returns, because the operation's context ends
	if got := b.seen(); slices.Contains(got, "end delete cn=a") {
		t.Errorf("got %q", got)
	}
}

func TestIdleConnectionsAreClosed(t *testing.T) {
	t.Parallel()
	l := ldapserver.DefaultLimits()
	l.BindTimeout, l.IdleTimeout = time.Second, time.Hour
	_, addr := start(t, ldapserver.Options{Backend: &stub{}, Limits: &l})
	idle, bound := dial(t, addr), dial(t, addr)
	send(t, bound, bindRequest(1, "cn=a", "secret"))
	readAnswer(t, bound)
	if got := readAnswer(t, idle); got != (answer{0, 24, 52}) {
		t.Errorf("got %+v", got)
	}
	send(t, bound, searchRequest(2, "cn=x"))
	if got := readAnswer(t, bound); got != (answer{2, 5, 0}) {
		t.Errorf("the bound connection: got %+v", got)
	}
}

func TestConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	l := ldapserver.DefaultLimits()
	l.Connections = 2
	s, addr := start(t, ldapserver.Options{Backend: &stub{}, Limits: &l})
	a, b := dial(t, addr), dial(t, addr)
	eventually(t, "two connections", func() bool { return s.Connections() == 2 })
	c := dial(t, addr)
	if n, err := c.Read(make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("a third connection is served: %d, %v", n, err)
	}
	_ = a.Close()
	eventually(t, "one connection to be forgotten", func() bool { return s.Connections() == 1 })
	send(t, b, searchRequest(1, "cn=x"))
	readAnswer(t, b)
	d := dial(t, addr)
	send(t, d, searchRequest(1, "cn=x"))
	if got := readAnswer(t, d); got != (answer{1, 5, 0}) {
		t.Errorf("after one has gone: got %+v", got)
	}
}

// TestClientThatDoesNotReadIsClosed asks and never reads, until the server stops sending and ends the connection.
func TestClientThatDoesNotReadIsClosed(t *testing.T) {
	t.Parallel()
	l := ldapserver.DefaultLimits()
	l.WriteTimeout = 200 * time.Millisecond
	s, addr := start(t, ldapserver.Options{Backend: &stub{}, Limits: &l})
	nc := dial(t, addr)
	request := searchRequest(1, "cn=x")
	many := make([]byte, 0, 1<<20)
	for len(many)+len(request) < cap(many) {
		many = append(many, request...)
	}
	eventually(t, "a connection", func() bool { return s.Connections() == 1 })
	// Ask on, where the last write ended, until the server has had enough: its answers have to fill what the two sockets hold.
	for at, end := 0, time.Now().Add(time.Minute); s.Connections() > 0; {
		if time.Now().After(end) {
			t.Fatal("the connection is still open")
		}
		if err := nc.SetWriteDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		n, _ := nc.Write(many[at:])
		at = (at + n) % len(many)
	}
}

func TestProxyHeader(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ header, peer string }{
		"v1":      {"PROXY TCP4 192.0.2.7 192.0.2.1 4711 389\r\n", "192.0.2.7:4711"},
		"v2":      {"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c\xc0\x00\x02\x07\xc0\x00\x02\x01\x12\x67\x01\x85", "192.0.2.7:4711"},
		"unknown": {"PROXY UNKNOWN\r\n", "127.0.0.1:"},
		"none":    {"\x30\x05\x02\x01\x01\x42\x00", ""},
		"cut":     {"PROXY TCP4 192.0.2.7\r\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b := socketPair(t)
			go func() {
				_, _ = io.WriteString(a, c.header+"rest")
				_ = a.Close()
			}()
			peer, rest, err := ldapserver.ReadProxyHeaderForTest(b)
			switch {
			case c.peer == "":
				if err == nil {
					t.Errorf("accepted, peer %s", peer)
				}
			case err != nil || rest != "rest":
				t.Errorf("got %q, %v", rest, err)
			case c.peer != "127.0.0.1:" && !strings.HasPrefix(peer, c.peer):
				t.Errorf("peer %s, want %s", peer, c.peer)
			}
		})
	}
}

func TestLargeRequestsAreCountedAndGivenBack(t *testing.T) {
	t.Parallel()
	s, addr := start(t, ldapserver.Options{Backend: &stub{}})
	nc := dial(t, addr)
	send(t, nc, bindRequest(1, "cn=a", "secret"))
	readAnswer(t, nc)
	large := searchRequest(2, "cn="+strings.Repeat("x", 1<<20))
	send(t, nc, large[:len(large)-1])
	eventually(t, "a large buffer", func() bool { return ldapserver.LargeInputForTest(s) >= 1<<20 })
	send(t, nc, large[len(large)-1:])
	if got := readAnswer(t, nc); got != (answer{2, 5, 0}) {
		t.Errorf("got %+v", got)
	}
	eventually(t, "its return", func() bool { return ldapserver.LargeInputForTest(s) == 0 })
}

// socketPair returns both ends of a connection over loopback.
func socketPair(t *testing.T) (client, server net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client = dial(t, l.Addr().String())
	if server, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return client, server
}
