package ldapserver_test

import (
	"bytes"
	"io"
	"net"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
)

// The requests of these tests, as bytes: several in one write, as a pipelining client sends them.

func message(id int64, op *ber.Packet) []byte {
	m := ber.NewSequence("")
	m.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, id, ""))
	m.AppendChild(op)
	return m.Bytes()
}

func octets(s string) *ber.Packet {
	return ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, s, "")
}

func bindRequest(id int64, dn, password string) []byte {
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, 0, nil, "")
	op.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, 3, ""))
	op.AppendChild(octets(dn))
	op.AppendChild(ber.NewString(ber.ClassContext, ber.TypePrimitive, 0, password, ""))
	return message(id, op)
}

func searchRequest(id int64, base string) []byte {
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, 3, nil, "")
	op.AppendChild(octets(base))
	for _, n := range []int64{0, 0} {
		op.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, n, ""))
	}
	for range 2 {
		op.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, 0, ""))
	}
	op.AppendChild(ber.NewBoolean(ber.ClassUniversal, ber.TypePrimitive, ber.TagBoolean, false, ""))
	op.AppendChild(ber.NewString(ber.ClassContext, ber.TypePrimitive, 7, "objectClass", ""))
	op.AppendChild(ber.NewSequence(""))
	return message(id, op)
}

func deleteRequest(id int64, dn string) []byte {
	return message(id, ber.NewString(ber.ClassApplication, ber.TypePrimitive, 10, dn, ""))
}

func addRequest(id int64, dn string) []byte {
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, 8, nil, "")
	op.AppendChild(octets(dn))
	op.AppendChild(ber.NewSequence(""))
	return message(id, op)
}

func abandonRequest(id, target int64) []byte {
	return message(id, ber.NewInteger(ber.ClassApplication, ber.TypePrimitive, 16, target, ""))
}

func extendedRequest(id int64, oid string) []byte {
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, 23, nil, "")
	op.AppendChild(ber.NewString(ber.ClassContext, ber.TypePrimitive, 0, oid, ""))
	return message(id, op)
}

// withControl adds a control that nobody knows to a request.
func withControl(request []byte, critical bool) []byte {
	m := ber.DecodePacket(request)
	c := ber.NewSequence("")
	c.AppendChild(octets("1.2.3.4"))
	c.AppendChild(ber.NewBoolean(ber.ClassUniversal, ber.TypePrimitive, ber.TagBoolean, critical, ""))
	cs := ber.Encode(ber.ClassContext, ber.TypeConstructed, 0, nil, "")
	cs.AppendChild(c)
	m.AppendChild(cs)
	return m.Bytes()
}

// answer is what a test looks at in a response.
type answer struct {
	id, tag, code int64
}

func readAnswer(t *testing.T, nc io.Reader) answer {
	t.Helper()
	p, err := ber.ReadPacket(nc)
	if err != nil {
		t.Fatalf("reading an answer: %v", err)
	}
	return answer{p.Children[0].Value.(int64), int64(p.Children[1].Tag), p.Children[1].Children[0].Value.(int64)}
}

func send(t *testing.T, nc net.Conn, requests ...[]byte) {
	t.Helper()
	if _, err := nc.Write(bytes.Join(requests, nil)); err != nil {
		t.Fatal(err)
	}
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !is(); {
		if time.Now().After(deadline) {
			t.Fatalf("not seen: %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}
