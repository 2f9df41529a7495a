package ldaptest_test

import (
	"errors"
	"fmt"
	"strconv"
	"testing"

	"github.com/go-ldap/ldap/v3"
	"github.com/hashicorp/go-hclog"
	"github.com/jimlambrt/gldap"
	"github.com/jimlambrt/gldap/testdirectory"

	"gatehouse/ldapserver/ldaptest"
)

const foreignUser = "uid=alice,ou=people,dc=example,dc=com"

// TestForeignDirectory holds the same client calls against a directory of another make, for what that serves: bind, search for
// a user, add, modify and delete. The answers must be of the same kind.
func TestForeignDirectory(t *testing.T) {
	t.Parallel()
	logger, err := testdirectory.NewLogger(hclog.NewNullLogger())
	if err != nil {
		t.Fatal(err)
	}
	foreign := testdirectory.Start(logger, testdirectory.WithNoTLS(t), testdirectory.WithDefaults(t, &testdirectory.Defaults{
		UserAttr: "uid", UserDN: "ou=people,dc=example,dc=com", GroupAttr: "cn", GroupDN: "ou=groups,dc=example,dc=com",
	}))
	t.Cleanup(foreign.Stop)
	foreign.SetUsers(gldap.NewEntry(foreignUser, map[string][]string{
		"objectClass": {"inetOrgPerson"}, "uid": {"alice"}, "cn": {"Alice"}, "sn": {"A"}, "password": {"alice-secret"},
	}))
	ours := ldaptest.NewServer(t, ldaptest.WithLDIF(people), ldaptest.WithWriter(foreignUser))

	theirs := "ldap://" + foreign.Host() + ":" + strconv.Itoa(foreign.Port())
	got, want := clientCalls(t, ours.URL), clientCalls(t, theirs)
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("step %d: here %q, there %q", i, got[i], want[i])
		}
	}
}

// clientCalls makes the calls and says what came of each.
func clientCalls(t *testing.T, server string) (said []string) {
	t.Helper()
	c, err := ldap.DialURL(server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	say := func(what string, err error) {
		code := "0"
		var le *ldap.Error
		if errors.As(err, &le) {
			code = strconv.Itoa(int(le.ResultCode))
		} else if err != nil {
			code = err.Error()
		}
		said = append(said, what+" "+code)
	}
	search := func(filter string) {
		r, err := c.Search(ldap.NewSearchRequest("ou=people,dc=example,dc=com", ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 0, 0, false, filter, nil, nil))
		text := "search " + filter
		if r != nil {
			for _, e := range r.Entries {
				text += fmt.Sprintf(" [%s %q %q]", e.DN, e.GetAttributeValues("cn"), e.GetAttributeValues("description"))
			}
		}
		say(text, err)
	}
	say("bind with a wrong password", c.Bind(foreignUser, "wrong"))
	say("bind of nobody", c.Bind("uid=nobody,ou=people,dc=example,dc=com", "x"))
	say("bind", c.Bind(foreignUser, "alice-secret"))
	search("(uid=alice)")

	add := ldap.NewAddRequest("uid=bob,ou=people,dc=example,dc=com", nil)
	for name, value := range map[string]string{"objectClass": "inetOrgPerson", "uid": "bob", "cn": "Bob", "sn": "B", "description": "first"} {
		add.Attribute(name, []string{value})
	}
	say("add", c.Add(add))
	say("add again", c.Add(add))
	search("(uid=bob)")
	modify := ldap.NewModifyRequest("uid=bob,ou=people,dc=example,dc=com", nil)
	modify.Add("title", []string{"Head"})
	say("modify", c.Modify(modify)) // what it stores is not compared: gldap hands the raw BER of the values on, see ldapserver/wire
	say("delete", c.Del(ldap.NewDelRequest("uid=bob,ou=people,dc=example,dc=com", nil)))
	say("delete again", c.Del(ldap.NewDelRequest("uid=bob,ou=people,dc=example,dc=com", nil)))
	return said
}
