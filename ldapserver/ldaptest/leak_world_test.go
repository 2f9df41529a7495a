package ldaptest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/ldapserver/ldaptest"
)

// The tests in the files called leak hold the rules of what must not leak over the wire; their numbers, L1 to L15, are those of the
// policy specification. Eve is who looks: she sees some people and a few of their attributes.
const (
	eve    = "uid=eve" + inPeople
	seen   = "uid=seen" + inPeople
	unseen = "uid=unseen" + inPeople
	nobody = "uid=nobody" + inPeople // whom there is not
	lodge  = "cn=lodge" + inGroups   // a group that eve does not see
	club   = "cn=club" + inGroups    // one that she sees
)

// leakLDIF has two people alike, of whom eve sees one, and somebody who is in the hidden group alone.
var leakLDIF = strings.Join([]string{
	person("eve"), person("keeper"), person("seen", alike("1")...), person("unseen", alike("2")...), person("lonely", "roomNumber: 1"),
	unit("ou=hideaway" + inPeople), personAt("uid=inside,ou=hideaway"+inPeople, "inside"),
	"dn: cn=child," + unseen + "\nobjectClass: device\ncn: child\n",
	"dn: cn=child," + seen + "\nobjectClass: device\ncn: child\n",
	group("lodge", seen, "uid=lonely"+inPeople), group("club", seen, unseen, eve),
}, "\n")

func alike(room string) []string {
	return []string{
		"roomNumber: " + room, "objectClass: posixAccount", "uidNumber: 4711", "gidNumber: 10", "homeDirectory: /home/x", "cn;lang-de: Geheim",
		"title: Keeper", "title;lang-de: Hueter", "employeeNumber: 77", "manager: uid=keeper" + inPeople, "givenName: Gordon",
		"mail: g@example.com", "description: about", "objectClass: totpUser", "totpSecret: shared", "telephoneNumber: +49 1",
	}
}

// leakPolicy lets eve see people in room 1, but of their attributes few; the containers; and one group. She may write what she may
// not read, so that errors of writes are hers to see, and make people whom she may not see.
var leakPolicy = statements(
	allow("people", `dn: "`+eve+`"`, `base: "ou=people,`+ldaptest.Base+`", scope: children, filter: "(roomNumber=1)"`, "view",
		"attributes: [objectClass, uid, sn, memberOf, hasSubordinates, numSubordinates, entryUUID]"),
	allow("containers", everybody, `base: "${suffix}", filter: "(objectClass=organizationalUnit)"`, "view",
		"attributes: [objectClass, ou, hasSubordinates, numSubordinates]"),
	allow("club", `dn: "`+eve+`"`, `base: "`+club+`", scope: base`, "view", "attributes: [objectClass, cn]"),
	allow("write", `dn: "`+eve+`"`, `base: "ou=people,`+ldaptest.Base+`", scope: children, filter: "(objectClass=person)"`,
		"add-entry, rename, write.add", `attributes: [objectClass, uid, cn, sn, roomNumber]`),
	allow("delete", `dn: "`+eve+`"`, `base: "ou=people,`+ldaptest.Base+`", scope: children, filter: "(roomNumber=1)"`, "delete-entry"),
)

func newLeakWorld(t *testing.T, opts ...ldaptest.Option) *world {
	t.Helper()
	return newWorld(t, leakPolicy, append(opts, ldaptest.WithLDIF(leakLDIF))...)
}

// reply is what a client sees of an answer: everything but the opaque reference, whose shape alone counts.
func reply(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return "success"
	}
	le, is := err.(*ldap.Error)
	if !is {
		t.Fatalf("%v is no answer of the server", err)
	}
	return fmt.Sprintf("%d, matched %q, %q", le.ResultCode, le.MatchedDN, withoutReference(le))
}

// query is a search with everything that can be asked of one.
type query struct {
	base, filter string
	scope        int
	attrs        []string
	typesOnly    bool
	size         int
}

// ask returns what a client sees of a search: the entries with all that came of them, and the end.
func ask(t *testing.T, c *ldap.Conn, q query) string {
	t.Helper()
	r, err := c.Search(ldap.NewSearchRequest(q.base, q.scope, ldap.NeverDerefAliases, q.size, 0, q.typesOnly, q.filter, q.attrs, nil))
	var lines []string
	if r != nil {
		for _, e := range r.Entries {
			line := e.DN
			for _, a := range e.Attributes {
				line += fmt.Sprintf(" %s=%q", a.Name, a.Values)
			}
			lines = append(lines, line)
		}
		for _, referral := range r.Referrals {
			lines = append(lines, "referral "+referral)
		}
	}
	slices.Sort(lines)
	return strings.Join(append(lines, reply(t, err)), "\n")
}

// finds returns the names that a filter finds below a base, and fails the test where the answer is not success.
func finds(t *testing.T, c *ldap.Conn, base, filter string) string {
	t.Helper()
	names, err := search(c, base, filter)
	if err != nil {
		t.Errorf("%s: %v", filter, err)
	}
	return strings.Join(names, " ")
}
