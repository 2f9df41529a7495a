package acl_test

import (
	"fmt"
	"testing"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/directory/schema"
)

// fifty is a policy of fifty statements with group, subtree and filter targets; five tests decide for an entry of ou=people.
func fifty(b testing.TB) (*acl.Policy, *acl.Tree, *acl.Session) {
	b.Helper()
	s := schema.Standard()
	tree := acl.NewTree(s, at)
	add := func(dn string, attrs ...string) {
		var list []directory.PartialAttribute
		for i := 0; i < len(attrs); i += 2 {
			list = append(list, directory.PartialAttribute{Attr: attrs[i], Values: [][]byte{[]byte(attrs[i+1])}})
		}
		if err := tree.Add(dn, list); err != nil {
			b.Fatal(err)
		}
	}
	add(suffix, "objectClass", "domain")
	add("ou=people,"+suffix, "objectClass", "organizationalUnit")
	add("ou=groups,"+suffix, "objectClass", "organizationalUnit")
	add("cn=readers,ou=groups,"+suffix, "objectClass", "groupOfNames", "member", "uid=u0,ou=people,"+suffix)
	for i := range 1000 {
		add(fmt.Sprintf("uid=u%d,ou=people,%s", i, suffix), "objectClass", "inetOrgPerson", "cn", "User", "sn", "Tester",
			"departmentNumber", fmt.Sprint("d", i%5), "employeeType", fmt.Sprint("t", i%3), "manager", fmt.Sprintf("uid=u%d,ou=people,%s", i%7, suffix))
	}
	types := func(names ...string) acl.Attributes {
		var a acl.Attributes
		for _, n := range names {
			a.Types = append(a.Types, s.TypeByName(n))
		}
		return a
	}
	reach := func(base, text string) acl.Reach {
		r := acl.Reach{Bases: []directory.NDN{directory.NDN(base)}, Scope: directory.ScopeSub}
		if text != "" {
			f, err := filter.Parse(text)
			if err != nil {
				b.Fatal(err)
			}
			r.Filter = f
		}
		return r
	}
	p := &acl.Program{At: at, Suffixes: []directory.NDN{suffix}}
	allow := func(subject acl.Subject, r acl.Reach, a acl.Attributes) {
		p.Statements = append(p.Statements, acl.Statement{
			Place: acl.Place{Name: fmt.Sprint("s", len(p.Statements))}, Effect: acl.Allow, Subject: subject, Reach: r,
			Actions: acl.ActionsView, Attributes: a,
		})
	}
	readers := acl.Group{NDN: "cn=readers,ou=groups," + suffix}
	const people = "ou=people," + suffix
	allow(readers, reach(people, "(objectClass=inetOrgPerson)"), types("cn", "sn", "mail", "objectClass", "uid"))
	allow(readers, reach(people, "(departmentNumber=d1)"), types("title"))
	allow(readers, reach(people, "(employeeType=t1)"), types("telephoneNumber"))
	allow(acl.Self{}, reach(people, ""), types("mobile", "employeeNumber"))
	allow(acl.NamedIn{Types: types("manager").Types}, reach(people, ""), types("employeeNumber"))
	for i := range 45 {
		allow(acl.Group{NDN: directory.NDN(fmt.Sprintf("cn=g%d,ou=groups,%s", i, suffix))},
			reach(fmt.Sprintf("ou=part%d,%s", i%9, suffix), fmt.Sprintf("(departmentNumber=d%d)", i)), types("cn", "sn"))
	}
	policy, err := acl.Compile(p, s)
	if err != nil {
		b.Fatal(err)
	}
	session, err := tree.Session(acl.Transport{TLSBits: 256}, acl.Identity{NDN: "uid=u0,ou=people," + suffix, At: at})
	if err != nil {
		b.Fatal(err)
	}
	if err := policy.Refresh(session, tree); err != nil {
		b.Fatal(err)
	}
	return policy, tree, session
}

// linked is a target whose links are looked up by number, as a store does.
type linked struct {
	acl.Source
	id      directory.EntryID
	manager directory.NDN
	entry   *directory.Entry
	memo    *acl.Memo
}

func (l *linked) ID() directory.EntryID              { return l.id }
func (l *linked) Parent() (directory.EntryID, error) { return 2, nil }
func (l *linked) Entry() *directory.Entry            { return l.entry }
func (l *linked) Memo() *acl.Memo                    { return l.memo }
func (l *linked) Facts() filter.Source               { return l }
func (l *linked) MaySearch(*directory.AttributeDescription) bool {
	return true
}

func (l *linked) MaySearchAll(*directory.AttributeDescription, []string) bool { return true }

func (l *linked) Computed(*schema.AttributeType) (directory.Attribute, error) {
	return directory.Attribute{}, nil
}

func (l *linked) HasReference(_ *directory.AttributeDescription, _ *schema.AttributeType, n directory.NDN, _ bool) (bool, error) {
	return l.manager == n, nil
}

func (l *linked) AnyReference(*directory.AttributeDescription, *schema.AttributeType) (bool, error) {
	return false, nil
}

func linkedTargets(tree *acl.Tree) (list []*linked) {
	memo := new(acl.Memo)
	for i := range 1000 {
		x := tree.Find(directory.NDN(fmt.Sprintf("uid=u%d,ou=people,%s", i, suffix)))
		list = append(list, &linked{
			Source: x, id: x.ID(), entry: x.Entry(), memo: memo, manager: directory.NDN(fmt.Sprintf("uid=u%d,ou=people,%s", i%7, suffix)),
		})
	}
	return list
}

func TestDecideDoesNotAllocate(t *testing.T) {
	p, tree, s := fifty(t)
	targets := linkedTargets(tree)
	cn := desc(t, "cn")
	round := func() {
		for _, x := range targets {
			if !p.Decide(s, x).Read(cn) {
				t.Fatal("not readable")
			}
		}
	}
	round()
	if n := testing.AllocsPerRun(10, round); n != 0 {
		t.Errorf("%v allocations in 1000 decisions", n)
	}
}

func BenchmarkDecide(b *testing.B) {
	p, tree, s := fifty(b)
	targets := linkedTargets(tree)
	b.Run("50-statements-5-tests", func(b *testing.B) {
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			if p.Decide(s, targets[n]).Discover() {
				n = (n + 1) % len(targets)
			}
		}
	})
	b.Run("builtin", func(b *testing.B) {
		p, s := policy(), session(reader)
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			p.Decide(s, targets[n])
			n = (n + 1) % len(targets)
		}
	})
}

func BenchmarkResolve(b *testing.B) {
	p, tree, s := fifty(b)
	b.ReportAllocs()
	for b.Loop() {
		if err := p.Refresh(s.Anonymous(), tree); err != nil {
			b.Fatal(err)
		}
	}
}
