package dit_test

import (
	"testing"
	"time"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/dit"
	"gatehouse/directory/filter"
)

// TestNextOperation: whatever gives or takes rights counts from the next operation on, also where no change touches the entry of the
// session.
func TestNextOperation(t *testing.T) {
	t.Parallel()
	const (
		named  = "cn=named," + groups
		urls   = "cn=urls," + groups
		outer  = "cn=outer," + groups
		folk   = "ou=folk," + base
		target = "uid=carol," + people
	)
	match, err := filter.Parse("(title=boss)")
	if err != nil {
		t.Fatal(err)
	}
	group := func(dn string) acl.Subject { return acl.Group{NDN: directory.NDN(dn)} }
	for _, tt := range []struct {
		name       string
		subject    acl.Subject
		give, take func(f *fixture, s *acl.Session) error
	}{
		{"membership", group("cn=helpers," + groups),
			func(f *fixture, s *acl.Session) error { return f.modify(s, helpers, "add member: "+alice) },
			func(f *fixture, s *acl.Session) error { return f.modify(s, helpers, "delete member: "+alice) }},
		{"a group that is created under the name in a statement", group(named),
			func(f *fixture, s *acl.Session) error {
				return f.addAs(s, named, "objectClass: groupOfNames", "cn: named", "member: "+alice)
			},
			func(f *fixture, s *acl.Session) error {
				return f.d.Delete(f.Context(), s, &directory.DeleteRequest{DN: named})
			}},
		{"a group that gets the name in a statement", group(named),
			func(f *fixture, s *acl.Session) error {
				if err := f.modify(s, helpers, "add member: "+alice); err != nil {
					return err
				}
				return f.rename(s, helpers, "cn=named", "")
			},
			func(f *fixture, s *acl.Session) error { return f.rename(s, named, "cn=helpers", "") }},
		{"a dynamic group", group(urls),
			func(f *fixture, s *acl.Session) error {
				return f.addAs(s, urls, "objectClass: groupOfURLs", "cn: urls", "memberURL: ldap:///"+people+"??sub?(uid=alice)")
			},
			func(f *fixture, s *acl.Session) error {
				return f.modify(s, urls, "replace memberURL: ldap:///"+people+"??sub?(uid=bob)")
			}},
		{"a dynamic group in a group", group(outer),
			func(f *fixture, s *acl.Session) error {
				if err := f.addAs(s, outer, "objectClass: groupOfNames", "cn: outer", "member: "+bob); err != nil {
					return err
				}
				if err := f.addAs(s, urls, "objectClass: groupOfURLs", "cn: urls", "memberURL: ldap:///"+people+"??sub?(uid=alice)"); err != nil {
					return err
				}
				return f.modify(s, outer, "add member: "+urls)
			},
			func(f *fixture, s *acl.Session) error { return f.modify(s, outer, "delete member: "+urls) }},
		{"an attribute that a dynamic group asks for", group(dynamic),
			func(f *fixture, s *acl.Session) error { return f.modify(s, alice, "replace title: boss") },
			func(f *fixture, s *acl.Session) error { return f.modify(s, alice, "replace title: clerk") }},
		{"an attribute that a subject asks for", acl.Matching{Filter: match},
			func(f *fixture, s *acl.Session) error { return f.modify(s, alice, "replace title: boss") },
			func(f *fixture, s *acl.Session) error { return f.modify(s, alice, "replace title: clerk") }},
		{"the place of the entry", acl.Subtree{Base: folk},
			func(f *fixture, s *acl.Session) error { return f.rename(s, alice, "uid=alice", folk) },
			func(f *fixture, s *acl.Session) error { return f.rename(s, "uid=alice,"+folk, "uid=alice", people) }},
		{"the name of what is above the entry", acl.Subtree{Base: "ou=crowd," + base},
			func(f *fixture, s *acl.Session) error {
				if err := f.rename(s, alice, "uid=alice", folk); err != nil {
					return err
				}
				return f.rename(s, folk, "ou=crowd", "")
			},
			func(f *fixture, s *acl.Session) error { return f.rename(s, "ou=crowd,"+base, "ou=folk", "") }},
		{"the name of the entry", acl.Name{NDN: "uid=chief," + people},
			func(f *fixture, s *acl.Session) error { return f.rename(s, alice, "uid=chief", "") },
			func(f *fixture, s *acl.Session) error { return f.rename(s, "uid=chief,"+people, "uid=alice", "") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t)
			f.add(helpers, "objectClass: groupOfNames", "cn: helpers", "member: "+bob)
			f.add(dynamic, "objectClass: groupOfURLs", "cn: dynamic", "memberURL: ldap:///"+people+"??sub?(title=boss)")
			f.add(folk, "objectClass: organizationalUnit", "ou: folk")
			f.person("carol", 10003)
			st := statement("given", tt.subject, acl.ActionsView)
			st.Reach.Bases = []directory.NDN{target}
			f.enforce(st)
			s := f.as(alice)
			sees := func(want bool, when string) {
				t.Helper()
				_, err := f.search(s, query{base: target})
				if got := err == nil; got != want {
					t.Errorf("%s: sees it: %v (%v)", when, got, err)
				}
			}
			sees(false, "at first")
			f.ok(tt.give(f, f.operator()))
			sees(true, "given")
			f.ok(f.modify(f.operator(), bob, "replace description: x"))
			sees(true, "after a change of something else")
			f.ok(tt.take(f, f.operator()))
			sees(false, "taken")
		})
	}
}

func (f *fixture) rename(s *acl.Session, dn, rdn, superior string) error {
	return f.d.ModifyDN(f.Context(), s, &directory.ModifyDNRequest{
		DN: dn, NewRDN: rdn, NewSuperior: superior, HasNewSuperior: superior != "", DeleteOldRDN: true,
	})
}

// TestGrantEnds: a grant counts from the next operation on, in its time alone, and as long as it is there.
func TestGrantEnds(t *testing.T) {
	t.Parallel()
	f := newFixture(t, func(o *dit.Options) { o.Suffixes = append(o.Suffixes, "cn=grants,cn=gatehouse") })
	f.person("carol", 10003)
	const target = "uid=carol," + people
	st := statement("elevated", acl.All{acl.Name{NDN: alice}, acl.Elevated{Elevation: "db"}}, acl.ActionsView)
	st.Reach.Bases = []directory.NDN{target}
	all := statement("all", acl.Name{NDN: acl.OperatorDN}, acl.ActionsView|acl.ActionsWrite|acl.ActionsOf(acl.ActionAddEntry, acl.ActionDeleteEntry))
	all.Reach = acl.Reach{Bases: []directory.NDN{acl.GrantsNDN}, Scope: directory.ScopeSub, Protected: true, Privileged: true}
	f.enforce(st, all)
	s, operator := f.as(alice), f.operator()
	sees := func(want bool, when string) {
		t.Helper()
		_, err := f.search(s, query{base: target})
		if got := err == nil; got != want {
			t.Errorf("%s: sees it: %v (%v)", when, got, err)
		}
	}
	stamp := func(after time.Duration) string { return f.now().Add(after).UTC().Format("20060102150405Z") }
	sees(false, "at first")
	const grant = "cn=1," + string(acl.GrantsNDN)
	f.ok(f.addAs(operator, string(acl.GrantsNDN), "objectClass: applicationProcess", "cn: grants"))
	f.ok(f.addAs(operator, grant, "objectClass: gatehouseGrant", "cn: 1", "gatehouseElevation: db", "gatehouseGrantee: "+alice,
		"gatehouseNotBefore: "+stamp(60*time.Second), "gatehouseNotAfter: "+stamp(3600*time.Second)))
	sees(false, "before it begins")
	f.clock.Add(61)
	sees(true, "in its time")
	f.clock.Add(3600)
	sees(false, "after its end")
	f.ok(f.modify(operator, grant, "replace gatehouseNotAfter: "+stamp(time.Hour)))
	sees(true, "with another end")
	f.ok(f.modify(operator, grant, "replace gatehouseElevation: web"))
	sees(false, "of another elevation")
	f.ok(f.modify(operator, grant, "replace gatehouseElevation: db"))
	sees(true, "again")
	f.ok(f.d.Delete(f.Context(), operator, &directory.DeleteRequest{DN: grant}))
	sees(false, "without it")
}

// TestRunningSearchFollowsThePolicy: a search that runs does not find by what its session may no longer search.
func TestRunningSearchFollowsThePolicy(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for i := range 600 {
		f.person("u"+string(rune('a'+i%26))+time.Duration(i).String(), 20000+i, "title: clerk")
	}
	view := statement("view", acl.Authenticated{}, acl.ActionsView)
	f.enforce(view)
	parsed, err := filter.Parse("(title=clerk)")
	f.ok(err)
	x, err := f.d.Search(f.Context(), f.as(alice), &directory.SearchRequest{Base: people, Scope: directory.ScopeOne, Filter: parsed})
	f.ok(err)
	defer x.Close()
	seen := 0
	err = x.Run(f.Context(), func(*acl.View) error {
		if seen++; seen == 1 {
			view.Actions &^= acl.ActionsOf(acl.ActionSearch)
			f.enforce(view)
		}
		return nil
	})
	if err != nil || seen > 257 {
		t.Errorf("%d entries found by an attribute that may not be searched, %v", seen, err)
	}
}
