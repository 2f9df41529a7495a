package wire_test

import (
	"bytes"
	"strings"
	"testing"

	asn1 "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
	"pgregory.net/rapid"

	"gatehouse/directory"
	"gatehouse/ldapserver/wire"
)

// packet reads an answer with another decoder and checks that it is one message.
func packet(t rapid.TB, pdu []byte) *asn1.Packet {
	t.Helper()
	p, err := asn1.DecodePacketErr(pdu)
	if err != nil {
		t.Fatalf("asn1-ber: %v of % x", err, pdu)
	}
	if n, err := wire.Frame(pdu, len(pdu)); n != len(pdu) || err != nil {
		t.Fatalf("Frame = %d, %v of %d octets", n, err, len(pdu))
	}
	if again := p.Bytes(); !bytes.Equal(again, pdu) {
		t.Fatalf("asn1-ber writes\n% x, the answer is\n% x", again, pdu)
	}
	return p
}

var randomResult = rapid.Custom(func(t *rapid.T) directory.Result {
	return directory.Result{
		Code:      directory.ResultCode(rapid.IntRange(0, 20000).Draw(t, "code")),
		MatchedDN: randomText.Draw(t, "matched"), DiagnosticMessage: randomText.Draw(t, "diagnostic"),
		Referral: rapid.SliceOfN(randomText, 0, 3).Draw(t, "referral"),
	}
})

// checkResult compares an LDAPResult in p with r and returns the elements behind it.
func checkResult(t rapid.TB, p *asn1.Packet, r directory.Result) []*asn1.Packet {
	t.Helper()
	c := p.Children
	if c[0].Value != int64(r.Code) || c[1].Value != r.MatchedDN || c[2].Value != r.DiagnosticMessage {
		t.Fatalf("result %v %q %q, want %+v", c[0].Value, c[1].Value, c[2].Value, r)
	}
	c = c[3:]
	if len(r.Referral) > 0 {
		if c[0].Tag != 3 || len(c[0].Children) != len(r.Referral) {
			t.Fatalf("referral %v, want %q", c[0], r.Referral)
		}
		for i, u := range c[0].Children {
			if u.Value != r.Referral[i] {
				t.Fatalf("referral %q, want %q", u.Value, r.Referral[i])
			}
		}
		c = c[1:]
	}
	return c
}

func checkControls(t rapid.TB, p *asn1.Packet, controls []directory.Control) {
	t.Helper()
	if len(controls) == 0 {
		if len(p.Children) != 2 {
			t.Fatalf("%d elements in a message without controls", len(p.Children))
		}
		return
	}
	list := p.Children[2]
	if list.ClassType != asn1.ClassContext || list.Tag != 0 || len(list.Children) != len(controls) {
		t.Fatalf("controls %v, want %d", list, len(controls))
	}
	for i, want := range controls {
		c := list.Children[i].Children
		if c[0].Value != want.OID {
			t.Fatalf("control %v, want %s", c[0].Value, want.OID)
		}
		c = c[1:]
		if want.Criticality {
			if c[0].Value != true {
				t.Fatalf("criticality %v", c[0].Value)
			}
			c = c[1:]
		}
		if want.HasValue != (len(c) == 1) || want.HasValue && !bytes.Equal(c[0].Data.Bytes(), want.Value) {
			t.Fatalf("control value %v, want %q", c, want.Value)
		}
	}
}

func TestAppendResultAgainstASN1(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id := directory.MessageID(rapid.Int32Range(0, 1<<31-1).Draw(t, "id"))
		r := randomResult.Draw(t, "result")
		controls := rapid.SliceOfN(randomControl, 0, 3).Draw(t, "controls")
		value := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "value")
		if rapid.Bool().Draw(t, "no value") {
			value = nil
		}
		oid := randomName.Draw(t, "oid")
		if rapid.Bool().Draw(t, "no oid") {
			oid = ""
		}
		kind := rapid.IntRange(0, 2).Draw(t, "kind")
		var pdu []byte
		var rest []*asn1.Packet
		var p *asn1.Packet
		switch kind {
		case 0:
			p = packet(t, wire.AppendResult(pdu, id, wire.TagAddResponse, &r, controls))
			rest = checkResult(t, p.Children[1], r)
			oid, value = "", nil
		case 1:
			p = packet(t, wire.AppendBindResponse(pdu, id, &r, value, controls))
			rest = checkResult(t, p.Children[1], r)
			oid = ""
		default:
			p = packet(t, wire.AppendExtendedResponse(pdu, id, &r, oid, value, controls))
			rest = checkResult(t, p.Children[1], r)
		}
		if p.Children[0].Value != int64(id) || p.Children[1].Tag != []asn1.Tag{9, 1, 24}[kind] {
			t.Fatalf("ID %v, tag %v", p.Children[0].Value, p.Children[1].Tag)
		}
		if oid != "" {
			if rest[0].Tag != 10 || rest[0].Data.String() != oid {
				t.Fatalf("name %v, want %s", rest[0], oid)
			}
			rest = rest[1:]
		}
		if value != nil {
			if want := []asn1.Tag{0, 7, 11}[kind]; rest[0].Tag != want || !bytes.Equal(rest[0].Data.Bytes(), value) {
				t.Fatalf("value %v, want %q", rest[0], value)
			}
			rest = rest[1:]
		}
		if len(rest) != 0 {
			t.Fatalf("%d elements behind the answer", len(rest))
		}
		checkControls(t, p, controls)
	})
}

func TestAppendEntryAgainstASN1(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dn := randomOctets.Draw(t, "dn")
		typesOnly := rapid.Bool().Draw(t, "typesOnly")
		controls := rapid.SliceOfN(randomControl, 0, 2).Draw(t, "controls")
		var attrs []directory.Attribute
		var values [][][]byte
		for range rapid.IntRange(0, 6).Draw(t, "attributes") {
			v := rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 400), 1, 4).Draw(t, "values")
			attrs = append(attrs, directory.NewAttribute(&directory.AttributeDescription{Name: randomName.Draw(t, "name")}, v...))
			values = append(values, v)
		}
		pdu := wire.AppendEntry(nil, 77, dn, attrs, typesOnly, controls)
		p := packet(t, pdu)
		checkControls(t, p, controls)
		entry := p.Children[1]
		if entry.Tag != 4 || !bytes.Equal(entry.Children[0].Data.Bytes(), dn) || len(entry.Children[1].Children) != len(attrs) {
			t.Fatalf("entry %v", entry)
		}
		for i, a := range entry.Children[1].Children {
			if a.Children[0].Data.String() != attrs[i].Desc.Name {
				t.Fatalf("attribute %v, want %s", a.Children[0].Value, attrs[i].Desc.Name)
			}
			set := a.Children[1].Children
			if typesOnly {
				if len(set) != 0 {
					t.Fatalf("typesOnly with %d values", len(set))
				}
				continue
			}
			if len(set) != len(values[i]) {
				t.Fatalf("%d values, want %d", len(set), len(values[i]))
			}
			for j, v := range set {
				if !bytes.Equal(v.Data.Bytes(), values[i][j]) {
					t.Fatalf("value %q, want %q", v.Data.Bytes(), values[i][j])
				}
			}
		}
		if !typesOnly {
			alone := wire.AppendSearchResultEntry(nil, dn, attrs)
			if !bytes.Equal(alone, entry.Bytes()) {
				t.Fatalf("entry alone % x, in its message % x", alone, entry.Bytes())
			}
		}
	})
}

func TestAppendNoticeOfDisconnection(t *testing.T) {
	t.Parallel()
	p := packet(t, wire.AppendNoticeOfDisconnection([]byte(nil), directory.Unavailable, "shutting down"))
	rest := checkResult(t, p.Children[1], directory.Result{Code: directory.Unavailable, DiagnosticMessage: "shutting down"})
	if p.Children[0].Value != int64(0) || p.Children[1].Tag != 24 || len(rest) != 1 || rest[0].Data.String() != "1.3.6.1.4.1.1466.20036" {
		t.Errorf("notice %v", p)
	}
	err := ldap.GetLDAPError(p)
	if !ldap.IsErrorWithCode(err, ldap.LDAPResultUnavailable) || !strings.Contains(err.Error(), "shutting down") {
		t.Errorf("go-ldap reads %v", err)
	}
}

func TestAppendOther(t *testing.T) {
	t.Parallel()
	p := packet(t, wire.AppendSearchReference(nil, 3, []string{"ldap://a/", "ldap://b/"}, nil))
	if c := p.Children[1]; c.Tag != 19 || len(c.Children) != 2 || c.Children[1].Value != "ldap://b/" {
		t.Errorf("reference %v", c)
	}
	p = packet(t, wire.AppendIntermediateResponse(nil, 3, "1.2", []byte{}, nil))
	if c := p.Children[1]; c.Tag != 25 || len(c.Children) != 2 || c.Children[0].Data.String() != "1.2" || c.Children[1].Tag != 1 {
		t.Errorf("intermediate %v", c)
	}
	for op, want := range map[directory.Request]byte{
		&directory.BindRequest{}: 0x61, &directory.SearchRequest{}: 0x65, &directory.ModifyRequest{}: 0x67, &directory.AddRequest{}: 0x69,
		&directory.DeleteRequest{}: 0x6b, &directory.ModifyDNRequest{}: 0x6d, &directory.CompareRequest{}: 0x6f,
		&directory.ExtendedRequest{}: 0x78, &directory.UnbindRequest{}: 0, &directory.AbandonRequest{}: 0,
	} {
		if got := wire.ResponseTag(op); got != want {
			t.Errorf("ResponseTag(%T) = %x, want %x", op, got, want)
		}
	}
}
