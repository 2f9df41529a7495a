package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"
	"github.com/spf13/cobra"

	"gatehouse/cmd/gatehouse/clientconfig"
)

// testedStep is one step of a login that was tried.
type testedStep struct {
	Step   string `json:"step"`
	OK     bool   `json:"ok"`
	Result string `json:"result"`
}

// loginTest tries what a host does when somebody logs in. The first step that fails ends it.
type loginTest struct {
	flags clientFlags
	steps []testedStep
}

func (t *loginTest) say(step, result string) {
	t.steps = append(t.steps, testedStep{Step: step, OK: true, Result: result})
}

func (t *loginTest) fail(step string, err error) error {
	t.steps = append(t.steps, testedStep{Step: step, Result: err.Error()})
	return fmt.Errorf("the test of a login did not succeed: %s: %w", step, err)
}

// test logs in as a host with the files would.
func (x *enrollFlags) test(cmd *cobra.Command, p *clientconfig.Params) ([]testedStep, error) {
	t := &loginTest{flags: clientFlags{url: p.Servers[0].URI(), ca: p.CA, base: p.Base}}
	err := x.tryLogin(cmd, p, t)
	return t.steps, err
}

func (x *enrollFlags) tryLogin(cmd *cobra.Command, p *clientconfig.Params, t *loginTest) (err error) {
	host, err := t.open(cmd, p.BindDN, p.Password)
	if err != nil {
		return t.fail("bind as the host", err)
	}
	defer func() { err = errors.Join(err, host.done()) }()
	t.say("bind as the host", p.BindDN+" at "+t.flags.url)

	name := ldap.EscapeFilter(x.testUser)
	users, err := host.some("(&(uid="+name+")(objectClass=posixAccount)(uid=*)(&(uidNumber=*)(!(uidNumber=0))))",
		[]string{"uid", "uidNumber", "gidNumber", "homeDirectory", "loginShell"}, matchesMax)
	if err == nil && len(users) != 1 {
		err = fmt.Errorf("the host finds %d Unix users of that name", len(users))
	}
	if err != nil {
		return t.fail("look up "+x.testUser, err)
	}
	user := users[0]
	t.say("look up "+x.testUser, fmt.Sprintf("uid=%s gid=%s %s %s", user.GetEqualFoldAttributeValue("uidNumber"), user.GetEqualFoldAttributeValue("gidNumber"),
		user.GetEqualFoldAttributeValue("homeDirectory"), user.GetEqualFoldAttributeValue("loginShell")))

	groups, err := host.groupsOfUser(p.Schema, user)
	if err != nil {
		return t.fail("groups", err)
	}
	t.say("groups", strings.Join(groups, " "))
	if p.Group != "" {
		in, err := host.Search(ldap.NewSearchRequest(user.DN, ldap.ScopeBaseObject, ldap.NeverDerefAliases, 1, 0, false,
			"(memberOf="+ldap.EscapeFilter(p.Group)+")", []string{"1.1"}, nil))
		if err == nil && len(in.Entries) == 0 {
			err = fmt.Errorf("%s is no member of %s", x.testUser, p.Group)
		}
		if err != nil {
			return t.fail("may log in", err)
		}
		t.say("may log in", "a member of "+p.Group)
	}
	if x.testPasswordFile == "" {
		return nil
	}
	clear, err := readPasswordFile(cmd, x.testPasswordFile)
	if err != nil {
		return t.fail("password of "+x.testUser, err)
	}
	login, err := t.open(cmd, user.DN, string(clear))
	if err != nil {
		return t.fail("log in", err)
	}
	t.say("log in", "the password is right")
	return login.done()
}

// open connects as the host does and binds.
func (t *loginTest) open(cmd *cobra.Command, dn, clear string) (*client, error) {
	conn, err := t.flags.dialURL(cmd.Context())
	if err != nil {
		return nil, err
	}
	c := &client{Conn: conn, base: t.flags.base, close: []func() error{conn.Close}}
	if err := c.Bind(dn, clear); err != nil {
		return nil, errors.Join(c.explain("bind", err), c.done())
	}
	return c, nil
}

// groupsOfUser finds the Unix groups of a user in the way of a schema, those of groups that are members level by level.
func (c *client) groupsOfUser(schema string, user *ldap.Entry) ([]string, error) {
	filters := []string{"(memberUid=" + ldap.EscapeFilter(user.GetEqualFoldAttributeValue("uid")) + ")"}
	if schema == clientconfig.RFC2307bis {
		filters = []string{"(member=" + ldap.EscapeFilter(user.DN) + ")"}
	}
	var names, seen []string
	for len(filters) > 0 && len(seen) < pageEntries {
		filter := filters[0]
		filters = filters[1:]
		found, err := c.some("(&"+filter+"(objectClass=posixGroup)(cn=*))", []string{"cn", "gidNumber"}, pageEntries)
		if err != nil {
			return nil, err
		}
		for _, g := range found {
			if slices.Contains(seen, g.DN) {
				continue
			}
			seen = append(seen, g.DN)
			names = append(names, g.GetEqualFoldAttributeValue("cn"))
			if schema == clientconfig.RFC2307bis {
				filters = append(filters, "(member="+ldap.EscapeFilter(g.DN)+")")
			}
		}
	}
	slices.Sort(names)
	return names, nil
}
