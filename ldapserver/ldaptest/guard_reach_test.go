package ldaptest_test

import (
	"testing"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/ldapserver/ldaptest"
)

// TestGuardBeforeAndAfter: target filters are checked on the entry before and after a write, denies on both, and relations between
// subject and target on the entry before (2.3).
func TestGuardBeforeAndAfter(t *testing.T) {
	t.Parallel()
	actor := `dn: "uid=helper,ou=people,dc=example,dc=com"`
	people := `base: "ou=people,dc=example,dc=com"`
	see := allow("see", actor, people, "view", anyName)
	alice, carl, helper := "uid=alice"+inPeople, "uid=carl"+inPeople, "uid=helper"+inPeople
	const ok, refused = uint16(ldap.LDAPResultSuccess), uint16(ldap.LDAPResultInsufficientAccessRights)
	for _, tt := range []struct {
		name   string
		policy []string
		do     func(c *ldap.Conn) error
		want   uint16
	}{
		{"a write within reach", []string{allow("w", actor, people+`, filter: "(departmentNumber=7)"`, "write", anyName)},
			func(c *ldap.Conn) error { return modify(c, alice, "replace title x") }, ok},
		{"a write that stays within reach", []string{allow("w", actor, people+`, filter: "(departmentNumber=7)"`, "write", anyName)},
			func(c *ldap.Conn) error { return modify(c, alice, "add departmentNumber 8") }, ok},
		{"out of reach", []string{allow("w", actor, people+`, filter: "(departmentNumber=7)"`, "write", anyName)},
			func(c *ldap.Conn) error { return modify(c, alice, "replace departmentNumber 8") }, refused},
		{"out of reach by the way", []string{allow("w", actor, people+`, filter: "(departmentNumber=7)"`, "write", anyName)},
			func(c *ldap.Conn) error {
				return modify(c, alice, "replace title x", "delete departmentNumber", "replace mobile 1")
			}, refused},
		{"into reach", []string{allow("w", actor, people+`, filter: "(departmentNumber=7)"`, "write", anyName)},
			func(c *ldap.Conn) error { return modify(c, carl, "replace departmentNumber 7") }, refused},
		{"into reach and out of it in one request", []string{allow("w", actor, people+`, filter: "(departmentNumber=7)"`, "write", anyName)},
			func(c *ldap.Conn) error {
				return modify(c, alice, "delete departmentNumber 7", "replace title x", "add departmentNumber 7")
			}, ok},
		{"two statements, one for each state", []string{
			allow("w7", actor, people+`, filter: "(departmentNumber=7)"`, "write", anyName),
			allow("w8", actor, people+`, filter: "(departmentNumber=8)"`, "write", anyName),
		}, func(c *ldap.Conn) error { return modify(c, alice, "replace departmentNumber 8") }, refused},
		{"a password within reach that goes out of it", []string{allow("w", actor, people+`, filter: "(departmentNumber=7)"`, "write, password.reset", anyName)},
			func(c *ldap.Conn) error {
				return modify(c, alice, "replace userPassword another-secret", "replace departmentNumber 8")
			}, refused},
		{"an add out of reach", []string{allow("w", actor, people+`, filter: "(departmentNumber=7)"`, "add-entry, write, password.reset", anyName)},
			func(c *ldap.Conn) error { return addEntry(c, person("new", "departmentNumber: 8")) }, refused},
		{"an add within reach", []string{allow("w", actor, people+`, filter: "(departmentNumber=7)"`, "add-entry, write, password.reset", anyName)},
			func(c *ldap.Conn) error { return addEntry(c, person("new", "departmentNumber: 7")) }, ok},
		{"a rename out of reach", []string{allow("w", actor, people+`, filter: "(uid=alice)"`, "rename, write", anyName)},
			func(c *ldap.Conn) error { return c.ModifyDN(ldap.NewModifyDNRequest(alice, "uid=alicia", true, "")) }, refused},
		{"a rename within reach", []string{allow("w", actor, people+`, filter: "(uid=alice)"`, "rename, write", anyName)},
			func(c *ldap.Conn) error { return rename(c, alice, "uid=alicia", "") }, ok},

		{"into a deny", []string{allow("w", actor, people, "write", anyName), deny("d", actor, people+`, filter: "(title=frozen)"`, "write", anyName)},
			func(c *ldap.Conn) error { return modify(c, alice, "replace title frozen") }, refused},
		{"out of a deny", []string{allow("w", actor, people, "write", anyName), deny("d", actor, people+`, filter: "(departmentNumber=7)"`, "write", anyName)},
			func(c *ldap.Conn) error { return modify(c, alice, "delete departmentNumber") }, refused},
		{"a rename into a deny", []string{allow("w", actor, people, "write, rename", anyName), deny("d", actor, people+`, filter: "(uid=blocked)"`, "rename")},
			func(c *ldap.Conn) error { return rename(c, alice, "uid=blocked", "") }, refused},
		{"a rename out of a deny by name", []string{allow("w", actor, people, "write, rename", anyName), deny("d", actor, `base: "uid=alice,ou=people,dc=example,dc=com", scope: base`, "rename")},
			func(c *ldap.Conn) error { return rename(c, alice, "uid=alicia", "") }, refused},
		{"a deny's relation that is made", []string{allow("w", actor, people, "write", anyName), deny("d", "named-in: [manager]", people, "write", anyName)},
			func(c *ldap.Conn) error { return modify(c, alice, "replace manager "+helper) }, refused},

		{"a relation that is made gives nothing", []string{
			allow("m", actor, people, "write", "attributes: [manager]"), allow("w", "named-in: [manager]", people, "write", anyName),
		}, func(c *ldap.Conn) error { return modify(c, carl, "replace manager "+helper, "replace mobile 1") }, refused},
		{"a relation that was there holds while it is taken away", []string{allow("w", "named-in: [manager]", people, "write", anyName)},
			func(c *ldap.Conn) error { return modify(c, "uid=led"+inPeople, "delete manager", "replace mobile 1") }, ok},
		{"an add takes its relations from what it makes", []string{allow("w", "named-in: [manager]", people, "add-entry, write, password.reset", anyName)},
			func(c *ldap.Conn) error { return addEntry(c, person("new", "manager: "+helper)) }, ok},
		{"an add without the relation", []string{allow("w", "named-in: [manager]", people, "add-entry, write, password.reset", anyName)},
			func(c *ldap.Conn) error { return addEntry(c, person("new", "manager: "+carl)) }, refused},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, statements(append(tt.policy, see)...), ldaptest.WithLDIF(person("led", "manager: "+helper)))
			answers(t, tt.name, tt.do(w.as("helper")), tt.want)
		})
	}
}

// TestGuardAnchorAndDeny: a container cannot be taken out from under the denies that are about it (2.3), by its own name or by that of
// a container above, and a deny below stops a move.
func TestGuardAnchorAndDeny(t *testing.T) {
	t.Parallel()
	w := newWorld(t, statements(helper(privileged), deny("ice", "anyone: true", `base: "ou=frozen,dc=example,dc=com"`, "write", anyName)))
	c := w.as("helper")
	frozen := "ou=frozen," + ldaptest.Base
	refused := uint16(ldap.LDAPResultInsufficientAccessRights)
	answers(t, "the deny holds", modify(c, "uid=ice,"+frozen, "replace title x"), refused)
	answers(t, "rename of its base", rename(c, frozen, "ou=thawed", ""), refused)
	answers(t, "move of its base", rename(c, frozen, "ou=frozen", "ou=archive,"+ldaptest.Base), refused)
	answers(t, "an entry moved away from it", rename(c, "uid=ice,"+frozen, "uid=ice", "ou=archive,"+ldaptest.Base), ldap.LDAPResultSuccess)
	answers(t, "delete of the empty base", remove(c, frozen), refused)
}
