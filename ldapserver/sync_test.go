package ldapserver_test

import (
	"slices"
	"testing"

	ber "github.com/go-asn1-ber/asn1-ber"

	"gatehouse/ldapserver"
)

// persistentRequest is a search with a sync request for a persist stage.
func persistentRequest(id int64, base string) []byte {
	value := ber.NewSequence("")
	value.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, 3, ""))
	c := ber.NewSequence("")
	c.AppendChild(octets("1.3.6.1.4.1.4203.1.9.1.1"))
	c.AppendChild(octets(string(value.Bytes())))
	cs := ber.Encode(ber.ClassContext, ber.TypeConstructed, 0, nil, "")
	cs.AppendChild(c)
	m := ber.DecodePacket(searchRequest(id, base))
	m.AppendChild(cs)
	return m.Bytes()
}

// TestPersistentSearchesEnd: a bind, StartTLS and the end of a connection do not wait for them, and each is counted no longer then.
func TestPersistentSearchesEnd(t *testing.T) {
	t.Parallel()
	b := &stub{mayControl: true}
	s, addr := start(t, ldapserver.Options{Backend: b})
	counted := func(n int64) {
		t.Helper()
		eventually(t, "the number of persistent searches", func() bool { return ldapserver.PersistentForTest(s) == n })
	}
	nc := dial(t, addr)
	send(t, nc, persistentRequest(1, "cn=a"), persistentRequest(2, "cn=b"))
	counted(2)
	send(t, nc, bindRequest(3, "cn=a", "secret"))
	if got := readAnswer(t, nc); got != (answer{3, 1, 0}) {
		t.Errorf("the bind: %+v", got)
	}
	counted(0)
	for id := range int64(4) {
		send(t, nc, persistentRequest(4+id, "cn=c"))
	}
	counted(4)
	send(t, nc, persistentRequest(8, "cn=d"))
	if got := readAnswer(t, nc); got != (answer{8, 5, 11}) {
		t.Errorf("one too many: %+v", got)
	}
	send(t, nc, extendedRequest(9, "1.3.6.1.4.1.1466.20037"))
	if got := readAnswer(t, nc); got != (answer{9, 24, 52}) {
		t.Errorf("StartTLS of a server without a certificate: %+v", got)
	}
	counted(0)
	send(t, nc, persistentRequest(10, "cn=e"))
	counted(1)
	_ = nc.Close()
	counted(0)
	if got := b.seen(); !slices.Contains(got, "sync cn=e") {
		t.Errorf("got %q", got)
	}
}

// TestPersistentSearchesAreBounded: all connections together have so many.
func TestPersistentSearchesAreBounded(t *testing.T) {
	t.Parallel()
	s, addr := start(t, ldapserver.Options{Backend: &stub{mayControl: true}})
	const each, all = 4, 64
	for range all / each {
		nc := dial(t, addr)
		for id := range int64(each) {
			send(t, nc, persistentRequest(1+id, "cn=a"))
		}
	}
	eventually(t, "all of them", func() bool { return ldapserver.PersistentForTest(s) == all })
	nc := dial(t, addr)
	send(t, nc, persistentRequest(1, "cn=a"))
	if got := readAnswer(t, nc); got != (answer{1, 5, 51}) {
		t.Errorf("one too many: %+v", got)
	}
}
