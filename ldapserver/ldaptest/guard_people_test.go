package ldaptest_test

import (
	"testing"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/ldapserver/ldaptest"
)

// TestGuardsLeaveTheRest: what no guard is about needs nothing said.
func TestGuardsLeaveTheRest(t *testing.T) {
	t.Parallel()
	w := newWorld(t, statements(powers(), helper("")))
	c := w.as("helper")
	alice, carl := "uid=alice"+inPeople, "uid=carl"+inPeople
	for _, tt := range []struct {
		name string
		err  error
	}{
		{"member of a group without power", modify(c, "cn=plain"+inGroups, "add member "+alice)},
		{"owner of a group without power", modify(c, "cn=plain"+inGroups, "add owner "+alice)},
		{"description of a privileged group", modify(c, bosses, "replace description x")},
		{"description of a protected principal", modify(c, "uid=bob"+inPeople, "replace description x", "replace mobile 1")},
		{"an authority-bearing attribute of somebody ordinary", modify(c, alice, "replace departmentNumber 8", "replace manager "+carl)},
		{"a public key of somebody ordinary", modify(c, alice, "add sshPublicKey ssh-ed25519 AAAA")},
		{"a title that no group asks for", modify(c, alice, "replace title clerk")},
		{"a group of readers is not privileged", modify(c, "cn=viewers"+inGroups, "add member "+alice)},
		{"a new person", addEntry(c, person("new"))},
		{"a new password", reset(c, alice, "another-secret")},
		{"rename", rename(c, alice, "uid=alicia", "")},
		{"move", rename(c, "uid=alicia"+inPeople, "uid=alicia", "ou=team"+inPeople)},
		{"delete", remove(c, "uid=alicia,ou=team"+inPeople)},
		{"rename of a container that nothing names", rename(c, "ou=free"+inPeople, "ou=other", "")},
		{"delete of a container that nothing names", remove(c, "ou=other"+inPeople)},
		{"a plain group", remove(c, "cn=plain"+inGroups)},
	} {
		answers(t, tt.name, tt.err, ldap.LDAPResultSuccess)
	}
}

// TestGuardFilterNeedsCredential: only entries that can bind become protected through a filter (2.4), and the password or certificate
// that lets them bind is what makes them so.
func TestGuardFilterNeedsCredential(t *testing.T) {
	t.Parallel()
	w := newWorld(t, statements(powers(), helper("")))
	c := w.as("helper")
	robot := "cn=robot" + inPeople
	answers(t, "an operator that cannot bind",
		addEntry(c, "dn: "+robot+"\nobjectClass: inetOrgPerson\ncn: robot\nsn: Robot\nemployeeType: operator"), ldap.LDAPResultSuccess)
	refused := uint16(ldap.LDAPResultInsufficientAccessRights)
	answers(t, "a password for it", reset(c, robot, "another-secret"), refused)
	answers(t, "a password by modify", modify(c, robot, "add userPassword another-secret"), refused)
	answers(t, "a certificate for it", modify(c, robot, "add userCertificate;binary "+certificateText), refused)
	answers(t, "a public key and description", modify(c, robot, "replace description x"), ldap.LDAPResultSuccess)
	w.apply(statements(powers(), helper(alone)))
	answers(t, "a password with include", reset(c, robot, "another-secret"), ldap.LDAPResultSuccess)
}

// TestGuardEveryStatement: where a result needs include, every statement that is used must have it (2.4).
func TestGuardEveryStatement(t *testing.T) {
	t.Parallel()
	part := func(id, actions, more string) string {
		return allow(id, `dn: "uid=helper,ou=people,dc=example,dc=com"`, whole+more, actions, anyName)
	}
	carl := "uid=carl" + inPeople
	for _, tt := range []struct {
		name          string
		tree, content string // actions
		do            func(c *ldap.Conn) error
	}{
		{"add", "add-entry", "write.add", func(c *ldap.Conn) error {
			return addEntry(c, "dn: uid=ghost"+inPeople+"\nobjectClass: inetOrgPerson\nuid: ghost\ncn: ghost\nsn: Ghost")
		}},
		{"add with a password", "add-entry, write.add", "password.reset", func(c *ldap.Conn) error { return addEntry(c, person("ghost")) }},
		{"rename", "rename", "write.add", func(c *ldap.Conn) error { return rename(c, carl, "uid=ghost", "") }},
		{"move", "move-out", "move-in, write.add", func(c *ldap.Conn) error { return rename(c, carl, "uid=deep", "ou=team"+inPeople) }},
		{"two attributes", "write.add", "write.replace", func(c *ldap.Conn) error {
			return modify(c, carl, "add title boss", "replace mobile 1")
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "")
			c := w.as("helper")
			see := part("see", "view", "")
			for _, try := range []struct {
				tree, content string
				want          uint16
			}{
				{"", "", refused}, {included, "", refused}, {"", included, refused}, {included, included, done},
			} {
				w.apply(statements(powers(), see, part("tree", tt.tree, try.tree), part("content", tt.content, try.content)))
				answers(t, "include for "+tt.tree+try.tree+", for "+tt.content+try.content, tt.do(c), try.want)
			}
		})
	}
}

// TestGuardSelf: own-entry self statements are exempt from the guard of protected principals, but not from that of results.
func TestGuardSelf(t *testing.T) {
	t.Parallel()
	self := allow("self", "self: true", `base: "ou=people,dc=example,dc=com"`, "view, write, password.change, rename, delete-entry", anyName)
	w := newWorld(t, statements(powers(), helper(""), self))
	bob, alice := w.as("bob"), w.as("alice")
	refused := uint16(ldap.LDAPResultInsufficientAccessRights)
	answers(t, "a protected principal's own key", modify(bob, "uid=bob"+inPeople, "add sshPublicKey ssh-ed25519 AAAA"), ldap.LDAPResultSuccess)
	answers(t, "a protected principal's own department", modify(bob, "uid=bob"+inPeople, "replace departmentNumber 9"), ldap.LDAPResultSuccess)
	answers(t, "a protected principal's own password", reset(bob, "", "bob-new-secret"), ldap.LDAPResultSuccess)
	answers(t, "the exemption is for writes only: rename", rename(bob, "uid=bob"+inPeople, "uid=bobby", ""), refused)
	answers(t, "the exemption is for writes only: delete", remove(bob, "uid=bob"+inPeople), refused)
	answers(t, "nobody makes themselves a boss", modify(alice, "uid=alice"+inPeople, "replace title boss"), refused)
	answers(t, "nobody makes themselves an operator", modify(alice, "uid=alice"+inPeople, "replace employeeType operator"), refused)
	answers(t, "nobody takes a name in a statement", rename(alice, "uid=alice"+inPeople, "uid=chief", ""), refused)
	answers(t, "a protected principal gains no other way", modify(bob, "uid=bob"+inPeople, "replace employeeType operator"), refused)
	answers(t, "nobody becomes a group that makes others bosses",
		modify(bob, "uid=bob"+inPeople, "add objectClass extensibleObject", "add member uid=alice"+inPeople), refused)
	answers(t, "nor a dynamic one", modify(bob, "uid=bob"+inPeople, "add objectClass extensibleObject",
		"add memberURL ldap:///ou=people,dc=example,dc=com??sub?(uid=alice)"), refused)
	answers(t, "another's entry", modify(alice, "uid=bob"+inPeople, "replace description x"), ldap.LDAPResultNoSuchObject)
}

// staff are the people of the worked policies: those of a helpdesk, an administrator, an auditor, who may break the glass, and
// who has a role.
const staff = `definitions: staff
subjects:
  helpdesk: {group: "cn=helpdesk,ou=groups,dc=example,dc=com"}
---
policy: staff
roles:
  janitor:
    statements:
      - {id: sweep, effect: allow, target: {base: "ou=archive,dc=example,dc=com"}, actions: [delete-entry]}
statements:
  - id: helpdesk.reset
    effect: allow
    subject: $helpdesk
    target: {base: "ou=people,dc=example,dc=com"}
    actions: [discover, password.reset, account.unlock]
  - id: admins.write
    effect: allow
    subject: {group: "cn=admins,ou=groups,dc=example,dc=com"}
    target: {base: "ou=frozen,dc=example,dc=com"}
    actions: [write]
    attributes: [description]
  - id: audit.read
    effect: allow
    subject: {group: "cn=auditors,ou=groups,dc=example,dc=com"}
    target: {base: "dc=example,dc=com"}
    actions: [view]
    attributes: ["*"]
  - id: old
    effect: allow
    subject: {group: "cn=retired,ou=groups,dc=example,dc=com"}
    target: {base: "ou=frozen,dc=example,dc=com"}
    actions: [write]
    attributes: [description]
    expires: "2020-01-01"
assignments:
  - {id: janitors, role: janitor, to: {group: "cn=janitors,ou=groups,dc=example,dc=com"}}
elevations:
  - {id: glass, role: janitor, eligible: {dn: "uid=breakglass,ou=people,dc=example,dc=com"}, approvals: 0, max-duration: 1h}
`

// TestGuardHelpdesk: who resets passwords of people resets none of an administrator, an auditor, a peer, whoever has a role or is
// eligible for one; a statement that is over protects nobody.
func TestGuardHelpdesk(t *testing.T) {
	t.Parallel()
	in := func(dn string) string { return "uid=" + dn + inPeople }
	ldif := group("helpdesk", in("helper"), "cn=second"+inGroups) + "\n" + group("second", in("carl")) + "\n" + group("admins", in("bob")) + "\n" +
		group("auditors", in("nora")) + "\n" + group("janitors", in("dan")) + "\n" + group("retired", in("pensioner")) + "\n" +
		person("pensioner") + "\n" + person("breakglass")
	w := newWorld(t, "", ldaptest.WithLDIF(ldif))
	w.applyText(staff)
	c := w.as("helper")
	for uid, want := range map[string]uint16{
		"alice": ldap.LDAPResultSuccess, "pensioner": ldap.LDAPResultSuccess, "carl": 50, "bob": 50, "nora": 50, "dan": 50, "breakglass": 50,
	} {
		answers(t, "reset of "+uid, reset(c, in(uid), "another-secret"), want)
		answers(t, "reset by modify of "+uid, modify(c, in(uid), "replace userPassword another-secret"), want)
	}
	answers(t, "own password is no reset of a peer", reset(c, in("helper"), "another-secret"), 50)
	answers(t, "nobody is put into a role's group", modify(c, "cn=janitors"+inGroups, "add member "+in("alice")), ldap.LDAPResultNoSuchObject)
}
