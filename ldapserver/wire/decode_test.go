package wire_test

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"gatehouse/directory"
	"gatehouse/directory/ber"
	"gatehouse/ldapserver/wire"
)

// message puts contents behind a message ID of 5.
func message(contents ...byte) []byte {
	body := append([]byte{0x02, 0x01, 0x05}, contents...)
	return ber.AppendOctets(nil, ber.Sequence, body)
}

// search puts a filter into a search for no attributes.
func search(filter ...byte) []byte {
	body := []byte{0x04, 0, 0x0a, 1, 2, 0x0a, 1, 0, 0x02, 1, 0, 0x02, 1, 0, 0x01, 1, 0}
	body = append(append(body, filter...), 0x30, 0)
	return message(ber.AppendOctets(nil, 0x63, body)...)
}

func TestDecodeErrors(t *testing.T) {
	t.Parallel()
	tight := wire.Limits{FilterDepth: 3, FilterTerms: 4, Attributes: 2, Changes: 2, Values: 3, Controls: 1}
	present := []byte{0x87, 1, 'a'}
	for _, c := range []struct {
		name  string
		pdu   []byte
		code  directory.ResultCode
		tag   byte
		id    directory.MessageID
		fatal bool
	}{
		{"no ID", []byte{0x30, 0}, directory.ProtocolError, 0, 0, true},
		{"ID 0", []byte{0x30, 5, 2, 1, 0, 0x42, 0}, directory.ProtocolError, 0, 0, true},
		{"negative ID", []byte{0x30, 5, 2, 1, 0xff, 0x42, 0}, directory.ProtocolError, 0, 0, true},
		{"ID of 32 bits", []byte{0x30, 9, 2, 5, 0, 0x80, 0, 0, 0, 0x42, 0}, directory.ProtocolError, 0, 0, true},
		{"no operation", message(), directory.ProtocolError, 0, 5, true},
		{"unknown operation", message(0x7e, 0), directory.ProtocolError, 0, 5, true},
		{"an answer", message(0x61, 7, 0x0a, 1, 0, 4, 0, 4, 0), directory.ProtocolError, 0, 5, true},
		{"bind cut off", message(0x60, 3, 2, 1, 3), directory.ProtocolError, wire.TagBindResponse, 5, true},
		{"bind without choice", message(0x60, 5, 2, 1, 3, 4, 0), directory.ProtocolError, wire.TagBindResponse, 5, true},
		{"bind version 0", message(0x60, 7, 2, 1, 0, 4, 0, 0x80, 0), directory.ProtocolError, wire.TagBindResponse, 5, false},
		{"Kerberos v4 bind", message(0x60, 7, 2, 1, 3, 4, 0, 0x81, 0), directory.AuthMethodNotSupported, wire.TagBindResponse, 5, false},
		{"SASL abort", message(0x60, 9, 2, 1, 3, 4, 0, 0xa3, 2, 4, 0), directory.AuthMethodNotSupported, wire.TagBindResponse, 5, false},
		{"scope 4", message(0x63, 17, 4, 0, 0x0a, 1, 4, 0x0a, 1, 0, 2, 1, 0, 2, 1, 0, 1, 1, 0), directory.ProtocolError, wire.TagSearchResultDone, 5, false},
		{"sizeLimit -1", message(0x63, 17, 4, 0, 0x0a, 1, 0, 0x0a, 1, 0, 2, 1, 0xff, 2, 1, 0, 1, 1, 0), directory.ProtocolError, wire.TagSearchResultDone, 5, false},
		{"filter missing", message(0x63, 17, 4, 0, 0x0a, 1, 0, 0x0a, 1, 0, 2, 1, 0, 2, 1, 0, 1, 1, 0), directory.ProtocolError, wire.TagSearchResultDone, 5, true},
		{"filter too deep", search(0xa2, 7, 0xa2, 5, 0xa2, 3, 0x87, 1, 'a'), directory.AdminLimitExceeded, wire.TagSearchResultDone, 5, false},
		{"filter too wide", search(append([]byte{0xa0, 15}, strings.Repeat(string(present), 5)...)...), directory.AdminLimitExceeded, wire.TagSearchResultDone, 5, false},
		{"terms in two lists", search(append([]byte{0xa0, 16, 0xa1, 6, 0x87, 1, 'a', 0x87, 1, 'a', 0xa1, 6}, strings.Repeat(string(present), 2)...)...), directory.AdminLimitExceeded, wire.TagSearchResultDone, 5, false},
		{"five terms", search(0xa0, 11, 0xa1, 6, 0x87, 1, 'a', 0x87, 1, 'b', 0x87, 1, 'c'), directory.AdminLimitExceeded, wire.TagSearchResultDone, 5, false},
		{"terms of substrings", search(0xa4, 17, 4, 1, 'a', 0x30, 12, 0x81, 1, 'x', 0x81, 1, 'x', 0x81, 1, 'x', 0x81, 1, 'x'), directory.AdminLimitExceeded, wire.TagSearchResultDone, 5, false},
		{"empty substrings", search(0xa4, 5, 4, 1, 'a', 0x30, 0), directory.ProtocolError, wire.TagSearchResultDone, 5, false},
		{"empty substring", search(0xa4, 7, 4, 1, 'a', 0x30, 2, 0x81, 0), directory.ProtocolError, wire.TagSearchResultDone, 5, false},
		{"initial is second", search(0xa4, 11, 4, 1, 'a', 0x30, 6, 0x81, 1, 'x', 0x80, 1, 'y'), directory.ProtocolError, wire.TagSearchResultDone, 5, false},
		{"final is first", search(0xa4, 11, 4, 1, 'a', 0x30, 6, 0x82, 1, 'x', 0x81, 1, 'y'), directory.ProtocolError, wire.TagSearchResultDone, 5, false},
		{"extensible of nothing", search(0xa9, 3, 0x83, 1, 'x'), directory.ProtocolError, wire.TagSearchResultDone, 5, false},
		{"filter list cut off", search(0xa0, 3, 0x87, 9, 'a'), directory.ProtocolError, wire.TagSearchResultDone, 5, true},
		{"three attributes", message(0x68, 25, 4, 0, 0x30, 21, 0x30, 5, 4, 1, 'a', 0x31, 0, 0x30, 5, 4, 1, 'b', 0x31, 0, 0x30, 5, 4, 1, 'c', 0x31, 0), directory.AdminLimitExceeded, wire.TagAddResponse, 5, false},
		{"four values", message(0x68, 19, 4, 0, 0x30, 15, 0x30, 13, 4, 1, 'a', 0x31, 8, 4, 0, 4, 0, 4, 0, 4, 0), directory.AdminLimitExceeded, wire.TagAddResponse, 5, false},
		{"unknown change", message(0x66, 16, 4, 0, 0x30, 12, 0x30, 10, 0x0a, 1, 4, 0x30, 5, 4, 1, 'a', 0x31, 0), directory.ProtocolError, wire.TagModifyResponse, 5, false},
		{"modifyDN without flag", message(0x6c, 4, 4, 0, 4, 0), directory.ProtocolError, wire.TagModifyDNResponse, 5, true},
		{"abandon of -1", message(0x50, 1, 0xff), directory.ProtocolError, 0, 5, false},
		{"abandon of nothing", message(0x50, 0), directory.ProtocolError, 0, 5, true},
		{"two controls", message(0x4a, 0, 0xa0, 10, 0x30, 3, 4, 1, '1', 0x30, 3, 4, 1, '2'), directory.AdminLimitExceeded, wire.TagDeleteResponse, 5, false},
		{"control without OID", message(0x4a, 0, 0xa0, 2, 0x30, 0), directory.ProtocolError, wire.TagDeleteResponse, 5, true},
		{"controls cut off", message(0x4a, 0, 0xa0, 9), directory.ProtocolError, wire.TagDeleteResponse, 5, true},
	} {
		var m wire.Message
		e, ok := errors.AsType[*wire.Error](wire.Decode(c.pdu, tight, &m))
		if !ok {
			t.Errorf("%s: Decode(% x) succeeds with %v", c.name, c.pdu, &m)
			continue
		}
		if e.Code != c.code || e.ResponseTag != c.tag || e.ID != c.id || e.Fatal != c.fatal || e.Diagnostic == "" {
			t.Errorf("%s: %+v, want %s for tag %x, ID %d, fatal %v", c.name, e, c.code, c.tag, c.id, c.fatal)
		}
		if m.ID != c.id || m.Op != nil || m.Controls != nil {
			t.Errorf("%s: the message is %v with %d controls", c.name, &m, len(m.Controls))
		}
	}
}

// TestDecodeLenient holds what is accepted beyond the letter: extensions (RFC 4511 section 4) and other encoders' habits.
func TestDecodeLenient(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		pdu  []byte
		want func(m *wire.Message) bool
	}{
		{"padded lengths", []byte{0x30, 0x84, 0, 0, 0, 5, 2, 1, 5, 0x42, 0}, func(m *wire.Message) bool { return m.ID == 5 }},
		{"elements behind a request", message(0x60, 11, 2, 1, 3, 4, 0, 0x80, 1, 'p', 0x9e, 1, 0), func(m *wire.Message) bool {
			return string(m.Op.(*directory.BindRequest).Password) == "p"
		}},
		{"an element before the controls", message(0x4a, 0, 0x8b, 0, 0xa0, 5, 0x30, 3, 4, 1, '1'), func(m *wire.Message) bool {
			return len(m.Controls) == 1 && m.Controls[0].OID == "1"
		}},
		{"no controls in the list", message(0x4a, 0, 0xa0, 0), func(m *wire.Message) bool { return len(m.Controls) == 0 }},
		{"true is 1", search(0xa9, 9, 0x82, 1, 'a', 0x83, 1, 'x', 0x84, 1, 1), func(m *wire.Message) bool {
			return m.Op.(*directory.SearchRequest).Filter.(*directory.ExtensibleMatch).DNAttributes
		}},
		{"unknown filter is undefined", search(0xaa, 3, 4, 1, 'a'), func(m *wire.Message) bool {
			f, ok := m.Op.(*directory.SearchRequest).Filter.(*directory.EqualityMatch)
			return ok && f.Attr == "?"
		}},
		{"empty and", search(0xa0, 0), func(m *wire.Message) bool {
			f, ok := m.Op.(*directory.SearchRequest).Filter.(directory.And)
			return ok && len(f) == 0
		}},
		{"empty control value", message(0x4a, 0, 0xa0, 10, 0x30, 8, 4, 1, '1', 1, 1, 0xff, 4, 0), func(m *wire.Message) bool {
			return m.Controls[0].HasValue && m.Controls[0].Criticality && len(m.Controls[0].Value) == 0
		}},
		{"empty extended value", message(0x77, 5, 0x80, 1, '1', 0x81, 0), func(m *wire.Message) bool {
			return m.Op.(*directory.ExtendedRequest).HasValue
		}},
		{"no extended value", message(0x77, 3, 0x80, 1, '1'), func(m *wire.Message) bool {
			return !m.Op.(*directory.ExtendedRequest).HasValue
		}},
		{"empty superior", message(0x6c, 9, 4, 0, 4, 0, 1, 1, 0, 0x80, 0), func(m *wire.Message) bool {
			return m.Op.(*directory.ModifyDNRequest).HasNewSuperior
		}},
		{"empty password is not nil", message(0x60, 7, 2, 1, 3, 4, 0, 0x80, 0), func(m *wire.Message) bool {
			r := m.Op.(*directory.BindRequest)
			return r.Password != nil && r.Mechanism == ""
		}},
	} {
		if m := decode(t, c.pdu); !c.want(m) {
			t.Errorf("%s: % x decodes as %#v", c.name, c.pdu, m.Op)
		}
	}
}

// TestDecodeLeavesNothingBehind decodes a rich and then a poor request of the same kind into one Message.
func TestDecodeLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ rich, poor directory.Request }{
		{&directory.BindRequest{Version: 3, Name: "a", Mechanism: "PLAIN", HasCredentials: true, Credentials: []byte("x")},
			&directory.BindRequest{Version: 3, Password: []byte{}}},
		{&directory.ModifyDNRequest{NewSuperior: "dc=x", HasNewSuperior: true, DeleteOldRDN: true}, &directory.ModifyDNRequest{}},
		{&directory.ExtendedRequest{OID: "1.2", Value: []byte("secret"), HasValue: true}, &directory.ExtendedRequest{OID: "1.3"}},
		{&directory.SearchRequest{Filter: directory.And{&directory.Present{Attr: "a"}}, Attributes: []string{"a"}, TypesOnly: true},
			&directory.SearchRequest{Filter: directory.Or{}}},
	} {
		var m wire.Message
		controls := []directory.Control{{OID: "1.9", Criticality: true, Value: []byte("v"), HasValue: true}}
		for i, want := range []wire.Message{{ID: 1, Op: c.rich, Controls: controls}, {ID: 2, Op: c.poor}} {
			pdu := encode(&want)
			if err := wire.Decode(pdu, limits, &m); err != nil {
				t.Fatal(err)
			}
			if got := encode(&m); string(got) != string(pdu) {
				t.Errorf("request %d of %T: % x, want % x", i, c.poor, got, pdu)
			}
		}
		if m.Reset(); m.ID != 0 || m.Op != nil || m.Controls != nil {
			t.Errorf("after Reset: %v", &m)
		}
	}
}

// TestPartsDoNotOverlap holds that a caller who appends to one part does not write into the next one.
func TestPartsDoNotOverlap(t *testing.T) {
	t.Parallel()
	r := &directory.AddRequest{Attributes: []directory.PartialAttribute{attribute("a", "1"), attribute("b", "2")}}
	got := decode(t, encode(&wire.Message{ID: 1, Op: r})).Op.(*directory.AddRequest).Attributes
	_ = append(got[0].Values, []byte("x"))
	_ = append(got[0].Values[0], 'x')
	if got[1].Attr != "b" || string(got[1].Values[0]) != "2" {
		t.Errorf("second attribute is now %s=%q", got[1].Attr, got[1].Values)
	}
}

func TestFrame(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		in   []byte
		n    int
		err  error
	}{
		{"nothing", nil, 0, nil},
		{"one octet", []byte{0x30}, 0, nil},
		{"half a length", []byte{0x30, 0x84, 0, 0}, 0, nil},
		{"half a message", []byte{0x30, 5, 2, 1}, 0, nil},
		{"a message", []byte{0x30, 3, 2, 1, 1}, 5, nil},
		{"a message and more", []byte{0x30, 3, 2, 1, 1, 0x30}, 5, nil},
		{"as large as allowed", append([]byte{0x30, 98}, make([]byte, 98)...), 100, nil},
		{"too large", []byte{0x30, 99}, 0, wire.ErrTooLarge},
		{"far too large", []byte{0x30, 0x84, 0x7f, 0xff, 0xff, 0xff}, 0, wire.ErrTooLarge},
		{"length of 32 bits", []byte{0x30, 0x84, 0xff, 0xff, 0xff, 0xff}, 0, wire.ErrNotLDAP},
		{"indefinite length", []byte{0x30, 0x80}, 0, wire.ErrNotLDAP},
		{"TLS", []byte{0x16, 3, 1}, 0, wire.ErrNotLDAP},
		{"HTTP", []byte("GET / HTTP/1.1"), 0, wire.ErrNotLDAP},
	} {
		if n, err := wire.Frame(c.in, 100); n != c.n || err != c.err {
			t.Errorf("%s: Frame = %d, %v; want %d, %v", c.name, n, err, c.n, c.err)
		}
	}
}

// TestNoPasswordPrinted holds that neither a message nor the error of one tells the password in it.
func TestNoPasswordPrinted(t *testing.T) {
	t.Parallel()
	const secret = "correct horse"
	pdu := encode(&wire.Message{ID: 9, Op: &directory.BindRequest{Version: 3, Name: "cn=a", Password: []byte(secret)}})
	m := decode(t, pdu)
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "message", m)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "message", m)
	printed := fmt.Sprintf("%v %+v %#v %s %q", m, m, m, m, m) + log.String()
	if strings.Contains(printed, secret) || strings.Contains(printed, fmt.Sprint([]byte(secret))) || !strings.Contains(printed, "message 9") {
		t.Errorf("printed as %s", printed)
	}
	for n := 2; n < len(pdu); n++ {
		cut := ber.AppendOctets(nil, ber.Sequence, pdu[2:n])
		if err := wire.Decode(cut, limits, m); err != nil && strings.Contains(err.Error(), "horse") {
			t.Errorf("error %v", err)
		}
	}
}

func TestPasswordModify(t *testing.T) {
	t.Parallel()
	var r directory.PasswordModifyRequest
	if err := wire.DecodePasswordModify([]byte{0x30, 9, 0x80, 1, 'u', 0x81, 1, 'o', 0x82, 1, 'n'}, true, &r); err != nil ||
		r.UserIdentity != "u" || !r.HasUserIdentity || string(r.OldPassword) != "o" || string(r.NewPassword) != "n" {
		t.Errorf("all parts: %+v, %v", r, err)
	}
	if err := wire.DecodePasswordModify([]byte{0x30, 2, 0x82, 0}, true, &r); err != nil ||
		r.HasUserIdentity || r.OldPassword != nil || r.NewPassword == nil {
		t.Errorf("an empty new password alone: %+v, %v", r, err)
	}
	if err := wire.DecodePasswordModify(nil, false, &r); err != nil || r.NewPassword != nil {
		t.Errorf("no value: %+v, %v", r, err)
	}
	if err := wire.DecodePasswordModify([]byte{0x30, 9, 0x80}, true, &r); directory.CodeOf(err) != directory.ProtocolError {
		t.Errorf("value cut off: %v", err)
	}
	if got := wire.AppendPasswordModifyResponse(nil, []byte("pw")); string(got) != "\x30\x04\x80\x02pw" {
		t.Errorf("response % x", got)
	}
}
