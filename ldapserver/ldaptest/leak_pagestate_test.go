package ldaptest_test

import (
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/ldapserver/ldaptest"
)

// TestPagesAreDecidedNow: pages are of the state of the first one, but what a change has hidden since is not shown, and what a change has
// made visible is not shown as it was while it was hidden. Groups of memberOf likewise.
func TestPagesAreDecidedNow(t *testing.T) {
	t.Parallel()
	var lines []string
	for _, uid := range []string{"q0", "q1", "q2", "q3", "q4", "q5"} {
		lines = append(lines, person(uid, "roomNumber: 1", "title: Old"))
	}
	lines = append(lines, person("q6", "roomNumber: 2", "title: Old"), person("q7", "roomNumber: 1", "title: Old"), group("ring", "uid=q7"+inPeople))
	w := newWorld(t, statements(
		allow("people", `dn: "`+"uid=helper"+inPeople+`"`, `base: "ou=people,`+ldaptest.Base+`", scope: children, filter: "(roomNumber=1)"`, "view",
			"attributes: [objectClass, uid, title, memberOf]"),
		allow("groups", `dn: "`+"uid=helper"+inPeople+`"`, `base: "ou=groups,`+ldaptest.Base+`", scope: children, filter: "(!(description=hidden))"`, "view",
			"attributes: [objectClass, cn]"),
		allow("base", `dn: "`+"uid=helper"+inPeople+`"`, `base: "dc=example,dc=com", scope: base`, "discover"),
	), ldaptest.WithLDIF(strings.Join(lines, "\n")))
	c, admin := w.as("helper"), w.DialAdmin()
	read := func(size int, cookie string) (string, string) {
		r, err := searchWith(c, "(uid=q*)", []string{"uid", "title", "memberOf"}, pageControl(size, cookie))
		if err != nil {
			t.Fatal(err)
		}
		_, cookie = answeredPage(t, r.Controls)
		var list []string
		for _, e := range r.Entries {
			list = append(list, strings.TrimSpace(strings.Join(append(e.GetAttributeValues("uid"), append(e.GetAttributeValues("title"), e.GetAttributeValues("memberOf")...)...), " ")))
		}
		return strings.Join(list, ", "), cookie
	}
	first, cookie := read(2, "")
	if first != "q0 Old, q1 Old" {
		t.Fatal(first)
	}
	for _, change := range []struct {
		dn      string
		changes []string
	}{
		{"uid=q2" + inPeople, []string{"replace roomNumber 2"}},                      // hidden
		{"uid=q3" + inPeople, []string{"replace title New"}},                         // changed
		{"uid=q6" + inPeople, []string{"replace roomNumber 1", "replace title New"}}, // visible, it was not
		{"cn=ring" + inGroups, []string{"add description hidden"}},                   // a group
	} {
		if err := modify(admin, change.dn, change.changes...); err != nil {
			t.Fatal(err)
		}
	}
	if err := admin.Del(ldap.NewDelRequest("uid=q4"+inPeople, nil)); err != nil {
		t.Fatal(err)
	}
	if got, _ := read(20, cookie); got != "q3 Old, q5 Old, q7 Old" {
		t.Errorf("the second page: %s", got)
	}
	if got, _ := read(20, ""); got != "q0 Old, q1 Old, q3 New, q5 Old, q6 New, q7 Old" {
		t.Errorf("a new search: %s", got)
	}
}

// TestReferencesOfPagesAreDecidedNow: who was hidden since the first page is not shown on the second by what refers to it either, neither
// by the dereference control nor as a name in a group.
func TestReferencesOfPagesAreDecidedNow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, statements(
		allow("people", `dn: "`+"uid=helper"+inPeople+`"`, `base: "ou=people,`+ldaptest.Base+`", scope: children, filter: "(roomNumber=1)"`, "view",
			"attributes: [objectClass, uid, title]"),
		allow("groups", `dn: "`+"uid=helper"+inPeople+`"`, `base: "ou=groups,`+ldaptest.Base+`", scope: children`, "view",
			"attributes: [objectClass, cn, member, uniqueMember, memberUid]"),
		allow("base", `dn: "`+"uid=helper"+inPeople+`"`, `base: "dc=example,dc=com", scope: base`, "discover"),
	), ldaptest.WithLDIF(strings.Join([]string{
		account("m0", 5000, "roomNumber: 1", "title: Shown"), account("m1", 5001, "roomNumber: 1", "title: Hidden"),
		unixGroup("p0", 6000, "groupOfNames", memberOf("member", inUnixPeople("m0"))),
		unixGroup("p1", 6001, "groupOfNames", memberOf("member", inUnixPeople("m0")), memberOf("member", inUnixPeople("m1"))),
		unixGroup("p2", 6002, "memberUid: m0", "memberUid: m1"),
	}, "\n")))
	c, admin := w.as("helper"), w.DialAdmin()
	read := func(size int, cookie string) (string, string) {
		r := c.SearchAsync(t.Context(), ldap.NewSearchRequest("dc=example,dc=com", ldap.ScopeWholeSubtree, 0, 0, 0, false, "(cn=p*)",
			[]string{"cn", "memberUid", "member"}, []ldap.Control{pageControl(size, cookie), derefControl(true, "member:title")}), 0)
		var list []string
		for r.Next() {
			if e := r.Entry(); e != nil {
				list = append(list, strings.Join(append(append(e.GetAttributeValues("memberUid"), e.GetAttributeValues("member")...), dereferenced(t, r.Controls())...), " "))
			}
		}
		if r.Err() != nil {
			t.Fatal(r.Err())
		}
		_, cookie = answeredPage(t, r.Controls())
		return strings.Join(list, "\n"), cookie
	}
	_, cookie := read(1, "")
	if err := modify(admin, "uid=m1"+inPeople, "replace roomNumber 2"); err != nil {
		t.Fatal(err)
	}
	all, _ := read(20, "")
	_, want, _ := strings.Cut(all, "\n")
	if got, _ := read(20, cookie); got != want || strings.Contains(got, "Hidden") {
		t.Errorf("the second page\n%s\nwant what a new search shows\n%s", got, want)
	}
}
