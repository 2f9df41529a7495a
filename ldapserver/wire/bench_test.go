package wire_test

import (
	"strings"
	"testing"

	"gatehouse/directory"
	"gatehouse/ldapserver/wire"
)

// sssdSearch is how SSSD looks a user up by name.
func sssdSearch() *directory.SearchRequest {
	names := `objectClass uid userPassword uidNumber gidNumber gecos homeDirectory loginShell krbPrincipalName cn modifyTimestamp
modifyTimestamp shadowLastChange shadowMin shadowMax shadowWarning shadowInactive shadowExpire shadowFlag krbLastPwdChange
krbPasswordExpiration pwdAttribute authorizedService accountExpires userAccountControl nsAccountLock host rhost loginDisabled
loginExpirationTime loginAllowedTimeMap sshPublicKey userCertificate;binary mail`
	return &directory.SearchRequest{
		Base: "dc=example,dc=com", Scope: directory.ScopeSub, Attributes: strings.Fields(names),
		Filter: directory.And{
			&directory.EqualityMatch{Attr: "uid", Value: []byte("jdoe")},
			&directory.EqualityMatch{Attr: "objectclass", Value: []byte("posixAccount")},
			&directory.Present{Attr: "uid"},
			directory.And{
				&directory.Present{Attr: "uidNumber"},
				&directory.Not{Filter: &directory.EqualityMatch{Attr: "uidNumber", Value: []byte("0")}},
			},
		},
	}
}

// person is an entry of about 1.2 KB on the wire.
func person() (dn []byte, attrs []directory.Attribute) {
	for _, line := range strings.Split(`objectClass=top person organizationalPerson inetOrgPerson posixAccount shadowAccount ldapPublicKey
uid=jdoe
cn=Jane.Doe
sn=Doe
givenName=Jane
mail=jane.doe@example.com jdoe@example.com
uidNumber=10042
gidNumber=10042
homeDirectory=/home/jdoe
loginShell=/bin/bash
gecos=Jane.Doe,Building.7,+49.30.1234567
telephoneNumber=+49-30-1234567
title=Senior-Systems-Engineer
departmentNumber=4711
employeeNumber=0815
entryUUID=3f0c3f1e-1f2d-4a5b-9c6d-7e8f9a0b1c2d
createTimestamp=20260101120000Z
modifyTimestamp=20260301120000Z
creatorsName=cn=admin,dc=example,dc=com`, "\n") {
		name, values, _ := strings.Cut(line, "=")
		var v [][]byte
		for _, s := range strings.Fields(values) {
			v = append(v, []byte(s))
		}
		attrs = append(attrs, directory.NewAttribute(&directory.AttributeDescription{Name: name}, v...))
	}
	key := []byte("ssh-ed25519 " + strings.Repeat("A", 300))
	attrs = append(attrs, directory.NewAttribute(&directory.AttributeDescription{Name: "sshPublicKey"}, key))
	return []byte("uid=jdoe,ou=people,dc=example,dc=com"), attrs
}

// TestAllocations states the budget of the hot path: a search costs its two And nodes, whose slice headers Go boxes; every
// other request, and every answer, costs nothing.
func TestAllocations(t *testing.T) {
	var m wire.Message
	measure := func(name string, want float64, f func()) {
		t.Helper()
		if got := testing.AllocsPerRun(100, f); got > want {
			t.Errorf("%s: %v allocations, want %v", name, got, want)
		}
	}
	requests := []directory.Request{
		sssdSearch(),
		&directory.BindRequest{Version: 3, Name: "uid=jdoe,ou=people,dc=example,dc=com", Password: []byte("secret")},
		&directory.CompareRequest{DN: "cn=a", Attr: "member", Value: []byte("uid=jdoe")},
		&directory.ModifyRequest{DN: "cn=a", Changes: []directory.Modification{{Op: directory.ModifyAdd,
			PartialAttribute: directory.PartialAttribute{Attr: "member", Values: [][]byte{[]byte("cn=b"), []byte("cn=c")}}}}},
		&directory.ExtendedRequest{OID: "1.3.6.1.4.1.4203.1.11.3"},
	}
	for i, want := range []float64{2, 0, 0, 0, 0} {
		pdu := encode(&wire.Message{ID: 1, Op: requests[i], Controls: []directory.Control{{OID: "1.2.840.113556.1.4.319"}}})
		if err := wire.Decode(pdu, limits, &m); err != nil {
			t.Fatal(err)
		}
		measure("decode", want, func() { _ = wire.Decode(pdu, limits, &m) })
	}
	dn, attrs := person()
	out := make([]byte, 0, 4096)
	r := directory.Result{Code: directory.NoSuchObject, MatchedDN: "dc=example,dc=com"}
	controls := []directory.Control{{OID: "1.2.840.113556.1.4.319", Value: []byte("x"), HasValue: true}}
	measure("entry", 0, func() { wire.AppendEntry(out, 1, dn, attrs, false, nil) })
	measure("result", 0, func() { wire.AppendResult(out, 1, wire.TagSearchResultDone, &r, controls) })
	measure("bind response", 0, func() { wire.AppendBindResponse(out, 1, &r, nil, controls) })
}

func BenchmarkDecode(b *testing.B) {
	for _, c := range []struct {
		name string
		op   directory.Request
	}{
		{"sssd-search", sssdSearch()},
		{"uid-search", &directory.SearchRequest{Base: "dc=example,dc=com", Scope: directory.ScopeSub,
			Filter: &directory.EqualityMatch{Attr: "uid", Value: []byte("jdoe")}}},
		{"simple-bind", &directory.BindRequest{Version: 3, Name: "uid=jdoe,ou=people,dc=example,dc=com", Password: []byte("secret")}},
	} {
		b.Run(c.name, func(b *testing.B) {
			pdu := encode(&wire.Message{ID: 1, Op: c.op})
			var m wire.Message
			b.SetBytes(int64(len(pdu)))
			b.ReportAllocs()
			for b.Loop() {
				if err := wire.Decode(pdu, limits, &m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAppendEntry(b *testing.B) {
	dn, attrs := person()
	out := wire.AppendEntry(nil, 1, dn, attrs, false, nil)
	b.SetBytes(int64(len(out)))
	b.ReportAllocs()
	for b.Loop() {
		out = wire.AppendEntry(out[:0], 1, dn, attrs, false, nil)
	}
}

func BenchmarkAppendResult(b *testing.B) {
	var r directory.Result
	out := make([]byte, 0, 64)
	b.ReportAllocs()
	for b.Loop() {
		out = wire.AppendResult(out[:0], 1, wire.TagSearchResultDone, &r, nil)
	}
}
