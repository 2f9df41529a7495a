package ldaptest_test

import (
	"bufio"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	asn1ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"

	"gatehouse/directory/ber"
	"gatehouse/ldapserver/ldaptest"
)

// wireConn speaks LDAP by hand, for controls and messages that the client library does not know.
type wireConn struct {
	t    testing.TB
	nc   net.Conn
	in   *bufio.Reader
	last int64 // message ID
}

// received is one message of the server.
type received struct {
	id       int64
	tag      byte
	code     int64 // of a result
	matched  string
	text     string
	dn       string // of an entry
	attrs    string // of an entry: "a=x|y b=z", in the order received
	oid      string // of an intermediate response
	value    []byte
	controls map[string][]byte
}

// wire returns a connection that is bound as somebody in ou=people.
func (w *world) wire(uid string) *wireConn {
	w.t.Helper()
	return dialWire(w.t, w.Server, "uid="+uid+inPeople, uid+"-secret")
}

func dialWire(t testing.TB, s *ldaptest.Server, dn, password string) *wireConn {
	t.Helper()
	nc, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "ldap://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nc.Close() })
	if err := nc.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	c := &wireConn{t: t, nc: nc, in: bufio.NewReader(nc)}
	c.bind(dn, password)
	return c
}

func (c *wireConn) bind(dn, password string) {
	c.t.Helper()
	c.ask(construct(0x60, ber.AppendInteger(nil, ber.Integer, 3), octets(ber.OctetString, dn), octets(0x80, password)))
	if m := c.next(); m.tag != 0x61 || m.code != 0 {
		c.t.Fatalf("bind as %s: %+v", dn, m)
	}
}

// ask sends a request and returns its message ID.
func (c *wireConn) ask(op []byte, controls ...ldap.Control) int64 {
	c.t.Helper()
	c.last++
	parts := [][]byte{ber.AppendInteger(nil, ber.Integer, c.last), op}
	if len(controls) > 0 {
		var list [][]byte
		for _, one := range controls {
			list = append(list, one.Encode().Bytes())
		}
		parts = append(parts, construct(0xa0, list...))
	}
	if _, err := c.nc.Write(sequence(parts...)); err != nil {
		c.t.Fatal(err)
	}
	return c.last
}

// result sends a request and returns the answer that ends it.
func (c *wireConn) result(op []byte, controls ...ldap.Control) received {
	c.t.Helper()
	id := c.ask(op, controls...)
	for {
		if m := c.next(); m.id == id && m.tag != 0x64 && m.tag != 0x79 {
			return m
		}
	}
}

// next reads one message.
func (c *wireConn) next() received {
	c.t.Helper()
	p, err := asn1ber.ReadPacket(c.in)
	if err != nil {
		c.t.Fatal(err)
	}
	m, err := parseMessage(p.Bytes())
	if err != nil {
		c.t.Fatalf("%v in %x", err, p.Bytes())
	}
	return m
}

func parseMessage(b []byte) (m received, err error) {
	d := ber.NewDecoder(b)
	d.Enter(ber.Sequence)
	m.id = d.Integer(ber.Integer)
	m.tag = d.Peek()
	op := d.Enter(m.tag)
	switch m.tag {
	case 0x64:
		m.dn, m.attrs = parseEntry(&d)
	case 0x79:
		if d.Peek() == 0x80 {
			m.oid = string(d.Octets(0x80))
		}
		m.value = d.Octets(0x81)
	default:
		m.code = d.Integer(ber.Enumerated)
		m.matched, m.text = string(d.Octets(ber.OctetString)), string(d.Octets(ber.OctetString))
		for d.More() {
			d.Any()
		}
	}
	d.Leave(op)
	m.controls = make(map[string][]byte)
	for d.More() {
		outer := d.Enter(0xa0)
		for d.More() {
			one := d.Enter(ber.Sequence)
			oid := string(d.Octets(ber.OctetString))
			if d.Peek() == ber.Boolean {
				d.Boolean(ber.Boolean)
			}
			m.controls[oid] = d.Octets(ber.OctetString)
			d.Leave(one)
		}
		d.Leave(outer)
	}
	return m, d.Err()
}

func parseEntry(d *ber.Decoder) (dn, attrs string) {
	dn = string(d.Octets(ber.OctetString))
	var list []string
	outer := d.Enter(ber.Sequence)
	for d.More() && d.Err() == nil {
		one := d.Enter(ber.Sequence)
		name := string(d.Octets(ber.OctetString))
		var values []string
		set := d.Enter(ber.Set)
		for d.More() && d.Err() == nil {
			values = append(values, string(d.Octets(ber.OctetString)))
		}
		d.Leave(set)
		d.Leave(one)
		slices.Sort(values)
		list = append(list, name+"="+strings.Join(values, "|"))
	}
	d.Leave(outer)
	slices.Sort(list)
	return dn, strings.Join(list, " ")
}

// read returns what a read entry control of an answer shows: "dn: attributes"; empty if there is none.
func (m received) read(t testing.TB, oid string) string {
	t.Helper()
	value, is := m.controls[oid]
	if !is {
		return ""
	}
	d := ber.NewDecoder(value)
	outer := d.Enter(0x64)
	dn, attrs := parseEntry(&d)
	if d.Leave(outer); d.Err() != nil || d.More() {
		t.Fatalf("read entry control %x: %v", value, d.Err())
	}
	return strings.TrimSuffix(dn+": "+attrs, " ")
}

// reply is what a client sees of a result, but for the opaque reference.
func (m received) reply() string {
	text := m.text
	if at := strings.Index(text, "reference "); at >= 0 {
		text = text[:at] + "reference"
	}
	return fmt.Sprintf("%d, matched %q, %q", m.code, m.matched, text)
}

// The requests, as bytes.

func attribute(name string, values ...string) []byte {
	var list [][]byte
	for _, v := range values {
		list = append(list, octets(ber.OctetString, v))
	}
	return sequence(octets(ber.OctetString, name), construct(ber.Set, list...))
}

// addOp takes lines "name: value", those of a name together.
func addOp(dn string, lines ...string) []byte {
	var list [][]byte
	for len(lines) > 0 {
		name, _, _ := strings.Cut(lines[0], ": ")
		var values []string
		for len(lines) > 0 && strings.HasPrefix(lines[0], name+": ") {
			values = append(values, strings.TrimPrefix(lines[0], name+": "))
			lines = lines[1:]
		}
		list = append(list, attribute(name, values...))
	}
	return construct(0x68, octets(ber.OctetString, dn), sequence(list...))
}

// modifyOp takes changes "verb name value".
func modifyOp(dn string, changes ...string) []byte {
	var list [][]byte
	for _, change := range changes {
		words := strings.SplitN(change, " ", 3)
		op := slices.Index([]string{"add", "delete", "replace", "increment"}, words[0])
		list = append(list, sequence(ber.AppendInteger(nil, ber.Enumerated, int64(op)), attribute(words[1], words[2:]...)))
	}
	return construct(0x66, octets(ber.OctetString, dn), sequence(list...))
}

func deleteOp(dn string) []byte { return octets(0x4a, dn) }

func renameOp(dn, rdn, superior string) []byte {
	parts := [][]byte{octets(ber.OctetString, dn), octets(ber.OctetString, rdn), ber.AppendBoolean(nil, ber.Boolean, true)}
	if superior != "" {
		parts = append(parts, octets(0x80, superior))
	}
	return construct(0x6c, parts...)
}

func compareOp(dn, name, value string) []byte {
	return construct(0x6e, octets(ber.OctetString, dn), sequence(octets(ber.OctetString, name), octets(ber.OctetString, value)))
}

func searchOp(t testing.TB, base string, scope int64, filter string, attrs ...string) []byte {
	t.Helper()
	var list [][]byte
	for _, a := range attrs {
		list = append(list, octets(ber.OctetString, a))
	}
	zero := ber.AppendInteger(nil, ber.Integer, 0)
	return construct(0x63, octets(ber.OctetString, base), ber.AppendInteger(nil, ber.Enumerated, scope), ber.AppendInteger(nil, ber.Enumerated, 0),
		zero, zero, ber.AppendBoolean(nil, ber.Boolean, false), filterBytes(t, filter), sequence(list...))
}

func filterBytes(t testing.TB, filter string) []byte {
	t.Helper()
	p, err := ldap.CompileFilter(filter)
	if err != nil {
		t.Fatal(err)
	}
	return p.Bytes()
}
