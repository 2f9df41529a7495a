package acl_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/filter"
)

// TestSearchableInScope: what may be searched everywhere in the scope of a search is, whatever is elsewhere.
func TestSearchableInScope(t *testing.T) {
	w := newWorld(1)
	view := func(base string, scope directory.Scope, attrs ...string) acl.Statement {
		st := acl.Statement{Effect: acl.Allow, Subject: acl.Anyone{}, Actions: acl.ActionsView,
			Reach: acl.Reach{Bases: []directory.NDN{directory.NDN(base)}, Scope: scope}}
		st.Attributes.Types = w.types(attrs...)
		return st
	}
	const ou, berlin = "ou=people," + suffix, "ou=berlin,ou=people," + suffix
	p, err := acl.Compile(&acl.Program{At: at, Suffixes: []directory.NDN{suffix}, Statements: []acl.Statement{
		view(suffix, directory.ScopeBase, "objectClass"), view(ou, directory.ScopeSub, "cn", "mail"), view(berlin, directory.ScopeBase, "ou"),
	}}, w.s)
	if err != nil {
		t.Fatal(err)
	}
	s := acl.NewSession(acl.Transport{})
	for _, tt := range []struct {
		base  directory.NDN
		scope directory.Scope
		attr  string
		want  filter.Searchable
	}{
		{"", directory.ScopeSub, "cn", filter.Mixed},
		{suffix, directory.ScopeSub, "cn", filter.Mixed},
		{suffix, directory.ScopeChildren, "cn", filter.Always},
		{suffix, directory.ScopeOne, "cn", filter.Always},
		{ou, directory.ScopeSub, "cn", filter.Always},
		{ou, directory.ScopeBase, "cn", filter.Always},
		{"uid=p0," + ou, directory.ScopeBase, "mail", filter.Always},
		{"cn=x,uid=p0," + ou, directory.ScopeSub, "mail", filter.Always},
		{ou, directory.ScopeSub, "objectClass", filter.Never},
		{suffix, directory.ScopeSub, "objectClass", filter.Mixed},
		{suffix, directory.ScopeBase, "objectClass", filter.Always},
		{berlin, directory.ScopeBase, "ou", filter.Always},
		{berlin, directory.ScopeChildren, "ou", filter.Never},
		{ou, directory.ScopeOne, "ou", filter.Mixed},
		{"ou=groups," + suffix, directory.ScopeSub, "cn", filter.Never},
	} {
		for range 2 {
			if got := p.SearchableIn(s, tt.base, tt.scope, w.s.TypeByName(tt.attr)); got != tt.want {
				t.Errorf("%s in scope %d of %q: %v, want %v", tt.attr, tt.scope, tt.base, got, tt.want)
			}
		}
	}
	typ := w.s.TypeByName("cn")
	if n := testing.AllocsPerRun(100, func() { p.SearchableIn(s, ou, directory.ScopeSub, typ) }); n != 0 {
		t.Errorf("%v allocations in a look-up", n)
	}
	for i := range 10_000 { // many scopes
		if got := p.SearchableIn(s, directory.NDN(fmt.Sprintf("cn=%d,%s", i, ou)), directory.ScopeSub, typ); got != filter.Always {
			t.Fatalf("%d: %v", i, got)
		}
	}
}

// TestSearchableInAgrees: Never and Always are kept by every entry of the scope.
func TestSearchableInAgrees(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(rapid.Uint64().Draw(t, "seed"))
		p := compile(t, w, w.p)
		for range 5 {
			s := w.session()
			if err := p.Refresh(s, w.tree); err != nil {
				t.Fatal(err)
			}
			r := acl.Reach{Bases: []directory.NDN{pick(w.r, w.all)}, Scope: directory.Scope(w.r.IntN(4))}
			for _, name := range attributeNames {
				typ := w.s.TypeByName(name)
				is := p.SearchableIn(s, r.Bases[0], r.Scope, typ)
				for _, ndn := range w.all {
					if !inScope(&r, ndn) {
						continue
					}
					rights := p.Decide(s, w.tree.Find(ndn))
					if may := rights.Search(typ.Description()); rights.Discover() && (is == filter.Never && may || is == filter.Always && !may) {
						t.Fatalf("%s on %q in scope %d of %q: %v, but it may search: %v", name, ndn, r.Scope, r.Bases[0], is, may)
					}
				}
			}
		}
	})
}

// TestManyFilters: with more filters than an entry's mark holds, and with many policies after each other on the same entries,
// every filter is decided.
func TestManyFilters(t *testing.T) {
	t.Parallel()
	w := newWorld(1)
	const filters = 90
	for i := range filters {
		if err := w.tree.Add(fmt.Sprintf("uid=f%d,ou=people,%s", i, suffix), lines("objectClass: inetOrgPerson", fmt.Sprint("employeeNumber: ", i))); err != nil {
			t.Fatal(err)
		}
	}
	s := acl.NewSession(acl.Transport{})
	for generation := range 3 {
		program := &acl.Program{At: at, Suffixes: []directory.NDN{suffix}}
		for i := range filters {
			program.Statements = append(program.Statements, acl.Statement{
				Effect: acl.Allow, Subject: acl.Anyone{}, Actions: acl.ActionsOf(acl.ActionDiscover, acl.ActionRead),
				Reach: acl.Reach{Bases: []directory.NDN{suffix}, Scope: directory.ScopeSub,
					Filter: parsed(t, fmt.Sprintf("(employeeNumber=%d)", (i+generation)%(filters+generation)))},
				Attributes: acl.Attributes{Types: w.types([]string{"cn", "sn", "mail"}[i%3])},
			})
		}
		p, err := acl.Compile(program, w.s)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			for i := range filters {
				r := p.Decide(s, w.tree.Find(directory.NDN(fmt.Sprintf("uid=f%d,ou=people,%s", i, suffix))))
				of := (i - generation + filters + generation) % (filters + generation)
				for n, name := range []string{"cn", "sn", "mail"} {
					if got, want := r.Read(desc(t, name)), of < filters && of%3 == n; got != want {
						t.Fatalf("generation %d, entry %d, %s: %v, want %v", generation, i, name, got, want)
					}
				}
			}
		}
	}
}
