package ldaptest_test

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"

	"gatehouse/ldapserver/ldaptest"
)

// TestRevokeNotice reads the notice of disconnection (RFC 4511 section 4.4.1).
func TestRevokeNotice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, statements(allow("view", actor, inFolk, "view", anyName)))
	nc, in := w.raw(bindMessage(1, "uid=helper"+inPeople, "helper-secret"))
	readMessage(t, in)
	answers(t, "reset", reset(w.DialAdmin(), "uid=helper"+inPeople, "other-secret"), done)
	if _, err := nc.Write(searchMessage(2, "ou=people,"+ldaptest.Base)); err != nil {
		t.Fatal(err)
	}
	p := readMessage(t, in)
	if id, op := p.Children[0].Value.(int64), p.Children[1]; id != 0 || op.Tag != 24 {
		t.Fatalf("message %d with operation %d", id, op.Tag)
	} else if name := op.Children[len(op.Children)-1].Data.String(); name != "1.3.6.1.4.1.1466.20036" {
		t.Errorf("the notice is called %q", name)
	}
	if _, err := ber.ReadPacket(in); err == nil {
		t.Error("the connection goes on")
	}
}

// raw opens a connection that is read by hand, and sends the bytes given.
func (w *world) raw(send []byte) (net.Conn, *bufio.Reader) {
	w.t.Helper()
	nc, err := net.Dial("tcp", strings.TrimPrefix(w.URL, "ldap://"))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = nc.Close() })
	if err := nc.(*net.TCPConn).SetReadBuffer(1 << 16); err != nil {
		w.t.Fatal(err)
	}
	if _, err := nc.Write(send); err != nil {
		w.t.Fatal(err)
	}
	return nc, bufio.NewReader(nc)
}

func readMessage(t *testing.T, in *bufio.Reader) *ber.Packet {
	t.Helper()
	p, err := ber.ReadPacket(in)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestRevokeRunningSearch: a search whose client takes its time loses the rights on the way. Entries that are in the buffers of the
// sockets still arrive; the entries are large, so that these hold few of them.
func TestRevokeRunningSearch(t *testing.T) {
	t.Parallel()
	const total = 800
	var text strings.Builder
	large := strings.Repeat("x", 40_000)
	for i := range total {
		fmt.Fprintf(&text, "dn: ou=u%d,ou=archive,%s\nobjectClass: organizationalUnit\nou: u%[1]d\ndescription: %[3]s\n\n", i, ldaptest.Base, large)
	}
	policy := statements(allow("view", `group: "cn=viewers,ou=groups,dc=example,dc=com"`, whole, "discover, read, search", "attributes: [description, objectClass]"))
	w := newWorld(t, policy, ldaptest.WithLDIF(text.String()))
	admin := w.DialAdmin()
	member := func(uid string) error {
		return modify(admin, "cn=viewers"+inGroups, "replace member uid="+uid+inPeople)
	}
	for _, tt := range []struct {
		name string
		take func() error
	}{
		{"membership", func() error { return member("nora") }},
		{"policy", func() error { w.apply(""); return nil }},
		{"password", func() error { return reset(admin, "uid=carl"+inPeople, "other-secret") }},
	} {
		answers(t, "give", member("carl"), done)
		w.apply(policy)
		nc, in := w.raw(bindMessage(1, "uid=carl"+inPeople, "carl-secret"))
		readMessage(t, in)
		if _, err := nc.Write(searchMessage(2, "ou=archive,"+ldaptest.Base)); err != nil {
			t.Fatal(err)
		}
		readMessage(t, in)
		answers(t, tt.name, tt.take(), done)
		entries := 1
		for ; ; entries++ {
			p, err := ber.ReadPacket(in)
			if err != nil || p.Children[1].Tag != ldap.ApplicationSearchResultEntry {
				break
			}
		}
		if entries >= total {
			t.Errorf("%s: all %d entries came", tt.name, entries)
		}
		_ = nc.Close()
	}
}
