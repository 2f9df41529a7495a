package dit_test

import (
	"testing"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/filter"
)

// TestIncrementIsJudgedByItsValues: a condition on values is about what the attribute loses and gets, not about the step.
func TestIncrementIsJudgedByItsValues(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	s := f.as(alice)
	may := only(statement("may", acl.Name{NDN: f.ndn(alice)}, acl.ActionsOf(acl.ActionDiscover)|acl.ActionsWrite), "uidNumber")
	root := deny(only(statement("root", acl.Anyone{}, acl.ActionsWrite), "uidNumber"))
	root.Values = &acl.Values{AnyOf: []string{"0"}}
	f.enforce(may, root)
	f.wants(f.modify(s, bob, "increment uidNumber: -10002"), directory.InsufficientAccessRights)
	f.wants(f.modify(s, bob, "increment uidNumber: x"), directory.InsufficientAccessRights)
	f.ok(f.modify(s, bob, "increment uidNumber: 1"))
	may.Values = &acl.Values{AnyOf: []string{"1", "10003"}}
	f.enforce(may)
	f.wants(f.modify(s, bob, "increment uidNumber: 1"), directory.InsufficientAccessRights)
	f.wants(f.modify(s, bob, "increment employeeNumber: 1"), directory.InsufficientAccessRights)
}

func (f *fixture) parsed(text string) directory.Filter {
	f.Helper()
	parsed, err := filter.Parse(text)
	f.ok(err)
	return parsed
}

// TestAddIsJudgedByItsClasses: by those above the ones that the client names, and by the structural one.
func TestAddIsJudgedByItsClasses(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	s := f.as(alice)
	for _, text := range []string{"(objectClass=person)", "(structuralObjectClass=inetOrgPerson)"} {
		no := deny(statement("no", acl.Anyone{}, acl.ActionsOf(acl.ActionAddEntry)))
		no.Reach.Filter = f.parsed(text)
		f.enforce(no, statement("may", acl.Name{NDN: f.ndn(alice)}, acl.ActionsOf(acl.ActionDiscover, acl.ActionAddEntry)|acl.ActionsWrite))
		f.wants(f.addAs(s, "uid=x,"+people, "objectClass: inetOrgPerson", "uid: x", "cn: x", "sn: x"), directory.InsufficientAccessRights)
	}
}

// TestChangeIsJudgedByChains: a link that a write makes counts for a chain of links like one that is there.
func TestChangeIsJudgedByChains(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.person("carol", 10003)
	f.person("dora", 10004, "manager: uid=carol,"+people)
	s := f.as(alice)
	no := deny(statement("no", acl.Anyone{}, acl.ActionsOf(acl.ActionAddEntry)|acl.ActionsWrite))
	no.Reach.Filter = f.parsed("(manager:1.2.840.113556.1.4.1941:=" + alice + ")")
	f.enforce(no, statement("may", acl.Name{NDN: f.ndn(alice)}, acl.ActionsOf(acl.ActionDiscover, acl.ActionAddEntry)|acl.ActionsWrite))
	person := func(manager string) error {
		return f.addAs(s, "uid=x,"+people, "objectClass: inetOrgPerson", "uid: x", "cn: x", "sn: x", "manager: "+manager)
	}
	f.wants(f.modify(s, bob, "replace title: x"), directory.InsufficientAccessRights)
	f.wants(f.modify(s, "uid=carol,"+people, "add manager: "+bob), directory.InsufficientAccessRights)
	f.wants(person(bob), directory.InsufficientAccessRights)
	f.ok(person("uid=dora," + people))
	f.ok(f.modify(s, "uid=x,"+people, "replace manager: uid=carol,"+people))
}

// TestResetByProxyEndsSessions: whoever acts as somebody else resets a password, also that of the one that they act as.
func TestResetByProxyEndsSessions(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	resets := statement("resets", acl.Name{NDN: f.ndn(bob)}, acl.ActionsOf(acl.ActionDiscover, acl.ActionPasswordReset))
	resets.Reach.Protected = true
	f.enforce(resets)
	own, other := f.as(bob), f.as(bob)
	f.ok(f.modify(own.Proxy(f.as(alice)), bob, "replace userPassword: another-secret"))
	f.wants(f.d.Check(other), directory.StrongerAuthRequired)
}
