package storage

import (
	"slices"
	"testing"

	"gatehouse/directory"
)

// TestAuthorityOfRules: what gives rights without a link moves everybody's authority, and nothing else of its kind does.
func TestAuthorityOfRules(t *testing.T) {
	t.Parallel()
	f := memFixture(t)
	base := f.create(0, "dc=x")
	ann := f.create(base, "uid=ann")
	group, plain, outer := f.create(base, "cn=dynamic"), f.create(base, "cn=plain"), f.create(base, "cn=outer")
	url := attr("memberURL", "ldap:///dc=x??sub?(uid=ann)")
	steps := []struct {
		name   string
		effect Effect
		moves  bool
	}{
		{"an attribute of a group", PutAttributes{ID: group, Set: []directory.Attribute{attr("description", "x")}}, false},
		{"a plain group in a group", AddReference{outer, reference("member", "cn=plain,dc=x")}, false},
		{"a memberURL appears", PutAttributes{ID: group, Set: []directory.Attribute{url}}, true},
		{"another attribute of a dynamic group", PutAttributes{ID: group, Set: []directory.Attribute{attr("description", "y")}}, true},
		{"a dynamic group in a group", AddReference{outer, reference("member", "cn=dynamic,dc=x")}, true},
		{"a dynamic group in no group", RemoveReference{outer, desc("member"), "cn=dynamic,dc=x"}, true},
		{"a memberURL goes", PutAttributes{ID: group, Remove: []*directory.AttributeDescription{desc("memberURL")}}, true},
		{"another entry", PutAttributes{ID: plain, Set: []directory.Attribute{attr("description", "z")}}, false},
		{"a new entry", CreateEntry{Parent: base, RDN: "cn=new", NRDN: "cn=new", Entry: directory.StoredEntry([]directory.Attribute{attr("cn", "new")})}, false},
		{"a new dynamic group", CreateEntry{Parent: base, RDN: "cn=urls", NRDN: "cn=urls", Entry: directory.StoredEntry([]directory.Attribute{url})}, true},
	}
	authority := func() Generation {
		g, err := f.snapshot().Authority(ann)
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	for _, step := range steps {
		before := authority()
		if _, err := f.Propose(t.Context(), Proposal{Change: f.change(step.effect)}); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if moved := authority() != before; moved != step.moves {
			t.Errorf("%s: the authority of another entry moved: %v, want %v", step.name, moved, step.moves)
		}
	}
}

// TestWaitingBelow lists the names that wait below another.
func TestWaitingBelow(t *testing.T) {
	t.Parallel()
	f := memFixture(t)
	base := f.create(0, "dc=x")
	group := f.create(base, "cn=staff")
	long := "uid=" + string(slices.Repeat([]byte("a"), 2*shortPrefixBytes)) + ",ou=a,dc=x"
	for _, name := range []string{"uid=u,ou=a,dc=x", "uid=v,ou=b,ou=a,dc=x", "uid=w,ou=ab,dc=x", "ou=a,dc=x", long} {
		if _, err := f.Propose(t.Context(), Proposal{Change: f.change(AddReference{group, reference("member", name)})}); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	if err := f.snapshot().WaitingBelow("ou=a,dc=x", func(n directory.NDN) bool {
		got = append(got, string(n))
		return true
	}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	if want := []string{long, "uid=u,ou=a,dc=x", "uid=v,ou=b,ou=a,dc=x"}; !slices.Equal(got, want) {
		t.Errorf("waiting: %q, want %q", got, want)
	}
}
