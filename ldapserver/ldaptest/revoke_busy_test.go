package ldaptest_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/ldapserver/ldaptest"
)

// TestRevokeAmongOtherChanges: while others write all the time, what gives or takes a right is in force on every open connection as soon
// as it is answered.
func TestRevokeAmongOtherChanges(t *testing.T) {
	t.Parallel()
	me, nora := "uid=helper"+inPeople, "uid=nora"+inPeople
	view := func(id, subject string) string { return allow(id, subject, inFolk, "view", anyName) }
	w := newWorld(t, statements(
		view("direct", `group: "cn=direct,ou=groups,dc=example,dc=com"`), view("nested", `group: "cn=outer,ou=groups,dc=example,dc=com"`),
		view("dynamic", `group: "cn=titled,ou=groups,dc=example,dc=com"`), view("filter", `filter: "(employeeType=viewer)"`),
	), ldaptest.WithLDIF(group("direct", nora)+"\n"+group("outer", "cn=inner"+inGroups)+"\n"+group("inner", nora)))
	admin := w.DialAdmin()
	toggles := []struct {
		name, dn   string
		give, take string
	}{
		{"direct", "cn=direct" + inGroups, "add member " + me, "delete member " + me},
		{"nested", "cn=inner" + inGroups, "add member " + me, "delete member " + me},
		{"dynamic", me, "replace title boss", "delete title"},
		{"filter", me, "replace employeeType viewer", "delete employeeType"},
		{"dynamic, by the group", "cn=titled" + inGroups, "add memberURL ldap:///ou=people,dc=example,dc=com??sub?(uid=helper)",
			"delete memberURL ldap:///ou=people,dc=example,dc=com??sub?(uid=helper)"},
	}
	stop := make(chan struct{})
	var others sync.WaitGroup
	for n := range 3 {
		c := w.DialAdmin()
		others.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				if err := modify(c, []string{"uid=alice" + inPeople, "cn=plain" + inGroups, "ou=free" + inPeople}[n], fmt.Sprintf("replace description %d", i)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	var conns []*ldap.Conn
	for range 4 {
		conns = append(conns, w.as("helper"))
	}
	for round := range 10 {
		for _, toggle := range toggles {
			for _, want := range []bool{true, false} {
				change := toggle.take
				if want {
					change = toggle.give
				}
				answers(t, toggle.name, modify(admin, toggle.dn, change), done)
				for i, c := range conns {
					if sees(t, c) != want {
						t.Fatalf("round %d, %s: connection %d sees: %t", round, toggle.name, i, !want)
					}
				}
			}
		}
	}
	close(stop)
	others.Wait()
}
