package storage

import (
	"bytes"
	"strings"
	"testing"

	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// TestIndexDefinitions makes indexers of good and bad definitions.
func TestIndexDefinitions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		defs []IndexDefinition
		want string // in the error; empty for none
	}{
		{"the defaults", DefaultIndexes(), ""},
		{"unknown attribute", []IndexDefinition{{1, "nosuch", IndexEquality}}, "no such attribute type"},
		{"no kind", []IndexDefinition{{1, "cn", 0}}, "no kind"},
		{"no number", []IndexDefinition{{0, "cn", IndexEquality}}, "number 0"},
		{"a number twice", []IndexDefinition{{1, "cn", IndexEquality}, {1, "sn", IndexEquality}}, "number 1"},
		{"an attribute twice", []IndexDefinition{{1, "cn", IndexEquality}, {2, "commonName", IndexEquality}}, "defined twice"},
		{"substrings of numbers", []IndexDefinition{{1, "uidNumber", IndexSubstring}}, "no substring rule"},
		{"order of members", []IndexDefinition{{1, "member", IndexOrdering}}, "no ordering rule"},
		{"equality of stamps", []IndexDefinition{{1, "entryUSN", IndexEquality | IndexOrdering}}, "only ordering"},
		{"equality of memberOf", []IndexDefinition{{1, "memberOf", IndexEquality}}, "only presence"},
		{"presence of memberOf", []IndexDefinition{{1, "memberOf", IndexPresence}}, ""},
		{"presence of names", []IndexDefinition{{1, "cn", IndexEquality | IndexPresence}}, "that of equality keys"},
		{"a computed attribute", []IndexDefinition{{1, "hasSubordinates", IndexEquality}}, "computed"},
	} {
		_, err := newIndexer(schema.Standard(), test.defs)
		if (test.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
}

// TestOrdersAsItEquals proves that the two keys of a value are the same where equality is planned as a range.
func TestOrdersAsItEquals(t *testing.T) {
	t.Parallel()
	s := schema.Standard()
	samples := []string{
		"20310506070809Z", "203105060708Z", "20310506070809.123+0100", "0", "-17", "123456789012345678901234567890", "Some  Text", "ÄÖ ß", "12 34",
		"a0b1c2d3-0000-4000-8000-0123456789AB", "20310506070809.000000Z#000001#000#000000", "",
	}
	agree := make(map[string]int)
	for no := range s.TypeCount() {
		typ := s.TypeNo(no)
		if a := (attributeIndex{typ: typ}); !a.ordersAsItEquals() {
			continue
		}
		for _, value := range samples {
			equal, errEqual := s.AppendEqualityKey(nil, typ.Description(), []byte(value))
			order, errOrder := s.AppendOrderingKey(nil, typ, []byte(value))
			switch {
			case (errEqual == nil) != (errOrder == nil), errEqual == nil && !bytes.Equal(equal, order):
				t.Errorf("%s of %q: %x, %v and %x, %v", typ.Name(), value, equal, errEqual, order, errOrder)
			case errEqual == nil:
				agree[typ.Equality.Name()]++
			}
		}
	}
	for _, rule := range []string{"integerMatch", "generalizedTimeMatch"} {
		if agree[rule] == 0 {
			t.Errorf("no type with %s is ordered", rule)
		}
	}
}

// TestPresenceIndexFollows adds and removes members one by one: who has members, or had, and who is one, is what the index says.
func TestPresenceIndexFollows(t *testing.T) {
	t.Parallel()
	f := memFixture(t)
	base := f.create(0, "dc=x")
	group, other := f.create(base, "cn=group"), f.create(base, "cn=other")
	user := f.create(base, "uid=u")
	tests := []struct {
		name      string
		change    Effect
		members   idSet // candidates of (member=*)
		memberOfs idSet // of (memberOf=*)
	}{
		{"nothing", PutMeta{Key: "x", Value: []byte("x")}, nil, nil},
		{"a member", AddReference{group, reference("member", "uid=u,dc=x")}, idSet{group}, idSet{user}},
		{"a manager is no member", AddReference{group, reference("manager", "cn=other,dc=x")}, idSet{group}, idSet{user}},
		{"a member to be", AddReference{other, reference("member", "uid=later,dc=x")}, idSet{group, other}, idSet{user}},
		{"all gone", RemoveAllReferences{other, desc("member")}, idSet{group}, idSet{user}},
		{"text", PutAttributes{ID: other, Set: []directory.Attribute{attr("member", "cn=elsewhere")}}, idSet{group, other}, idSet{user}},
		{"other text", PutAttributes{ID: other, Set: []directory.Attribute{attr("member", "cn=nowhere", "cn=anywhere")}}, idSet{group, other}, idSet{user}},
		{"less text", PutAttributes{ID: other, Set: []directory.Attribute{attr("member", "cn=anywhere")}}, idSet{group, other}, idSet{user}},
		{"no text", PutAttributes{ID: other, Remove: []*directory.AttributeDescription{desc("member")}}, idSet{group}, idSet{user}},
		{"a member that was", RemoveReference{group, desc("member"), "uid=u,dc=x"}, idSet{group}, idSet{user}},
		{"the group deleted", DeleteEntry{group}, nil, idSet{user}},
		{"the user deleted", DeleteEntry{user}, nil, nil},
	}
	for _, test := range tests {
		f.must(test.change)
		sn := f.Snapshot()
		for text, want := range map[string]idSet{"(member=*)": test.members, "(memberOf=*)": test.memberOfs} {
			p, err := sn.Plan(compile(t, text).Root, 0, directory.ScopeSub, PlanOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if got := candidates(t, p, 0); !p.Indexed() || string(appendInline(nil, got)) != string(appendInline(nil, want)) {
				t.Errorf("%s: %s has candidates %d, want %d", test.name, text, got, want)
			}
		}
		sn.Close()
		if all := findings(t, f.Store); len(all) > 0 {
			t.Errorf("%s: %v", test.name, all)
		}
	}
}
