package dit_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"gatehouse/acl"
	"gatehouse/directory"
)

// bare is an account without what can be given out.
func bare(uid string, more ...string) []string {
	return append([]string{"objectClass: inetOrgPerson", "objectClass: posixAccount", "uid: " + uid, "cn: x", "sn: x"}, more...)
}

// unix returns uidNumber, gidNumber, home and shell of an entry.
func (f *fixture) unix(dn string) string {
	f.Helper()
	var list []string
	for _, line := range f.read(f.operator(), dn, "uidNumber", "gidNumber", "homeDirectory", "loginShell") {
		name, value, _ := strings.Cut(line, ": ")
		list = append(list, name[:1]+"="+value)
	}
	return strings.Join(list, " ") // sorted by attribute: g, h, l, u
}

func TestAllocation(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	admin := f.as(adminDN)
	user := func(uid string) string { return "uid=" + uid + "," + people }
	for _, test := range []struct {
		dn    string
		lines []string
		want  string
	}{
		// The fixture has accounts up to 10002: a new range begins behind the greatest in use.
		{user("a"), bare("a"), "g=10003 h=/home/a l=/bin/bash u=10003"},
		{user("b"), bare("b", "uidNumber: -1", "gidNumber: 100"), "g=100 h=/home/b l=/bin/bash u=10004"},
		{user("c"), bare("c", "uidNumber: 10005", "gidNumber: 10006", "homeDirectory: /c"), "g=10006 h=/c u=10005"},
		{user("d"), bare("d", "homeDirectory: auto", "loginShell: auto", "gidNumber: -1"), "g=10007 h=/home/d l=/bin/bash u=10007"}, // 10005 and 10006 are in use
		{user("e"), bare("e", "loginShell: /bin/zsh"), "g=10008 h=/home/e l=/bin/zsh u=10008"},
		{"cn=first," + groups, []string{"objectClass: posixGroup", "cn: first"}, "g=10009"}, // behind the greatest gidNumber of anything
		{"cn=second," + groups, []string{"objectClass: groupOfMembers", "objectClass: posixGroup", "cn: second", "gidNumber: -1"}, "g=10010"},
		{"cn=third," + groups, []string{"objectClass: posixGroup", "cn: third", "gidNumber: 7"}, "g=7"},
		{user("f"), bare("f"), "g=10011 h=/home/f l=/bin/bash u=10011"}, // 10009 and 10010 are groups
	} {
		if err := f.addAs(admin, test.dn, test.lines...); err != nil {
			t.Fatalf("%s: %v", test.dn, err)
		}
		if got := f.unix(test.dn); got != test.want {
			t.Errorf("%s: %s, want %s", test.dn, got, test.want)
		}
	}
	// Whoever becomes an account later is given the same; a number is not given twice.
	f.ok(f.d.Delete(t.Context(), admin, &directory.DeleteRequest{DN: user("f")}))
	f.add(user("plain"), "objectClass: inetOrgPerson", "uid: plain", "cn: x", "sn: x")
	f.ok(f.modify(admin, user("plain"), "add objectClass: posixAccount"))
	if got, want := f.unix(user("plain")), "g=10012 h=/home/plain l=/bin/bash u=10012"; got != want {
		t.Errorf("plain: %s, want %s", got, want)
	}
	f.ok(f.modify(admin, user("plain"), "replace uidNumber: -1"))
	if got, want := f.unix(user("plain")), "g=10012 h=/home/plain l=/bin/bash u=10013"; got != want {
		t.Errorf("plain: %s, want %s", got, want)
	}
	// An account stays complete: what is taken away is not given back.
	f.wants(f.modify(admin, user("plain"), "delete uidNumber"), directory.ObjectClassViolation)
	f.wants(f.modify(admin, user("plain"), "delete uidNumber", "replace gidNumber: -1"), directory.ObjectClassViolation)
	f.wants(f.addAs(admin, "uid=../x,"+people, bare("../x")...), directory.ConstraintViolation)
	f.wants(f.addAs(admin, "uid=.x,"+people, bare(".x")...), directory.ConstraintViolation)
	f.wants(f.addAs(admin, "cn=y,"+people, "objectClass: person", "objectClass: shadowAccount", "uid: y", "cn: y", "sn: y", "uidNumber: -1"), directory.ObjectClassViolation)
}

// TestAllocationSettings: the nearest settings above an entry say what it gets.
func TestAllocationSettings(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	admin := f.as(adminDN)
	f.ok(f.addAs(admin, "cn=numbers,"+base, "objectClass: gatehouseAllocation", "cn: numbers", "gatehouseUidNumberRange: 20000-20001",
		"gatehouseUidNumberRange: 3000-3001", "gatehousePrimaryGidNumber: 100", "gatehouseHomePattern: /srv/%i/%u%%", "gatehouseLoginShell: /bin/sh"))
	f.ok(f.addAs(admin, "ou=team,"+people, "objectClass: organizationalUnit", "ou: team"))
	f.ok(f.addAs(admin, "cn=numbers,ou=team,"+people, "objectClass: gatehouseAllocation", "cn: numbers", "gatehouseUidNumberRange: 65533-65537"))
	for _, test := range []struct{ uid, in, want string }{
		{"a", people, "g=100 h=/srv/a/a% l=/bin/sh u=3000"},
		{"b", people, "g=100 h=/srv/b/b% l=/bin/sh u=3001"},
		{"c", people, "g=100 h=/srv/c/c% l=/bin/sh u=20000"},
		{"t", "ou=team," + people, "g=65533 h=/home/t l=/bin/bash u=65533"},
		{"u", "ou=team," + people, "g=65536 h=/home/u l=/bin/bash u=65536"}, // 65534 and 65535 are nobody
		{"d", people, "g=100 h=/srv/d/d% l=/bin/sh u=20001"},
	} {
		dn := "uid=" + test.uid + "," + test.in
		if err := f.addAs(admin, dn, bare(test.uid)...); err != nil {
			t.Fatalf("%s: %v", dn, err)
		}
		if got := f.unix(dn); got != test.want {
			t.Errorf("%s: %s, want %s", dn, got, test.want)
		}
	}
	f.wants(f.addAs(admin, "uid=e,"+people, bare("e")...), directory.UnwillingToPerform)
	f.ok(f.modify(admin, "cn=numbers,"+base, "add gatehouseUidNumberRange: 30000-30010"))
	f.ok(f.addAs(admin, "uid=e,"+people, bare("e")...))
	for _, wrong := range []string{
		"gatehouseUidNumberRange: 5", "gatehouseUidNumberRange: 10-20", "gatehouseUidNumberRange: 5000-4000", "gatehouseGidNumberRange: 1000-4294967295",
		"gatehouseGidNumberRange: -5-2000", "gatehousePrimaryGidNumber: 0", "gatehousePrimaryGidNumber: -1", "gatehouseHomePattern: home/%u",
		"gatehouseHomePattern: /home/%x", "gatehouseHomePattern: /home/../%u", "gatehouseHomePattern: /home/%", "gatehouseLoginShell: bash",
	} {
		f.wants(f.addAs(admin, "cn=wrong,"+groups, "objectClass: gatehouseAllocation", "cn: wrong", wrong), directory.ConstraintViolation)
	}
}

// TestAllocationAtOnce: many who are added at once each get a number of their own, while others bring the same numbers along.
func TestAllocationAtOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	admin := f.as(adminDN)
	const many = 64
	var wait sync.WaitGroup
	failed := make(chan error, 3*many)
	start := make(chan struct{})
	add := func(dn string, lines ...string) {
		wait.Add(1)
		go func() {
			defer wait.Done()
			<-start
			if err := f.addAs(admin, dn, lines...); err != nil {
				failed <- fmt.Errorf("%s: %w", dn, err)
			}
		}()
	}
	for i := range many {
		add(fmt.Sprintf("uid=n%d,%s", i, people), bare(fmt.Sprintf("n%d", i), "userPassword: secret")...)
		add(fmt.Sprintf("cn=n%d,%s", i, groups), "objectClass: posixGroup", fmt.Sprintf("cn: n%d", i))
		if i%4 == 0 {
			add(fmt.Sprintf("uid=x%d,%s", i, people), bare(fmt.Sprintf("x%d", i), fmt.Sprintf("uidNumber: %d", 10003+i), "gidNumber: 100", "homeDirectory: /x")...)
		}
	}
	close(start)
	wait.Wait()
	close(failed)
	for err := range failed {
		t.Error(err)
	}
	found, err := f.search(f.operator(), query{base: base, scope: directory.ScopeSub, filter: "(uidNumber=*)", attrs: []string{"uidNumber"}})
	f.ok(err)
	var given, brought []string
	for dn, lines := range found {
		if strings.HasPrefix(dn, "uid=n") {
			given = append(given, lines...)
		} else {
			brought = append(brought, lines...)
		}
	}
	slices.Sort(given)
	if n := len(slices.Compact(slices.Clone(given))); n != many {
		t.Errorf("%d numbers for %d accounts", n, many)
	}
	groupNumbers := map[string]bool{}
	found, err = f.search(f.operator(), query{base: base, scope: directory.ScopeSub, filter: "(objectClass=posixGroup)", attrs: []string{"gidNumber"}})
	f.ok(err)
	for _, lines := range found {
		groupNumbers[lines[0]] = true
	}
	if len(groupNumbers) != many {
		t.Errorf("%d numbers for %d groups", len(groupNumbers), many)
	}
	t.Logf("%d numbers were brought along", len(brought))
}

// TestAllocationRights: whoever may make an account but not choose its number is given one; asking for it by a value is writing the value.
func TestAllocationRights(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	me := acl.Name{NDN: f.ndn(alice)}
	s := f.as(alice)
	f.enforce(statement("adds", me, acl.ActionsOf(acl.ActionAddEntry, acl.ActionDiscover)),
		only(statement("values", me, acl.ActionsOf(acl.ActionWriteAdd)), "objectClass", "uid", "cn", "sn", "homeDirectory"))
	f.ok(f.addAs(s, "uid=a,"+people, bare("a")...))
	f.wants(f.addAs(s, "uid=b,"+people, bare("b", "uidNumber: 0")...), directory.InsufficientAccessRights)
	f.wants(f.addAs(s, "uid=b,"+people, bare("b", "uidNumber: -1")...), directory.InsufficientAccessRights)
	f.ok(f.addAs(s, "uid=b,"+people, bare("b", "homeDirectory: auto")...))
}

// TestAllocationSettingsElsewhere: whoever may make entries in one branch does not hinder others by filling it with settings.
func TestAllocationSettingsElsewhere(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for i := range 1001 {
		f.add(fmt.Sprintf("cn=s%d,%s", i, groups), "objectClass: gatehouseAllocation", fmt.Sprintf("cn: s%d", i))
	}
	f.ok(f.addAs(f.as(adminDN), "uid=new,"+people, bare("new")...))
	f.wants(f.addAs(f.as(adminDN), "cn=new,"+groups, "objectClass: posixGroup", "cn: new"), directory.AdminLimitExceeded)
}
