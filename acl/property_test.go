package acl_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"gatehouse/acl"
	"gatehouse/directory"
)

// asked is a session, a target and a question, with the decision about them.
type asked struct {
	s  *acl.Session
	t  acl.Source
	q  acl.Question
	ok bool
}

func compile(t *rapid.T, w *world, p *acl.Program) *acl.Policy {
	c, err := acl.Compile(p, w.s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (w *world) ask(p *acl.Policy, n int) (list []asked) {
	for range n {
		a := asked{s: w.session(), t: w.tree.Find(pick(w.r, w.all)), q: w.question()}
		a.ok = p.Decide(a.s, a.t).Answer(a.q)
		list = append(list, a)
	}
	return list
}

// TestLaws: order has no meaning; another allow takes nothing away where the guarded sets stay, another deny or boundary gives
// nothing. Here the guarded sets stay because every statement includes what they guard.
func TestLaws(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(rapid.Uint64().Draw(t, "seed"))
		for i := range w.p.Statements {
			w.p.Statements[i].Reach.Protected, w.p.Statements[i].Reach.Privileged = true, true
		}
		for i := range w.p.Boundaries {
			for j := range w.p.Boundaries[i].Permit {
				r := &w.p.Boundaries[i].Permit[j].Reach
				r.Protected, r.Privileged = true, true
			}
		}
		list := w.ask(compile(t, w, w.p), 60)
		same := func(what string, p *acl.Policy, wrong func(before, now bool) bool) {
			for _, a := range list {
				if now := p.Decide(a.s, a.t).Answer(a.q); wrong(a.ok, now) {
					t.Fatalf("%s: %v %v: %v, then %v", what, a.q.Action, a.q.Attribute, a.ok, now)
				}
			}
		}
		other := *w.p
		other.Statements, other.Boundaries, other.Roles = slices.Clone(w.p.Statements), slices.Clone(w.p.Boundaries), slices.Clone(w.p.Roles)
		w.r.Shuffle(len(other.Statements), func(i, j int) {
			other.Statements[i], other.Statements[j] = other.Statements[j], other.Statements[i]
		})
		slices.Reverse(other.Boundaries)
		slices.Reverse(other.Roles)
		same("order", compile(t, w, &other), func(before, now bool) bool { return before != now })

		more := w.statement(99)
		more.Reach.Protected, more.Reach.Privileged = true, true
		for _, effect := range []acl.Effect{acl.Allow, acl.Deny} {
			more.Effect = effect
			other.Statements = append(slices.Clone(w.p.Statements), more)
			same("a statement more", compile(t, w, &other), func(before, now bool) bool {
				return effect == acl.Allow && before && !now || effect == acl.Deny && !before && now
			})
		}
		other.Statements = w.p.Statements
		other.Boundaries = append(slices.Clone(w.p.Boundaries), w.boundary(99))
		same("a boundary more", compile(t, w, &other), func(before, now bool) bool { return !before && now })
	})
}

// TestExplainAgrees: the explanation says what the decision says, and has a reason for it.
func TestExplainAgrees(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(rapid.Uint64().Draw(t, "seed"))
		p := compile(t, w, w.p)
		for _, a := range w.ask(p, 40) {
			e := p.Explain(a.s, a.t, nil, a.q)
			if e.Allowed != a.ok || e.Error != "" {
				t.Fatalf("explained %v (%s), decided %v", e.Allowed, e.Error, a.ok)
			}
			deciding := slices.ContainsFunc(e.Reasons, func(r acl.Reason) bool { return e.Deciding(r.Name) })
			blocked := slices.ContainsFunc(e.Reasons, func(r acl.Reason) bool {
				return r.Verdict == acl.Allows && !e.Allowed || (r.Verdict == acl.Denies || r.Verdict == acl.Limits) && e.Allowed
			})
			gives := slices.ContainsFunc(e.Reasons, func(r acl.Reason) bool { return r.Verdict == acl.Allows })
			if a.ok && (!deciding || blocked) || !a.ok && gives && !deciding {
				t.Fatalf("%v %v %q: allowed %v because of %v", a.q.Action, a.q.Attribute, a.q.Value, a.ok, e.Reasons)
			}
			for _, r := range e.Reasons {
				if (r.Verdict == acl.NearMiss || r.Verdict == acl.Blocked) && r.Missing == "" {
					t.Fatalf("%v does not say what is missing", r)
				}
			}
		}
	})
}

// TestSearchableAgrees: Never and Always are kept by every entry.
func TestSearchableAgrees(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(rapid.Uint64().Draw(t, "seed"))
		p := compile(t, w, w.p)
		for range 5 {
			s := w.session()
			if err := p.Refresh(s, w.tree); err != nil {
				t.Fatal(err)
			}
			sees := p.SeesAll(s)
			for _, name := range attributeNames {
				typ := w.s.TypeByName(name)
				is := p.Searchable(s, typ)
				for _, ndn := range w.all {
					r := p.Decide(s, w.tree.Find(ndn))
					may := r.Search(typ.Description())
					if is == 0 && may && r.Discover() || is == 2 && !may && r.Discover() || sees && !r.Discover() {
						t.Fatalf("%s on %q: searchable %v, sees all %v; may search %v, discover %v", name, ndn, is, sees, may, r.Discover())
					}
				}
			}
		}
	})
}

// hasBelow reports whether the target has entries below it.
func (w *world) hasBelow(t acl.Target) bool {
	ndn, _ := t.NDN()
	return slices.ContainsFunc(w.all, func(n directory.NDN) bool { return n != ndn && n.IsUnder(ndn) })
}

// TestChangeIsNoWider: a change of the name is allowed only if it is allowed on the entry as it is; what changes nothing is decided alike,
// but for anchors, which only keep their place.
func TestChangeIsNoWider(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(rapid.Uint64().Draw(t, "seed"))
		p := compile(t, w, w.p)
		for _, a := range w.ask(p, 40) {
			b := w.tree.Find(pick(w.r, w.all))
			if got := p.DecideChange(a.s, a.t, a.t).Answer(a.q); got != a.ok {
				// Nothing moves, so that anchors do not count; what is below moves, too, and may be forbidden to.
				g := a.q.Action
				anchor := got && (g == acl.ActionDeleteEntry || g == acl.ActionRename || g == acl.ActionMoveOut)
				below := !got && (g == acl.ActionMoveIn || g == acl.ActionMoveOut) && w.hasBelow(a.t)
				if !anchor && !below {
					t.Fatalf("%v %v: %v, but %v for a change of nothing", a.q.Action, a.q.Attribute, a.ok, got)
				}
			}
			was, _ := a.t.NDN()
			is, _ := b.NDN()
			if was != is && a.q.Action != acl.ActionMoveIn && p.DecideChange(a.s, a.t, b).Answer(a.q) && !a.ok {
				t.Fatalf("%v %v: denied, but allowed as a change", a.q.Action, a.q.Attribute)
			}
		}
	})
}
