package dit_test

import (
	"fmt"
	"testing"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/dit"
	"gatehouse/directory/filter"
	"gatehouse/directory/hook"
	"gatehouse/directory/schema"
)

// hot is one search that clients repeat, ready to run.
type hot struct {
	f   *fixture
	s   *acl.Session
	req *directory.SearchRequest
	n   int
}

func newHot(tb testing.TB, base string, scope directory.Scope, text string, attrs ...string) *hot {
	f := newFixture(tb)
	for i := range 100 {
		f.person(fmt.Sprintf("user%d", i), 20000+i)
	}
	parsed, err := filter.Parse(text)
	f.ok(err)
	return &hot{f: f, s: f.as(reader), req: &directory.SearchRequest{Base: base, Scope: scope, Filter: parsed, Attributes: attrs}}
}

func (h *hot) run(tb testing.TB, want int) {
	x, err := h.f.d.Search(tb.Context(), h.s, h.req)
	if err != nil {
		tb.Fatal(err)
	}
	h.n = 0
	err = x.Run(tb.Context(), func(v *acl.View) error {
		for _, a := range v.Attributes() {
			h.n += len(a.Set())
		}
		h.n++
		return nil
	})
	x.Close()
	if err != nil || (h.n > 0) != (want > 0) {
		tb.Fatal(h.n, err)
	}
}

var sssdUser = []string{"objectClass", "uid", "userPassword", "uidNumber", "gidNumber", "gecos", "homeDirectory", "loginShell", "krbPrincipalName",
	"cn", "memberOf", "modifyTimestamp", "shadowLastChange", "shadowMin", "shadowMax", "nsAccountLock", "mail"}

// TestSearchAllocations states the budget of a search for one entry by an indexed attribute: of the filter and the request's own
// parts, and none that grow with the entry.
func TestSearchAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector's pools drop what they hold, so allocations cannot be counted")
	}
	for _, tt := range []struct {
		name   string
		h      *hot
		want   int
		budget float64
	}{
		{"by uid", newHot(t, people, directory.ScopeSub, "(uid=user7)"), 1, 12},
		{"base", newHot(t, "uid=user7,"+people, directory.ScopeBase, "(objectClass=*)"), 1, 5},
		{"sssd", newHot(t, base, directory.ScopeSub, "(&(uid=user7)(objectClass=posixAccount)(uid=*)(&(uidNumber=*)(!(uidNumber=0))))", sssdUser...), 1, 48},
		{"miss", newHot(t, people, directory.ScopeSub, "(uid=nobody)"), 0, 12},
	} {
		tt.h.run(t, tt.want)
		if got := testing.AllocsPerRun(200, func() { tt.h.run(t, tt.want) }); got > tt.budget {
			t.Errorf("%s: %v allocations, the budget is %v", tt.name, got, tt.budget)
		} else {
			t.Logf("%s: %v allocations", tt.name, got)
		}
	}
}

func BenchmarkSearch(b *testing.B) {
	for _, bb := range []struct {
		name, base string
		scope      directory.Scope
		filter     string
		attrs      []string
		want       int
	}{
		{"uid", people, directory.ScopeSub, "(uid=user7)", nil, 1},
		{"base", "uid=user7," + people, directory.ScopeBase, "(objectClass=*)", nil, 1},
		{"sssd", base, directory.ScopeSub, "(&(uid=user7)(objectClass=posixAccount)(uid=*)(&(uidNumber=*)(!(uidNumber=0))))", sssdUser, 1},
		{"miss", people, directory.ScopeSub, "(uid=nobody)", nil, 0},
		{"all-102", people, directory.ScopeSub, "(objectClass=posixAccount)", nil, 1},
		{"rootdse", "", directory.ScopeBase, "(objectClass=*)", []string{"*", "+"}, 1},
	} {
		b.Run(bb.name, func(b *testing.B) {
			h := newHot(b, bb.base, bb.scope, bb.filter, bb.attrs...)
			b.ReportAllocs()
			for b.Loop() {
				h.run(b, bb.want)
			}
		})
	}
}

func BenchmarkCompare(b *testing.B) {
	f := newFixture(b)
	s := f.as(reader)
	b.ReportAllocs()
	for b.Loop() {
		if is, err := f.d.Compare(b.Context(), s, &directory.CompareRequest{DN: alice, Attr: "mail", Value: []byte("alice@example.com")}); !is {
			b.Fatal(err)
		}
	}
}

func BenchmarkModify(b *testing.B) {
	f := newFixture(b)
	s := f.as(writer)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		f.ok(f.modify(s, alice, fmt.Sprintf("replace description: changed %d", i)))
	}
}

func BenchmarkSeal(b *testing.B) {
	std := schema.Standard()
	suffixes, err := dit.NewSuffixes(std, base)
	if err != nil {
		b.Fatal(err)
	}
	sealer, err := dit.NewSealer(dit.SealerOptions{Schema: std, Suffixes: suffixes, Hooks: hook.Standard(), Now: start})
	if err != nil {
		b.Fatal(err)
	}
	rec := records(b, `dn: uid=user1,ou=sales,ou=people,dc=example,dc=com
objectClass: inetOrgPerson
objectClass: posixAccount
objectClass: shadowAccount
uid: user1
cn: Anna Schmidt
sn: Schmidt
givenName: Anna
displayName: Anna Schmidt
mail: anna.schmidt@example.com
uidNumber: 10001
gidNumber: 10000
homeDirectory: /home/user1
loginShell: /bin/bash
employeeNumber: 1
telephoneNumber: +49 30 1234567
title: Engineer
description: Some text that describes this person
userPassword: {SSHA}DkMTwBl+a/3DQTxCYEApdUtNXGgdUac3
shadowLastChange: 19000
`)[0]
	b.ReportAllocs()
	for b.Loop() {
		if _, err := sealer.Seal(rec); err != nil {
			b.Fatal(err)
		}
	}
}
