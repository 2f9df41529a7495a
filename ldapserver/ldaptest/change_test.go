package ldaptest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/ldapserver/ldaptest"
)

const (
	actor   = `dn: "uid=helper,ou=people,dc=example,dc=com"`
	inFolk  = `base: "ou=people,dc=example,dc=com"`
	inTeams = `base: "ou=groups,dc=example,dc=com"`
	whole   = `base: "dc=example,dc=com"`
)

// changeCase is one write by uid=helper under a policy.
type changeCase struct {
	name   string
	policy []string
	do     func(c *ldap.Conn) error
	want   uint16
}

const (
	done    = uint16(ldap.LDAPResultSuccess)
	refused = uint16(ldap.LDAPResultInsufficientAccessRights)
	hidden  = uint16(ldap.LDAPResultNoSuchObject)
)

// runChanges gives each case a server, and makes sure that what is refused has changed nothing.
func runChanges(t *testing.T, cases []changeCase, more ...string) {
	t.Helper()
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, statements(append(slices.Clone(tt.policy), more...)...), ldaptest.WithLDIF(changed))
			admin := w.DialAdmin()
			before := everything(t, admin)
			err := tt.do(w.as("helper"))
			answers(t, tt.name, err, tt.want)
			if tt.want != done && !slices.Equal(before, everything(t, admin)) {
				t.Error("a refused request has changed something")
			}
			if le, ok := err.(*ldap.Error); ok && tt.want == refused && le.MatchedDN != "" {
				t.Errorf("a refusal names %q", le.MatchedDN)
			}
		})
	}
}

// changed are entries that the changes are about.
var changed = person("max", "title: one", "title: two", "mobile: 1", "roomNumber: 10") + "\n" + person("num", "objectClass: posixAccount", "uidNumber: 5", "gidNumber: 5", "homeDirectory: /home/num")

// everything is the directory as the administrator sees it, in short.
func everything(t *testing.T, c *ldap.Conn) (list []string) {
	t.Helper()
	r, err := c.Search(ldap.NewSearchRequest(ldaptest.Base, ldap.ScopeWholeSubtree, 0, 0, 0, false, "(objectClass=*)",
		[]string{"*", "modifyTimestamp", "entryUSN"}, nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range r.Entries {
		text := e.DN
		for _, a := range e.Attributes {
			values := slices.Clone(a.Values)
			slices.Sort(values)
			for _, v := range values {
				text += "\n" + a.Name + ": " + v
			}
		}
		list = append(list, text)
	}
	slices.Sort(list)
	return list
}

// TestChangeModify: each change is its value delta: what disappears needs write.delete, what appears write.add; replace needs
// write.replace or the rights to exactly what differs; unchanged values need nothing; increment needs write.increment (3.1).
func TestChangeModify(t *testing.T) {
	t.Parallel()
	see := allow("see", actor, whole, "view", anyName)
	max, alice, self, carl := "uid=max"+inPeople, "uid=alice"+inPeople, "uid=helper"+inPeople, "uid=carl"+inPeople
	mod := func(dn string, changes ...string) func(*ldap.Conn) error {
		return func(c *ldap.Conn) error { return modify(c, dn, changes...) }
	}
	with := func(actions string, more ...string) []string {
		if more == nil {
			more = []string{`attributes: [title, mobile]`}
		}
		return []string{see, allow("w", actor, inFolk, actions, more...)}
	}
	blind := func(actions string) []string {
		return []string{allow("see", actor, inFolk, "discover"), allow("w", actor, inFolk, actions, "attributes: [title]")}
	}
	valued := func(values string) []string {
		types := "attributes: [title, mobile]"
		if !strings.HasPrefix(values, "any-of") && !strings.HasPrefix(values, "pattern") {
			types = "attributes: [member, manager]"
		}
		return []string{see, allow("w", actor, whole, "write.add, write.delete", types, "values: {"+values+"}")}
	}
	runChanges(t, []changeCase{
		{"write.add adds", with("write.add"), mod(max, "add title three"), done},
		{"write.add does not delete", with("write.add"), mod(max, "delete title one"), refused},
		{"write.add does not delete all", with("write.add"), mod(max, "delete title"), refused},
		{"write.add replaces by more", with("write.add"), mod(max, "replace title one|two|three"), done},
		{"write.add does not replace by less", with("write.add"), mod(max, "replace title one"), refused},
		{"write.add does not replace by others", with("write.add"), mod(max, "replace title one|three"), refused},
		{"write.delete deletes", with("write.delete"), mod(max, "delete title one"), done},
		{"write.delete deletes all", with("write.delete"), mod(max, "delete title"), done},
		{"write.delete replaces by less", with("write.delete"), mod(max, "replace title two"), done},
		{"write.delete replaces by nothing", with("write.delete"), mod(max, "replace title"), done},
		{"write.delete does not add", with("write.delete"), mod(max, "add title three"), refused},
		{"write.delete does not replace by others", with("write.delete"), mod(max, "replace title three"), refused},
		{"add and delete replace", with("write.add, write.delete"), mod(max, "replace title three"), done},
		{"write.replace replaces", with("write.replace"), mod(max, "replace title three"), done},
		{"write.replace does not add", with("write.replace"), mod(max, "add title three"), refused},
		{"write.replace does not delete", with("write.replace"), mod(max, "delete title one"), refused},
		{"a replacement by the same, which may be read", []string{see}, mod(max, "replace title two|one"), done},
		{"a replacement by the same in another spelling, which may be read", []string{see}, mod(max, "replace title TWO|one"), done},
		{"a replacement by the same, which may not be read", blind("write.add"), mod(max, "replace title one|two"), refused},
		{"a replacement by others, which may not be read", blind("write.add"), mod(max, "replace title one|three"), refused},
		{"write.increment", with("write.increment", "attributes: [uidNumber]"), mod("uid=num"+inPeople, "increment uidNumber 2"), done},
		{"add, delete and replace do not increment", with("write.add, write.delete, write.replace", "attributes: [uidNumber]"),
			mod("uid=num"+inPeople, "increment uidNumber 2"), refused},
		{"write.increment does not replace", with("write.increment", "attributes: [uidNumber]"), mod("uid=num"+inPeople, "replace uidNumber 9"), refused},

		{"all or nothing", with("write"), mod(max, "add title three", "replace mobile 2", "add roomNumber 3"), refused},
		{"all or nothing, the other way", with("write"), mod(max, "add roomNumber 3", "add title three"), refused},
		{"without the right before what is missing", with("write"), mod(max, "delete description"), refused},
		{"without the right before what is there", with("write"), mod(max, "add roomNumber 10"), refused},
		{"without the right before bad values", with("write"), mod(max, "delete roomNumber 99"), refused},
		{"with the right, what is missing", with("write"), mod(max, "delete title none"), ldap.LDAPResultNoSuchAttribute},
		{"with the right, what is there", with("write"), mod(max, "add title ONE"), ldap.LDAPResultAttributeOrValueExists},
		{"an attribute that the server makes", with("write", anyName), mod(max, "replace entryUUID 597ae2f6-16a6-1027-98f4-d28b5365dc14"), ldap.LDAPResultConstraintViolation},
		{"a supertype covers its subtypes", with("write", "attributes: [name]"), mod(max, "add givenName x"), done},
		{"a type covers its options", with("write"), mod(max, "add title;lang-de drei"), done},
		{"an option covers not the type", with("write", "attributes: [title;lang-de]"), mod(max, "add title drei"), refused},

		{"self: the own name", valued("self: true"), mod("cn=plain"+inGroups, "add member "+self), done},
		{"self: not another's", valued("self: true"), mod("cn=plain"+inGroups, "add member "+alice), refused},
		{"self: not with another's", valued("self: true"), mod("cn=plain"+inGroups, "add member "+self+"|"+alice), refused},
		{"self: a replacement that adds the own name", valued("self: true"), mod("cn=plain"+inGroups, "replace member "+carl+"|"+self), done},
		{"self: a replacement that takes another's away", valued("self: true"), mod("cn=plain"+inGroups, "replace member "+self), refused},
		{"self: another's away", valued("self: true"), mod("cn=plain"+inGroups, "delete member "+carl), refused},
		{"any-of: one of them", valued(`any-of: [clerk, "head of all"]`), mod(max, "add title Head  of All"), done},
		{"any-of: another", valued(`any-of: [clerk, "head of all"]`), mod(max, "add title boss"), refused},
		{"any-of: away with another", valued(`any-of: [clerk]`), mod(max, "replace title clerk"), refused},
		{"under: below", valued(`under: "ou=people,dc=example,dc=com"`), mod(max, "add manager "+alice), done},
		{"under: elsewhere", valued(`under: "ou=people,dc=example,dc=com"`), mod(max, "add manager uid=ice,ou=frozen,"+ldaptest.Base), refused},
		{"pattern", valued(`pattern: "+49*"`), mod(max, "add mobile +49 30"), done},
		{"pattern is anchored", valued(`pattern: "+49*"`), mod(max, "add mobile 0+49 30"), refused},
		{"deny by value", []string{see, allow("w", actor, inFolk, "write", "attributes: [title]"),
			deny("d", "anyone: true", inFolk, "write", "attributes: [title]", `values: {any-of: [boss]}`)}, mod(max, "add title boss"), refused},
		{"deny by value lets others pass", []string{see, allow("w", actor, inFolk, "write", "attributes: [title]"),
			deny("d", "anyone: true", inFolk, "write", "attributes: [title]", `values: {any-of: [boss]}`)}, mod(max, "add title clerk"), done},

		{"hidden", []string{allow("w", actor, inFolk, "write", anyName)}, mod(max, "add title three"), hidden},
		{"missing", []string{allow("w", actor, inFolk, "write", anyName)}, mod("uid=none"+inPeople, "add title three"), hidden},
		{"one relation: what is denied of memberUid is denied of member", []string{see, allow("w", actor, inTeams, "write", "attributes: [member]"),
			deny("d", "anyone: true", inTeams, "write", "attributes: [memberUid]")}, mod("cn=plain"+inGroups, "add member "+alice), refused},
	})
}

// TestChangeAdd: add-entry on the proposed entry and write.add for every value that is supplied (3.1).
func TestChangeAdd(t *testing.T) {
	t.Parallel()
	see := allow("see", actor, inFolk, "view", anyName)
	add := func(text string) func(*ldap.Conn) error { return func(c *ldap.Conn) error { return addEntry(c, text) } }
	fresh := "dn: uid=fresh" + inPeople + "\nobjectClass: inetOrgPerson\nuid: fresh\ncn: fresh\nsn: Fresh"
	names := func(list string) []string {
		return []string{see, allow("w", actor, inFolk, "add-entry, write.add", "attributes: ["+list+"]")}
	}
	runChanges(t, []changeCase{
		{"every value may be written", names("objectClass, uid, cn, sn"), add(fresh), done},
		{"one attribute may not", names("objectClass, uid, cn, sn"), add(fresh + "\ntitle: x"), refused},
		{"the attribute of the RDN may not", names("objectClass, cn, sn"), add(fresh), refused},
		{"objectClass may not", names("uid, cn, sn"), add(fresh), refused},
		{"no add-entry", []string{see, allow("w", actor, inFolk, "write", anyName)}, add(fresh), refused},
		{"add-entry alone", []string{see, allow("w", actor, inFolk, "add-entry")}, add(fresh), refused},
		{"write.replace is no write.add", []string{see, allow("w", actor, inFolk, "add-entry, write.replace, write.delete", anyName)}, add(fresh), refused},
		{"one value may not", append(names("objectClass, uid, cn, sn"), allow("t", actor, inFolk, "write.add", "attributes: [title]", "values: {any-of: [clerk]}")),
			add(fresh + "\ntitle: clerk\ntitle: boss"), refused},
		{"all values may", append(names("objectClass, uid, cn, sn"), allow("t", actor, inFolk, "write.add", "attributes: [title]", "values: {any-of: [clerk, cook]}")),
			add(fresh + "\ntitle: clerk\ntitle: cook"), done},
		{"one link may not", append(names("objectClass, uid, cn, sn"), allow("t", actor, inFolk, "write.add", "attributes: [manager]", `values: {under: "ou=archive,dc=example,dc=com"}`)),
			add(fresh + "\nmanager: uid=alice" + inPeople), refused},
		{"a class may not", []string{see, allow("w", actor, inFolk, "add-entry, write.add", "attributes: [uid, cn, sn]"),
			allow("oc", actor, inFolk, "write.add", "attributes: [objectClass]", "values: {any-of: [person, organizationalPerson]}")}, add(fresh), refused},
		{"a deny of what it would be", append(names("objectClass, uid, cn, sn, title"), deny("d", "anyone: true", inFolk+`, filter: "(title=boss)"`, "add-entry")),
			add(fresh + "\ntitle: boss"), refused},
		{"judged without what the server adds", []string{see, allow("w", actor, inFolk+`, filter: "(!(createTimestamp=*))"`, "add-entry, write.add", anyName)}, add(fresh), done},
		{"a deny of one attribute", append(names("objectClass, uid, cn, sn, title"), deny("d", "anyone: true", inFolk, "write", "attributes: [title]")),
			add(fresh + "\ntitle: x"), refused},
		{"a hidden parent", []string{allow("w", actor, `base: "ou=archive,dc=example,dc=com"`, "add-entry, write.add", anyName)},
			add("dn: ou=x,ou=archive," + ldaptest.Base + "\nobjectClass: organizationalUnit\nou: x"), hidden},
		{"a missing parent", names("objectClass, uid, cn, sn"), add("dn: uid=fresh,ou=none" + inPeople + "\nobjectClass: inetOrgPerson\nuid: fresh\ncn: fresh\nsn: x"), hidden},
		{"a taken name", names("objectClass, uid, cn, sn"), add("dn: uid=max" + inPeople + "\nobjectClass: inetOrgPerson\nuid: max\ncn: max\nsn: x"), ldap.LDAPResultEntryAlreadyExists},
		{"a taken name without the right", []string{see, allow("w", actor, inFolk, "add-entry, write.add", "attributes: [uid]")},
			add("dn: uid=max" + inPeople + "\nobjectClass: inetOrgPerson\nuid: max\ncn: max\nsn: x"), refused},
		{"a name that something hidden has", []string{allow("see", actor, inFolk+", scope: base", "view", anyName), allow("w", actor, inFolk, "add-entry, write.add", anyName)},
			add("dn: uid=max" + inPeople + "\nobjectClass: inetOrgPerson\nuid: max\ncn: max\nsn: x"), refused},
		{"what the server makes", []string{see, allow("w", actor, inFolk, "add-entry, write", `attributes: ["*", "+"]`)},
			add(fresh + "\ncreatorsName: cn=x"), ldap.LDAPResultConstraintViolation},
	})
}

// TestChangeModifyDN: a rename needs rename and the rights to the values of the RDN; a move needs move-out at the source and move-in at
// the destination (3.1).
func TestChangeModifyDN(t *testing.T) {
	t.Parallel()
	see := allow("see", actor, whole, "view", anyName)
	max, team, archive := "uid=max"+inPeople, "ou=team"+inPeople, "ou=archive,"+ldaptest.Base
	atArchive, atTeam := `base: "ou=archive,dc=example,dc=com"`, `base: "ou=team,ou=people,dc=example,dc=com"`
	ren := func(dn, rdn string, deleteOld bool, superior string) func(*ldap.Conn) error {
		return func(c *ldap.Conn) error { return c.ModifyDN(ldap.NewModifyDNRequest(dn, rdn, deleteOld, superior)) }
	}
	with := func(target, actions string, more ...string) string {
		return allow("w", actor, target, actions, more...)
	}
	out := allow("out", actor, inFolk, "move-out")
	in := allow("in", actor, atArchive, "move-in")
	runChanges(t, []changeCase{
		{"rename and the new value", []string{see, with(inFolk, "rename, write.add", "attributes: [uid]")}, ren(max, "uid=mini", false, ""), done},
		{"rename, and the old value goes", []string{see, with(inFolk, "rename, write.add, write.delete", "attributes: [uid]")}, ren(max, "uid=mini", true, ""), done},
		{"rename without the new value", []string{see, with(inFolk, "rename, write.delete", "attributes: [uid]")}, ren(max, "uid=mini", true, ""), refused},
		{"rename without the old value", []string{see, with(inFolk, "rename, write.add", "attributes: [uid]")}, ren(max, "uid=mini", true, ""), refused},
		{"the values without rename", []string{see, with(inFolk, "write", anyName)}, ren(max, "uid=mini", false, ""), refused},
		{"rename to a value that is there", []string{see, with(inFolk, "rename")}, ren(max, "title=one", false, ""), done},
		{"rename to a value that is there, and one that is not", []string{see, with(inFolk, "rename")}, ren(max, "title=one+mobile=9", false, ""), refused},
		{"rename to another value of the policy", []string{see, with(inFolk, "rename, write.delete", anyName), allow("v", actor, inFolk, "write.add", "attributes: [uid]", `values: {pattern: "m*"}`)},
			ren(max, "uid=x", true, ""), refused},
		{"rename to a taken name", []string{see, with(inFolk, "rename, write", anyName)}, ren(max, "uid=alice", false, ""), ldap.LDAPResultEntryAlreadyExists},
		{"rename to a taken name without the right", []string{see}, ren(max, "uid=alice", false, ""), refused},
		{"rename to a name that something hidden has", []string{allow("one", actor, `base: "uid=max,ou=people,dc=example,dc=com"`, "view", anyName), with(inFolk, "rename, write", anyName)},
			ren(max, "uid=alice", false, ""), refused},
		{"rename of what is hidden", []string{with(inFolk, "rename, write", anyName)}, ren(max, "uid=mini", false, ""), hidden},

		{"both ends", []string{see, out, in}, ren(max, "uid=max", false, archive), done},
		{"no move-in", []string{see, out}, ren(max, "uid=max", false, archive), refused},
		{"no move-out", []string{see, in}, ren(max, "uid=max", false, archive), refused},
		{"rename and write are no move", []string{see, with(whole, "rename, write, add-entry, delete-entry", anyName)}, ren(max, "uid=max", false, archive), refused},
		{"within one target", []string{see, with(inFolk, "move-out, move-in")}, ren(max, "uid=max", false, team), done},
		{"the destination's filter is about the entry", []string{see, out, with(atTeam+`, filter: "(title=three)"`, "move-in")}, ren(max, "uid=max", false, team), refused},
		{"the destination's filter holds", []string{see, out, with(atTeam+`, filter: "(title=two)"`, "move-in")}, ren(max, "uid=max", false, team), done},
		{"the destination has children only", []string{see, out, with(atTeam+", scope: children", "move-in")}, ren(max, "uid=max", false, team), done},
		{"the destination itself is not enough", []string{see, out, with(atTeam+", scope: base", "move-in")}, ren(max, "uid=max", false, team), refused},
		{"a deny at the destination", []string{see, out, in, deny("d", "anyone: true", atArchive, "move-in")}, ren(max, "uid=max", false, archive), refused},
		{"a deny at the source", []string{see, out, in, deny("d", "anyone: true", inFolk, "move-out")}, ren(max, "uid=max", false, archive), refused},
		{"a deny of move-out at the destination is none", []string{see, out, in, deny("d", "anyone: true", atArchive, "move-out")}, ren(max, "uid=max", false, archive), done},
		{"a value of the new RDN", []string{see, out, in}, ren(max, "uid=mini", false, archive), refused},
		{"a hidden new superior", []string{allow("p", actor, inFolk, "view", anyName), out, allow("in", actor, `base: "ou=archive,dc=example,dc=com"`, "move-in")},
			ren(max, "uid=max", false, archive), hidden},
		{"a missing new superior", []string{see, out, in}, ren(max, "uid=max", false, "ou=none,"+ldaptest.Base), hidden},
		{"below itself", []string{see, with(whole+", protected: include", "move-out, move-in, rename, write", anyName)}, ren(archive, "ou=archive", false, "ou=club,"+archive), ldap.LDAPResultUnwillingToPerform},

		{"a container with what is below", []string{see, with(whole, "move-out, move-in")}, ren("ou=club,"+archive, "ou=club", false, team), done},
		{"a deny of move-out below it", []string{see, with(whole+", protected: include", "move-out, move-in"), deny("d", "anyone: true", `base: "uid=kid,ou=club,ou=archive,dc=example,dc=com"`, "move-out")},
			ren("ou=club,"+archive, "ou=club", false, team), refused},
		{"a deny of move-in below where it comes to", []string{see, with(whole+", protected: include", "move-out, move-in"), deny("d", "anyone: true", `base: "uid=kid,ou=club,ou=team,ou=people,dc=example,dc=com"`, "move-in")},
			ren("ou=club,"+archive, "ou=club", false, team), refused},
		{"a deny of move-out below it by filter", []string{see, with(whole+", protected: include", "move-out, move-in"), deny("d", "anyone: true", whole+`, filter: "(uid=kid)"`, "move-out")},
			ren("ou=club,"+archive, "ou=club", false, team), refused},
		{"a deny of move-in by filter of what comes along", []string{see, with(whole+", protected: include", "move-out, move-in"), deny("d", "anyone: true", atTeam+`, filter: "(uid=kid)"`, "move-in")},
			ren("ou=club,"+archive, "ou=club", false, team), refused},
		{"a deny by filter of what does not come along", []string{see, with(whole+", protected: include", "move-out, move-in"), deny("d", "anyone: true", whole+`, filter: "(uid=vera)"`, "move-out, move-in")},
			ren("ou=club,"+archive, "ou=club", false, team), done},
		{"a deny elsewhere", []string{see, with(whole+", protected: include", "move-out, move-in"), deny("d", "anyone: true", `base: "ou=vault,ou=archive,dc=example,dc=com"`, "move-out, move-in")},
			ren("ou=club,"+archive, "ou=club", false, team), done},
	})
}

// TestChangeDelete: delete-entry, hidden entries like missing ones, and entries below stop it.
func TestChangeDelete(t *testing.T) {
	t.Parallel()
	del := func(dn string) func(*ldap.Conn) error { return func(c *ldap.Conn) error { return remove(c, dn) } }
	see := allow("see", actor, whole, "view", anyName)
	max := "uid=max" + inPeople
	runChanges(t, []changeCase{
		{"delete", []string{see, allow("w", actor, inFolk, "delete-entry")}, del(max), done},
		{"without the right", []string{see, allow("w", actor, inFolk, "write, rename, add-entry, move-out", anyName)}, del(max), refused},
		{"hidden", []string{allow("w", actor, inFolk, "delete-entry")}, del(max), hidden},
		{"by filter", []string{see, allow("w", actor, inFolk+`, filter: "(title=three)"`, "delete-entry")}, del(max), refused},
		{"denied by filter", []string{see, allow("w", actor, inFolk, "delete-entry"), deny("d", "anyone: true", whole+`, filter: "(title=two)"`, "delete-entry")}, del(max), refused},
		{"excluded", []string{see, allow("w", actor, inFolk+`, exclude: [{base: "uid=max,ou=people,dc=example,dc=com", scope: base}]`, "delete-entry")}, del(max), refused},
		{"with entries below", []string{see, allow("w", actor, whole, "delete-entry")}, del("ou=club,ou=archive," + ldaptest.Base), ldap.LDAPResultNotAllowedOnNonLeaf},
		{"without the right before entries below", []string{see}, del("ou=club,ou=archive," + ldaptest.Base), refused},
		{"what the server makes", []string{see, allow("w", actor, whole+", protected: include", "delete-entry")}, del("cn=Subschema"), ldap.LDAPResultUnwillingToPerform},
	})
}
