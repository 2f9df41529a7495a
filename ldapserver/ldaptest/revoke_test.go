package ldaptest_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"

	"gatehouse/acl"
	"gatehouse/directory/dit"
	"gatehouse/directory/ldif"
	"gatehouse/ldapserver/ldaptest"
)

// importText applies records of LDIF as the operator, who manages what the server owns.
func (w *world) importText(text string) {
	w.t.Helper()
	operator := acl.Operator(acl.Transport{LocalSocket: true}, time.Now())
	for rec, err := range ldif.NewReader(strings.NewReader(text), ldif.Options{}).All() {
		if err == nil {
			_, err = w.Directory.Import(context.Background(), operator, rec, dit.ConflictFail)
		}
		if err != nil {
			w.t.Fatalf("%v: %s", err, text)
		}
	}
}

// operatorManages lets the operator write what the server owns.
var operatorManages = allow("operator", `dn: "cn=operator,cn=gatehouse"`, whole+", protected: include, privileged: include",
	"view, write, manage", `attributes: ["*", "+", nsAccountLock]`)

// sees reports whether a connection sees uid=carl.
func sees(t *testing.T, c *ldap.Conn) bool {
	t.Helper()
	r, err := c.Search(ldap.NewSearchRequest("uid=carl"+inPeople, ldap.ScopeBaseObject, 0, 0, 0, false, "(uid=carl)", []string{"uid"}, nil))
	if got := code(t, err); got != done && got != hidden {
		t.Fatalf("search: %v", err)
	}
	return err == nil && len(r.Entries) == 1
}

// TestRevokeNextOperation: what takes rights away from a connection that is open works on its very next operation, and what gives them
// as well.
func TestRevokeNextOperation(t *testing.T) {
	t.Parallel()
	me := "uid=helper" + inPeople
	viewer := func(subject string) string { return allow("view", subject, inFolk, "view", anyName) }
	inGroup := func(cn string) string { return viewer(`group: "cn=` + cn + `,ou=groups,dc=example,dc=com"`) }
	ldif := strings.Join([]string{
		group("direct", me), group("outer", "cn=middle"+inGroups), group("middle", "cn=inner"+inGroups), group("inner", me),
		urlGroup("urls", "(title=viewer)"), group("around", "cn=urls"+inGroups), group("empty", "uid=nora"+inPeople),
	}, "\n")
	mod := func(dn string, changes ...string) func(*ldap.Conn) error {
		return func(c *ldap.Conn) error { return modify(c, dn, changes...) }
	}
	toViewer, fromViewer := mod(me, "replace title viewer"), mod(me, "delete title")
	for _, tt := range []struct {
		name       string
		policy     string
		give, take func(c *ldap.Conn) error // give is nil: the rights are there at the start
		back       bool                     // give works again afterwards
	}{
		{"direct member", inGroup("direct"), mod("cn=direct"+inGroups, "replace member "+me), mod("cn=direct"+inGroups, "replace member uid=nora"+inPeople), true},
		{"member of a nested group", inGroup("outer"), nil, mod("cn=inner"+inGroups, "replace member uid=nora"+inPeople), false},
		{"nesting, in the middle", inGroup("outer"), nil, mod("cn=middle"+inGroups, "replace member uid=nora"+inPeople), false},
		{"nesting, at the top", inGroup("outer"), nil, mod("cn=outer"+inGroups, "replace member uid=nora"+inPeople), false},
		{"nesting comes back", inGroup("empty"), mod("cn=empty"+inGroups, "add member cn=middle"+inGroups), mod("cn=empty"+inGroups, "delete member cn=middle"+inGroups), true},
		{"dynamic group, own attribute", inGroup("urls"), toViewer, fromViewer, true},
		{"dynamic group in a group, own attribute", inGroup("around"), toViewer, fromViewer, true},
		{"dynamic group, its URL", inGroup("urls"), mod("cn=urls"+inGroups, "replace memberURL ldap:///ou=people,dc=example,dc=com??sub?(uid=helper)"),
			mod("cn=urls"+inGroups, "replace memberURL ldap:///ou=people,dc=example,dc=com??sub?(uid=nora)"), true},
		{"dynamic group in a group, its URL", inGroup("around"), mod("cn=urls"+inGroups, "replace memberURL ldap:///ou=people,dc=example,dc=com??sub?(uid=helper)"),
			mod("cn=urls"+inGroups, "replace memberURL ldap:///ou=people,dc=example,dc=com??sub?(uid=nora)"), true},
		{"group deleted", inGroup("direct"), nil, func(c *ldap.Conn) error { return remove(c, "cn=direct"+inGroups) }, false},
		{"nested group deleted", inGroup("outer"), nil, func(c *ldap.Conn) error { return remove(c, "cn=middle"+inGroups) }, false},
		{"group renamed", inGroup("direct"), nil, func(c *ldap.Conn) error { return rename(c, "cn=direct"+inGroups, "cn=former", "") }, false},
		{"nested group renamed: links follow", inGroup("outer"), func(c *ldap.Conn) error { return rename(c, "cn=middle"+inGroups, "cn=former", "") },
			mod("cn=former"+inGroups, "replace member uid=nora"+inPeople), false},
		{"container of the group renamed", inGroup("direct"), nil, func(c *ldap.Conn) error { return rename(c, "ou=groups,"+ldaptest.Base, "ou=gangs", "") }, false},
		{"filter on the own entry", viewer(`filter: "(employeeType=viewer)"`), mod(me, "replace employeeType viewer"), mod(me, "delete employeeType"), true},
		{"filter on the own groups", viewer(`filter: "(memberOf=cn=direct,ou=groups,dc=example,dc=com)"`), nil, mod("cn=direct"+inGroups, "replace member uid=nora"+inPeople), false},
		{"same, own value", viewer("same: [departmentNumber]"), mod(me, "replace departmentNumber 9"), mod(me, "replace departmentNumber 8"), true},
		{"same, the target's value", viewer("same: [departmentNumber]"), mod(me, "replace departmentNumber 9"), mod("uid=carl"+inPeople, "replace departmentNumber 8"), false},
		{"named-in", viewer("named-in: [manager]"), mod("uid=carl"+inPeople, "replace manager "+me), mod("uid=carl"+inPeople, "delete manager"), true},
		{"group-in", viewer("group-in: [seeAlso]"), mod("uid=carl"+inPeople, "replace seeAlso cn=direct"+inGroups), mod("cn=direct"+inGroups, "replace member uid=nora"+inPeople), false},
		{"target filter", allow("view", actor, inFolk+`, filter: "(title=seen)"`, "view", anyName), mod("uid=carl"+inPeople, "replace title seen"), mod("uid=carl"+inPeople, "delete title"), true},
		{"a name", viewer(`dn: "uid=helper,ou=people,dc=example,dc=com"`), nil, func(c *ldap.Conn) error { return rename(c, me, "uid=other", "") }, false},
		{"a subtree", viewer(`subtree: "ou=people,dc=example,dc=com", filter: "(objectClass=*)"`), nil, func(c *ldap.Conn) error { return rename(c, me, "uid=helper", "ou=archive,"+ldaptest.Base) }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, statements(tt.policy), ldaptest.WithLDIF(ldif), ldaptest.WithLDIF(person("x", "departmentNumber: 1")))
			admin, c := w.DialAdmin(), w.as("helper")
			answers(t, "department of carl", modify(admin, "uid=carl"+inPeople, "replace departmentNumber 9"), done)
			rounds := 1
			if tt.back {
				rounds = 3
			}
			for round := range rounds {
				if tt.give != nil {
					answers(t, "give", tt.give(admin), done)
				}
				if !sees(t, c) {
					t.Fatalf("round %d: nothing is seen with the right", round)
				}
				answers(t, "take", tt.take(admin), done)
				if sees(t, c) {
					t.Fatalf("round %d: still seen on the next operation", round)
				}
			}
		})
	}
}

// TestRevokeRole: a role follows the group that it is assigned to.
func TestRevokeRole(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "", ldaptest.WithLDIF(group("readers", "uid=helper"+inPeople)))
	w.applyText(`policy: test
roles:
  reader:
    statements:
      - {id: view, effect: allow, target: {base: "${scope}"}, actions: [view], attributes: ["*"]}
statements:
  - {id: byrole, effect: allow, subject: {role: reader}, target: {base: "ou=archive,dc=example,dc=com"}, actions: [view], attributes: ["*"]}
assignments:
  - {id: readers, role: reader, to: {group: "cn=readers,ou=groups,dc=example,dc=com"}, scope: "ou=people,dc=example,dc=com"}
`)
	admin, c := w.DialAdmin(), w.as("helper")
	for _, give := range []bool{true, false, true, false} {
		member := "uid=nora" + inPeople
		if give {
			member = "uid=helper" + inPeople
		}
		answers(t, "membership", modify(admin, "cn=readers"+inGroups, "replace member "+member), done)
		if sees(t, c) != give {
			t.Errorf("in the group: %t; seen: %t", give, !give)
		}
		if _, err := search(c, "ou=archive,"+ldaptest.Base, "(objectClass=*)"); (err == nil) != give {
			t.Errorf("in the group: %t; subject role: %v", give, err)
		}
	}
}

// search returns the names that a search below a base finds.
func search(c *ldap.Conn, base, filter string) (names []string, err error) {
	r, err := c.Search(ldap.NewSearchRequest(base, ldap.ScopeWholeSubtree, 0, 0, 0, false, filter, []string{"1.1"}, nil))
	if err != nil {
		return nil, err
	}
	for _, e := range r.Entries {
		names = append(names, e.DN)
	}
	slices.Sort(names)
	return names, nil
}

// TestRevokeIdentity: the connection of an entry that is deleted, disabled, or whose password another has set is told to go away at its
// next operation; a password that it set itself changes nothing.
func TestRevokeIdentity(t *testing.T) {
	t.Parallel()
	me := "uid=helper" + inPeople
	view := allow("view", actor, inFolk, "view, password.change", anyName)
	disable := "dn: " + me + "\nchangetype: modify\nadd: %s\n%[1]s: %s\n"
	for _, tt := range []struct {
		name string
		do   func(w *world) error
		ends bool
	}{
		{"deleted", func(w *world) error { return remove(w.DialAdmin(), me) }, true},
		{"password set by another", func(w *world) error { return reset(w.DialAdmin(), me, "other-secret") }, true},
		{"password set by another with a modify", func(w *world) error { return modify(w.DialAdmin(), me, "replace userPassword other-secret") }, true},
		{"password changed on another connection of its own", func(w *world) error { return reset(w.as("helper"), "", "other-secret") }, false},
		{"nsAccountLock", func(w *world) error { w.importText(fmt.Sprintf(disable, "nsAccountLock", "TRUE")); return nil }, true},
		{"pwdAccountLockedTime", func(w *world) error {
			w.importText(fmt.Sprintf(disable, "pwdAccountLockedTime", "000001010000Z"))
			return nil
		}, true},
		{"deleted and made again", func(w *world) error {
			if err := remove(w.DialAdmin(), me); err != nil {
				return err
			}
			return addEntry(w.DialAdmin(), person("helper"))
		}, true},
		{"renamed", func(w *world) error { return rename(w.DialAdmin(), me, "uid=other", "") }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, statements(view, operatorManages, allow("also", `dn: "uid=other,ou=people,dc=example,dc=com"`, inFolk, "view", anyName)))
			c, idle := w.as("helper"), w.as("helper")
			if !sees(t, c) {
				t.Fatal("nothing is seen at the start")
			}
			answers(t, tt.name, tt.do(w), done)
			for _, c := range []*ldap.Conn{c, idle} {
				_, err := search(c, "uid=carl"+inPeople, "(uid=carl)")
				if le, is := err.(*ldap.Error); tt.ends && (err == nil || is && le.ResultCode == hidden) {
					t.Errorf("got %v; want the connection to end", err)
				} else if !tt.ends && err != nil {
					t.Errorf("got %v; want the session to go on", err)
				}
				if tt.ends != isClosed(c) {
					t.Errorf("closed: %t", !tt.ends)
				}
			}
		})
	}
}

// isClosed reports whether a connection is closed, or becomes so within some seconds.
func isClosed(c *ldap.Conn) bool {
	for range 100 {
		if c.IsClosing() {
			return true
		}
		if _, err := c.WhoAmI(nil); err == nil {
			return false
		}
		time.Sleep(20 * time.Millisecond)
	}
	return c.IsClosing()
}

// TestRevokeByTime: windows, ends and ages are looked at with each operation.
func TestRevokeByTime(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, when string
		after      time.Duration // when it is over
	}{
		{"an end", `time: {not-after: "%[1]s"}`, time.Hour},
		{"a window", `time: {within: {hours: "%[2]s-%[3]s", zone: UTC}}`, time.Hour},
		{"an age", "auth-max-age: 1h", time.Hour},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			clock := newClock()
			clock.at = clock.at.UTC().Truncate(24 * time.Hour).Add(34*time.Hour + time.Minute) // tomorrow, 10:01
			end := clock.at.Add(tt.after)
			when := fmt.Sprintf("when: {"+tt.when+"}%.0[1]s%.0[2]s%.0[3]s", end.Format(time.RFC3339), clock.at.Add(-time.Minute).Format("15:04"), end.Format("15:04"))
			w := newWorld(t, statements(allow("view", actor, inFolk, "view", anyName, when)), ldaptest.WithClock(clock.now))
			c := w.as("helper")
			for _, step := range []struct {
				by   time.Duration
				sees bool
			}{{0, true}, {tt.after - time.Minute, true}, {2 * time.Minute, false}} {
				clock.advance(step.by)
				if sees(t, c) != step.sees {
					t.Errorf("%s: at %v seen: %t", when, clock.at, !step.sees)
				}
			}
		})
	}
	clock := newClock()
	clock.at = clock.at.UTC().Truncate(24 * time.Hour).Add(34 * time.Hour)
	start := clock.at.Add(time.Hour)
	w := newWorld(t, statements(allow("view", actor, inFolk, "view", anyName, fmt.Sprintf(`when: {time: {not-before: "%s"}}`, start.Format(time.RFC3339)))),
		ldaptest.WithClock(clock.now))
	c := w.as("helper")
	for _, want := range []bool{false, true} {
		if sees(t, c) != want {
			t.Errorf("a start: at %v seen: %t", clock.at, !want)
		}
		clock.advance(time.Hour)
	}
	clock.advance(-3 * time.Hour)
	answers(t, "a commit", modify(w.DialAdmin(), "uid=carl"+inPeople, "replace title x"), done)
}
