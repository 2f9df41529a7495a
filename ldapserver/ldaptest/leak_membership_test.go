package ldaptest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/ldapserver/ldaptest"
)

// memberLeakLDIF has groups alike but for who is in them: a has ann, b has ben.
var memberLeakLDIF = strings.Join([]string{
	account("eve", 5000), account("ann", 5001, "roomNumber: 9"), account("ben", 5002, "roomNumber: 9"),
	unixGroup("linkeda", 6001, "groupOfNames", memberOf("member", inUnixPeople("ann"))),
	unixGroup("linkedb", 6001, "groupOfNames", memberOf("member", inUnixPeople("ben"))),
	unixGroup("uniquea", 6001, "groupOfUniqueNames", memberOf("uniqueMember", inUnixPeople("ann"))),
	unixGroup("uniqueb", 6001, "groupOfUniqueNames", memberOf("uniqueMember", inUnixPeople("ben"))),
	unixGroup("nameda", 6001, "memberUid: ann"), unixGroup("namedb", 6001, "memberUid: ben"),
	unixGroup("innera", 6002, "groupOfNames", memberOf("member", inUnixPeople("ann"))),
	unixGroup("innerb", 6002, "groupOfNames", memberOf("member", inUnixPeople("ben"))),
	unixGroup("outera", 6001, "groupOfNames", memberOf("member", inUnixGroups("innera"))),
	unixGroup("outerb", 6001, "groupOfNames", memberOf("member", inUnixGroups("innerb"))),
}, "\n")

// tells returns by which of the ways an answer about a group of this kind differs between the one with ann and the one with ben.
func tells(t *testing.T, c *ldap.Conn, kind string) string {
	t.Helper()
	var by []string
	differ := func(how string, of func(dn string) string) {
		a, b := of(inUnixGroups(kind+"a")), of(inUnixGroups(kind+"b"))
		if a != strings.ReplaceAll(b, kind+"b", kind+"a") {
			by = append(by, how)
		}
	}
	for _, attr := range []string{"memberUid", "member", "uniqueMember"} {
		value := inUnixPeople("ann")
		if attr == "memberUid" {
			value = "ann"
		}
		differ("read "+attr, func(dn string) string {
			return ask(t, c, query{base: dn, filter: "(objectClass=*)", attrs: []string{attr}})
		})
		differ("types "+attr, func(dn string) string {
			return ask(t, c, query{base: dn, filter: "(objectClass=*)", attrs: []string{attr}, typesOnly: true})
		})
		for _, around := range []string{"(%s)", "(!(%s))", "(|(cn=none)(%s))", "(&(cn=*)(!(%s)))"} {
			differ("search "+attr, func(dn string) string {
				return ask(t, c, query{base: dn, scope: ldap.ScopeWholeSubtree, filter: fmt.Sprintf(around, attr+"="+value), attrs: []string{"1.1"}})
			})
		}
		differ("compare "+attr, func(dn string) string {
			is, err := c.Compare(dn, attr, value)
			return fmt.Sprint(is, reply(t, err))
		})
	}
	return strings.Join(by, ", ")
}

// TestMembershipViewsDoNotTell: a way to look at memberships shows nothing that the session could not find out from what is kept: it
// needs the right on the attribute asked for, on the one that is kept, in each group on the way, and on the uid of the account.
func TestMembershipViewsDoNotTell(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", ldaptest.WithLDIF(memberLeakLDIF))
	eve := `dn: "uid=eve` + inPeople + `"`
	groups := func(attributes string, more ...string) string {
		return allow("groups", eve, `base: "ou=groups,`+ldaptest.Base+`"`+strings.Join(more, ""), "view", "attributes: ["+attributes+"]")
	}
	people := func(actions, attributes string) string {
		return allow("people", eve, `base: "ou=people,`+ldaptest.Base+`"`, actions, "attributes: ["+attributes+"]")
	}
	const all = "objectClass, cn, member, uniqueMember, memberUid"
	everybody := people("view", "objectClass, uid")
	for _, test := range []struct {
		name, policy string
		silent       []string // kinds of groups about which no way tells
	}{
		{"neither who is in it nor who they are", statements(groups("objectClass, cn")), []string{"linked", "unique", "named", "outer"}},
		{"only the names", statements(groups("objectClass, cn, memberUid"), everybody), []string{"linked", "unique", "outer"}},
		{"only the links", statements(groups("objectClass, cn, member, uniqueMember"), everybody), []string{"named"}},
		{"a deny of one way", statements(groups(all), everybody,
			statementText("not", "deny", eve, `base: "ou=groups,`+ldaptest.Base+`"`, "read, search, compare", `attributes: [uniqueMember]`)), []string{"linked", "unique", "named", "outer"}},
		{"links, but nobody's uid", statements(groups("objectClass, cn, memberUid"), people("view", "objectClass, cn")), []string{"linked", "unique", "outer"}},
		{"nothing of people", statements(groups("objectClass, cn, memberUid")), []string{"linked", "unique", "outer"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := &world{w.Server, t}
			w.apply(test.policy)
			c := w.as("eve")
			for _, kind := range test.silent {
				if got := tells(t, c, kind); got != "" {
					t.Errorf("%s groups tell by %s", kind, got)
				}
			}
		})
	}
	// With one right less than all, that way alone is silent.
	for _, test := range []struct{ name, policy, kind, want string }{
		{"all rights: links", statements(groups(all), everybody), "linked",
			"read memberUid, search memberUid, search memberUid, search memberUid, search memberUid, compare memberUid, read member, search member, search member, search member, search member, compare member, read uniqueMember, search uniqueMember, search uniqueMember, search uniqueMember, search uniqueMember, compare uniqueMember"},
		{"oneself among the links: nobody else", statements(groups("objectClass, cn, memberUid"), everybody,
			allow("self", eve, `base: "ou=groups,`+ldaptest.Base+`"`, "read", "attributes: [member]", "values: {self: true}")), "linked", ""},
		{"all rights: nested", statements(groups(all), everybody), "outer", "read memberUid, search memberUid, search memberUid, search memberUid, search memberUid, compare memberUid, read member, read uniqueMember"},
		{"nobody's uid: links are links", statements(groups(all), people("view", "objectClass, cn")), "linked",
			"read member, search member, search member, search member, search member, compare member, read uniqueMember, search uniqueMember, search uniqueMember, search uniqueMember, search uniqueMember, compare uniqueMember"},
		{"nobody's uid: names are names", statements(groups(all), people("view", "objectClass, cn")), "named",
			"read memberUid, search memberUid, search memberUid, search memberUid, search memberUid, compare memberUid"},
		{"hidden people: names are names", statements(groups(all)), "named",
			"read memberUid, search memberUid, search memberUid, search memberUid, search memberUid, compare memberUid"},
		{"uid may be read but not searched", statements(groups(all), people("discover, read", "objectClass, uid")), "outer", "read memberUid, read member, read uniqueMember"},
		{"uid may be searched but not read", statements(groups(all), people("discover, search", "objectClass, uid")), "outer",
			"search memberUid, search memberUid, search memberUid, search memberUid, read member, read uniqueMember"},
		{"the inner group is hidden", statements(groups(all, `, filter: "(!(gidNumber=6002))"`), everybody), "outer", "read member, read uniqueMember"},
		{"members of the inner group are hidden", statements(groups(all),
			everybody, statementText("not", "deny", eve, `base: "ou=groups,`+ldaptest.Base+`", filter: "(gidNumber=6002)"`, "read, search, compare", `attributes: [member]`)), "outer",
			"read member, read uniqueMember"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := &world{w.Server, t}
			w.apply(test.policy)
			if got := tells(t, w.as("eve"), test.kind); got != test.want {
				t.Errorf("%s groups tell by\n%s, want\n%s", test.kind, got, test.want)
			}
		})
	}
}

// TestL4MembershipsOfHiddenLinks: memberships by an attribute that the session may search nowhere are not looked at, so that neither the
// time of a filter nor its limits tell how many there are.
func TestL4MembershipsOfHiddenLinks(t *testing.T) {
	t.Parallel()
	lines := []string{account("eve", 5000), account("ann", 5001), account("ben", 5002)}
	for i := range 250 {
		lines = append(lines, unixGroup(fmt.Sprintf("g%d", i), 6000+i, "groupOfNames", memberOf("member", inUnixPeople("ann"))))
	}
	lines = append(lines, unixGroup("both", 7000, "memberUid: ann", "memberUid: ben"))
	eve := `dn: "uid=eve` + inPeople + `"`
	w := newWorld(t, statements(
		allow("base", eve, `base: "${suffix}", scope: base`, "discover"),
		allow("groups", eve, `base: "ou=groups,`+ldaptest.Base+`"`, "view", "attributes: [objectClass, cn, memberUid]"),
		allow("people", eve, `base: "ou=people,`+ldaptest.Base+`"`, "view", "attributes: [objectClass, uid]"),
	), ldaptest.WithLDIF(strings.Join(lines, "\n")))
	c := w.as("eve")
	for _, uid := range []string{"ann", "ben"} {
		got, err := searchWith(c, "(|"+strings.Repeat("(memberUid="+uid+")", 1000)+")", []string{"1.1"})
		if names := strings.Join(namesOf(got), " "); err != nil || names != "both" {
			t.Errorf("groups of %s: %s, %v", uid, names, err)
		}
	}
}
