package ldaptest_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/ldapserver/ldaptest"
)

// derefs runs a search and returns what the dereference control of each entry says, by the entry's name, and the end of the search.
func derefs(t testing.TB, c *ldap.Conn, req *ldap.SearchRequest) (map[string][]string, error) {
	t.Helper()
	all := map[string][]string{}
	r := c.SearchAsync(context.Background(), req, 0)
	for r.Next() {
		if e := r.Entry(); e != nil {
			all[e.DN] = dereferenced(t, r.Controls())
		}
	}
	return all, r.Err()
}

// derefOf is derefs of one entry.
func derefOf(t testing.TB, c *ldap.Conn, dn string, attrs []string, controls ...ldap.Control) []string {
	t.Helper()
	all, err := derefs(t, c, ldap.NewSearchRequest(dn, ldap.ScopeBaseObject, 0, 0, 0, false, "(objectClass=*)", attrs, controls))
	if err != nil || len(all) != 1 {
		t.Fatalf("%s: %v, %v", dn, all, err)
	}
	return all[dn]
}

func wantLines(t testing.TB, what string, got []string, want ...string) {
	t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

var derefLDIF = strings.Join([]string{
	person("reader"), person("m1", "objectClass: posixAccount", "uidNumber: 1", "gidNumber: 1", "homeDirectory: /m1", "manager: uid=m2"+inPeople),
	person("m2", "description: two", "description: zwei", "seeAlso: cn=inner"+inGroups),
	group("inner", "uid=m1"+inPeople), group("outer", "cn=inner"+inGroups, "uid=m2"+inPeople, "uid=later"+inPeople),
	"dn: cn=uids" + inGroups + "\nobjectClass: posixGroup\ncn: uids\ngidNumber: 5\nmemberUid: m1\nmemberUid: nosuch\n",
	"dn: cn=unique" + inGroups + "\nobjectClass: groupOfUniqueNames\ncn: unique\nuniqueMember: uid=m1" + inPeople + "\nuniqueMember: uid=m2" + inPeople + "#'0101'B\n",
}, "\n")

// TestDeref: what SSSD and nslcd send, on every kind of reference.
func TestDeref(t *testing.T) {
	t.Parallel()
	s := ldaptest.NewServer(t, ldaptest.WithLDIF(derefLDIF), ldaptest.WithReader(readerDN))
	c := asReader(s)
	const m1, m2, inner, outer = "uid=m1" + inPeople, "uid=m2" + inPeople, "cn=inner" + inGroups, "cn=outer" + inGroups
	wantLines(t, "nslcd", derefOf(t, c, outer, []string{"member", "cn", "memberUid", "gidNumber"}, derefControl(false, "member:uid")),
		"member "+inner+":", "member "+m2+": uid=m2", "member uid=later"+inPeople+":")
	wantLines(t, "SSSD", derefOf(t, c, outer, []string{"objectClass", "cn", "uid"}, pageControl(1000, ""),
		derefControl(true, "member:objectClass,cn,userPassword,gidNumber,member,uid,uid")),
		"member "+inner+": objectClass=groupOfNames cn=inner member="+m1,
		"member "+m2+": objectClass=inetOrgPerson|ldapPublicKey uid=m2 cn=m2", "member uid=later"+inPeople+":")
	wantLines(t, "a manager, and what is not asked for beside", derefOf(t, c, m1, []string{"1.1"}, derefControl(true, "manager:description")),
		"manager "+m2+": description=two|zwei")
	wantLines(t, "memberOf", derefOf(t, c, m1, nil, derefControl(true, "memberOf:cn")),
		"memberOf "+inner+": cn=inner", "memberOf "+outer+": cn=outer", "memberOf cn=unique"+inGroups+": cn=unique")
	wantLines(t, "uniqueMember", derefOf(t, c, "cn=unique"+inGroups, nil, derefControl(true, "uniqueMember:uid")),
		"uniqueMember "+m1+": uid=m1", "uniqueMember "+m2+"#'0101'B:")
	wantLines(t, "memberUid seen as member", derefOf(t, c, "cn=uids"+inGroups, []string{"member"}, derefControl(true, "member:uid")), "member "+m1+": uid=m1")
	wantLines(t, "member seen as uniqueMember", derefOf(t, c, inner, nil, derefControl(true, "uniqueMember:uid")), "uniqueMember "+m1+": uid=m1")
	wantLines(t, "names that are no links", derefOf(t, c, m2, nil, derefControl(true, "seeAlso:cn")), "seeAlso "+inner+": cn=inner")
	wantLines(t, "two at once", derefOf(t, c, m1, nil, derefControl(true, "manager:uid", "MEMBEROF:numSubordinates", "nosuch:uid")),
		"manager "+m2+": uid=m2", "MEMBEROF "+inner+": numSubordinates=0", "MEMBEROF "+outer+": numSubordinates=0",
		"MEMBEROF cn=unique"+inGroups+": numSubordinates=0")
	wantLines(t, "nothing to follow", derefOf(t, c, m2, nil, derefControl(true, "manager:uid")))
	all, err := derefs(t, c, ldap.NewSearchRequest("ou=groups,"+ldaptest.Base, 2, 0, 0, 0, false, "(objectClass=groupOfNames)", nil, []ldap.Control{derefControl(false, "member:uid")}))
	if err != nil || len(all) != 2 {
		t.Fatal(all, err)
	}
	wantLines(t, "one of many", all[inner], "member "+m1+": uid=m1")

	for name, tt := range map[string]struct {
		control ldap.Control
		want    uint16
	}{
		"not a name, critical": {derefControl(true, "cn:uid"), ldap.LDAPResultProtocolError}, "not a name": {derefControl(false, "cn:uid"), 0},
		"unknown": {derefControl(true, "nosuch:uid"), 0}, "twice": {derefControl(false, "member:uid", "MEMBER:cn"), ldap.LDAPResultProtocolError},
		"no value": {controlOf(oidDeref, false, nil), ldap.LDAPResultProtocolError}, "empty": {controlOf(oidDeref, true, sequence()), ldap.LDAPResultProtocolError},
		"nonsense": {controlOf(oidDeref, true, []byte("nonsense")), ldap.LDAPResultProtocolError},
	} {
		if _, err := searchWith(c, "(uid=m1)", nil, tt.control); code(t, err) != tt.want {
			t.Errorf("%s: %v, want %d", name, err, tt.want)
		}
	}
}

// TestDerefShowsNoMoreThanASearch: of an entry that is referred to, what a search for it would show; of a hidden one, what one that is
// not there has; and nothing of values that may not be read.
func TestDerefShowsNoMoreThanASearch(t *testing.T) {
	t.Parallel()
	w := newWorld(t, leakPolicy+allow("members", `dn: "`+eve+`"`, `base: "ou=groups,`+ldaptest.Base+`"`, "discover, read, search", "attributes: [member, cn]"),
		ldaptest.WithLDIF(leakLDIF+"\n"+group("ghosts", nobody, unseen, seen)))
	c := w.as("eve")
	const wanted = "objectClass,uid,cn,sn,title,roomNumber,userPassword,totpSecret,memberOf,hasSubordinates,numSubordinates,+"
	got := derefOf(t, c, "cn=ghosts"+inGroups, []string{"1.1"}, derefControl(true, "member:"+wanted))
	if len(got) != 3 {
		t.Fatal(got)
	}
	_, e := returned(t, c, seen, false, strings.Split(wanted, ",")...)
	want := "member " + seen + ":"
	for _, a := range e.Attributes {
		want += fmt.Sprintf(" %s=%s", a.Name, strings.Join(a.Values, "|"))
	}
	wantLines(t, "as a search shows it", got, want, "member "+nobody+":", "member "+unseen+":")

	w.apply(leakPolicy)
	wantLines(t, "members that may not be read", derefOf(t, c, club, []string{"cn"}, derefControl(true, "member:uid", "uniqueMember:uid")))
	wantLines(t, "a manager that may not be read", derefOf(t, c, seen, nil, derefControl(true, "manager:uid")))
	wantLines(t, "hidden groups", derefOf(t, c, seen, nil, derefControl(true, "memberOf:cn,member")), "memberOf "+club+": cn=club")

	w.apply(leakPolicy + allow("one", `dn: "`+eve+`"`, `base: "ou=groups,`+ldaptest.Base+`"`, "read", "attributes: [member]", `values: {any-of: ["`+seen+`"]}`))
	wantLines(t, "one value of many", derefOf(t, c, club, []string{"cn"}, derefControl(true, "member:uid")), "member "+seen+": uid=seen")
}

// TestDerefOfLargeGroups: two thousand members come with one search.
func TestDerefOfLargeGroups(t *testing.T) {
	t.Parallel()
	const n = 2000
	var members []string
	for i := range n {
		members = append(members, fmt.Sprintf("uid=u%03d%s", i, inPeople))
	}
	s := newPagingServer(t, n, ldaptest.WithLDIF(group("large", members...)))
	got := derefOf(t, asReader(s), "cn=large"+inGroups, []string{"cn"}, derefControl(true, "member:uid,uidNumber"), pageControl(1000, ""))
	if len(got) != n {
		t.Fatalf("%d members, want %d", len(got), n)
	}
	for i, line := range slices.Sorted(slices.Values(got)) {
		if i == 0 && line != "member uid=u000"+inPeople+": uid=u000 uidNumber=10000" {
			t.Error(line)
		}
	}
}
