package ldapserver_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"

	"gatehouse/ldapserver"
)

func TestPipelinedBindThenSearchInOrder(t *testing.T) {
	t.Parallel()
	b := &stub{}
	_, addr := start(t, ldapserver.Options{Backend: b})
	nc := dial(t, addr)
	send(t, nc, bindRequest(1, "cn=a", "secret"), searchRequest(2, "cn=x"), bindRequest(3, "cn=a", "wrong"), searchRequest(4, "cn=y"))
	for _, want := range []answer{{1, 1, 0}, {2, 5, 0}, {3, 1, 49}, {4, 5, 0}} {
		if got := readAnswer(t, nc); got != want {
			t.Fatalf("got %+v, want %+v", got, want)
		}
	}
	want := []string{"bind cn=a", "search cn=x as cn=a", "bind cn=a", "search cn=y as "}
	if got := b.seen(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestReadWaitsForWriteBeforeIt(t *testing.T) {
	t.Parallel()
	b := &stub{block: make(chan struct{})}
	_, addr := start(t, ldapserver.Options{Backend: b})
	nc := dial(t, addr)
	send(t, nc, deleteRequest(1, "cn=d"), addRequest(2, "cn=e"), searchRequest(3, "cn=x"), bindRequest(4, "cn=a", "secret"))
	eventually(t, "the delete to begin", func() bool { return slices.Contains(b.seen(), "begin delete cn=d") })
	close(b.block)
	for _, want := range []answer{{1, 11, 0}, {2, 9, 0}, {3, 5, 0}, {4, 1, 0}} {
		if got := readAnswer(t, nc); got != want {
			t.Fatalf("got %+v, want %+v", got, want)
		}
	}
	want := []string{"begin delete cn=d", "end delete cn=d", "begin add cn=e", "end add cn=e", "search cn=x as ", "bind cn=a"}
	if got := b.seen(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAbandon(t *testing.T) {
	t.Parallel()
	b := &stub{unbounded: true}
	_, addr := start(t, ldapserver.Options{Backend: b})
	nc := dial(t, addr)
	send(t, nc, searchRequest(1, "cn=long"))
	eventually(t, "the search to begin on its worker", func() bool { return len(b.seen()) >= 2 })
	send(t, nc, abandonRequest(2, 1))
	eventually(t, "the search to end", func() bool { return slices.Contains(b.seen(), "cancelled cn=long") })
	// The abandoned search has no answer: the next one to come is that of Who am I, and the connection lives.
	send(t, nc, abandonRequest(3, 77), extendedRequest(4, "1.3.6.1.4.1.4203.1.11.3"))
	if got := readAnswer(t, nc); got != (answer{4, 24, 0}) {
		t.Errorf("got %+v", got)
	}
}

func TestAbandonedWriteNeverBegins(t *testing.T) {
	t.Parallel()
	b := &stub{block: make(chan struct{})}
	_, addr := start(t, ldapserver.Options{Backend: b})
	nc := dial(t, addr)
	send(t, nc, deleteRequest(1, "cn=first"), deleteRequest(2, "cn=second"), abandonRequest(3, 2), deleteRequest(4, "cn=third"))
	eventually(t, "the first delete to begin", func() bool { return len(b.seen()) > 0 })
	time.Sleep(20 * time.Millisecond) // let the reader see the abandon; if it has not, the test fails
	close(b.block)
	for _, want := range []answer{{1, 11, 0}, {4, 11, 0}} {
		if got := readAnswer(t, nc); got != want {
			t.Fatalf("got %+v, want %+v", got, want)
		}
	}
	if got := strings.Join(b.seen(), ";"); strings.Contains(got, "second") {
		t.Errorf("the abandoned delete ran: %s", got)
	}
}

func TestMessageIDInUse(t *testing.T) {
	t.Parallel()
	b := &stub{block: make(chan struct{})}
	_, addr := start(t, ldapserver.Options{Backend: b})
	nc := dial(t, addr)
	send(t, nc, deleteRequest(1, "cn=a"), deleteRequest(1, "cn=b"))
	if got := readAnswer(t, nc); got != (answer{1, 11, 2}) {
		t.Errorf("the second: got %+v", got)
	}
	close(b.block)
	if got := readAnswer(t, nc); got != (answer{1, 11, 0}) {
		t.Errorf("the first: got %+v", got)
	}
}

func TestPanicEndsOneRequestOnly(t *testing.T) {
	t.Parallel()
	b := &stub{}
	_, addr := start(t, ldapserver.Options{Backend: b})
	nc, other := dial(t, addr), dial(t, addr)
	send(t, nc, searchRequest(1, "cn=panic"), bindRequest(2, "cn=panic", "x"), addRequest(3, "cn=panic"), searchRequest(4, "cn=x"))
	got := map[answer]bool{}
	for range 4 {
		got[readAnswer(t, nc)] = true
	}
	for _, want := range []answer{{1, 5, 80}, {2, 1, 80}, {3, 9, 80}, {4, 5, 0}} {
		if !got[want] {
			t.Errorf("missing %+v in %v", want, got)
		}
	}
	send(t, other, bindRequest(1, "cn=a", "secret"))
	if got := readAnswer(t, other); got != (answer{1, 1, 0}) {
		t.Errorf("another connection: %+v", got)
	}
}

// TestGarbageIsAnsweredWithANotice sends what is no LDAP, too large, or no request: the server says why and closes.
func TestGarbageIsAnsweredWithANotice(t *testing.T) {
	t.Parallel()
	_, addr := start(t, ldapserver.Options{Backend: &stub{}})
	for name, garbage := range map[string]string{
		"http":                "GET / HTTP/1.1\r\n\r\n",
		"TLS hello":           "\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03",
		"large":               "\x30\x84\x7f\xff\xff\xff",
		"large before a bind": "\x30\x84\x00\x02\x00\x00",
		"no message ID":       "\x30\x03\x04\x01\x00",
		"a response":          "\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00\x04\x00\x04\x00",
		"indefinite":          "\x30\x80\x02\x01\x01\x42\x00\x00\x00",
		"message ID zero":     "\x30\x05\x02\x01\x00\x42\x00",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			nc := dial(t, addr)
			send(t, nc, []byte(garbage))
			if got := readAnswer(t, nc); got.id != 0 || got.tag != 24 || got.code != 2 {
				t.Errorf("got %+v, want a notice of disconnection with protocolError", got)
			}
			if n, err := nc.Read(make([]byte, 1)); n != 0 || err == nil {
				t.Errorf("the connection is still open: %d, %v", n, err)
			}
		})
	}
}

func TestSlowAndSplitRequests(t *testing.T) {
	t.Parallel()
	b := &stub{}
	_, addr := start(t, ldapserver.Options{Backend: b})
	nc := dial(t, addr)
	long := strings.Repeat("x", 20_000)
	for _, c := range append(bindRequest(1, "cn=a", "secret"), searchRequest(2, "cn=y")...) {
		send(t, nc, []byte{c})
	}
	send(t, nc, searchRequest(3, "cn="+long))
	for i, want := range []answer{{1, 1, 0}, {2, 5, 0}, {3, 5, 0}} {
		if got := readAnswer(t, nc); got != want {
			t.Fatalf("%d: got %+v, want %+v", i, got, want)
		}
	}
	if got := b.seen(); got[2] != "search cn="+long+" as cn=a" {
		t.Errorf("a base of %d octets arrived as %d", len(long), len(got[2]))
	}
}

func TestUnknownOperationsAndControls(t *testing.T) {
	t.Parallel()
	_, addr := start(t, ldapserver.Options{Backend: &stub{}})
	nc := dial(t, addr)
	send(t, nc, extendedRequest(1, "1.2.3"), withControl(searchRequest(2, "cn=x"), true), withControl(searchRequest(3, "cn=x"), false))
	for _, want := range []answer{{1, 24, 2}, {2, 5, 12}, {3, 5, 0}} {
		if got := readAnswer(t, nc); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

// TestBindThatIsRefusedEndsTheIdentity: a bind that fails for its control alone still leaves the connection anonymous.
func TestBindThatIsRefusedEndsTheIdentity(t *testing.T) {
	t.Parallel()
	b := &stub{}
	_, addr := start(t, ldapserver.Options{Backend: b})
	nc := dial(t, addr)
	send(t, nc, bindRequest(1, "cn=a", "secret"), withControl(bindRequest(2, "cn=a", "secret"), true), searchRequest(3, "cn=x"))
	for _, want := range []answer{{1, 1, 0}, {2, 1, 12}, {3, 5, 0}} {
		if got := readAnswer(t, nc); got != want {
			t.Fatalf("got %+v, want %+v", got, want)
		}
	}
	if got := b.seen(); !slices.Contains(got, "search cn=x as ") {
		t.Errorf("got %q", got)
	}
}

// TestEndedIdentity: the next operation gets a notice of disconnection, but a bind is served, since it asks nothing of the
// identity that was there.
func TestEndedIdentity(t *testing.T) {
	t.Parallel()
	b := &stub{}
	_, addr := start(t, ldapserver.Options{Backend: b})
	for name, last := range map[string]struct {
		request []byte
		want    answer
	}{
		"search":   {searchRequest(2, "cn=x"), answer{0, 24, 8}},
		"write":    {deleteRequest(2, "cn=x"), answer{0, 24, 8}},
		"StartTLS": {extendedRequest(2, "1.3.6.1.4.1.1466.20037"), answer{0, 24, 8}},
		"bind":     {bindRequest(2, "cn=b", "secret"), answer{2, 1, 0}},
	} {
		b.ended.Store(false)
		nc := dial(t, addr)
		send(t, nc, bindRequest(1, "cn=a", "secret"))
		if got := readAnswer(t, nc); got != (answer{1, 1, 0}) {
			t.Fatalf("%s: got %+v", name, got)
		}
		b.ended.Store(true)
		send(t, nc, last.request)
		if got := readAnswer(t, nc); got != last.want {
			t.Errorf("%s: got %+v, want %+v", name, got, last.want)
		}
	}
	if got := strings.Join(b.seen(), ";"); strings.Contains(got, "cn=x") {
		t.Errorf("an operation ran: %s", got)
	}
}

// TestReaderGoesOnBehindWhoAmI: an Abandon is seen although a Who am I waits for the write before it.
func TestReaderGoesOnBehindWhoAmI(t *testing.T) {
	t.Parallel()
	b := &stub{unbounded: true, block: make(chan struct{})}
	_, addr := start(t, ldapserver.Options{Backend: b})
	nc := dial(t, addr)
	send(t, nc, searchRequest(1, "cn=long"))
	eventually(t, "the search to begin on its worker", func() bool { return len(b.seen()) >= 2 })
	send(t, nc, deleteRequest(2, "cn=d"), extendedRequest(3, "1.3.6.1.4.1.4203.1.11.3"), abandonRequest(4, 1))
	eventually(t, "the search to end", func() bool { return slices.Contains(b.seen(), "cancelled cn=long") })
	close(b.block)
	for _, want := range []answer{{2, 11, 0}, {3, 24, 0}} {
		if got := readAnswer(t, nc); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

func TestUnbindAfterWritesCarriesThemOut(t *testing.T) {
	t.Parallel()
	b := &stub{}
	_, addr := start(t, ldapserver.Options{Backend: b})
	nc := dial(t, addr)
	send(t, nc, deleteRequest(1, "cn=a"), deleteRequest(2, "cn=b"),
		message(3, ber.NewString(ber.ClassApplication, ber.TypePrimitive, 2, "", "")))
	eventually(t, "both deletes", func() bool { return slices.Contains(b.seen(), "end delete cn=b") })
}
