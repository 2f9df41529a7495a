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
