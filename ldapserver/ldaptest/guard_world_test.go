package ldaptest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/ldapserver/ldaptest"
)

// Names of the directory that the tests of guards, passwords, revocation and changes use.
const (
	inPeople = ",ou=people," + ldaptest.Base
	inGroups = ",ou=groups," + ldaptest.Base
	bosses   = "cn=bosses" + inGroups
)

// worldLDIF is that directory, besides the entries that every server has. Everybody's password is their uid and "-secret".
var worldLDIF = strings.Join([]string{
	unit("ou=archive," + ldaptest.Base), unit("ou=vault,ou=archive," + ldaptest.Base), unit("ou=club,ou=archive," + ldaptest.Base),
	unit("ou=admins," + ldaptest.Base), unit("ou=frozen," + ldaptest.Base), unit("ou=team" + inPeople), unit("ou=free" + inPeople), unit("ou=nest,ou=team" + inPeople),
	person("helper"), person("alice", "departmentNumber: 7"), person("bob", "departmentNumber: 7"), person("nora"), person("carl"),
	person("dan", "employeeType: suspended-operator", "roomNumber: 2"), personAt("uid=vera,ou=vault,ou=archive,"+ldaptest.Base, "vera"),
	personAt("uid=theo,ou=team"+inPeople, "theo", "employeeType: traveller"),
	personAt("uid=moritz,ou=nest,ou=team"+inPeople, "moritz", "employeeType: traveller"), personAt("uid=kid,ou=club,ou=archive,"+ldaptest.Base, "kid"), personAt("uid=ice,ou=frozen,"+ldaptest.Base, "ice"),
	group("bosses", "uid=bob"+inPeople, "cn=deputies"+inGroups, "cn=named"+inGroups, "uid=vera,ou=vault,ou=archive,"+ldaptest.Base,
		"uid=ghost"+inPeople, "uid=deep,ou=team"+inPeople, "uid=kid,ou=club"+inPeople, "cn=future"+inGroups),
	group("deputies", "uid=nora"+inPeople), group("plain", "uid=carl"+inPeople), group("viewers", "uid=carl"+inPeople),
	group("suspended", "uid=dan"+inPeople), group("filtered", "uid=carl"+inPeople),
	urlGroup("titled", "(title=boss)"), urlGroup("named", "(cn=Named)"), urlGroup("harmless", "(roomNumber=1)"),
}, "\n")

func unit(dn string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(dn, "ou="), ",")
	return fmt.Sprintf("dn: %s\nobjectClass: organizationalUnit\nou: %s\n", dn, name)
}

func person(uid string, more ...string) string { return personAt("uid="+uid+inPeople, uid, more...) }

func personAt(dn, uid string, more ...string) string {
	more = append(more, "")
	return fmt.Sprintf("dn: %s\nobjectClass: inetOrgPerson\nobjectClass: ldapPublicKey\nuid: %[2]s\ncn: %[2]s\nsn: Tester\nuserPassword: %[2]s-secret\n%s",
		dn, uid, strings.Join(more, "\n"))
}

func group(cn string, members ...string) string {
	return fmt.Sprintf("dn: cn=%s%s\nobjectClass: groupOfNames\ncn: %[1]s\nmember: %[3]s\n", cn, inGroups, strings.Join(members, "\nmember: "))
}

func urlGroup(cn, filter string) string {
	return fmt.Sprintf("dn: cn=%s%s\nobjectClass: groupOfURLs\ncn: %[1]s\nmemberURL: ldap:///ou=people,%[3]s??sub?%[4]s\n", cn, inGroups, ldaptest.Base, filter)
}

// worldPolicy lets people sign in, and the administrator of the tests do everything. It stands beside what a test is about.
const worldPolicy = `policy: baseline
statements:
  - id: baseline.bind
    effect: allow
    subject: {anyone: true}
    target: {base: "${suffix}"}
    actions: [bind]
---
policy: world
statements:
  - id: world.admin
    effect: allow
    subject: {dn: "cn=admin,dc=example,dc=com"}
    target: {base: "dc=example,dc=com", protected: include, privileged: include}
    actions: [view, add-entry, delete-entry, rename, move-in, move-out, write, password.reset, account.unlock]
    attributes: ["*", "+"]
`

// world is a server with the directory of the tests and a policy of the test.
type world struct {
	*ldaptest.Server
	t testing.TB
}

func newWorld(t testing.TB, policy string, opts ...ldaptest.Option) *world {
	t.Helper()
	w := &world{ldaptest.NewServer(t, append([]ldaptest.Option{ldaptest.WithLDIF(worldLDIF)}, opts...)...), t}
	w.apply(policy)
	return w
}

// apply makes worldPolicy and the statements given the policy in force. statements are YAML, each at the indentation of two.
func (w *world) apply(statements string) {
	w.t.Helper()
	if statements != "" {
		statements = "policy: test\n" + statements
	}
	w.applyText(statements)
}

// applyText is apply for whole documents.
func (w *world) applyText(text string) {
	w.t.Helper()
	if text != "" {
		text = "---\n" + text
	}
	text = worldPolicy + text
	if err := w.ApplyPolicy(ldaptest.Policy(text)); err != nil {
		w.t.Fatalf("%v\n%s", err, text)
	}
}

// as returns a connection that is bound as somebody in ou=people.
func (w *world) as(uid string) *ldap.Conn {
	w.t.Helper()
	return w.DialAs("uid="+uid+inPeople, uid+"-secret")
}

// allow is one statement that allows.
func allow(id, subject, target, actions string, more ...string) string {
	return statementText(id, "allow", subject, target, actions, more...)
}

// deny is one statement that denies.
func deny(id, subject, target, actions string, more ...string) string {
	return statementText(id, "deny", subject, target, actions, more...)
}

func statementText(id, effect, subject, target, actions string, more ...string) string {
	s := fmt.Sprintf("  - id: test.%s\n    effect: %s\n    subject: {%s}\n    target: {%s}\n    actions: [%s]\n", id, effect, subject, target, actions)
	for _, line := range more {
		s += "    " + line + "\n"
	}
	return s
}

// statements is a list of them for [world.apply].
func statements(list ...string) string { return "statements:\n" + strings.Join(list, "") }

const (
	everybody = `authenticated: true`
	anyName   = `attributes: ["*"]`
)

// modify, addEntry, rename and remove are the four writes.
func modify(c *ldap.Conn, dn string, changes ...string) error {
	m := ldap.NewModifyRequest(dn, nil)
	for _, change := range changes {
		words := strings.SplitN(change, " ", 3)
		var values []string
		if len(words) == 3 {
			values = strings.Split(words[2], "|")
		}
		switch words[0] {
		case "add":
			m.Add(words[1], values)
		case "delete":
			m.Delete(words[1], values)
		case "replace":
			m.Replace(words[1], values)
		case "increment":
			m.Increment(words[1], words[2])
		}
	}
	return c.Modify(m)
}

func addEntry(c *ldap.Conn, text string) error {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	a := ldap.NewAddRequest(strings.TrimPrefix(lines[0], "dn: "), nil)
	values := map[string][]string{}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		values[name] = append(values[name], value)
	}
	for name, list := range values {
		a.Attribute(name, list)
	}
	return c.Add(a)
}

// rename gives an entry another RDN and, unless superior is empty, another superior. The old RDN stays as a value.
func rename(c *ldap.Conn, dn, rdn, superior string) error {
	return c.ModifyDN(ldap.NewModifyDNRequest(dn, rdn, false, superior))
}

func remove(c *ldap.Conn, dn string) error { return c.Del(ldap.NewDelRequest(dn, nil)) }

// reset sets somebody's password by the extended operation, without the old one.
func reset(c *ldap.Conn, dn, fresh string) error {
	_, err := c.PasswordModify(ldap.NewPasswordModifyRequest(dn, "", fresh))
	return err
}

// code returns the result code of an answer.
func code(t testing.TB, err error) uint16 {
	t.Helper()
	if err == nil {
		return ldap.LDAPResultSuccess
	}
	le, ok := err.(*ldap.Error)
	if !ok {
		t.Fatalf("%v is no answer of the server", err)
	}
	return le.ResultCode
}

// answers holds the result code of an operation, and says about what.
func answers(t testing.TB, what string, err error, want uint16) {
	t.Helper()
	if got := code(t, err); got != want {
		t.Errorf("%s: got %d %v, want %d (%s)", what, got, err, want, ldap.LDAPResultCodeMap[want])
	}
}
