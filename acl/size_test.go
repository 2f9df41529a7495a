package acl_test

import (
	"fmt"
	"runtime"
	"testing"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// large is a program of n statements on a realistic number of bases, with groups, filters and attributes.
func large(tb testing.TB, n int) (*acl.Program, *schema.Schema) {
	tb.Helper()
	s := schema.Standard()
	names := []string{"cn", "sn", "mail", "title", "telephoneNumber", "mobile", "employeeNumber", "departmentNumber", "description", "uid"}
	p := &acl.Program{At: at, Suffixes: []directory.NDN{suffix}}
	for i := range n {
		st := acl.Statement{
			Place: acl.Place{Name: fmt.Sprint("s", i)}, Effect: acl.Allow, Actions: acl.ActionsView,
			Subject: acl.Group{NDN: directory.NDN(fmt.Sprintf("cn=g%d,ou=groups,%s", i%200, suffix))},
			Reach:   acl.Reach{Bases: []directory.NDN{directory.NDN(fmt.Sprintf("ou=part%d,%s", i%50, suffix))}, Scope: directory.ScopeSub},
		}
		if i%4 == 0 {
			st.Reach.Filter = parsed(tb, fmt.Sprintf("(departmentNumber=d%d)", i%30))
		}
		if i%20 == 19 {
			st.Effect = acl.Deny
		}
		for j := range 4 {
			st.Attributes.Types = append(st.Attributes.Types, s.TypeByName(names[(i+j)%len(names)]))
		}
		p.Statements = append(p.Statements, st)
	}
	return p, s
}

// inGroups is a tree with an entry in some groups of a large program, and the session of that.
func inGroups(tb testing.TB, s *schema.Schema, no, groups int) (*acl.Tree, *acl.Session) {
	tb.Helper()
	tree := acl.NewTree(s, at)
	user := fmt.Sprintf("uid=u,ou=part%d,%s", no%50, suffix)
	add := func(dn string, list ...string) {
		if err := tree.Add(dn, lines(list...)); err != nil {
			tb.Fatal(err)
		}
	}
	add(user, "objectClass: inetOrgPerson", "departmentNumber: d1")
	for g := range groups {
		add(fmt.Sprintf("cn=g%d,ou=groups,%s", (no*7+g*11)%200, suffix), "objectClass: groupOfNames", "member: "+user)
	}
	session, err := tree.Session(acl.Transport{TLSBits: 256}, acl.Identity{NDN: directory.NDN(user), At: at})
	if err != nil {
		tb.Fatal(err)
	}
	return tree, session
}

// TestViewsFitMemory: 200 views of 500 statements, with the tables of every part of the tree, stay within 32 MiB.
func TestViewsFitMemory(t *testing.T) {
	program, s := large(t, 500)
	p, err := acl.Compile(program, s)
	if err != nil {
		t.Fatal(err)
	}
	trees := make([]*acl.Tree, 200)
	sessions := make([]*acl.Session, len(trees))
	for i := range trees {
		trees[i], sessions[i] = inGroups(t, s, i, 5)
	}
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	for i, session := range sessions {
		if err := p.Refresh(session, trees[i]); err != nil {
			t.Fatal(err)
		}
		for part := range 50 {
			p.Decide(session, trees[i].Named(directory.NDN(fmt.Sprintf("uid=x,ou=part%d,%s", part, suffix))))
		}
		p.Searchable(session, s.TypeByName("cn"))
	}
	if used := heap() - before; used > 32<<20 {
		t.Errorf("%d bytes", used)
	} else {
		t.Logf("%d KiB", used>>10)
	}
	runtime.KeepAlive(sessions)
	runtime.KeepAlive(trees)
}

func BenchmarkCompile(b *testing.B) {
	program, s := large(b, 1000)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := acl.Compile(program, s); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkViewBuild resolves a session and decides about one entry under a policy that nobody has asked yet.
func BenchmarkViewBuild(b *testing.B) {
	program, s := large(b, 500)
	tree, session := inGroups(b, s, 1, 20)
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		p, err := acl.Compile(program, s)
		if err != nil {
			b.Fatal(err)
		}
		own := session.WithTransport(*session.Transport())
		target := tree.Find(session.Identity().NDN)
		b.StartTimer()
		if err := p.Refresh(own, tree); err != nil {
			b.Fatal(err)
		}
		p.Decide(own, target)
	}
}
