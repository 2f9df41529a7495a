package dit_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/dit"
	"gatehouse/directory/filter"
)

func TestLimits(t *testing.T) {
	t.Parallel()
	one, all, little := 1, 0, 3
	f := newFixture(t, func(o *dit.Options) {
		o.Limits = dit.Limits{
			Bound:     &dit.Limit{SizeEntries: 4, LookThroughCandidates: 1000},
			Anonymous: &dit.Limit{SizeEntries: 1, LookThroughCandidates: 5},
			Overrides: []dit.LimitOverride{
				{DN: reader, SizeEntries: &all},
				{Group: nested, SizeEntries: &one},
				{Subtree: "ou=apps," + base, LookThroughCandidates: &little},
			},
		}
		_, name, _ := o.Schema.ParseName("cn=app,ou=apps," + base)
		_, person, _ := o.Schema.ParseName(alice)
		_, r, _ := o.Schema.ParseName(reader)
		_, w, _ := o.Schema.ParseName(writer)
		_, a, _ := o.Schema.ParseName(adminDN)
		p, err := roles{readers: []directory.NDN{name, person, r, w}, administrators: []directory.NDN{a}}.policy()
		if err != nil {
			t.Fatal(err)
		}
		o.Policy = p
	})
	f.add("ou=apps,"+base, "objectClass: organizationalUnit", "ou: apps")
	f.add("cn=app,ou=apps,"+base, "objectClass: organizationalRole", "objectClass: simpleSecurityObject", "cn: app", "userPassword: secret-app")
	total := 12
	for _, tt := range []struct {
		name, as string
		asked    int
		code     directory.ResultCode
		n        int
	}{
		{"bound", writer, 0, directory.SizeLimitExceeded, 4},
		{"bound asks for less", writer, 2, directory.SizeLimitExceeded, 2},
		{"bound asks for more", writer, 9, directory.SizeLimitExceeded, 4},
		{"by name", reader, 0, 0, total},
		{"by name, asks", reader, 5, directory.SizeLimitExceeded, 5},
		{"by name, asks for all that there are", reader, total, 0, total},
		{"by nested group", alice, 0, directory.SizeLimitExceeded, 1},
		{"administrator", adminDN, 0, 0, total},
		{"by subtree", "cn=app,ou=apps," + base, 0, directory.AdminLimitExceeded, -1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := &fixture{TB: t, d: f.d}
			found, err := f.search(f.as(tt.as), query{base: base, scope: directory.ScopeSub, size: tt.asked, filter: "(objectClass=*)"})
			f.wants(err, tt.code)
			if tt.n >= 0 && len(found) != tt.n {
				t.Errorf("%d entries, want %d", len(found), tt.n)
			}
		})
	}
	_, err := f.search(f.as("cn=app,ou=apps,"+base), query{base: base, scope: directory.ScopeSub, filter: "(uid=alice)"})
	f.ok(err) // an indexed search stays below the look-through limit
}

// run searches with everything that a request may bring.
func (f *fixture) run(ctx context.Context, s *acl.Session, req *directory.SearchRequest, emit func(*acl.View) error) error {
	f.Helper()
	if req.Filter == nil {
		all, err := filter.Parse("(objectClass=*)")
		f.ok(err)
		req.Filter = all
	}
	x, err := f.d.Search(ctx, s, req)
	if err != nil {
		return err
	}
	defer x.Close()
	return x.Run(ctx, emit)
}

func TestSearchEnds(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for i := range 200 {
		f.add(fmt.Sprintf("cn=d%d,%s", i, people), "objectClass: device", fmt.Sprintf("cn: d%d", i))
	}
	s := f.as(reader)
	all := &directory.SearchRequest{Base: base, Scope: directory.ScopeSub}
	n := 0
	count := func(*acl.View) error { n++; return nil }

	ctx, cancel := context.WithCancelCause(t.Context())
	abandoned := errors.New("abandoned")
	cancel(abandoned)
	if err := f.run(ctx, s, all, count); !errors.Is(err, abandoned) || n >= 200 {
		t.Errorf("after %d entries: %v", n, err)
	}

	full := errors.New("the client is gone")
	if err := f.run(t.Context(), s, all, func(*acl.View) error { return full }); !errors.Is(err, full) {
		t.Errorf("an error of emit: %v", err)
	}

	timed := *all
	timed.TimeLimit = time.Second
	n = 0
	err := f.run(t.Context(), s, &timed, func(*acl.View) error {
		n++
		f.clock.Add(1)
		return nil
	})
	f.wants(err, directory.TimeLimitExceeded)
	if n >= 200 {
		t.Errorf("%d entries", n)
	}
}

func TestBounded(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for i := range 200 {
		f.add(fmt.Sprintf("cn=d%d,%s", i, people), "objectClass: device", fmt.Sprintf("cn: d%d", i))
	}
	for _, tt := range []struct {
		q    query
		want bool
	}{
		{query{base: alice}, true},
		{query{base: ""}, true},
		{query{base: bob}, true},
		{query{base: staff}, false},
		{query{base: staff, attrs: []string{"cn"}}, true},
		{query{base: "cn=Subschema"}, true},
		{query{base: base, scope: directory.ScopeSub, filter: "(uid=alice)"}, true},
		{query{base: base, scope: directory.ScopeSub, filter: "(uid=nobody)"}, true},
		{query{base: base, scope: directory.ScopeSub, filter: "(objectClass=device)"}, false},
		{query{base: people, scope: directory.ScopeOne}, false},
	} {
		parsed, err := filter.Parse(cmp.Or(tt.q.filter, "(objectClass=*)"))
		f.ok(err)
		x, err := f.d.Search(t.Context(), f.as(reader), &directory.SearchRequest{Base: tt.q.base, Scope: tt.q.scope, Filter: parsed, Attributes: tt.q.attrs})
		f.ok(err)
		if got := x.Bounded(); got != tt.want {
			t.Errorf("%+v: %v", tt.q, got)
		}
		x.Close()
	}
}

// runFollowing searches for everything and follows what entries refer to.
func (f *fixture) runFollowing(s *acl.Session, req *directory.SearchRequest) error {
	f.Helper()
	all, err := filter.Parse("(objectClass=*)")
	f.ok(err)
	req.Filter = all
	x, err := f.d.Search(f.Context(), s, req)
	f.ok(err)
	defer x.Close()
	return x.Run(f.Context(), func(*acl.View) error {
		if c := x.Controls(); c != nil {
			for _, err := range c.Deref {
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// TestTimeLimitWithinOneEntry: the time limit also ends a search while the names in one group are looked up, by itself or for the
// dereference control.
func TestTimeLimitWithinOneEntry(t *testing.T) {
	t.Parallel()
	var passes atomic.Bool
	f := newFixture(t, func(o *dit.Options) {
		now := o.Now
		var looks atomic.Int64
		o.Now = func() time.Time {
			if !passes.Load() {
				return now()
			}
			return now().Add(time.Duration(looks.Add(1)) * time.Second)
		}
	})
	lines := []string{"objectClass: groupOfNames", "objectClass: posixGroup", "cn: large", "gidNumber: 77"}
	for i := range 500 {
		f.person(fmt.Sprintf("n%d", i), 20000+i)
		lines = append(lines, fmt.Sprintf("member: uid=n%d,%s", i, people))
	}
	f.add("cn=large,"+groups, lines...)
	f.add("cn=around,"+groups, "objectClass: groupOfNames", "cn: around", "member: cn=large,"+groups)
	for _, tt := range []struct {
		name string
		req  directory.SearchRequest
	}{
		{"names of a group", directory.SearchRequest{Base: "cn=large," + groups, Attributes: []string{"memberUid"}}},
		{"names of a dereferenced group", directory.SearchRequest{Base: "cn=around," + groups, Attributes: []string{"cn"},
			Controls: &directory.RequestControls{Deref: []directory.DerefSpec{{Attr: "member", Attributes: []string{"memberUid"}}}}}},
	} {
		s := f.as(reader)
		for limit, want := range map[time.Duration]directory.ResultCode{2 * time.Second: directory.TimeLimitExceeded, time.Hour: directory.Success} {
			tt.req.TimeLimit = limit
			passes.Store(true)
			err := f.runFollowing(s, &tt.req)
			passes.Store(false)
			if got := directory.CodeOf(err); got != want {
				t.Errorf("%s within %v: %v", tt.name, limit, err)
			}
		}
	}
}
