package acl_test

import (
	"slices"
	"testing"

	"gatehouse/directory"
)

// TestDynamicGroupsDoNotNestByThemselves: a group that a memberURL finds is a member, its members are not; a dynamic group nests by
// links like any other. A server finds no more, so tests on a tree must not either.
func TestDynamicGroupsDoNotNestByThemselves(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	for dn, list := range map[string][]string{
		"cn=found," + realmGroups: {"objectClass: groupOfNames", "title: boss", "member: uid=low," + realmPeople},
		"cn=above," + realmGroups: {"objectClass: groupOfNames", "member: cn=urls," + realmGroups},
	} {
		if err := r.Add(dn, lines(list...)); err != nil {
			t.Fatal(err)
		}
	}
	groups := func(dn directory.NDN) (list []directory.NDN) {
		if err := r.Groups(r.Find(dn), func(n directory.NDN) bool { list = append(list, n); return true }); err != nil {
			t.Fatal(err)
		}
		slices.Sort(list)
		return list
	}
	if got, want := groups("cn=found,"+realmGroups), []directory.NDN{"cn=above," + realmGroups, "cn=urls," + realmGroups}; !slices.Equal(got, want) {
		t.Errorf("a group that a URL finds is in %q, want %q", got, want)
	}
	if got, want := groups("uid=low,"+realmPeople), []directory.NDN{"cn=found," + realmGroups, "cn=lows," + realmGroups}; !slices.Equal(got, want) {
		t.Errorf("a member of it is in %q, want %q", got, want)
	}
}
