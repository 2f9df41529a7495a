package acl_test

import (
	"net/netip"
	"testing"
	"time"

	"pgregory.net/rapid"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// TestProxy: a proxied session has the grants of the identity that it acts as, the denies and boundaries of both, and the
// transport of the one that acts.
func TestProxy(t *testing.T) {
	t.Parallel()
	const (
		app, ann, bob = "cn=app," + suffix, "uid=ann,ou=people," + suffix, "uid=bob,ou=people," + suffix
		hidden        = "uid=hidden,ou=people," + suffix
	)
	s := schema.Standard()
	tree := acl.NewTree(s, at)
	for dn, attrs := range map[string][]string{
		suffix: {"objectClass: domain"}, "ou=people," + suffix: {"objectClass: organizationalUnit"}, app: {"objectClass: applicationProcess"},
		ann: {"objectClass: inetOrgPerson"}, bob: {"objectClass: inetOrgPerson"}, hidden: {"objectClass: inetOrgPerson"},
	} {
		if err := tree.Add(dn, lines(attrs...)); err != nil {
			t.Fatal(err)
		}
	}
	reach := func(base string) acl.Reach {
		return acl.Reach{Bases: []directory.NDN{directory.NDN(base)}, Scope: directory.ScopeSub, Protected: true, Privileged: true}
	}
	attrs := func(names ...string) (a acl.Attributes) {
		for _, n := range names {
			a.Types = append(a.Types, tableType(t, n))
		}
		return a
	}
	allow := func(subject acl.Subject, base string, actions acl.Actions, a acl.Attributes, when ...acl.Conditions) acl.Statement {
		return acl.Statement{Effect: acl.Allow, Subject: subject, Reach: reach(base), Actions: actions, Attributes: a, When: when}
	}
	own := acl.ActionsOf(acl.ActionPasswordChange, acl.ActionPasswordReset, acl.ActionMFAEnroll, acl.ActionMFAReset, acl.ActionAccountUnlock)
	denied := allow(acl.Name{NDN: app}, hidden, acl.ActionsView, acl.Attributes{User: true})
	denied.Effect = acl.Deny
	valued := allow(acl.Name{NDN: app}, suffix, acl.ActionsWrite, attrs("manager"))
	valued.Effect, valued.Values = acl.Deny, &acl.Values{Self: true}
	p, err := acl.Compile(&acl.Program{
		At: at, Suffixes: []directory.NDN{suffix},
		Statements: []acl.Statement{
			allow(acl.Name{NDN: ann}, suffix, acl.ActionsView|acl.ActionsWrite, attrs("cn", "mail", "title", "manager")),
			allow(acl.Name{NDN: app}, suffix, acl.ActionsView, attrs("sn")),
			allow(acl.Self{}, suffix, own, acl.Attributes{}),
			allow(acl.Name{NDN: ann}, bob, acl.ActionsOf(acl.ActionPasswordReset), acl.Attributes{}),
			allow(acl.Unless{Subject: acl.Name{NDN: bob}, Except: acl.Self{}}, suffix, acl.ActionsOf(acl.ActionPasswordReset), acl.Attributes{}),
			allow(acl.Name{NDN: ann}, suffix, acl.ActionsOf(acl.ActionRename), acl.Attributes{}, acl.Conditions{TLS: acl.TLSRequired}),
			allow(acl.Name{NDN: ann}, suffix, acl.ActionsOf(acl.ActionDeleteEntry), acl.Attributes{}, acl.Conditions{Level: 2}),
			denied, valued,
		},
		Boundaries: []acl.Boundary{{Subject: acl.Name{NDN: app}, Permit: []acl.Permit{
			{Reach: reach(suffix), Actions: acl.ActionsView, Attributes: attrs("cn", "mail", "sn")},
			{Reach: reach(suffix), Actions: acl.ActionsWrite | own | acl.ActionsOf(acl.ActionRename, acl.ActionDeleteEntry), Attributes: attrs("cn", "manager")},
		}}},
	}, s)
	if err != nil {
		t.Fatal(err)
	}
	as := func(dn string, tr acl.Transport, level int) *acl.Session {
		x, err := tree.Session(tr, acl.Identity{NDN: directory.NDN(dn), DN: dn, Level: level, Method: acl.MethodSimple, At: at})
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	clear := acl.Transport{Peer: netip.MustParseAddrPort("10.0.0.1:1")}
	x := as(ann, acl.Transport{TLSBits: 256}, 2).Proxy(as(app, clear, 1))
	if err := p.Refresh(x, tree); err != nil {
		t.Fatal(err)
	}
	if x.AuthzID() != "dn:"+ann || x.Real() == nil || x.Real().AuthzID() != "dn:"+app || x.Transport().TLSBits != 0 || x.Identity().Level != 1 {
		t.Errorf("%q for %v over %+v", x.AuthzID(), x.Real(), x.Transport())
	}
	for _, tt := range []struct {
		name string
		on   string
		q    acl.Question
		want bool
	}{
		{"what it acts as may read", bob, acl.Question{Action: acl.ActionRead, Attribute: desc(t, "cn")}, true},
		{"what it may read itself", bob, acl.Question{Action: acl.ActionRead, Attribute: desc(t, "sn")}, false},
		{"what its boundary does not permit", bob, acl.Question{Action: acl.ActionRead, Attribute: desc(t, "title")}, false},
		{"what its boundary permits to be read alone", bob, acl.Question{Action: acl.ActionWriteAdd, Attribute: desc(t, "mail")}, false},
		{"what it may write", bob, acl.Question{Action: acl.ActionWriteAdd, Attribute: desc(t, "cn"), Value: []byte("x")}, true},
		{"an entry that is denied to it", hidden, acl.Question{Action: acl.ActionDiscover}, false},
		{"a value that is denied to it, which is its own name", bob,
			acl.Question{Action: acl.ActionWriteAdd, Attribute: desc(t, "manager"), Value: []byte(app)}, false},
		{"another value", bob, acl.Question{Action: acl.ActionWriteAdd, Attribute: desc(t, "manager"), Value: []byte(ann)}, true},
		{"the password of the identity, by self", ann, acl.Question{Action: acl.ActionPasswordChange}, false},
		{"a reset of the identity, by self", ann, acl.Question{Action: acl.ActionPasswordReset}, false},
		{"a second factor, by self", ann, acl.Question{Action: acl.ActionMFAEnroll}, false},
		{"what self gives besides", ann, acl.Question{Action: acl.ActionAccountUnlock}, true},
		{"a reset that is not by self", bob, acl.Question{Action: acl.ActionPasswordReset}, true},
		{"what needs TLS", bob, acl.Question{Action: acl.ActionRename}, false},
		{"what needs a second factor", bob, acl.Question{Action: acl.ActionDeleteEntry}, false},
	} {
		e := tree.Find(directory.NDN(tt.on))
		if got := p.Decide(x, e).Answer(tt.q); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
		if got := p.DecideChange(x, e, tree.Find(directory.NDN(tt.on))).Answer(tt.q); got != tt.want {
			t.Errorf("%s, as a change: %v, want %v", tt.name, got, tt.want)
		}
	}
	y := as(bob, clear, 1).Proxy(as(app, clear, 1))
	if err := p.Refresh(y, tree); err != nil {
		t.Fatal(err)
	}
	if p.Decide(y, tree.Find(bob)).Allows(acl.ActionPasswordReset) {
		t.Error("what is given to all but oneself is given to a proxied self")
	}
	if p.Searchable(x, tableType(t, "cn")) == 0 || p.Searchable(x, tableType(t, "title")) != 0 || p.SeesAll(x) {
		t.Error("searchable: a boundary of who acts does not count")
	}
}

// TestProxyIsNoWider: a proxied session may nothing that the identity may not over the same transport, and nothing that is denied
// to who acts.
func TestProxyIsNoWider(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(rapid.Uint64().Draw(t, "seed"))
		p := compile(t, w, w.p)
		for range 10 {
			real, target := w.session(), w.session()
			id := *target.Identity()
			id.Method, id.Level, id.At = real.Identity().Method, real.Identity().Level, real.Identity().At
			direct, proxied := acl.NewSession(*real.Transport()).Authenticated(id), target.Proxy(real)
			e := w.tree.Find(pick(w.r, w.all))
			for range 10 {
				q := w.question()
				got, alone := p.Decide(proxied, e).Answer(q), p.Decide(direct, e).Answer(q)
				if got && !alone {
					t.Fatalf("%v %v: allowed by proxy, denied to the identity itself", q.Action, q.Attribute)
				}
				if again := p.DecideChange(proxied, e, e).Answer(q); again && !p.DecideChange(direct, e, e).Answer(q) {
					t.Fatalf("%v %v: as a change allowed by proxy, denied to the identity itself", q.Action, q.Attribute)
				}
				if got && len(p.Program().Boundaries) == 0 {
					for _, st := range p.Explain(real, e, nil, q).Reasons {
						if st.Verdict == acl.Denies {
							t.Fatalf("%v %v: allowed by proxy, though %v", q.Action, q.Attribute, st)
						}
					}
				}
			}
		}
	})
}

// TestControls: a condition on controls holds of the request that carries one, and of no other.
func TestControls(t *testing.T) {
	t.Parallel()
	w := newWorld(1)
	for _, groups := range []bool{false, true} {
		subject := acl.Subject(acl.Authenticated{})
		if groups {
			subject = acl.Any{acl.Group{NDN: w.ndn(groupNames[0])}, subject}
		}
		p, err := acl.Compile(&acl.Program{At: at, Suffixes: []directory.NDN{suffix}, Statements: []acl.Statement{{
			Effect: acl.Allow, Subject: subject, Reach: acl.Reach{Bases: []directory.NDN{suffix}, Scope: directory.ScopeSub},
			Actions: acl.ActionsOf(acl.ActionDiscover), When: []acl.Conditions{{Controls: []string{"1.2.3"}}},
		}}}, w.s)
		if err != nil {
			t.Fatal(err)
		}
		s, err := w.tree.Session(acl.Transport{}, acl.Identity{NDN: w.ndn(people[0]), At: at})
		if err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			s    *acl.Session
			want bool
		}{{s, false}, {s.WithControls("1.2.4", "1.2.3"), true}, {s.WithControls("1.2.4"), false}, {s.WithControls("1.2.3").WithControls(), false}} {
			if err := p.Refresh(tt.s, w.tree); err != nil {
				t.Fatal(err)
			}
			if got := p.Decide(tt.s, w.tree.Find(w.all[0])).Discover(); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		}
	}
}

// TestGrants: a grant in the tree makes its elevation active in its time, for its grantee, and says when that ends.
func TestGrants(t *testing.T) {
	t.Parallel()
	w := newWorld(1)
	grant := func(cn, elevation, grantee, class string, end string) {
		if err := w.tree.Add("cn="+cn+","+string(acl.GrantsNDN), lines("objectClass: "+class, "gatehouseElevation: "+elevation,
			"gatehouseGrantee: "+grantee, "gatehouseNotBefore: "+at.Format("20060102150405Z"), "gatehouseNotAfter: "+end)); err != nil {
			t.Fatal(err)
		}
	}
	end := at.Add(time.Hour)
	grant("1", "db", people[0], "gatehouseGrant", end.Format("20060102150405Z"))
	grant("2", "web", people[1], "gatehouseGrant", end.Format("20060102150405Z"))
	grant("3", "mail", people[0], "device", end.Format("20060102150405Z"))
	grant("4", "dns", people[0], "gatehouseGrant", "never")
	view := func(elevation string) acl.Statement {
		return acl.Statement{Effect: acl.Allow, Subject: acl.Elevated{Elevation: elevation}, Reach: acl.Reach{
			Bases: []directory.NDN{suffix}, Scope: directory.ScopeSub}, Actions: acl.ActionsOf(acl.ActionDiscover)}
	}
	for elevation, want := range map[string]bool{"db": true, "web": false, "mail": false, "dns": false} {
		p, err := acl.Compile(&acl.Program{At: at, Suffixes: []directory.NDN{suffix}, Statements: []acl.Statement{view(elevation)}}, w.s)
		if err != nil {
			t.Fatal(err)
		}
		s, err := w.tree.Session(acl.Transport{}, acl.Identity{NDN: w.ndn(people[0]), At: at})
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range []struct {
			at   time.Time
			want bool
		}{{at.Add(-time.Second), false}, {at, want}, {end.Add(-time.Second), want}, {end, false}} {
			w.tree.SetTime(step.at)
			if err := p.Refresh(s, w.tree); err != nil {
				t.Fatal(err)
			}
			if got := p.Decide(s, w.tree.Find(w.all[0])).Discover(); got != step.want {
				t.Errorf("%s at %v: %v, want %v", elevation, step.at, got, step.want)
			}
			if want && step.at.Equal(at) && p.IsCurrent(s, w.tree.CSN(), end) {
				t.Errorf("%s: still current at its end", elevation)
			}
		}
	}
}
