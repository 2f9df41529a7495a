package wire_test

import (
	"bytes"
	"errors"
	"testing"

	"gatehouse/directory"
	"gatehouse/ldapserver/wire"
)

// FuzzDecode holds that whatever is accepted means the same after it has been encoded by another encoder and decoded
// again, that a refusal is well formed, and that the storage taken stays in proportion to the input.
func FuzzDecode(f *testing.F) {
	for _, op := range []directory.Request{
		&directory.BindRequest{Version: 3, Name: "cn=a", Password: []byte("secret")},
		&directory.BindRequest{Version: 3, Mechanism: "PLAIN", HasCredentials: true, Credentials: []byte("\x00a\x00b")},
		sssdSearch(),
		&directory.ModifyRequest{DN: "cn=a", Changes: []directory.Modification{{Op: directory.ModifyIncrement,
			PartialAttribute: directory.PartialAttribute{Attr: "uidNumber", Values: [][]byte{[]byte("1")}}}}},
		&directory.AddRequest{DN: "cn=a", Attributes: []directory.PartialAttribute{{Attr: "cn", Values: [][]byte{[]byte("a"), {}}}}},
		&directory.ModifyDNRequest{DN: "cn=a", NewRDN: "cn=b", NewSuperior: "dc=c", HasNewSuperior: true},
		&directory.ExtendedRequest{OID: "1.3.6.1.4.1.4203.1.11.3", HasValue: true},
		&directory.AbandonRequest{ID: 3}, &directory.UnbindRequest{}, &directory.DeleteRequest{DN: "cn=a"},
		&directory.CompareRequest{DN: "cn=a", Attr: "cn", Value: []byte("a")},
	} {
		f.Add(encode(&wire.Message{ID: 7, Op: op}))
		f.Add(encode(&wire.Message{ID: 7, Op: op, Controls: []directory.Control{{OID: "1.2", Criticality: true, HasValue: true}}}))
	}
	tight := wire.Limits{FilterDepth: 20, FilterTerms: 100, Attributes: 50, Changes: 50, Values: 100, Controls: 5}
	var reused wire.Message
	f.Fuzz(func(t *testing.T, in []byte) {
		n, err := wire.Frame(in, 1<<16)
		if n < 0 || n > len(in) || n > 1<<16 || err != nil && n != 0 {
			t.Fatalf("Frame = %d, %v of %d octets", n, err, len(in))
		}
		var fresh wire.Message
		err = wire.Decode(in, tight, &fresh)
		if n := fresh.StorageBytes(); n > 4096+64*len(in) {
			t.Fatalf("%d octets took %d octets of storage", len(in), n)
		}
		if again := wire.Decode(in, tight, &reused); (err == nil) != (again == nil) {
			t.Fatalf("a fresh message: %v, a used one: %v", err, again)
		}
		if err != nil {
			e, ok := errors.AsType[*wire.Error](err)
			if !ok || e.Code == directory.Success || e.ID != reused.ID || e.ID == 0 && !e.Fatal || reused.Op != nil {
				t.Fatalf("error %#v", err)
			}
			return
		}
		first := encode(&reused)
		second := encode(decode(t, first))
		if !bytes.Equal(first, second) {
			t.Fatalf("decoded  % x\nthen     % x", first, second)
		}
	})
}

// FuzzFilterWire feeds the bytes of a filter alone: an accepted one keeps within the limits and comes back the same.
func FuzzFilterWire(f *testing.F) {
	for _, filter := range []directory.Filter{
		sssdSearch().Filter,
		&directory.Substrings{Attr: "cn", Initial: []byte("a"), Any: [][]byte{[]byte("b")}, Final: []byte("c")},
		&directory.ExtensibleMatch{Attr: "cn", Rule: "caseExactMatch", Value: []byte("a"), DNAttributes: true},
		&directory.ApproxMatch{Attr: "cn", Value: []byte("a")}, directory.And{}, directory.Or{directory.Or{}},
	} {
		f.Add(encodeFilter(filter).Bytes())
	}
	tight := wire.Limits{FilterDepth: 5, FilterTerms: 30}
	f.Fuzz(func(t *testing.T, in []byte) {
		var m wire.Message
		if wire.Decode(search(in...), tight, &m) != nil {
			return
		}
		filter := m.Op.(*directory.SearchRequest).Filter
		if terms, depth := measure(filter); terms > tight.FilterTerms || depth > tight.FilterDepth {
			t.Fatalf("%d terms, depth %d", terms, depth)
		}
		first := encode(&m)
		if second := encode(decode(t, first)); !bytes.Equal(first, second) {
			t.Fatalf("decoded  % x\nthen     % x", first, second)
		}
	})
}

// measure counts the terms of a filter and how deep they are nested.
func measure(f directory.Filter) (terms, depth int) {
	var parts []directory.Filter
	switch f := f.(type) {
	case directory.And:
		parts = f
	case directory.Or:
		parts = f
	case *directory.Not:
		parts = []directory.Filter{f.Filter}
	}
	for _, p := range parts {
		n, d := measure(p)
		terms, depth = terms+n, max(depth, d)
	}
	return terms + 1, depth + 1
}
