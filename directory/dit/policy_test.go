package dit_test

import (
	"fmt"
	"slices"
	"testing"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/directory/schema"
)

const (
	helpers = "cn=helpers," + groups
	bosses  = "cn=bosses," + groups
	dynamic = "cn=dynamic," + groups
)

// statement is an allow on the whole naming context.
func statement(name string, s acl.Subject, actions acl.Actions) acl.Statement {
	return acl.Statement{
		Place: acl.Place{Name: name}, Effect: acl.Allow, Subject: s, Actions: actions,
		Reach:      acl.Reach{Bases: []directory.NDN{base}, Scope: directory.ScopeSub},
		Attributes: acl.Attributes{User: true, Operational: true},
	}
}

func (f *fixture) ndn(dn string) directory.NDN {
	f.Helper()
	_, ndn, err := schema.Standard().ParseName(dn)
	f.ok(err)
	return ndn
}

// enforce makes statements the policy, besides what the operator and everybody who binds needs.
func (f *fixture) enforce(list ...acl.Statement) {
	f.Helper()
	all := acl.ActionsView | acl.ActionsWrite | acl.ActionsOf(acl.ActionAddEntry, acl.ActionDeleteEntry, acl.ActionRename, acl.ActionMoveIn,
		acl.ActionMoveOut, acl.ActionPasswordReset)
	operator := statement("operator", acl.Name{NDN: acl.OperatorDN}, all)
	operator.Reach.Protected, operator.Reach.Privileged = true, true
	p, err := acl.Compile(&acl.Program{
		Suffixes:   []directory.NDN{base},
		Statements: append(list, operator, statement("bind", acl.Anyone{}, acl.ActionsOf(acl.ActionBind))),
	}, schema.Standard())
	f.ok(err)
	f.d.SetPolicy(p)
}

// guarded has a group of helpers who write nearly everything, and a group of bosses who see everything.
func guarded(t *testing.T) (f *fixture, helper *acl.Session) {
	f = newFixture(t)
	f.add(helpers, "objectClass: groupOfNames", "cn: helpers", "member: "+alice)
	f.add(bosses, "objectClass: groupOfNames", "cn: bosses", "member: "+bob, "member: uid=ghost,"+people)
	f.add(dynamic, "objectClass: groupOfURLs", "cn: dynamic", "memberURL: ldap:///"+people+"??sub?(title=boss)")
	f.person("carol", 10003)
	f.enforce(
		statement("helpers", acl.Group{NDN: f.ndn(helpers)}, acl.ActionsView|acl.ActionsWrite|acl.ActionsOf(acl.ActionAddEntry,
			acl.ActionDeleteEntry, acl.ActionRename, acl.ActionMoveIn, acl.ActionMoveOut, acl.ActionPasswordReset)),
		statement("bosses", acl.Any{acl.Group{NDN: f.ndn(bosses)}, acl.Group{NDN: f.ndn(dynamic)}, acl.Name{NDN: f.ndn("uid=chief," + people)}},
			acl.ActionsView),
	)
	return f, f.as(alice)
}

func TestPolicyGuards(t *testing.T) {
	t.Parallel()
	f, helper := guarded(t)
	entry := func(uid string, more ...string) []string {
		return append([]string{"objectClass: inetOrgPerson", "uid: " + uid, "cn: " + uid, "sn: Tester"}, more...)
	}
	f.ok(f.addAs(helper, "uid=plain,"+people, entry("plain")...))
	f.ok(f.modify(helper, "uid=plain,"+people, "replace title: clerk"))
	f.ok(f.modify(helper, "uid=carol,"+people, "replace description: x"))
	rename := func(s *acl.Session, dn, rdn, superior string) error {
		return f.d.ModifyDN(f.Context(), s, &directory.ModifyDNRequest{
			DN: dn, NewRDN: rdn, NewSuperior: superior, HasNewSuperior: superior != "", DeleteOldRDN: false,
		})
	}
	remove := func(dn string) error {
		return f.d.Delete(f.Context(), helper, &directory.DeleteRequest{DN: dn})
	}
	for _, tt := range []struct {
		name string
		do   func() error
	}{
		{"add of somebody whose name a privileged group has", func() error { return f.addAs(helper, "uid=ghost,"+people, entry("ghost")...) }},
		{"add of somebody whom a statement names", func() error { return f.addAs(helper, "uid=chief,"+people, entry("chief")...) }},
		{"add of a dynamic member", func() error { return f.addAs(helper, "uid=x,"+people, entry("x", "title: boss")...) }},
		{"a write that makes a dynamic member", func() error { return f.modify(helper, "uid=plain,"+people, "replace title: boss") }},
		{"rename to a name that a privileged group has", func() error { return rename(helper, "uid=plain,"+people, "uid=ghost", "") }},
		{"rename to a name in a statement", func() error { return rename(helper, "uid=plain,"+people, "uid=chief", "") }},
		{"rename of a container that holds members", func() error { return rename(helper, people, "ou=folk", "") }},
		{"rename of a container that the policy names", func() error { return rename(helper, groups, "ou=gangs", "") }},
		{"member of a privileged group", func() error { return f.modify(helper, bosses, "add member: uid=plain,"+people) }},
		{"memberURL of a privileged group", func() error {
			return f.modify(helper, dynamic, "replace memberURL: ldap:///"+people+"??sub?(title=clerk)")
		}},
		{"owner of a privileged group", func() error { return f.modify(helper, bosses, "add owner: "+alice) }},
		{"password of a member", func() error { return f.modify(helper, bob, "replace userPassword: other-secret") }},
		{"delete of a member", func() error { return remove(bob) }},
		{"delete of a privileged group", func() error { return remove(bosses) }},
	} {
		if err := tt.do(); directory.CodeOf(err) != directory.InsufficientAccessRights {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	f.ok(f.modify(helper, "uid=carol,"+people, "replace userPassword: other-secret"))
	f.ok(remove("uid=plain," + people))
}

// TestRevocation: who leaves a group loses its rights with the next operation of an open connection, or within 256 entries.
func TestRevocation(t *testing.T) {
	t.Parallel()
	f, helper := guarded(t)
	if _, err := f.search(helper, query{base: bob}); err != nil {
		t.Fatal(err)
	}
	for i := range 600 {
		f.add(fmt.Sprintf("ou=u%d,%s", i, people), "objectClass: organizationalUnit", fmt.Sprintf("ou: u%d", i))
	}
	parsed, err := filter.Parse("(objectClass=organizationalUnit)")
	f.ok(err)
	x, err := f.d.Search(f.Context(), helper, &directory.SearchRequest{Base: people, Scope: directory.ScopeOne, Filter: parsed})
	f.ok(err)
	defer x.Close()
	seen := 0
	err = x.Run(f.Context(), func(*acl.View) error {
		if seen++; seen == 1 {
			return f.modify(f.operator(), helpers, "delete member: "+alice, "add member: uid=carol,"+people)
		}
		return nil
	})
	if err != nil || seen > 257 {
		t.Errorf("%d entries, %v", seen, err)
	}
	_, err = f.search(helper, query{base: bob})
	f.wants(err, directory.NoSuchObject)
	f.wants(f.modify(helper, bob, "replace description: x"), directory.NoSuchObject)
	f.ok(f.modify(f.operator(), helpers, "add member: "+alice))
	if _, err := f.search(helper, query{base: bob}); err != nil {
		t.Error(err)
	}
}

// TestRelations: what a statement asks of links is found in the store, whatever anybody may discover.
func TestRelations(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	member, err := filter.Parse("(memberOf=" + nested + ")")
	f.ok(err)
	manager := schema.Standard().TypeByName("manager")
	members := statement("members", acl.Name{NDN: reader}, acl.ActionsView)
	members.Reach.Filter = member
	managed := statement("managed", acl.NamedIn{Types: []*schema.AttributeType{manager}}, acl.ActionsView|acl.ActionsWrite)
	managed.Reach.Protected = true
	f.enforce(members, managed)
	found, err := f.search(f.as(reader), query{base: base, scope: directory.ScopeSub, attrs: []string{"1.1"}})
	f.ok(err)
	if got := found.names(); !slices.Contains(got, alice) || !slices.Contains(got, bob) || slices.Contains(got, people) {
		t.Errorf("%q", got)
	}
	boss := f.as(alice)
	if got := f.read(boss, bob, "uid"); !slices.Equal(got, []string{"uid: bob"}) {
		t.Errorf("%q", got)
	}
	_, err = f.search(f.as(bob), query{base: alice})
	f.wants(err, directory.NoSuchObject)
	f.wants(f.modify(boss, alice, "replace title: x"), directory.NoSuchObject)
	f.ok(f.modify(boss, bob, "replace title: x"))
}

// TestRelationsOfLongSearch: a search that has learned that nobody names the session, or who its own entry is, still sees what a
// relation gives it on the entries that come late.
func TestRelationsOfLongSearch(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	const many = 300
	for i := range many {
		if i == many-20 {
			f.person("late", 20999)
			f.person("alone", 20998)
		}
		f.person(fmt.Sprintf("p%03d", i), 20000+i, "employeeType: t"+string(rune('0'+i%3)), "departmentNumber: d"+string(rune('0'+i%2)))
	}
	for i := 7; i < many; i += 50 {
		f.ok(f.modify(f.operator(), fmt.Sprintf("uid=p%03d,", i)+people, "add manager: "+alice))
	}
	f.ok(f.modify(f.operator(), "uid=late,"+people, "add departmentNumber: d7"))
	f.ok(f.modify(f.operator(), "uid=p299,"+people, "replace departmentNumber: d7"))
	types := func(name string) []*schema.AttributeType {
		return []*schema.AttributeType{schema.Standard().TypeByName(name)}
	}
	typed, err := filter.Parse("(employeeType=t0)")
	f.ok(err)
	some := statement("some", acl.Authenticated{}, acl.ActionsView)
	some.Reach.Filter = typed
	f.enforce(some, statement("self", acl.Self{}, acl.ActionsView), statement("managed", acl.NamedIn{Types: types("manager")}, acl.ActionsView),
		statement("same", acl.Same{Types: types("departmentNumber")}, acl.ActionsView))
	count := func(who string) int {
		found, err := f.search(f.as(who), query{base: base, scope: directory.ScopeSub, attrs: []string{"1.1"}})
		f.ok(err)
		return len(found.names())
	}
	for who, want := range map[string]int{
		alice:                 100 + 6 - 2 + 2, // t0; those whose manager she is, two of them t0 already; bob, and herself
		reader:                100 + 1,
		"uid=alone," + people: 100 + 1,
		"uid=late," + people:  100 + 2, // herself, and the last one
		"uid=p299," + people:  100 + 2,
	} {
		if got := count(who); got != want {
			t.Errorf("%s sees %d entries, want %d", who, got, want)
		}
	}
}
