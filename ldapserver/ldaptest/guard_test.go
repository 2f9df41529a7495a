package ldaptest_test

import (
	"testing"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/ldapserver/ldaptest"
)

// powers are the statements that make the guarded sets: cn=bosses and what is nested in it, cn=titled, uid=chief, operators that are
// not suspended, whoever has a filter's attribute below ou=admins. What the relations and filters name bears authority.
func powers() string {
	target := `base: "ou=frozen,dc=example,dc=com"`
	return allow("bosses", `any: [{group: "cn=bosses,ou=groups,dc=example,dc=com"}, {group: "cn=titled,ou=groups,dc=example,dc=com"}, {dn: "uid=chief,ou=people,dc=example,dc=com"}]`,
		target, "write", "attributes: [description]") +
		allow("operators", `filter: "(employeeType=operator)"`, target, "write", "attributes: [description]") +
		allow("inactive", `filter: "(employeeType=suspended-operator)", unless: {group: "cn=suspended,ou=groups,dc=example,dc=com"}`,
			target, "write", "attributes: [description]") +
		allow("roomless", `filter: "(employeeType=suspended-operator)", unless: {filter: "(roomNumber=2)"}`, target, "write", "attributes: [description]") +
		allow("teamless", `filter: "(employeeType=traveller)", unless: {subtree: "ou=team,ou=people,dc=example,dc=com"}`, target, "write", "attributes: [description]") +
		allow("placed", `subtree: "ou=admins,dc=example,dc=com", filter: "(objectClass=inetOrgPerson)"`, target, "write", "attributes: [description]") +
		allow("relations", `any: [{named-in: [manager]}, {group-in: [seeAlso]}, {same: [departmentNumber]}]`,
			`base: "ou=frozen,dc=example,dc=com", filter: "(businessCategory=open)"`, "view", "attributes: [cn]") +
		allow("viewers", `group: "cn=viewers,ou=groups,dc=example,dc=com"`, target, "view", "attributes: [cn]") +
		allow("filtered", everybody, `base: "ou=frozen,dc=example,dc=com", filter: "(memberOf=cn=filtered,ou=groups,dc=example,dc=com)"`,
			"view", "attributes: [cn]") +
		deny("frozen", "anyone: true", target, "write, add-entry, delete-entry", anyName)
}

// helper gives uid=helper everything below the suffix, with what its target says besides.
func helper(more string) string {
	return allow("helper", `dn: "uid=helper,ou=people,dc=example,dc=com"`, `base: "dc=example,dc=com"`+more,
		"view, add-entry, delete-entry, rename, move-in, move-out, write, password.reset, account.unlock, mfa.reset", anyName)
}

// exactly gives uid=helper everything on one entry.
func exactly(dn string) string {
	return allow("exactly", `dn: "uid=helper,ou=people,dc=example,dc=com"`, `base: "`+dn+`", scope: base`,
		"delete-entry, rename, move-out, write, password.reset, account.unlock, mfa.reset", anyName)
}

const (
	included   = ", protected: include, privileged: include"
	alone      = ", protected: include"
	privileged = ", privileged: include"
)

// hole is something that must not be done without saying so in the policy.
type hole struct {
	name  string
	says  string // the sentence of the policy specification
	do    func(c *ldap.Conn) error
	with  string // what permits it, beside helper: the rest of the target
	exact string // the name that permits it, with scope base; empty if none does: a name in the policy is an anchor, too
}

const (
	newMember  = "a new member of one by any route"
	result     = "an add, rename, move-in or write whose result is a protected principal or privileged group needs the same include"
	ofGroup    = "privileged group: membership, owner and authority-bearing attributes, delete-entry, rename, move-out"
	ofPerson   = "protected principal: password.reset, delete-entry, rename, move-out, writes of credential or authority-bearing attributes"
	anchorHeld = "a policy anchor may be deleted, renamed or moved only with protected: include"
)

func holes() []hole {
	mod := func(dn string, changes ...string) func(*ldap.Conn) error {
		return func(c *ldap.Conn) error { return modify(c, dn, changes...) }
	}
	ren := func(dn, rdn, superior string) func(*ldap.Conn) error {
		return func(c *ldap.Conn) error { return rename(c, dn, rdn, superior) }
	}
	add := func(text string) func(*ldap.Conn) error { return func(c *ldap.Conn) error { return addEntry(c, text) } }
	del := func(dn string) func(*ldap.Conn) error { return func(c *ldap.Conn) error { return remove(c, dn) } }
	alice, bob, carl := "uid=alice"+inPeople, "uid=bob"+inPeople, "uid=carl"+inPeople
	club := "ou=club,ou=archive," + ldaptest.Base
	return []hole{
		{"member", newMember, mod(bosses, "add member "+alice), privileged, bosses},
		{"member, replaced", newMember, mod(bosses, "replace member "+bob+"|"+alice), privileged, bosses},
		{"member of a nested group", newMember, mod("cn=deputies"+inGroups, "add member "+alice), privileged, "cn=deputies" + inGroups},
		{"a group as member", newMember, mod(bosses, "add member cn=plain"+inGroups), privileged, bosses},
		{"a member removed", ofGroup, mod(bosses, "delete member "+bob), privileged, bosses},
		{"owner", ofGroup, mod(bosses, "add owner "+alice), privileged, bosses},
		{"memberURL changed", ofGroup, mod("cn=titled"+inGroups, "replace memberURL ldap:///ou=people,dc=example,dc=com??sub?(sn=Tester)"), privileged, "cn=titled" + inGroups},
		{"memberURL of a nested dynamic group", ofGroup, mod("cn=named"+inGroups, "replace memberURL ldap:///ou=people,dc=example,dc=com??sub?(sn=Tester)"), privileged, "cn=named" + inGroups},
		{"group deleted", ofGroup, del("cn=deputies" + inGroups), privileged, ""},
		{"group renamed", ofGroup, ren("cn=deputies"+inGroups, "cn=others", ""), privileged, ""},
		{"group moved", ofGroup, ren("cn=deputies"+inGroups, "cn=deputies", "ou=archive,"+ldaptest.Base), privileged, ""},
		{"group that a value waits for", result, add(group("future", alice)), privileged, ""},
		{"a group renamed to what a value waits for", result, ren("cn=plain"+inGroups, "cn=future", ""), included, ""},

		{"write that a dynamic group asks for", newMember, mod(alice, "replace title boss"), included, alice},
		{"write that a nested dynamic group asks for", newMember, mod(alice, "add cn Named"), included, alice},
		{"add of what a dynamic group asks for", newMember, add(person("new", "title: boss")), included, ""},
		{"add of a name that a value waits for", result, add(person("ghost")), included, ""},
		{"rename to a name that a value waits for", result, ren(carl, "uid=ghost", ""), included, ""},
		{"move to a name that a value waits for", result, ren(carl, "uid=deep", "ou=team"+inPeople), included, ""},
		{"move of a container to where a value waits for an entry in it", result, ren(club, "ou=club", "ou=people,"+ldaptest.Base), included, ""},
		{"add of a name in a power statement", result, add(person("chief")), included, ""},
		{"rename to a name in a power statement", result, ren(carl, "uid=chief", ""), included, ""},
		{"move into a subtree of a power statement", result, ren(carl, "uid=carl", "ou=admins,"+ldaptest.Base), included, ""},
		{"add into a subtree of a power statement", result, add(personAt("uid=new,ou=admins,"+ldaptest.Base, "new")), included, ""},
		{"move of a container into a subtree of a power statement", result, ren(club, "ou=club", "ou=admins,"+ldaptest.Base), included, ""},
		{"write of a filter's attribute", result, mod(alice, "replace employeeType operator"), included, alice},
		{"add of a filter's attribute", result, add(person("new", "employeeType: operator")), included, ""},
		{"write of an option of what a dynamic group asks for", newMember, mod(alice, "add title;lang-en boss"), included, alice},
		{"rename to what a dynamic group asks for", result, ren(alice, "title=boss", ""), included, ""},
		{"the same name in other letters", result, add("dn: UID = Ghost , OU=People,DC=Example,DC=com\nobjectClass: inetOrgPerson\nuid: Ghost\ncn: x\nsn: X"), included, ""},
		{"leaving the filter that a power statement subtracts", result, mod("uid=dan"+inPeople, "delete roomNumber"), included, "uid=dan" + inPeople},
		{"leaving the subtree that a power statement subtracts", result, ren("uid=theo,ou=team"+inPeople, "uid=theo", "ou=free"+inPeople), included, ""},
		{"leaving it with its container", result, ren("ou=nest,ou=team"+inPeople, "ou=nest", "ou=free"+inPeople), included, ""},
		{"leaving the group that a power statement subtracts", result, mod("cn=suspended"+inGroups, "replace member "+carl), included, "cn=suspended" + inGroups},

		{"password of a member", ofPerson, func(c *ldap.Conn) error { return reset(c, bob, "another-secret") }, alone, bob},
		{"password of a nested member", ofPerson, func(c *ldap.Conn) error { return reset(c, "uid=nora"+inPeople, "another-secret") }, alone, "uid=nora" + inPeople},
		{"password of a member by modify", ofPerson, mod(bob, "replace userPassword another-secret"), alone, bob},
		{"delete of a member", ofPerson, del(bob), alone, ""},
		{"rename of a member", ofPerson, ren(bob, "uid=bobby", ""), alone, ""},
		{"move of a member", ofPerson, ren(bob, "uid=bob", "ou=archive,"+ldaptest.Base), alone, ""},
		{"public key of a member", ofPerson, mod(bob, "add sshPublicKey ssh-ed25519 AAAA"), alone, bob},
		{"certificate of a member", ofPerson, mod(bob, "add userCertificate;binary "+certificateText), alone, bob},
		{"attribute of a filter of a member", ofPerson, mod(bob, "replace businessCategory open"), alone, bob},
		{"attribute of named-in of a member", ofPerson, mod(bob, "replace manager "+alice), alone, bob},
		{"attribute of group-in of a member", ofPerson, mod(bob, "replace seeAlso cn=plain"+inGroups), alone, bob},
		{"attribute of same of a member", ofPerson, mod(bob, "replace departmentNumber 8"), alone, bob},
		{"attribute of a dynamic group of a member", ofPerson, mod(bob, "replace title clerk"), alone, bob},
		{"attribute of a dynamic group that gives nothing, of a member", ofPerson, mod(bob, "add roomNumber 1"), alone, bob},

		{"container that a statement names", anchorHeld, ren("ou=admins,"+ldaptest.Base, "ou=masters", ""), alone, ""},
		{"container above a name in a statement", anchorHeld, ren("ou=groups,"+ldaptest.Base, "ou=gangs", ""), included, ""},
		{"container that holds a protected principal", anchorHeld, ren("ou=vault,ou=archive,"+ldaptest.Base, "ou=room", ""), alone, ""},
		{"container above one that holds a protected principal", anchorHeld, ren("ou=archive,"+ldaptest.Base, "ou=attic", ""), alone, ""},
		{"container moved", anchorHeld, ren("ou=vault,ou=archive,"+ldaptest.Base, "ou=vault", "ou=free"+inPeople), alone, ""},
		{"group without power that a statement names", anchorHeld, del("cn=viewers" + inGroups), alone, ""},
		{"group that a filter names", anchorHeld, del("cn=filtered" + inGroups), alone, ""},
	}
}

// certificateText has the shape of a certificate: userCertificate is stored as it comes.
const certificateText = "\x30\x03\x02\x01\x01"

// TestGuardHoles tries every hole: it is refused to somebody who may do everything but does not say so, and works for the same with
// include, or with the very name of the entry.
func TestGuardHoles(t *testing.T) {
	t.Parallel()
	for _, h := range holes() {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, statements(powers(), helper("")))
			c := w.as("helper")
			answers(t, h.says, h.do(c), ldap.LDAPResultInsufficientAccessRights)
			if h.exact != "" {
				w.apply(statements(powers(), helper(""), exactly(h.exact)))
				answers(t, "with the name of the entry", h.do(c), ldap.LDAPResultSuccess)
				w = newWorld(t, statements(powers(), helper("")))
				c = w.as("helper")
			} else if h.says == anchorHeld {
				w.apply(statements(powers(), helper(privileged)))
				answers(t, "with privileged: include alone", h.do(c), ldap.LDAPResultInsufficientAccessRights)
			}
			w.apply(statements(powers(), helper(h.with)))
			answers(t, "with"+h.with, h.do(c), ldap.LDAPResultSuccess)
		})
	}
}
