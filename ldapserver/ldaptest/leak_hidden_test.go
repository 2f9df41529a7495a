package ldaptest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/ldapserver/ldaptest"
)

// everyOperation is each operation on an entry, or below or above it.
var everyOperation = []struct {
	name string
	do   func(t *testing.T, c *ldap.Conn, dn string) string
}{
	{"search base", searching(query{filter: "(objectClass=*)"})},
	{"search one", searching(query{filter: "(objectClass=*)", scope: 1})},
	{"search sub", searching(query{filter: "(objectClass=*)", scope: 2, attrs: []string{"1.1"}})},
	{"search with a filter", searching(query{filter: "(uid=unseen)", scope: 2, typesOnly: true})},
	{"search below", func(t *testing.T, c *ldap.Conn, dn string) string {
		return ask(t, c, query{base: "cn=child," + dn, filter: "(cn=child)"})
	}},
	{"search far below", func(t *testing.T, c *ldap.Conn, dn string) string {
		return ask(t, c, query{base: "cn=x,cn=y," + dn, filter: "(cn=child)", scope: 1})
	}},
	{"compare", comparing("sn", "Tester")}, {"compare the name", comparing("uid", "unseen")}, {"compare the class", comparing("objectClass", "person")},
	{"compare an absent one", comparing("initials", "x")}, {"compare a password", comparing("userPassword", "unseen-secret")},
	{"modify", modifying("replace sn X")}, {"modify a value", modifying("delete title Keeper")}, {"modify nothing", modifying("delete initials")},
	{"add a value", modifying("add sn Tester")}, {"add a wrong value", modifying("add uidNumber x")}, {"increment", modifying("increment uidNumber 1")},
	{"set a password", modifying("replace userPassword fresh-secret")}, {"change the class", modifying("add objectClass extensibleObject")},
	{"delete", func(t *testing.T, c *ldap.Conn, dn string) string { return reply(t, remove(c, dn)) }},
	{"delete below", func(t *testing.T, c *ldap.Conn, dn string) string { return reply(t, remove(c, "cn=child,"+dn)) }},
	{"rename", func(t *testing.T, c *ldap.Conn, dn string) string { return reply(t, rename(c, dn, "uid=other", "")) }},
	{"rename to the same", func(t *testing.T, c *ldap.Conn, dn string) string {
		rdn, _, _ := strings.Cut(dn, ",")
		return reply(t, rename(c, dn, rdn, ""))
	}},
	{"move", func(t *testing.T, c *ldap.Conn, dn string) string {
		return reply(t, rename(c, dn, "uid=other", "ou=team"+inPeople))
	}},
	{"move somebody below", func(t *testing.T, c *ldap.Conn, dn string) string { return reply(t, rename(c, seen, "uid=seen", dn)) }},
	{"move below itself", func(t *testing.T, c *ldap.Conn, dn string) string {
		return reply(t, rename(c, dn, "uid=other", "cn=child,"+dn))
	}},
	{"add below", func(t *testing.T, c *ldap.Conn, dn string) string {
		return reply(t, addEntry(c, "dn: cn=new,"+dn+"\nobjectClass: device\ncn: new"))
	}},
	{"add a name that is taken below", func(t *testing.T, c *ldap.Conn, dn string) string {
		return reply(t, addEntry(c, "dn: cn=child,"+dn+"\nobjectClass: device\ncn: child"))
	}},
	{"reset of the password", func(t *testing.T, c *ldap.Conn, dn string) string { return reply(t, reset(c, dn, "fresh-secret")) }},
	{"change of the password with a wrong one", func(t *testing.T, c *ldap.Conn, dn string) string {
		_, err := c.PasswordModify(ldap.NewPasswordModifyRequest(dn, "x", "fresh-secret"))
		return reply(t, err)
	}},
}

func searching(q query) func(*testing.T, *ldap.Conn, string) string {
	return func(t *testing.T, c *ldap.Conn, dn string) string {
		q := q
		q.base = dn
		return ask(t, c, q)
	}
}

func comparing(name, value string) func(*testing.T, *ldap.Conn, string) string {
	return func(t *testing.T, c *ldap.Conn, dn string) string {
		is, err := c.Compare(dn, name, value)
		return fmt.Sprint(is, reply(t, err))
	}
}

func modifying(change string) func(*testing.T, *ldap.Conn, string) string {
	return func(t *testing.T, c *ldap.Conn, dn string) string { return reply(t, modify(c, dn, change)) }
}

// TestL1HiddenIsMissing: every operation answers the same about an entry that is hidden and one that does not exist: code,
// matchedDN, text, entries.
func TestL1HiddenIsMissing(t *testing.T) {
	t.Parallel()
	w := newLeakWorld(t)
	for who, c := range map[string]*ldap.Conn{"eve": w.as("eve"), "keeper": w.as("keeper"), "nobody": w.Dial()} {
		for _, op := range everyOperation {
			hidden := op.do(t, c, unseen)
			missing := op.do(t, c, nobody)
			if hidden != strings.ReplaceAll(missing, "nobody", "unseen") {
				t.Errorf("%s as %s: hidden answers\n%s\nmissing\n%s", op.name, who, hidden, missing)
			}
			if strings.HasPrefix(hidden, "success") {
				t.Errorf("%s as %s succeeds", op.name, who)
			}
		}
	}
	if names := finds(t, w.DialAdmin(), "ou=people,"+ldaptest.Base, "(|(uid=unseen)(cn=child))"); strings.Count(names, "child") != 2 || !strings.Contains(names, unseen) {
		t.Errorf("something was changed: %s", names)
	}
}

// TestL1MatchedDN: matchedDN is the deepest ancestor that may be discovered, wherever the way ends.
func TestL1MatchedDN(t *testing.T) {
	t.Parallel()
	w := newLeakWorld(t)
	people := "ou=people," + ldaptest.Base
	for _, tt := range []struct{ as, base, matched string }{
		{"eve", unseen, people}, {"eve", "cn=child," + unseen, people}, {"eve", "cn=x," + nobody, people}, {"eve", "cn=x," + seen, seen},
		{"eve", "cn=x,cn=child," + seen, seen}, {"eve", "cn=x," + lodge, "ou=groups," + ldaptest.Base}, {"eve", "ou=none," + ldaptest.Base, ""},
		{"", unseen, ""}, {"", "cn=x," + people, ""}, {"", "dc=other", ""},
	} {
		c := w.Dial()
		if tt.as != "" {
			c = w.as(tt.as)
		}
		for name, err := range map[string]error{
			"search": func() error { _, err := search(c, tt.base, "(cn=x)"); return err }(),
			"modify": modify(c, tt.base, "replace sn x"), "delete": remove(c, tt.base), "rename": rename(c, tt.base, "cn=y", ""),
		} {
			le, is := err.(*ldap.Error)
			if !is || le.ResultCode != ldap.LDAPResultNoSuchObject || le.MatchedDN != tt.matched {
				t.Errorf("%s of %s as %q: %v, want matchedDN %q", name, tt.base, tt.as, err, tt.matched)
			}
		}
	}
}

// TestL1WithTools is the same to the eye of whoever uses ldapsearch.
func TestL1WithTools(t *testing.T) {
	t.Parallel()
	w := newLeakWorld(t)
	for _, args := range [][]string{
		{"ldapsearch", "-b", "DN"}, {"ldapsearch", "-b", "DN", "-s", "base", "-A", "*", "+"}, {"ldapsearch", "-b", "cn=child,DN", "-s", "one", "(cn=*)", "1.1"},
		{"ldapcompare", "DN", "sn:Tester"}, {"ldapdelete", "DN"}, {"ldapmodrdn", "DN", "uid=other"}, {"ldappasswd", "-s", "fresh-secret", "DN"},
	} {
		run := func(dn string) string {
			with := append([]string{"-D", eve, "-w", "eve-secret"}, strings.Split(strings.ReplaceAll(strings.Join(args[1:], "\x00"), "DN", dn), "\x00")...)
			out, status := w.tool("", args[0], with...)
			return fmt.Sprintf("%d\n%s", status, reference.ReplaceAllString(strings.ReplaceAll(out, dn, "DN"), "reference"))
		}
		if hidden, missing := run(unseen), run(nobody); hidden != missing || strings.HasPrefix(hidden, "0\n") {
			t.Errorf("%q: hidden\n%s\nmissing\n%s", args, hidden, missing)
		}
	}
}

// TestL2BindTellsNothing: whatever is wrong, a bind answers the same.
func TestL2BindTellsNothing(t *testing.T) {
	t.Parallel()
	ldif := "dn: uid=locked" + inPeople + "\nobjectClass: inetOrgPerson\nuid: locked\ncn: l\nsn: L\nuserPassword: locked-secret\nnsAccountLock: TRUE\n"
	w := newLeakWorld(t, ldaptest.WithLDIF(ldif), ldaptest.WithLDIF(personAt("uid=barred,ou=archive,"+ldaptest.Base, "barred")))
	w.apply(leakPolicy + deny("barred", "anyone: true", `base: "ou=archive,dc=example,dc=com"`, "bind"))
	const want = `49, matched "", ""`
	for name, who := range map[string][2]string{
		"a wrong password": {eve, "x"}, "a wrong password of a hidden entry": {unseen, "x"}, "nobody": {nobody, "x"}, "nobody, by a good password": {nobody, "eve-secret"},
		"disabled": {"uid=locked" + inPeople, "locked-secret"}, "without a password": {"ou=people," + ldaptest.Base, "x"}, "denied": {"uid=barred,ou=archive," + ldaptest.Base, "barred-secret"},
		"below nothing": {"cn=x,cn=y," + nobody, "x"}, "outside": {"cn=x,dc=other", "x"}, "the server": {"cn=gatehouse", "x"}, "the root": {"cn=Subschema", "x"},
	} {
		if got := reply(t, w.Dial().Bind(who[0], who[1])); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestL11NameCollisions: whoever may make or rename entries, but not see the one that has the name, is not told that it exists.
func TestL11NameCollisions(t *testing.T) {
	t.Parallel()
	w := newLeakWorld(t)
	c := w.as("eve")
	create := func(dn string) error {
		rdn, _, _ := strings.Cut(dn, ",")
		return addEntry(c, fmt.Sprintf("dn: %s\nobjectClass: inetOrgPerson\ncn: x\nsn: X\nroomNumber: 1\n%s", dn, strings.Replace(rdn, "=", ": ", 1)))
	}
	answers(t, "add of one that is seen", create(seen), ldap.LDAPResultEntryAlreadyExists)
	answers(t, "add of a hidden one", create(unseen), ldap.LDAPResultInsufficientAccessRights)
	answers(t, "add of a new one", create("uid=fresh"+inPeople), ldap.LDAPResultSuccess)
	answers(t, "rename to one that is seen", rename(c, "uid=fresh"+inPeople, "uid=seen", ""), ldap.LDAPResultEntryAlreadyExists)
	answers(t, "rename to a hidden one", rename(c, "uid=fresh"+inPeople, "uid=unseen", ""), ldap.LDAPResultInsufficientAccessRights)
	answers(t, "rename to a new one", rename(c, "uid=fresh"+inPeople, "uid=fresher", ""), ldap.LDAPResultSuccess)

	// Who may not do it at all learns nothing from the name.
	keeper := w.as("keeper")
	entry := func(dn string) string { return "dn: " + dn + "\nobjectClass: account\nuid: x" }
	for _, other := range []string{seen, unseen} {
		if a, b := reply(t, addEntry(keeper, entry(other))), reply(t, addEntry(keeper, entry(nobody))); a != b || !strings.HasPrefix(a, "50,") {
			t.Errorf("add of %s answers %s, of one that is not there %s", other, a, b)
		}
	}
}

// TestL14MaintenanceTellsNothing: what the server does to hidden entries in the course of a change is not in its answers.
func TestL14MaintenanceTellsNothing(t *testing.T) {
	t.Parallel()
	w := newLeakWorld(t)
	c := w.as("eve")
	lonely := "uid=lonely" + inPeople
	answers(t, "rename of a member of a hidden group", rename(c, lonely, "uid=lonelier", ""), ldap.LDAPResultSuccess)
	answers(t, "delete of a member of a hidden group", remove(c, "uid=lonelier"+inPeople), ldap.LDAPResultSuccess)
	if got := reply(t, remove(c, seen)); got != `66, matched "", "the entry has entries below it"` {
		t.Errorf("delete above a hidden entry: %s", got)
	}
	if members := finds(t, w.DialAdmin(), lodge, "(|(member="+lonely+")(member=uid=lonelier"+inPeople+"))"); members != "" {
		t.Error("the hidden group has the member that was deleted")
	}
}
