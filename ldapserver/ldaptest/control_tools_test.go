package ldaptest_test

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"

	asn1ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"

	"gatehouse/directory/ber"
	"gatehouse/ldapserver/ldaptest"
)

// The controls of these tests, as clients send them.
const (
	oidPage       = "1.2.840.113556.1.4.319"
	oidSort       = "1.2.840.113556.1.4.473"
	oidSortAnswer = "1.2.840.113556.1.4.474"
	oidDeref      = "1.3.6.1.4.1.4203.666.5.16"
	oidMatched    = "1.2.826.0.1.3344810.2.3"
)

func sequence(parts ...[]byte) []byte { return construct(ber.Sequence, parts...) }

func construct(tag byte, parts ...[]byte) (b []byte) {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	b = ber.AppendHeader(nil, tag, n)
	for _, p := range parts {
		b = append(b, p...)
	}
	return b
}

func octets(tag byte, s string) []byte { return ber.AppendOctets(nil, tag, s) }

func controlOf(oid string, critical bool, value []byte) ldap.Control {
	return ldap.NewControlString(oid, critical, string(value))
}

// pageControl asks for one page; an empty cookie is the first.
func pageControl(size int, cookie string) ldap.Control {
	return controlOf(oidPage, true, sequence(ber.AppendInteger(nil, ber.Integer, int64(size)), octets(ber.OctetString, cookie)))
}

// sortControl takes keys in the notation of ldapsearch: "-attr:rule".
func sortControl(critical bool, keys ...string) ldap.Control {
	var list [][]byte
	for _, key := range keys {
		name, reverse := strings.CutPrefix(key, "-")
		name, rule, _ := strings.Cut(name, ":")
		parts := [][]byte{octets(ber.OctetString, name)}
		if rule != "" {
			parts = append(parts, octets(0x80, rule))
		}
		if reverse {
			parts = append(parts, ber.AppendBoolean(nil, 0x81, true))
		}
		list = append(list, sequence(parts...))
	}
	return controlOf(oidSort, critical, sequence(list...))
}

// derefControl takes specifications in the notation of ldapsearch: "member:uid,cn".
func derefControl(critical bool, specs ...string) ldap.Control {
	var list [][]byte
	for _, spec := range specs {
		attr, names, _ := strings.Cut(spec, ":")
		var attrs [][]byte
		for name := range strings.SplitSeq(names, ",") {
			attrs = append(attrs, octets(ber.OctetString, name))
		}
		list = append(list, sequence(octets(ber.OctetString, attr), sequence(attrs...)))
	}
	return controlOf(oidDeref, critical, sequence(list...))
}

// matchedControl takes simple filters.
func matchedControl(t testing.TB, filters ...string) ldap.Control {
	t.Helper()
	var list [][]byte
	for _, text := range filters {
		p, err := ldap.CompileFilter(text)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, p.Bytes())
	}
	return controlOf(oidMatched, true, sequence(list...))
}

// valueOf returns the value of an answered control.
func valueOf(controls []ldap.Control, oid string) (value []byte, is bool) {
	for _, c := range controls {
		switch c := c.(type) {
		case *ldap.ControlString:
			if c.ControlType == oid {
				return []byte(c.ControlValue), true
			}
		case *ldap.ControlPaging:
			if oid == oidPage {
				return sequence(ber.AppendInteger(nil, ber.Integer, int64(c.PagingSize)), octets(ber.OctetString, string(c.Cookie))), true
			}
		}
	}
	return nil, false
}

// answeredPage returns what a paged results control answers.
func answeredPage(t testing.TB, controls []ldap.Control) (estimate int64, cookie string) {
	t.Helper()
	value, is := valueOf(controls, oidPage)
	if !is {
		t.Fatal("no paged results control is answered")
	}
	d := ber.NewDecoder(value)
	outer := d.Enter(ber.Sequence)
	estimate, cookie = d.Integer(ber.Integer), string(d.Octets(ber.OctetString))
	if d.Leave(outer); d.Err() != nil {
		t.Fatal(d.Err())
	}
	return estimate, cookie
}

// sortedAs returns the code that a sort control answers, -1 without one.
func sortedAs(t testing.TB, controls []ldap.Control) int64 {
	t.Helper()
	for _, c := range controls {
		if raw, is := c.(*ldap.ControlString); is && raw.ControlType == oidSortAnswer {
			d := ber.NewDecoder([]byte(raw.ControlValue))
			d.Enter(ber.Sequence)
			if code := d.Integer(ber.Enumerated); d.Err() == nil {
				return code
			}
			t.Fatal(d.Err())
		}
	}
	return -1
}

// searchRaw is searchWith whose answered controls are returned as they are, also of a search that failed.
func searchRaw(t *testing.T, s *ldaptest.Server, filter string, control ldap.Control) (names int, code int64, controls []ldap.Control) {
	t.Helper()
	nc, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "ldap://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = nc.Close() }()
	in := bufio.NewReader(nc)
	ask := func(id int64, op []byte, more ...[]byte) {
		if _, err := nc.Write(sequence(append([][]byte{ber.AppendInteger(nil, ber.Integer, id), op}, more...)...)); err != nil {
			t.Fatal(err)
		}
	}
	ask(1, construct(0x60, ber.AppendInteger(nil, ber.Integer, 3), octets(ber.OctetString, string(readerDN)), octets(0x80, "reader-secret")))
	if _, code, _ = readRaw(t, in); code != 0 {
		t.Fatal("bind:", code)
	}
	compiled, err := ldap.CompileFilter(filter)
	if err != nil {
		t.Fatal(err)
	}
	zero := ber.AppendInteger(nil, ber.Integer, 0)
	ask(2, construct(0x63, octets(ber.OctetString, ldaptest.Base), ber.AppendInteger(nil, ber.Enumerated, 2), ber.AppendInteger(nil, ber.Enumerated, 0),
		zero, zero, ber.AppendBoolean(nil, ber.Boolean, false), compiled.Bytes(), sequence()), construct(0xa0, control.Encode().Bytes()))
	for {
		tag, code, controls := readRaw(t, in)
		if tag == 0x65 {
			return names, code, controls
		}
		names++
	}
}

// readRaw reads one answer.
func readRaw(t testing.TB, in *bufio.Reader) (tag byte, code int64, controls []ldap.Control) {
	t.Helper()
	p, err := asn1ber.ReadPacket(in)
	if err != nil {
		t.Fatal(err)
	}
	d := ber.NewDecoder(p.Bytes())
	d.Enter(ber.Sequence)
	d.Integer(ber.Integer)
	tag = d.Peek()
	op := d.Enter(tag)
	if tag != 0x64 {
		code = d.Integer(ber.Enumerated)
	}
	for d.More() {
		d.Any()
	}
	d.Leave(op)
	for d.More() {
		outer := d.Enter(0xa0)
		for d.More() {
			one := d.Enter(ber.Sequence)
			oid := string(d.Octets(ber.OctetString))
			controls = append(controls, ldap.NewControlString(oid, false, string(d.Octets(ber.OctetString))))
			d.Leave(one)
		}
		d.Leave(outer)
	}
	if d.Err() != nil {
		t.Fatal(d.Err())
	}
	return tag, code, controls
}

// dereferenced returns what a dereference control of an entry says, a line for each value: "attr dn: name=values ...".
func dereferenced(t testing.TB, controls []ldap.Control) (lines []string) {
	t.Helper()
	value, is := valueOf(controls, oidDeref)
	if !is {
		return nil
	}
	d := ber.NewDecoder(value)
	outer := d.Enter(ber.Sequence)
	for d.More() {
		result := d.Enter(ber.Sequence)
		line := fmt.Sprintf("%s %s:", d.Octets(ber.OctetString), d.Octets(ber.OctetString))
		if d.More() {
			list := d.Enter(0xa0)
			for d.More() {
				attribute := d.Enter(ber.Sequence)
				line += fmt.Sprintf(" %s=", d.Octets(ber.OctetString))
				set := d.Enter(ber.Set)
				for i := 0; d.More(); i++ {
					if i > 0 {
						line += "|"
					}
					line += string(d.Octets(ber.OctetString))
				}
				d.Leave(set)
				d.Leave(attribute)
			}
			d.Leave(list)
		}
		d.Leave(result)
		if d.Err() != nil {
			t.Fatalf("dereference control: %v", d.Err())
		}
		lines = append(lines, line)
	}
	d.Leave(outer)
	if d.Err() != nil || d.More() {
		t.Fatalf("dereference control: %v", d.Err())
	}
	return lines
}

// searchWith is a search below the naming context with controls.
func searchWith(c *ldap.Conn, filter string, attrs []string, controls ...ldap.Control) (*ldap.SearchResult, error) {
	return c.Search(ldap.NewSearchRequest("dc=example,dc=com", ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false, filter, attrs, controls))
}

// names returns the first attribute of the name of each entry, in order.
func namesOf(r *ldap.SearchResult) (list []string) {
	if r == nil {
		return nil
	}
	for _, e := range r.Entries {
		rdn, _, _ := strings.Cut(e.DN, ",")
		_, name, _ := strings.Cut(rdn, "=")
		list = append(list, name)
	}
	return list
}
