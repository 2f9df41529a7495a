package ldaptest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/ldapserver/ldaptest"
)

// TestMatchedValues: RFC 3876. What does not match is not returned; of an attribute none of whose values matches, the name is.
func TestMatchedValues(t *testing.T) {
	t.Parallel()
	s := ldaptest.NewServer(t, ldaptest.WithReader(readerDN), ldaptest.WithLDIF(strings.Join([]string{
		person("reader"), person("many", "objectClass: posixAccount", "uidNumber: 5", "gidNumber: 1", "homeDirectory: /h", "mail: a@x", "mail: b@x", "mail: a@y",
			"description;lang-de: eins", "description: one", "description: two"),
		group("some", "uid=many"+inPeople, "uid=reader"+inPeople),
	}, "\n")))
	c := asReader(s)
	show := func(dn string, typesOnly bool, attrs string, filters ...string) string {
		t.Helper()
		r, err := c.Search(ldap.NewSearchRequest(dn, 0, 0, 0, 0, typesOnly, "(objectClass=*)", strings.Fields(attrs), []ldap.Control{matchedControl(t, filters...)}))
		if err != nil || len(r.Entries) != 1 {
			t.Fatalf("%s: %v, %v", filters, r, err)
		}
		var list []string
		for _, a := range r.Entries[0].Attributes {
			list = append(list, fmt.Sprintf("%s=%s", a.Name, strings.Join(a.Values, "|")))
		}
		slices.Sort(list)
		return strings.Join(list, " ")
	}
	const many = "uid=many" + inPeople
	for _, tt := range []struct{ attrs, filters, want string }{
		{"mail", "(mail=a@*)", "mail=a@x|a@y"}, {"mail uid", "(mail=A@X)", "mail=a@x uid="}, {"mail", "(mail=nosuch)", "mail="},
		{"mail uid", "(mail=a@x) (uid=*)", "mail=a@x uid=many"}, {"mail", "(mail=a@x) (mail=b@x)", "mail=a@x|b@x"},
		{"uidNumber", "(uidNumber>=5)", "uidNumber=5"}, {"uidNumber", "(uidNumber<=4)", "uidNumber="}, {"uidNumber", "(uidNumber>=six)", "uidNumber="},
		{"description", "(description;lang-de=*)", "description;lang-de=eins description="}, {"description", "(description=eins)", "description;lang-de=eins description="},
		{"cn uid", "(name=many)", "cn=many uid="}, {"objectClass", "(objectClass=person)", "objectClass="}, {"objectClass", "(objectClass=inetorgperson)", "objectClass=inetOrgPerson"},
		{"objectClass uid", "(objectClass=*)", "objectClass=inetOrgPerson|ldapPublicKey|posixAccount uid="}, {"mail", "(nosuch=*)", "mail="}, {"memberOf", "(memberOf=cn=SOME,ou=groups,dc=example,dc=com)", "memberOf=cn=some" + inGroups},
		{"memberOf", "(memberOf=cn=other,ou=groups,dc=example,dc=com)", "memberOf="}, {"entryDN", "(entryDN=UID=many,ou=people,dc=example,dc=com)", "entryDN=" + many},
		{"description", "(:caseExactMatch:=two)", "description;lang-de= description=two"}, {"uid", "(uid:caseExactMatch:=MANY)", "uid="},
		{"1.1", "(uid=*)", ""},
	} {
		if got := show(many, false, tt.attrs, strings.Fields(tt.filters)...); got != tt.want {
			t.Errorf("%s of %s: %s, want %s", tt.filters, tt.attrs, got, tt.want)
		}
	}
	if got := show(many, true, "mail uid", "(mail=nosuch)"); got != "mail= uid=" {
		t.Errorf("types alone: %s", got)
	}
	if got := show("cn=some"+inGroups, false, "member", "(member=UID=many,ou=people,dc=example,dc=com)"); got != "member="+many {
		t.Errorf("one member: %s", got)
	}
	for name, control := range map[string]ldap.Control{
		"and": matchedControl(t, "(&(mail=a)(uid=b))"), "not": matchedControl(t, "(!(mail=a))"), "nothing": controlOf(oidMatched, true, sequence()),
		"no value": controlOf(oidMatched, true, nil), "nonsense": controlOf(oidMatched, true, []byte("xyz")),
	} {
		if _, err := searchWith(c, "(uid=many)", nil, control); code(t, err) != ldap.LDAPResultProtocolError {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestMatchedValuesShowNoMore: values that may not be read do not come, whatever matches them, and what comes tells nothing of them.
func TestMatchedValuesShowNoMore(t *testing.T) {
	t.Parallel()
	w := newLeakWorld(t)
	c := w.as("eve")
	for _, filter := range []string{"(title=Keeper)", "(userPassword=*)", "(totpSecret=shared)", "(cn=*)", "(description=about)", "(memberOf=" + lodge + ")", "(sn=Tester)"} {
		r, err := c.Search(ldap.NewSearchRequest(seen, 0, 0, 0, 0, false, "(objectClass=*)", []string{"*", "+", "title", "userPassword"}, []ldap.Control{matchedControl(t, filter)}))
		if err != nil || len(r.Entries) != 1 {
			t.Fatal(r, err)
		}
		plain, _ := returned(t, c, seen, false, "*", "+")
		var names []string
		for _, a := range r.Entries[0].Attributes {
			names = append(names, a.Name)
			if len(a.Values) > 0 && (a.Name != "sn" || filter != "(sn=Tester)") {
				t.Errorf("%s shows %s: %q", filter, a.Name, a.Values)
			}
		}
		if slices.Sort(names); !slices.Equal(names, plain) {
			t.Errorf("%s shows %s, a search without it %s", filter, names, plain)
		}
	}
}
