package ldapserver_test

import (
	"slices"
	"testing"

	ber "github.com/go-asn1-ber/asn1-ber"

	"gatehouse/ldapserver"
)

func cancelRequest(id, target int64) []byte {
	value := ber.NewSequence("")
	value.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, target, ""))
	return extendedRequestWith(id, "1.3.6.1.1.8", value.Bytes())
}

func extendedRequestWith(id int64, oid string, value []byte) []byte {
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, 23, nil, "")
	op.AppendChild(ber.NewString(ber.ClassContext, ber.TypePrimitive, 0, oid, ""))
	op.AppendChild(ber.NewString(ber.ClassContext, ber.TypePrimitive, 1, string(value), ""))
	return message(id, op)
}

// TestCancelOfASearch: the search that runs answers 118, and then the Cancel succeeds (RFC 3909 section 2).
func TestCancelOfASearch(t *testing.T) {
	t.Parallel()
	b := &stub{unbounded: true}
	_, addr := start(t, ldapserver.Options{Backend: b})
	nc := dial(t, addr)
	send(t, nc, searchRequest(1, "cn=x"))
	eventually(t, "the search to begin", func() bool { return slices.Contains(b.seen(), "search cn=x as ") })
	send(t, nc, cancelRequest(2, 1))
	for _, want := range []answer{{1, 5, 118}, {2, 24, 0}} {
		if got := readAnswer(t, nc); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	send(t, nc, cancelRequest(3, 1))
	if got := readAnswer(t, nc); got != (answer{3, 24, 119}) {
		t.Errorf("once more: %+v, want noSuchOperation", got)
	}
}

// TestCancelOfWrites: one that waits is never carried out, one that is stopped in time answers 118 as well.
func TestCancelOfWrites(t *testing.T) {
	t.Parallel()
	b := &stub{block: make(chan struct{})}
	_, addr := start(t, ldapserver.Options{Backend: b})
	nc := dial(t, addr)
	send(t, nc, deleteRequest(1, "cn=a"), deleteRequest(2, "cn=b"))
	eventually(t, "the first to begin", func() bool { return slices.Contains(b.seen(), "begin delete cn=a") })
	send(t, nc, cancelRequest(3, 2), cancelRequest(4, 1))
	for _, want := range []answer{{2, 11, 118}, {3, 24, 0}, {1, 11, 118}, {4, 24, 0}} {
		if got := readAnswer(t, nc); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	if got := b.seen(); slices.Contains(got, "begin delete cn=b") {
		t.Errorf("got %q", got)
	}
}

// TestCancelThatComesTooLate: a write that does not stop for it gives its own answer.
func TestCancelThatComesTooLate(t *testing.T) {
	t.Parallel()
	b := &stub{block: make(chan struct{}), deaf: true}
	_, addr := start(t, ldapserver.Options{Backend: b})
	nc := dial(t, addr)
	send(t, nc, deleteRequest(1, "cn=a"))
	eventually(t, "it to begin", func() bool { return slices.Contains(b.seen(), "begin delete cn=a") })
	send(t, nc, cancelRequest(2, 1), cancelRequest(3, 1), cancelRequest(4, 2))
	for _, want := range []answer{{3, 24, 120}, {4, 24, 121}} {
		if got := readAnswer(t, nc); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	close(b.block)
	for _, want := range []answer{{1, 11, 0}, {2, 24, 120}} {
		if got := readAnswer(t, nc); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

func TestCancelOfNothing(t *testing.T) {
	t.Parallel()
	_, addr := start(t, ldapserver.Options{Backend: &stub{}})
	nc := dial(t, addr)
	send(t, nc, cancelRequest(1, 77), cancelRequest(2, 0), cancelRequest(3, 3), cancelRequest(4, -1), extendedRequest(5, "1.3.6.1.1.8"),
		extendedRequestWith(6, "1.3.6.1.1.8", []byte{0x30, 0x03, 0x02, 0x01}))
	for _, want := range []answer{{1, 24, 119}, {2, 24, 119}, {3, 24, 119}, {4, 24, 2}, {5, 24, 2}, {6, 24, 2}} {
		if got := readAnswer(t, nc); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

// TestCancelReachesNoOtherConnection: message IDs of another connection mean nothing.
func TestCancelReachesNoOtherConnection(t *testing.T) {
	t.Parallel()
	b := &stub{unbounded: true}
	_, addr := start(t, ldapserver.Options{Backend: b})
	one, other := dial(t, addr), dial(t, addr)
	send(t, one, searchRequest(1, "cn=x"))
	eventually(t, "the search to begin", func() bool { return slices.Contains(b.seen(), "search cn=x as ") })
	send(t, other, cancelRequest(2, 1))
	if got := readAnswer(t, other); got != (answer{2, 24, 119}) {
		t.Errorf("got %+v, want noSuchOperation", got)
	}
	send(t, one, cancelRequest(2, 1))
	if got := readAnswer(t, one); got != (answer{1, 5, 118}) {
		t.Errorf("got %+v, want canceled", got)
	}
}
