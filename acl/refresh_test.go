package acl_test

import (
	"testing"
	"time"

	"gatehouse/acl"
	"gatehouse/directory"
)

// commits is a tree in which changes happen that are about nobody, or about a session.
type commits struct {
	*acl.Tree
	csn       directory.CSN
	authority uint64
	asked     int
	now       time.Time
}

func (c *commits) CSN() directory.CSN                            { return c.csn }
func (c *commits) Now() time.Time                                { return c.now }
func (c *commits) Authority(directory.EntryID) (uint64, error)   { return c.authority, nil }
func (c *commits) ByID(id directory.EntryID) (acl.Source, error) { c.asked++; return c.Tree.ByID(id) }
func (c *commits) refresh(p *acl.Policy, s *acl.Session) (int, error) {
	before := c.asked
	err := p.Refresh(s, c)
	return c.asked - before, err
}

// TestRefreshAsksOnlyWhenSomethingIsAboutTheSession counts the look-ups of the session's entry.
func TestRefreshAsksOnlyWhenSomethingIsAboutTheSession(t *testing.T) {
	t.Parallel()
	p, tree, s := fifty(t)
	c := &commits{Tree: tree, csn: 1_000_000, authority: 1, now: at}
	step := func(name string, asks bool) {
		t.Helper()
		if n, err := c.refresh(p, s); err != nil || (n > 0) != asks {
			t.Errorf("%s: the entry was asked for %d times, %v; want it asked: %v", name, n, err, asks)
		}
		if !p.IsCurrent(s, c.csn, c.now) {
			t.Errorf("%s: not current after Refresh", name)
		}
	}
	step("the first time", true)
	step("nothing happened", false)
	c.csn++
	if p.IsCurrent(s, c.csn, c.now) {
		t.Error("current at a state that nobody looked at")
	}
	step("a change of something else", false)
	c.csn, c.authority = c.csn+1, 2
	step("a change about the entry", true)
	c.csn--
	step("an older state", false)
	c.csn = 0
	if n, err := c.refresh(p, s); err != nil || n == 0 {
		t.Errorf("a state that is not published: asked %d times, %v", n, err)
	}
}

// TestRefreshDoesNotAllocate: not after changes that are about somebody else.
func TestRefreshDoesNotAllocate(t *testing.T) {
	p, tree, s := fifty(t)
	c := &commits{Tree: tree, csn: 1_000_000, authority: 1, now: at}
	if err := p.Refresh(s, c); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() {
		c.csn++
		if err := p.Refresh(s, c); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestTwoPoliciesDoNotDisturbEachOther: what a session is under the old policy stays known while operations under it run.
func TestTwoPoliciesDoNotDisturbEachOther(t *testing.T) {
	t.Parallel()
	old, tree, s := fifty(t)
	next, _, _ := fifty(t)
	c := &commits{Tree: tree, csn: 1_000_000, authority: 1, now: at}
	for _, p := range []*acl.Policy{old, next} {
		if err := p.Refresh(s, c); err != nil {
			t.Fatal(err)
		}
	}
	before := c.asked
	cn := desc(t, "cn")
	for range 3 {
		for _, p := range []*acl.Policy{next, old} {
			if err := p.Refresh(s, c); err != nil {
				t.Fatal(err)
			}
			if p.Searchable(s, tableType(t, "cn")) == 0 || !p.Decide(s, tree.Find("uid=u1,ou=people,"+suffix)).Read(cn) {
				t.Error("one policy took the session's facts from the other")
			}
		}
	}
	if c.asked != before {
		t.Errorf("the session was resolved again: %d look-ups", c.asked-before)
	}
}

// TestVolatileSubject: a subject that asks for the children of the session's entry is decided anew after every change.
func TestVolatileSubject(t *testing.T) {
	t.Parallel()
	w := newWorld(1)
	f := parsed(t, "(hasSubordinates=TRUE)")
	p, err := acl.Compile(&acl.Program{At: at, Suffixes: []directory.NDN{suffix}, Statements: []acl.Statement{{
		Effect: acl.Allow, Subject: acl.Matching{Filter: f}, Reach: acl.Reach{Bases: []directory.NDN{suffix}, Scope: directory.ScopeSub},
		Actions: acl.ActionsOf(acl.ActionDiscover),
	}}}, w.s)
	if err != nil {
		t.Fatal(err)
	}
	s, err := w.tree.Session(acl.Transport{}, acl.Identity{NDN: w.ndn(people[0]), At: at})
	if err != nil {
		t.Fatal(err)
	}
	c := &commits{Tree: w.tree, csn: 1_000_000, authority: 1, now: at}
	for range 2 {
		c.csn++
		if n, err := c.refresh(p, s); n == 0 || err != nil {
			t.Errorf("asked %d times, %v", n, err)
		}
	}
}

func BenchmarkRefresh(b *testing.B) {
	p, tree, s := fifty(b)
	c := &commits{Tree: tree, csn: 1_000_000, authority: 1, now: at}
	b.Run("unrelated-commit", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			c.csn++
			if err := p.Refresh(s, c); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("related-commit", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			c.csn++
			c.authority++
			if err := p.Refresh(s, c); err != nil {
				b.Fatal(err)
			}
		}
	})
}
