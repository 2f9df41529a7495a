package wire_test

import (
	"bytes"
	"net"
	"slices"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/directory"
	"gatehouse/ldapserver/wire"
)

// peer answers a go-ldap client with what answer appends for each request, using the product's codec on both ways. It
// returns the client and, once the client is closed, the requests as decoded and encoded again.
func peer(t *testing.T, answer func(dst []byte, m *wire.Message) []byte) (*ldap.Conn, func() [][]byte) {
	t.Helper()
	near, far := net.Pipe()
	seen := make(chan [][]byte, 1)
	go func() {
		defer far.Close()
		var requests [][]byte
		var m wire.Message
		buf := make([]byte, 0, 1<<16)
		for {
			n, err := wire.Frame(buf, cap(buf))
			if n == 0 {
				var k int
				if err == nil {
					k, err = far.Read(buf[len(buf):cap(buf)])
				}
				if err != nil {
					break
				}
				buf = buf[:len(buf)+k]
				continue
			}
			if err := wire.Decode(buf[:n], limits, &m); err != nil {
				t.Errorf("Decode(% x): %v", buf[:n], err)
				break
			}
			requests = append(requests, encode(&m))
			if out := answer(nil, &m); out != nil {
				if _, err := far.Write(out); err != nil {
					break
				}
			}
			buf = append(buf[:0], buf[n:]...)
		}
		seen <- requests
	}()
	client := ldap.NewConn(near, false)
	client.Start()
	return client, func() [][]byte {
		client.Close()
		return <-seen
	}
}

// success answers every request with success.
func success(dst []byte, m *wire.Message) []byte {
	var r directory.Result
	switch m.Op.(type) {
	case *directory.CompareRequest:
		r.Code = directory.CompareTrue
	case *directory.UnbindRequest, *directory.AbandonRequest:
		return nil
	}
	return wire.AppendResult(dst, m.ID, wire.ResponseTag(m.Op), &r, nil)
}

// TestRequestsOfGoLDAP lets go-ldap encode one request of each kind; they must decode to what was asked.
func TestRequestsOfGoLDAP(t *testing.T) {
	t.Parallel()
	client, requests := peer(t, success)
	call := func(name string, err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	var want []directory.Request
	ppolicy := ldap.NewControlBeheraPasswordPolicy()
	_, err := client.SimpleBind(ldap.NewSimpleBindRequest("cn=admin", "secret", []ldap.Control{ppolicy}))
	call("bind", err)
	want = append(want, &directory.BindRequest{Version: 3, Name: "cn=admin", Password: []byte("secret")})
	call("external", client.ExternalBind())
	want = append(want, &directory.BindRequest{Version: 3, Mechanism: "EXTERNAL", HasCredentials: true})
	_, err = client.Search(ldap.NewSearchRequest("dc=example", ldap.ScopeWholeSubtree, ldap.DerefAlways, 7, 9, true,
		`(&(|(uid=a\2ab)(cn=i*n*y*l))(!(sn~=x))(a>=1)(b<=2)(objectClass=*)(o:dn:2.5.13.2:=v)(:caseExactMatch:=w))`, []string{"cn", "1.1"}, nil))
	call("search", err)
	want = append(want, &directory.SearchRequest{Base: "dc=example", Scope: directory.ScopeSub, DerefAliases: directory.DerefAlways,
		SizeLimitEntries: 7, TimeLimit: 9e9, TypesOnly: true, Attributes: []string{"cn", "1.1"}, Filter: directory.And{
			directory.Or{&directory.EqualityMatch{Attr: "uid", Value: []byte("a*b")},
				&directory.Substrings{Attr: "cn", Initial: []byte("i"), Any: [][]byte{[]byte("n"), []byte("y")}, Final: []byte("l")}},
			&directory.Not{Filter: &directory.ApproxMatch{Attr: "sn", Value: []byte("x")}},
			&directory.GreaterOrEqual{Attr: "a", Value: []byte("1")}, &directory.LessOrEqual{Attr: "b", Value: []byte("2")},
			&directory.Present{Attr: "objectClass"},
			&directory.ExtensibleMatch{Attr: "o", DNAttributes: true, Rule: "2.5.13.2", Value: []byte("v")},
			&directory.ExtensibleMatch{Rule: "caseExactMatch", Value: []byte("w")}}})
	add := ldap.NewAddRequest("cn=a", nil)
	add.Attribute("cn", []string{"a", "b"})
	call("add", client.Add(add))
	want = append(want, &directory.AddRequest{DN: "cn=a", Attributes: []directory.PartialAttribute{attribute("cn", "a", "b")}})
	modify := ldap.NewModifyRequest("cn=a", nil)
	modify.Add("mail", []string{"x", "y"})
	modify.Delete("sn", nil)
	modify.Replace("cn", []string{"c"})
	modify.Increment("uidNumber", "2")
	call("modify", client.Modify(modify))
	want = append(want, &directory.ModifyRequest{DN: "cn=a", Changes: []directory.Modification{
		{Op: directory.ModifyAdd, PartialAttribute: attribute("mail", "x", "y")}, {Op: directory.ModifyDelete, PartialAttribute: attribute("sn")},
		{Op: directory.ModifyReplace, PartialAttribute: attribute("cn", "c")}, {Op: directory.ModifyIncrement, PartialAttribute: attribute("uidNumber", "2")}}})
	call("modifyDN", client.ModifyDN(ldap.NewModifyDNRequest("cn=a", "cn=b", true, "ou=c")))
	want = append(want, &directory.ModifyDNRequest{DN: "cn=a", NewRDN: "cn=b", DeleteOldRDN: true, NewSuperior: "ou=c", HasNewSuperior: true})
	same, err := client.Compare("cn=a", "cn", "v")
	call("compare", err)
	if !same {
		t.Error("compare is false")
	}
	want = append(want, &directory.CompareRequest{DN: "cn=a", Attr: "cn", Value: []byte("v")})
	call("delete", client.Del(ldap.NewDelRequest("cn=a", nil)))
	want = append(want, &directory.DeleteRequest{DN: "cn=a"})
	_, err = client.PasswordModify(ldap.NewPasswordModifyRequest("u", "", "n"))
	call("password modify", err)
	want = append(want, &directory.ExtendedRequest{OID: "1.3.6.1.4.1.4203.1.11.1", HasValue: true, Value: []byte("\x30\x06\x80\x01u\x82\x01n")})
	_, err = client.WhoAmI(nil)
	call("who am I", err)
	want = append(want, &directory.ExtendedRequest{OID: "1.3.6.1.4.1.4203.1.11.3"})
	call("unbind", client.Unbind())
	want = append(want, &directory.UnbindRequest{})

	got := requests()
	if len(got) != len(want) {
		t.Fatalf("%d requests, want %d", len(got), len(want))
	}
	for i, op := range want {
		m := wire.Message{ID: directory.MessageID(i + 1), Op: op}
		if i == 0 {
			m.Controls = []directory.Control{{OID: ppolicy.GetControlType()}}
		}
		if w := encode(&m); !bytes.Equal(got[i], w) {
			t.Errorf("%T:\ngot  % x\nwant % x", op, got[i], w)
		}
	}
}

func attribute(name string, values ...string) directory.PartialAttribute {
	a := directory.PartialAttribute{Attr: name}
	for _, v := range values {
		a.Values = append(a.Values, []byte(v))
	}
	return a
}

// TestAnswersToGoLDAP lets go-ldap read one answer of each kind.
func TestAnswersToGoLDAP(t *testing.T) {
	t.Parallel()
	dn, attrs := person()
	failure := directory.Result{Code: directory.NoSuchObject, MatchedDN: "dc=example,dc=com", DiagnosticMessage: "no such entry"}
	client, requests := peer(t, func(dst []byte, m *wire.Message) []byte {
		switch r := m.Op.(type) {
		case *directory.BindRequest:
			return wire.AppendBindResponse(dst, m.ID, &directory.Result{Code: directory.InvalidCredentials}, nil,
				[]directory.Control{{OID: ldap.ControlTypeBeheraPasswordPolicy, Value: []byte{0x30, 3, 0x81, 1, 1}, HasValue: true}})
		case *directory.SearchRequest:
			dst = wire.AppendEntry(dst, m.ID, dn, attrs, r.TypesOnly, nil)
			dst = wire.AppendSearchReference(dst, m.ID, []string{"ldap://other/dc=x"}, nil)
			return wire.AppendResult(dst, m.ID, wire.TagSearchResultDone, new(directory.Result),
				[]directory.Control{{OID: ldap.ControlTypePaging, Value: []byte{0x30, 8, 2, 1, 0, 4, 3, 'a', 'b', 'c'}, HasValue: true}})
		case *directory.ExtendedRequest:
			return wire.AppendExtendedResponse(dst, m.ID, new(directory.Result), "", wire.AppendPasswordModifyResponse(nil, []byte("generated")), nil)
		case *directory.DeleteRequest:
			return wire.AppendResult(dst, m.ID, wire.TagDeleteResponse, &failure, nil)
		}
		return success(dst, m)
	})
	defer requests()

	bind, err := client.SimpleBind(ldap.NewSimpleBindRequest("cn=a", "wrong", nil))
	if !ldap.IsErrorWithCode(err, ldap.LDAPResultInvalidCredentials) || len(bind.Controls) != 1 ||
		bind.Controls[0].(*ldap.ControlBeheraPasswordPolicy).Error != ldap.BeheraAccountLocked {
		t.Errorf("bind: %v with %v", err, bind)
	}
	result, err := client.Search(ldap.NewSearchRequest("", ldap.ScopeBaseObject, 0, 0, 0, false, "(objectClass=*)", nil, nil))
	if err != nil || len(result.Entries) != 1 || !slices.Equal(result.Referrals, []string{"ldap://other/dc=x"}) {
		t.Fatalf("search: %+v, %v", result, err)
	}
	if cookie := result.Controls[0].(*ldap.ControlPaging).Cookie; string(cookie) != "abc" {
		t.Errorf("cookie %q", cookie)
	}
	entry := result.Entries[0]
	if entry.DN != string(dn) || len(entry.Attributes) != len(attrs) {
		t.Errorf("entry %s with %d attributes", entry.DN, len(entry.Attributes))
	}
	for i, a := range attrs {
		got := entry.Attributes[i]
		if got.Name != a.Desc.Name || !slices.EqualFunc(got.ByteValues, slices.Collect(a.Values()), bytes.Equal) {
			t.Errorf("attribute %s: %q", got.Name, got.Values)
		}
	}
	changed, err := client.PasswordModify(ldap.NewPasswordModifyRequest("", "o", ""))
	if err != nil || changed.GeneratedPassword != "generated" {
		t.Errorf("password modify: %+v, %v", changed, err)
	}
	err = client.Del(ldap.NewDelRequest("cn=a", nil))
	if e, ok := err.(*ldap.Error); !ok || e.ResultCode != ldap.LDAPResultNoSuchObject || e.MatchedDN != failure.MatchedDN ||
		e.Err.Error() != failure.DiagnosticMessage {
		t.Errorf("delete: %v", err)
	}
}
