package ldaptest_test

import (
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"
)

// changesThatAreLike are changes that differ only in what the entry has: of what the session may not write, the answers are one.
var changesThatAreLike = [][]string{
	{"add title Keeper", "add title Baker", "add employeeType x", "add title;lang-de Hueter", "add uidNumber 4711", "add uidNumber 4712", "add uid seen"},
	{"delete title Keeper", "delete title Baker", "delete employeeType x", "delete title;lang-de Hueter", "delete manager uid=keeper" + inPeople, "delete manager " + nobody},
	{"delete title", "delete employeeType", "delete title;lang-fr", "delete uidNumber", "delete sn", "delete manager", "delete telexNumber"},
	{"replace title Keeper", "replace title Baker", "replace employeeType x", "replace uidNumber 4711", "replace manager uid=keeper" + inPeople, "replace manager " + nobody},
	{"replace title", "replace employeeType", "replace sn", "replace manager"},
	{"increment uidNumber 1", "increment uidNumber 0"},
	{"replace userPassword x", "replace userPassword seen-secret", "add userPassword x", "delete userPassword", "delete userPassword seen-secret", "delete userPassword x"},
	{"replace totpSecret shared", "delete totpSecret shared", "delete totpSecret other", "delete totpSecret", "add totpSecret x"},
	{"delete memberOf " + lodge, "delete memberOf cn=none" + inGroups, "delete memberOf"},
}

// TestL10ModifyErrorsAreUniform: whoever may not write an attribute, and may not read it, gets one answer to every change of it,
// whether or not the change would make sense.
func TestL10ModifyErrorsAreUniform(t *testing.T) {
	t.Parallel()
	w := newLeakWorld(t)
	keeper := w.as("keeper") // sees seen, see below, and writes nothing
	w.apply(leakPolicy + allow("keeper", `dn: "uid=keeper,ou=people,dc=example,dc=com"`, `base: "`+seen+`", scope: base`, "discover"))
	for who, c := range map[string]*ldap.Conn{"eve": w.as("eve"), "keeper": keeper} {
		for _, alike := range changesThatAreLike {
			var first string
			for i, change := range alike {
				if who == "eve" && strings.HasPrefix(change, "add uid seen") {
					continue // she may add a uid
				}
				got := reply(t, modify(c, seen, change))
				if i == 0 {
					first = got
				}
				if got != first || strings.HasPrefix(got, "success") {
					t.Errorf("%s: %s answers %s, %s answers %s", who, change, got, alike[0], first)
				}
			}
		}
	}
}

// TestL10RefusalsNameNothing: a refusal names no attribute that the client did not send, and comes before errors about values.
func TestL10RefusalsNameNothing(t *testing.T) {
	t.Parallel()
	w := newLeakWorld(t)
	c := w.as("eve")
	for _, changes := range [][]string{
		{"replace sn Tester", "replace title Keeper"}, {"replace title Keeper", "add sn Tester"}, {"delete title Keeper", "add title Baker"},
		{"delete cn", "delete title"}, {"add objectClass extensibleObject", "delete sn"},
	} {
		got := reply(t, modify(c, seen, changes...))
		if !strings.HasPrefix(got, "50,") || strings.Contains(got, "title") || strings.Contains(got, "cn") {
			t.Errorf("%q: %s", changes, got)
		}
	}
	if names, e := returned(t, w.DialAdmin(), seen, false, "title", "sn"); len(names) != 2 && len(names) != 3 || e.GetAttributeValue("title") != "Keeper" {
		t.Errorf("something was changed: %q", names)
	}
}

// TestL10RepeatingWhatIsThere: a replace by the values that are there succeeds without rights only for whoever may read them.
func TestL10RepeatingWhatIsThere(t *testing.T) {
	t.Parallel()
	w := newLeakWorld(t)
	c := w.as("eve")
	answers(t, "by what may be read", modify(c, seen, "replace sn Tester"), ldap.LDAPResultSuccess)
	answers(t, "by something else", modify(c, seen, "replace sn Other"), ldap.LDAPResultInsufficientAccessRights)
	answers(t, "by what may not be read", modify(c, seen, "replace title Keeper"), ldap.LDAPResultInsufficientAccessRights)
	answers(t, "of nothing by nothing", modify(c, seen, "replace employeeType"), ldap.LDAPResultInsufficientAccessRights)
}

// TestL10RenameTellsNothing: the new name and the old one are values like any other.
func TestL10RenameTellsNothing(t *testing.T) {
	t.Parallel()
	w := newLeakWorld(t)
	c := w.as("eve")
	lonely := "uid=lonely" + inPeople
	for _, pair := range [][2]string{{"title=Keeper", "title=Baker"}, {"employeeNumber=77", "employeeNumber=78"}, {"uidNumber=4711", "uidNumber=4712"}} {
		if a, b := reply(t, rename(c, seen, pair[0], "")), reply(t, rename(c, seen, pair[1], "")); a != b || !strings.HasPrefix(a, "50,") {
			t.Errorf("rename to %s answers %s, to %s %s", pair[0], a, pair[1], b)
		}
	}
	if got := reply(t, c.ModifyDN(ldap.NewModifyDNRequest(lonely, "uid=other", true, ""))); !strings.HasPrefix(got, "50,") {
		t.Errorf("the old value goes away without write.delete: %s", got)
	}
}
