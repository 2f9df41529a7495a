package dit_test

import (
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
