package dit_test

import (
	"fmt"
	"testing"

	"gatehouse/acl"
	"gatehouse/directory"
)

// TestMemberURLsAreBounded: whoever may write groups cannot make so many of them dynamic that nobody's rights are known any more.
func TestMemberURLsAreBounded(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	group := func(cn string, n int) []string {
		lines := []string{"objectClass: groupOfURLs", "cn: " + cn}
		for i := range n {
			lines = append(lines, fmt.Sprintf("memberURL: ldap:///%s??sub?(title=%s-%d)", people, cn, i))
		}
		return lines
	}
	f.person("carol", 10003)
	for i := range 4 {
		cn := fmt.Sprint("many-", i)
		f.add("cn="+cn+","+groups, group(cn, 500)...)
	}
	f.enforce(
		statement("makes", acl.Name{NDN: f.ndn(alice)}, acl.ActionsView|acl.ActionsWrite|acl.ActionsOf(acl.ActionAddEntry)),
		statement("group", acl.Group{NDN: f.ndn(staff)}, acl.ActionsOf(acl.ActionDiscover, acl.ActionDeleteEntry)),
	)
	s := f.as(alice)
	f.wants(f.addAs(s, "cn=more,"+groups, group("more", 1)...), directory.AdminLimitExceeded)
	f.ok(f.addAs(s, "cn=more,"+groups, group("more", 0)...))
	f.wants(f.modify(s, "cn=more,"+groups, "add memberURL: ldap:///"+people+"??sub?(title=boss)"), directory.AdminLimitExceeded)
	f.ok(f.modify(s, "cn=many-0,"+groups, "delete memberURL: ldap:///"+people+"??sub?(title=many-0-0)"))
	f.ok(f.modify(s, "cn=more,"+groups, "add memberURL: ldap:///"+people+"??sub?(title=boss)"))
	f.ok(f.d.Delete(f.Context(), s, &directory.DeleteRequest{DN: "uid=carol," + people}))
}
