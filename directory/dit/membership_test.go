package dit_test

import (
	"fmt"
	"testing"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/filter"
)

// TestWatchedContentGoesByWhatIsKept: the content of a search with synchronization cannot depend on what other entries show.
func TestWatchedContentGoesByWhatIsKept(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.add("cn=kept,"+groups, "objectClass: posixGroup", "cn: kept", "gidNumber: 9", "memberUid: alice")
	for _, test := range []struct {
		controls *directory.RequestControls
		want     []string
	}{
		{nil, []string{nested, "cn=kept," + groups, staff}},
		{&directory.RequestControls{Sync: &directory.SyncRequest{Mode: directory.SyncRefreshOnly}}, []string{"cn=kept," + groups}},
	} {
		parsed, err := filter.Parse("(memberUid=alice)")
		f.ok(err)
		x, err := f.d.Search(t.Context(), f.as(adminDN), &directory.SearchRequest{
			Base: groups, Scope: directory.ScopeSub, Filter: parsed, Attributes: []string{"1.1"}, Controls: test.controls,
		})
		f.ok(err)
		found := result{}
		f.ok(x.Run(t.Context(), func(v *acl.View) error { found[string(v.DN())] = nil; return nil }))
		x.Close()
		f.compareLists(found.names(), test.want...)
	}
}

// TestManyMembershipsInOneFilter: a filter with as many terms as filters may have is answered, one that asks for many large memberships
// over and over is refused.
func TestManyMembershipsInOneFilter(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for i := range 40 {
		f.add(fmt.Sprintf("cn=g%d,%s", i, groups), "objectClass: groupOfNames", "cn: x", "member: "+alice)
	}
	s := f.as(adminDN)
	ask := func(name string, n int) ([]string, error) {
		terms := make(directory.Or, n)
		for i := range terms {
			terms[i] = &directory.EqualityMatch{Attr: "memberUid", Value: fmt.Appendf(nil, name, fmt.Sprint(i))}
		}
		x, err := f.d.Search(t.Context(), s, &directory.SearchRequest{Base: groups, Scope: directory.ScopeSub, Filter: terms, Attributes: []string{"1.1"}})
		if err != nil {
			return nil, err
		}
		defer x.Close()
		found := result{}
		err = x.Run(t.Context(), func(v *acl.View) error { found[string(v.DN())] = nil; return nil })
		return found.names(), err
	}
	found, err := ask("nobody%s", filter.TermsMax-1)
	if err != nil || len(found) != 0 {
		t.Errorf("nobody: %d groups, %v", len(found), err)
	}
	if _, err = ask("alice%.0s", filter.TermsMax-1); directory.CodeOf(err) != directory.AdminLimitExceeded {
		t.Errorf("alice, over and over: %v", err)
	}
}
