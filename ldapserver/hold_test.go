package ldapserver_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"

	"gatehouse/ldapserver"
)

// TestIdleConnectionHoldsNoLargeRequest: what a large request took is given back while the client is idle. It is not parallel:
// it looks at the heap.
func TestIdleConnectionHoldsNoLargeRequest(t *testing.T) {
	_, addr := start(t, ldapserver.Options{Backend: &stub{}})
	set := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSet, nil, "")
	for i := range 100_000 {
		set.AppendChild(octets(fmt.Sprintf("value %d", i)))
	}
	attr := ber.NewSequence("")
	attr.AppendChild(octets("description"))
	attr.AppendChild(set)
	list := ber.NewSequence("")
	list.AppendChild(attr)
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, 8, nil, "")
	op.AppendChild(octets("cn=x"))
	op.AppendChild(list)
	large := message(2, op)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	const clients = 8
	for range clients {
		nc := dial(t, addr)
		send(t, nc, bindRequest(1, "cn=a", "secret"), large)
		for _, want := range []answer{{1, 1, 0}, {2, 9, 0}} {
			if got := readAnswer(t, nc); got != want {
				t.Fatalf("got %+v, want %+v", got, want)
			}
		}
	}
	eventually(t, "the memory of the requests to be given back", func() bool {
		runtime.GC()
		runtime.ReadMemStats(&after)
		return after.HeapAlloc < before.HeapAlloc+clients*uint64(len(large))/2
	})
}

// TestPanicOutsideAnOperationEndsOneConnectionOnly: nothing that goes wrong on a connection ends the process.
func TestPanicOutsideAnOperationEndsOneConnectionOnly(t *testing.T) {
	t.Parallel()
	b := &stub{}
	s, addr := start(t, ldapserver.Options{Backend: b})
	nc, other := dial(t, addr), dial(t, addr)
	send(t, nc, bindRequest(1, "cn=a", "secret"))
	readAnswer(t, nc)
	b.checkPanics.Store(true)
	send(t, nc, searchRequest(2, "cn=x"))
	if got := readAnswer(t, nc); got != (answer{0, 24, 80}) {
		t.Errorf("got %+v, want a notice of disconnection with other", got)
	}
	eventually(t, "the connection to be closed", func() bool { return s.Connections() == 1 })
	send(t, other, searchRequest(1, "cn=x"))
	if got := readAnswer(t, other); got != (answer{1, 5, 0}) {
		t.Errorf("another connection: %+v", got)
	}
}

// TestProxiedClientsAreCountedByTheirOwnAddress: the bound is on each client behind a proxy, not on the proxy.
func TestProxiedClientsAreCountedByTheirOwnAddress(t *testing.T) {
	t.Parallel()
	limits := ldapserver.DefaultLimits()
	limits.ConnectionsPerAddress = 1
	s := ldapserver.New(ldapserver.Options{Backend: &stub{}, Limits: &limits})
	l, err := ldapserver.ListenTCP("ldap://127.0.0.1", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Proxy = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { s.Shutdown(t.Context()) })
	from := func(client string) net.Conn {
		nc := dial(t, l.Addr().String())
		send(t, nc, []byte("PROXY TCP4 "+client+" 192.0.2.1 4711 389\r\n"), searchRequest(1, "cn=x"))
		return nc
	}
	first := from("192.0.2.7")
	if got := readAnswer(t, first); got != (answer{1, 5, 0}) {
		t.Errorf("the first: %+v", got)
	}
	if n, err := from("192.0.2.7").Read(make([]byte, 1)); n != 0 || err == nil {
		t.Errorf("a second connection of the same client is served: %d, %v", n, err)
	}
	if got := readAnswer(t, from("192.0.2.8")); got != (answer{1, 5, 0}) {
		t.Errorf("another client: %+v", got)
	}
	_ = first.Close()
	eventually(t, "the first to be forgotten", func() bool { return s.Connections() == 1 })
	if got := readAnswer(t, from("192.0.2.7")); got != (answer{1, 5, 0}) {
		t.Errorf("after the first has gone: %+v", got)
	}
}

// TestShutdownDoesNotWaitForClientsThatDoNotRead: an answer that nobody takes does not hold up a shutdown that has waited enough.
func TestShutdownDoesNotWaitForClientsThatDoNotRead(t *testing.T) {
	t.Parallel()
	limits := ldapserver.DefaultLimits()
	limits.WriteTimeout = time.Hour
	s, addr := start(t, ldapserver.Options{Backend: endless{stub: &stub{}}, Limits: &limits})
	nc := dial(t, addr)
	send(t, nc, searchRequest(1, "cn="+strings.Repeat("x", 100)))
	eventually(t, "the connection", func() bool { return s.Connections() == 1 })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s.Shutdown(ctx) // returns
}

// TestSearchWhoseClientDoesNotReadHoldsNoPlace: clients that ask for much and read nothing do not keep others from searching.
func TestSearchWhoseClientDoesNotReadHoldsNoPlace(t *testing.T) {
	t.Parallel()
	limits := ldapserver.DefaultLimits()
	limits.SearchWorkers = 1
	_, addr := start(t, ldapserver.Options{Backend: endless{stub: &stub{}, unbounded: true}, Limits: &limits})
	for range 4 {
		lazy := dial(t, addr)
		send(t, lazy, searchRequest(1, "cn=x"), searchRequest(2, "cn=x"), searchRequest(3, "cn=x"))
		if _, err := lazy.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
	}
	nc := dial(t, addr)
	send(t, nc, searchRequest(1, "cn=also endless"))
	if _, err := nc.Read(make([]byte, 1)); err != nil {
		t.Errorf("a search waits for one whose client does not read: %v", err)
	}
}

// TestTooManyUnreadSearchesGetLittleTime: when as many wait for their clients as may, the next that does not read is given up soon,
// whatever the write timeout is, and its place is free again.
func TestTooManyUnreadSearchesGetLittleTime(t *testing.T) {
	t.Parallel()
	limits := ldapserver.DefaultLimits()
	limits.SearchWorkers, limits.WriteTimeout = 1, time.Hour
	s, addr := start(t, ldapserver.Options{Backend: endless{stub: &stub{}, unbounded: true}, Limits: &limits})
	end := ldapserver.FillUnreadForTest(s)
	defer end()
	lazy := dial(t, addr)
	send(t, lazy, searchRequest(1, "cn=x"), searchRequest(2, "cn=x"))
	eventually(t, "the connection", func() bool { return s.Connections() == 1 })
	eventually(t, "its end", func() bool { return s.Connections() == 0 })
}

// TestSlowSendersDoNotKeepOthersFromSending: what strangers leave unfinished is counted apart from what bound clients send.
func TestSlowSendersDoNotKeepOthersFromSending(t *testing.T) {
	t.Parallel()
	s, addr := start(t, ldapserver.Options{Backend: &stub{}})
	nc := dial(t, addr)
	request := searchRequest(1, "cn="+strings.Repeat("x", 20<<10))
	send(t, nc, request[:len(request)-1])
	eventually(t, "a buffer", func() bool { return ldapserver.AnonymousInputForTest(s) >= int64(len(request)) })
	if n := ldapserver.LargeInputForTest(s); n != 0 {
		t.Errorf("%d octets are counted for bound clients", n)
	}
	send(t, nc, request[len(request)-1:])
	if got := readAnswer(t, nc); got != (answer{1, 5, 0}) {
		t.Errorf("got %+v", got)
	}
	eventually(t, "its return", func() bool { return ldapserver.AnonymousInputForTest(s) == 0 })
}

// TestLargeRequestsThatWaitAreBounded: one that would pass the bound is refused and the connection goes on; small ones are served.
func TestLargeRequestsThatWaitAreBounded(t *testing.T) {
	t.Parallel()
	s, addr := start(t, ldapserver.Options{Backend: &stub{}})
	nc := dial(t, addr)
	large := deleteRequest(2, "cn="+strings.Repeat("x", 100_000))
	send(t, nc, bindRequest(1, "cn=a", "secret"))
	readAnswer(t, nc)
	full := ldapserver.WaitingForTest(s)
	end := ldapserver.FillWaitingForTest(s, 100_000)
	send(t, nc, large, deleteRequest(3, "cn=x"))
	for _, want := range []answer{{2, 11, 51}, {3, 11, 0}} {
		if got := readAnswer(t, nc); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	end()
	send(t, nc, large)
	if got := readAnswer(t, nc); got != (answer{2, 11, 0}) {
		t.Errorf("when others are done: %+v", got)
	}
	eventually(t, "all to be given back", func() bool { return ldapserver.WaitingForTest(s) == full })
}

// TestStrangerHasFewOperationsInFlight: the reader stops at a bound that is lower before a bind.
func TestStrangerHasFewOperationsInFlight(t *testing.T) {
	t.Parallel()
	const most = 8
	b := &stub{unbounded: true}
	s, addr := start(t, ldapserver.Options{Backend: b})
	nc := dial(t, addr)
	for id := range int64(most + 1) {
		send(t, nc, searchRequest(id+1, "cn=x"))
	}
	send(t, nc, deleteRequest(most+2, "cn=x"))
	eventually(t, "the searches", func() bool { return len(b.seen()) >= 2*most })
	time.Sleep(10 * time.Millisecond)
	for _, call := range b.seen() {
		if strings.Contains(call, "delete") {
			t.Errorf("the reader went on: %q", b.seen())
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s.Shutdown(ctx) // the searches end with the server only
}
