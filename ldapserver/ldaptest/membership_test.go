package ldaptest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/ldapserver/ldaptest"
)

func account(uid string, number int, more ...string) string {
	return person(uid, append([]string{"objectClass: posixAccount", fmt.Sprintf("uidNumber: %d", number), "gidNumber: 10", "homeDirectory: /home/" + uid}, more...)...)
}

// unixGroup has the classes and values given, "class" or "attribute: value".
func unixGroup(cn string, number int, lines ...string) string {
	text := fmt.Sprintf("dn: cn=%s%s\nobjectClass: posixGroup\ncn: %[1]s\ngidNumber: %[3]d\n", cn, inGroups, number)
	for _, line := range lines {
		if !strings.Contains(line, ":") {
			line = "objectClass: " + line
		}
		text += line + "\n"
	}
	return text
}

func inUnixPeople(uid string) string   { return "uid=" + uid + ",ou=people," + ldaptest.Base }
func inUnixGroups(cn string) string    { return "cn=" + cn + ",ou=groups," + ldaptest.Base }
func memberOf(class, dn string) string { return class + ": " + dn }

// unixLDIF has the two shapes of posixGroup, and groups that keep their members in every way.
var unixLDIF = strings.Join([]string{
	account("ann", 5001), account("ben", 5002), account("cat", 5003), account("Dot", 5004), person("eel"),
	personAt("uid=twin,ou=team"+inPeople, "twin", "objectClass: posixAccount", "uidNumber: 5008", "gidNumber: 10", "homeDirectory: /home/twin"),
	account("twin", 5009),
	unixGroup("old", 6001, "memberUid: ann", "memberUid: gone", "memberUid: dot", "memberUid: eel", "memberUid: twin"),
	unixGroup("new", 6002, "groupOfNames", memberOf("member", inUnixPeople("ann")), memberOf("member", inUnixPeople("ben"))),
	unixGroup("unique", 6003, "groupOfUniqueNames", memberOf("uniqueMember", inUnixPeople("ben"))),
	unixGroup("outer", 6004, "groupOfNames", memberOf("member", inUnixGroups("new")), memberOf("member", inUnixPeople("cat"))),
	unixGroup("around", 6005, "groupOfNames", memberOf("member", inUnixGroups("old"))),
	unixGroup("mixed", 6006, "groupOfMembers", memberOf("member", inUnixPeople("ann")), "memberUid: ann", "memberUid: ben"),
	unixGroup("loop1", 6007, "groupOfNames", memberOf("member", inUnixGroups("loop2"))),
	unixGroup("loop2", 6008, "groupOfNames", memberOf("member", inUnixGroups("loop1")), memberOf("member", inUnixPeople("Dot"))),
	unixGroup("empty", 6009, "groupOfMembers"),
}, "\n")

// valuesAsked returns the sorted values of one attribute as a search by name sends them.
func valuesAsked(t *testing.T, c *ldap.Conn, dn, attr string) string {
	t.Helper()
	r, err := c.Search(ldap.NewSearchRequest(dn, ldap.ScopeBaseObject, ldap.NeverDerefAliases, 0, 0, false, "(objectClass=*)", []string{attr}, nil))
	if err != nil || len(r.Entries) != 1 {
		t.Fatalf("%s of %s: %v, %v", attr, dn, r, err)
	}
	if n := len(r.Entries[0].Attributes); n > 1 {
		t.Errorf("%s of %s comes %d times", attr, dn, n)
	}
	list := slices.Clone(r.Entries[0].GetAttributeValues(attr))
	slices.Sort(list)
	for i, v := range list {
		if rdn, rest, is := strings.Cut(v, ","); is && strings.HasSuffix(rest, ldaptest.Base) {
			list[i] = rdn
		}
	}
	return strings.Join(list, " ")
}

// TestMembershipViews: a group shows its members as RFC 2307 and RFC 2307bis have them, whichever way it keeps them.
func TestMembershipViews(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", ldaptest.WithLDIF(unixLDIF))
	c := w.DialAdmin()
	for _, test := range []struct{ group, memberUid, member, uniqueMember string }{
		{"old", "ann dot eel gone twin", "uid=ann", "uid=ann"}, // case counts, eel has no account, there are two of twin
		{"new", "ann ben", "uid=ann uid=ben", "uid=ann uid=ben"},
		{"unique", "ben", "uid=ben", "uid=ben"},
		{"outer", "ann ben cat", "cn=new uid=cat", "cn=new uid=cat"},
		{"around", "ann dot eel gone twin", "cn=old", "cn=old"},
		{"mixed", "ann ben", "uid=ann uid=ben", "uid=ann uid=ben"},
		{"loop1", "Dot", "cn=loop2", "cn=loop2"},
		{"loop2", "Dot", "cn=loop1 uid=Dot", "cn=loop1 uid=Dot"},
		{"empty", "", "", ""},
	} {
		for attr, want := range map[string]string{"memberUid": test.memberUid, "member": test.member, "uniqueMember": test.uniqueMember} {
			if got := valuesAsked(t, c, inUnixGroups(test.group), attr); got != want {
				t.Errorf("%s of %s: %q, want %q", attr, test.group, got, want)
			}
			if got := valuesAsked(t, c, inUnixGroups(test.group), strings.ToUpper(attr)); got != "" && got != want {
				t.Errorf("%s of %s in capitals: %q, want %q", attr, test.group, got, want)
			}
		}
	}
	// What a group keeps is what "*" sends.
	for attr, want := range map[string]int{"member": 2, "memberUid": 0, "uniqueMember": 0} {
		r, err := c.Search(ldap.NewSearchRequest(inUnixGroups("new"), ldap.ScopeBaseObject, ldap.NeverDerefAliases, 0, 0, false, "(objectClass=*)", []string{"*"}, nil))
		if err != nil {
			t.Fatal(err)
		}
		if got := len(r.Entries[0].GetAttributeValues(attr)); got != want {
			t.Errorf("* sends %d values of %s, want %d", got, attr, want)
		}
	}
}

// TestMembershipFilters: a filter and a comparison find what the views show.
func TestMembershipFilters(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", ldaptest.WithLDIF(unixLDIF))
	c := w.DialAdmin()
	groups := strings.Fields("old new unique outer around mixed loop1 loop2 empty")
	names := func(filter string) string {
		r, err := c.Search(ldap.NewSearchRequest("ou=groups,"+ldaptest.Base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false,
			"(&(objectClass=posixGroup)"+filter+")", []string{"cn"}, nil))
		if err != nil {
			t.Fatalf("%s: %v", filter, err)
		}
		var list []string
		for _, e := range r.Entries {
			list = append(list, e.GetAttributeValue("cn"))
		}
		slices.Sort(list)
		return strings.Join(list, " ")
	}
	for _, attr := range []string{"memberUid", "member", "uniqueMember"} {
		for _, who := range strings.Fields("ann ben cat Dot dot eel twin gone nobody") {
			asked := []string{who}
			if attr != "memberUid" {
				asked = []string{inUnixPeople(who)}
			}
			for _, value := range asked {
				var want, wantNot []string
				for _, g := range groups {
					shown := strings.Fields(valuesAsked(t, c, inUnixGroups(g), attr))
					is := slices.Contains(shown, who) || slices.Contains(shown, "uid="+who) ||
						attr != "memberUid" && slices.ContainsFunc(shown, func(s string) bool { return strings.EqualFold(s, "uid="+who) })
					if is {
						want = append(want, g)
					} else {
						wantNot = append(wantNot, g)
					}
					got, err := c.Compare(inUnixGroups(g), attr, value)
					if got != is || err != nil && !ldap.IsErrorWithCode(err, ldap.LDAPResultNoSuchAttribute) {
						t.Errorf("comparing %s=%s in %s: %v, %v; want %v", attr, value, g, got, err, is)
					}
				}
				slices.Sort(want)
				slices.Sort(wantNot)
				for filter, want := range map[string]string{
					"(" + attr + "=" + value + ")":                                  strings.Join(want, " "),
					"(!(" + attr + "=" + value + "))":                               strings.Join(wantNot, " "),
					"(|(" + attr + "=" + value + ")(" + attr + "=x))":               strings.Join(want, " "),
					"(|(" + attr + "=x)(" + attr + "=" + value + "))":               strings.Join(want, " "),
					"(&(cn=*)(" + strings.ToUpper(attr) + "=" + value + "))":        strings.Join(want, " "),
					"(&(gidNumber=*)(!(gidNumber=0))(" + attr + "=" + value + "))":  strings.Join(want, " "),
					"(&(!(cn=nothing))(|(cn=nothing)(" + attr + "=" + value + ")))": strings.Join(want, " "),
				} {
					if got := names(filter); got != want {
						t.Errorf("%s: %q, want %q", filter, got, want)
					}
				}
			}
		}
	}
	for filter, want := range map[string]string{
		"(memberUid=*)":    "around loop1 loop2 mixed new old outer unique",
		"(member=*)":       "around loop1 loop2 mixed new outer unique",
		"(uniqueMember=*)": "around loop1 loop2 mixed new outer unique",
		"(!(memberUid=*))": "empty",
		"(!(member=*))":    "empty old",
	} {
		if got := names(filter); got != want {
			t.Errorf("%s: %q, want %q", filter, got, want)
		}
	}
	if got, want := names("(|(memberUid=cat)(member="+inUnixPeople("ben")+"))"), "mixed new outer unique"; got != want {
		t.Errorf("what nslcd asks: %q, want %q", got, want)
	}
}

// TestBothShapesOfPosixGroup: a posixGroup is structural alone (RFC 2307) and auxiliary beside a group of names (RFC 2307bis), in one
// tree; and what is written to one of the ways is kept in that one.
func TestBothShapesOfPosixGroup(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", ldaptest.WithLDIF(unixLDIF))
	c := w.DialAdmin()
	for _, classes := range [][]string{
		{"posixGroup"}, {"top", "posixGroup"}, {"groupOfNames", "posixGroup"}, {"posixGroup", "groupOfUniqueNames", "top"}, {"groupOfMembers", "posixGroup"},
	} {
		name := strings.Join(classes, "-")
		add := ldap.NewAddRequest(inUnixGroups(name), nil)
		add.Attribute("objectClass", classes)
		add.Attribute("cn", []string{name})
		add.Attribute("gidNumber", []string{"70"})
		if slices.Contains(classes, "groupOfNames") {
			add.Attribute("member", []string{inUnixPeople("ann")})
		}
		if slices.Contains(classes, "groupOfUniqueNames") {
			add.Attribute("uniqueMember", []string{inUnixPeople("ann")})
		}
		if err := c.Add(add); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		modify := ldap.NewModifyRequest(inUnixGroups(name), nil)
		modify.Add("memberUid", []string{"ann", "ben"})
		if err := c.Modify(modify); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := valuesAsked(t, c, inUnixGroups(name), "memberUid"); got != "ann ben" {
			t.Errorf("%s: memberUid %q", name, got)
		}
		modify = ldap.NewModifyRequest(inUnixGroups(name), nil)
		modify.Delete("memberUid", []string{"ben"})
		if err := c.Modify(modify); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := valuesAsked(t, c, inUnixGroups(name), "member"); got != "uid=ann" {
			t.Errorf("%s: member %q", name, got)
		}
		modify = ldap.NewModifyRequest(inUnixGroups(name), nil)
		modify.Delete("memberUid", []string{"cat"})
		if err := c.Modify(modify); !ldap.IsErrorWithCode(err, ldap.LDAPResultNoSuchAttribute) {
			t.Errorf("%s: deleting a value that is not kept: %v", name, err)
		}
	}
}
