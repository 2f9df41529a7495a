package control

import (
	"bytes"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/ber"
)

func seq(parts ...[]byte) []byte {
	contents := slices.Concat(parts...)
	return append(ber.AppendHeader(nil, ber.Sequence, len(contents)), contents...)
}

func text(s string) []byte { return ber.AppendOctets(nil, ber.OctetString, s) }

func integer(n int64) []byte { return ber.AppendInteger(nil, ber.Integer, n) }

func repeat(n int, part []byte) []byte { return seq(bytes.Repeat(part, n)) }

// TestValues: what the values of the controls of searches may be.
func TestValues(t *testing.T) {
	t.Parallel()
	spec := seq(text("member"), seq(text("uid")))
	for _, test := range []struct {
		name, oid string
		value     []byte
		want      directory.ResultCode
	}{
		{"page", PagedResults, seq(integer(100), text("cookie")), directory.Success},
		{"page of zero", PagedResults, seq(integer(0), text("")), directory.Success},
		{"page beyond 31 bits", PagedResults, seq(integer(1<<40), text("")), directory.Success},
		{"page of less", PagedResults, seq(integer(-1), text("")), directory.ProtocolError},
		{"page without a cookie", PagedResults, seq(integer(1)), directory.ProtocolError},
		{"page with more", PagedResults, append(seq(integer(1), text("")), 0, 0), directory.ProtocolError},
		{"page without a value", PagedResults, nil, directory.ProtocolError},
		{"sort", Sort, seq(seq(text("uid"), []byte{tagReverseOrder, 1, 0xff})), directory.Success},
		{"sort by a rule", Sort, seq(seq(text("uid"), []byte{tagOrderingRule, 1, 'x'})), directory.Success},
		{"sort by many", Sort, repeat(sortKeysDecoded, seq(text("uid"))), directory.Success},
		{"sort by too many", Sort, repeat(sortKeysDecoded+1, seq(text("uid"))), directory.AdminLimitExceeded},
		{"sort in a wrong order", Sort, seq(seq(text("uid"), []byte{tagReverseOrder, 1, 0xff}, []byte{tagOrderingRule, 1, 'x'})), directory.ProtocolError},
		{"sort by nothing", Sort, seq(), directory.ProtocolError},
		{"deref", Deref, seq(spec), directory.Success},
		{"deref of nothing", Deref, seq(), directory.ProtocolError},
		{"deref of too many", Deref, seq(slices.Concat(many("a", derefSpecsMax+1)...)), directory.AdminLimitExceeded},
		{"deref of too much of one", Deref, seq(seq(text("member"), repeat(derefAttributesMax+1, text("uid")))), directory.AdminLimitExceeded},
		{"deref twice", Deref, seq(spec, spec), directory.ProtocolError},
		{"deref without a list", Deref, seq(seq(text("member"))), directory.ProtocolError},
		{"values", MatchedValues, seq([]byte{0x87, 1, 'x'}), directory.Success},
		{"values of nothing", MatchedValues, seq(), directory.ProtocolError},
		{"values of an and", MatchedValues, seq([]byte{0xa0, 3, 0x87, 1, 'x'}), directory.ProtocolError},
		{"values of too much", MatchedValues, repeat(filterLimits.FilterTerms+1, []byte{0x87, 1, 'x'}), directory.AdminLimitExceeded},
	} {
		req := &directory.SearchRequest{}
		got := Decode([]directory.Control{{OID: test.oid, Value: test.value, HasValue: test.value != nil}}, req, nil)
		if directory.CodeOf(got) != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
		if err := Decode([]directory.Control{{OID: test.oid, Value: test.value, HasValue: true, Criticality: true}}, &directory.CompareRequest{}, nil); directory.CodeOf(err) != directory.UnavailableCriticalExtension {
			t.Errorf("%s with a compare: %v", test.name, err)
		}
	}
}

func many(name string, n int) (list [][]byte) {
	for i := range n {
		list = append(list, seq(text(name+strings.Repeat("x", i)), seq(text("uid"))))
	}
	return list
}

// TestDerefIsBounded: what is more than an answer holds ends the search of a client that cannot do without, and is left out for others.
func TestDerefIsBounded(t *testing.T) {
	t.Parallel()
	large := make([]byte, 1<<20)
	endless := func(failure error) iter.Seq2[acl.Dereferenced, error] {
		return func(yield func(acl.Dereferenced, error) bool) {
			for i := range 1000 {
				if i == 3 && failure != nil {
					yield(acl.Dereferenced{}, failure)
					return
				}
				if !yield(acl.Dereferenced{Attr: "member", Value: large}, nil) {
					return
				}
			}
			t.Error("all of it was asked for")
		}
	}
	failure := errors.New("it failed")
	for _, test := range []struct {
		name     string
		critical bool
		failure  error
		want     error
	}{{"critical", true, nil, errDerefTooLarge}, {"not critical", false, nil, nil}, {"a failure", false, failure, failure}} {
		var e Entries
		list, err := e.Of(&acl.SearchControls{Deref: endless(test.failure), DerefCritical: test.critical})
		if !errors.Is(err, test.want) || len(list) != 0 {
			t.Errorf("%s: %d controls, %v", test.name, len(list), err)
		}
	}
}

// FuzzDecode: no value of any control panics, and what is read of it is within bounds.
func FuzzDecode(f *testing.F) {
	for _, value := range [][]byte{seq(integer(5), text("c")), seq(seq(text("uid"))), seq(seq(text("member"), seq(text("uid")))), seq([]byte{0x87, 1, 'x'}), nil} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value []byte) {
		for i := range Table {
			req := &directory.SearchRequest{}
			c := directory.Control{OID: Table[i].OID, Value: value, HasValue: true, Criticality: true}
			err := Decode([]directory.Control{c}, req, func(string) bool { return true })
			switch r := req.Controls; {
			case err != nil:
				if _, is := errors.AsType[*directory.Error](err); !is || r != nil {
					t.Fatalf("%s: %v, %+v", Table[i].Name, err, r)
				}
			case r == nil:
				t.Fatalf("%s: neither an error nor controls", Table[i].Name)
			case len(r.Sort) > sortKeysDecoded || len(r.Deref) > derefSpecsMax || len(r.ValuesReturn) > filterLimits.FilterTerms || r.Page != nil && r.Page.Size < 0:
				t.Fatalf("%s: beyond the bounds", Table[i].Name)
			}
		}
	})
}
