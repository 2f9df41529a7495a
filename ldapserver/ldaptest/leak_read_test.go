package ldaptest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/ldapserver/ldaptest"
)

// returned are the attributes of one entry that a search returns, in order.
func returned(t *testing.T, c *ldap.Conn, dn string, typesOnly bool, attrs ...string) (names []string, entry *ldap.Entry) {
	t.Helper()
	r, err := c.Search(ldap.NewSearchRequest(dn, ldap.ScopeBaseObject, 0, 0, 0, typesOnly, "(objectClass=*)", attrs, nil))
	if err != nil || len(r.Entries) != 1 {
		t.Fatalf("%s: %v, %v", dn, r, err)
	}
	for _, a := range r.Entries[0].Attributes {
		names = append(names, a.Name)
	}
	slices.Sort(names)
	return names, r.Entries[0]
}

// TestL3ReadsAreWhatMayBeRead: however attributes are asked for, and for types alone, what comes back is what may be read.
func TestL3ReadsAreWhatMayBeRead(t *testing.T) {
	t.Parallel()
	w := newLeakWorld(t)
	c := w.as("eve")
	const user, operational = "memberOf objectClass sn uid", "entryUUID hasSubordinates memberOf numSubordinates"
	for _, tt := range []struct{ attrs, want string }{
		{"", user}, {"*", user}, {"+", operational}, {"* +", "entryUUID hasSubordinates memberOf numSubordinates objectClass sn uid"}, {"1.1", ""},
		{"title", ""}, {"title employeeType nosuch", ""}, {"title;lang-de cn cn;lang-de", ""}, {"2.5.4.12", ""}, {"name", "sn"}, {"sn title", "sn"},
		{"@inetOrgPerson", "objectClass sn uid"}, {"@extensibleObject", user}, {"@posixAccount", "objectClass uid"},
		{"userPassword totpSecret", ""}, {"createTimestamp modifiersName creatorsName", ""}, {"1.1 title", ""}, {"1.1 sn", "sn"},
	} {
		for _, typesOnly := range []bool{false, true} {
			names, _ := returned(t, c, seen, typesOnly, strings.Fields(tt.attrs)...)
			if got := strings.Join(names, " "); got != tt.want {
				t.Errorf("%q, types only %t: %s, want %s", tt.attrs, typesOnly, got, tt.want)
			}
		}
	}
}

// TestL9SecretsAreNeverReturned: however it is asked for, whoever asks, no hash and no key leaves.
func TestL9SecretsAreNeverReturned(t *testing.T) {
	t.Parallel()
	w := newLeakWorld(t)
	w.apply(leakPolicy + allow("all", everybody, whole+", protected: include, privileged: include", "view, write", `attributes: ["*", "+"]`, "broad: as careless as can be"))
	for who, c := range map[string]*ldap.Conn{"admin": w.DialAdmin(), "oneself": w.as("seen"), "eve": w.as("eve"), "operator": w.dialOperator()} {
		for _, attrs := range [][]string{
			nil, {"*"}, {"+"}, {"*", "+"}, {"userPassword"}, {"2.5.4.35"}, {"USERPASSWORD"}, {"userPassword;lang-de"}, {"userPassword;binary"}, {"totpSecret"},
			{"@person"}, {"@totpUser"}, {"@simpleSecurityObject"}, {"@extensibleObject"}, {"*", "userPassword", "totpSecret", "@person"},
		} {
			for _, typesOnly := range []bool{false, true} {
				names, entry := returned(t, c, seen, typesOnly, attrs...)
				text := strings.ToLower(fmt.Sprint(names))
				for _, a := range entry.Attributes {
					text += strings.ToLower(fmt.Sprint(a.Values))
				}
				if strings.Contains(text, "password") || strings.Contains(text, "totpsecret") || strings.Contains(text, "argon2") || strings.Contains(text, "shared") {
					t.Errorf("%s gets %s with %q", who, text, attrs)
				}
			}
		}
		for _, guess := range []string{"(userPassword=*)", "(!(userPassword=*))", "(userPassword>={)", "(totpSecret=shared)", "(!(totpSecret=other))", "(|(totpSecret=shared)(userPassword=*))"} {
			if got := finds(t, c, ldaptest.Base, guess); got != "" {
				t.Errorf("%s finds %s with %s", who, got, guess)
			}
		}
		for _, value := range []string{"seen-secret", "other"} {
			if is, err := c.Compare(seen, "userPassword", value); is || code(t, err) != ldap.LDAPResultInsufficientAccessRights {
				t.Errorf("%s compares %s: %t, %v", who, value, is, err)
			}
		}
	}
}

func (w *world) dialOperator() *ldap.Conn {
	w.t.Helper()
	c := w.DialVia(ldaptest.Via{Socket: true})
	if err := c.ExternalBind(); err != nil {
		w.t.Fatal(err)
	}
	return c
}

// TestL9SecretsComeByManage: what no write reaches comes with an import by whoever may manage it, and by nobody else.
func TestL9SecretsComeByManage(t *testing.T) {
	t.Parallel()
	w := newLeakWorld(t)
	manage := allow("manage", `dn: "cn=admin,dc=example,dc=com"`, whole+", protected: include, privileged: include", "manage", `attributes: ["%confidential"]`)
	w.apply(leakPolicy + manage + allow("keeper", `dn: "uid=keeper,ou=people,dc=example,dc=com"`, whole, "view, add-entry, write", `attributes: ["*", "+"]`))
	secret := strings.Replace(person("new", "objectClass: totpUser", "totpSecret: x"), "userPassword: new-secret\n", "", 1)
	answers(t, "without manage", addEntry(w.as("keeper"), secret), ldap.LDAPResultInsufficientAccessRights)
	answers(t, "with manage", addEntry(w.DialAdmin(), secret), ldap.LDAPResultSuccess)
	answers(t, "by a modify", modify(w.DialAdmin(), seen, "replace totpSecret y"), ldap.LDAPResultInsufficientAccessRights)
}

// TestL12SubordinateCounts: the counts, and filters on them, are of the children that are seen.
func TestL12SubordinateCounts(t *testing.T) {
	t.Parallel()
	w := newLeakWorld(t)
	c := w.as("eve")
	for dn, some := range map[string]bool{"ou=people," + ldaptest.Base: true, seen: false, "ou=hideaway" + inPeople: false} {
		_, e := returned(t, c, dn, false, "hasSubordinates", "numSubordinates")
		below, err := c.Search(ldap.NewSearchRequest(dn, ldap.ScopeSingleLevel, 0, 0, 0, false, "(objectClass=*)", []string{"1.1"}, nil))
		if err != nil || len(below.Entries) > 0 != some {
			t.Fatalf("below %s: %v, %v", dn, below, err)
		}
		got, want := e.GetAttributeValue("hasSubordinates")+" "+e.GetAttributeValue("numSubordinates"), fmt.Sprint(strings.ToUpper(fmt.Sprint(some)), " ", len(below.Entries))
		if got != want {
			t.Errorf("%s: %s, want %s", dn, got, want)
		}
		if _, e = returned(t, w.DialAdmin(), dn, false, "numSubordinates"); e.GetAttributeValue("numSubordinates") == want[strings.Index(want, " ")+1:] {
			t.Errorf("nothing is hidden below %s", dn)
		}
	}
	for filter, want := range map[string]bool{"(hasSubordinates=TRUE)": false, "(hasSubordinates=FALSE)": true, "(numSubordinates=1)": false, "(numSubordinates=0)": true, "(!(numSubordinates=0))": false} {
		if got := finds(t, c, seen, filter) != ""; got != want {
			t.Errorf("%s finds an entry whose child is hidden: %t", filter, got)
		}
	}
}

// TestMemberOfOfHiddenGroups: groups that may not be discovered are neither returned, nor found by, nor compared with.
func TestMemberOfOfHiddenGroups(t *testing.T) {
	t.Parallel()
	w := newLeakWorld(t)
	c := w.as("eve")
	lonely := "uid=lonely" + inPeople
	if _, e := returned(t, c, seen, false, "memberOf"); strings.Join(e.GetAttributeValues("memberOf"), " ") != club {
		t.Errorf("got %q", e.GetAttributeValues("memberOf"))
	}
	if names, _ := returned(t, c, lonely, true, "memberOf"); len(names) != 0 {
		t.Errorf("got %q of somebody who is in a hidden group alone", names)
	}
	for filter, want := range map[string]string{
		"(memberOf=" + lodge + ")": "", "(memberOf=*)": seen, "(!(memberOf=" + lodge + "))": lonely + " " + seen, "(!(memberOf=*))": lonely,
		"(memberOf:1.2.840.113556.1.4.1941:=" + lodge + ")": "", "(memberOf:1.2.840.113556.1.4.1941:=" + club + ")": seen, "(memberOf:distinguishedNameMatch:=" + lodge + ")": "",
	} {
		if got := finds(t, c, "ou=people,"+ldaptest.Base, "(&(sn=Tester)"+filter+")"); got != want {
			t.Errorf("%s finds %q, want %q", filter, got, want)
		}
	}
	for _, dn := range []string{seen, lonely} {
		a := comparing("memberOf", lodge)(t, c, dn)
		if b := comparing("memberOf", "cn=none"+inGroups)(t, c, dn); a != b || strings.HasPrefix(a, "true") {
			t.Errorf("compare of %s: %s with a hidden group, %s with none", dn, a, b)
		}
	}
}

// TestL3CompareByDescription: where a policy tells descriptions of one type apart, a compare looks at those that it allows.
func TestL3CompareByDescription(t *testing.T) {
	t.Parallel()
	w := newLeakWorld(t)
	c := w.as("eve")
	for _, tt := range []struct {
		policy string
		want   map[string]string
	}{
		{allow("cn", everybody, whole, "view", "attributes: [cn]") + deny("de", everybody, whole, "compare", `attributes: ["cn;lang-de"]`),
			map[string]string{"cn seen": "true", "cn Geheim": "false", "cn;lang-de Geheim": "50", "cn;lang-de Offen": "50", "commonName Geheim": "false"}},
		{allow("de", everybody, whole, "view", `attributes: ["cn;lang-de"]`),
			map[string]string{"cn seen": "50", "cn Geheim": "50", "cn;lang-de Geheim": "true", "cn;lang-de Offen": "false", "cn;lang-de;x-more Geheim": "16"}},
	} {
		w.apply(statements(tt.policy))
		for what, want := range tt.want {
			name, value, _ := strings.Cut(what, " ")
			is, err := c.Compare(seen, name, value)
			got := fmt.Sprint(is)
			if err != nil {
				got = fmt.Sprint(code(t, err))
			}
			if got != want {
				t.Errorf("%s: %s, want %s", what, got, want)
			}
		}
	}
}

// TestL3CompareTellsNothing: without the right, a compare answers the same whatever there is to compare.
func TestL3CompareTellsNothing(t *testing.T) {
	t.Parallel()
	w := newLeakWorld(t)
	c := w.as("eve")
	want := comparing("title", "Keeper")(t, c, seen)
	if !strings.HasPrefix(want, "false50,") {
		t.Errorf("got %s", want)
	}
	for _, x := range [][2]string{
		{"title", "Baker"}, {"title", ""}, {"employeeType", "x"}, {"title;lang-de", "Hueter"}, {"title;lang-fr", "x"}, {"2.5.4.12", "Keeper"}, {"userPassword", "seen-secret"},
		{"uidNumber", "4711"}, {"uidNumber", "4712"}, {"uidNumber", "no number"}, {"manager", "uid=keeper" + inPeople}, {"manager", nobody}, {"manager", "no name"},
		{"name", "Gordon"}, {"name", "x"}, {"createTimestamp", "20260101000000Z"}, {"totpSecret", "shared"}, {"pwdHistory", "x"}, {"cn", "seen"}, {"cn", "x"},
	} {
		if got := comparing(x[0], x[1])(t, c, seen); got != want {
			t.Errorf("%s with %q: %s, want %s", x[0], x[1], got, want)
		}
	}
	if is, err := c.Compare(seen, "sn", "Tester"); err != nil || !is {
		t.Errorf("what may be compared: %t, %v", is, err)
	}
}
