package acl_test

import (
	"bytes"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"gatehouse/acl"
	"gatehouse/acl/enact"
)

// edited returns the program with one random edit, and what it was.
func (w *world) edited() (*acl.Program, string) {
	p := *w.p
	p.Statements, p.Boundaries, p.Roles = slices.Clone(p.Statements), slices.Clone(p.Boundaries), slices.Clone(p.Roles)
	st := &p.Statements[w.r.IntN(len(p.Statements))]
	other := w.statement(50)
	switch w.r.IntN(20) {
	case 0:
		p.Statements = append(p.Statements, other)
		return &p, "a statement more"
	case 1:
		p.Statements = slices.Delete(p.Statements, 0, 1)
		return &p, "a statement less"
	case 2:
		st.Subject = other.Subject
		return &p, "subject"
	case 3:
		st.Subject = acl.Unless{Subject: st.Subject, Except: other.Subject}
		return &p, "unless"
	case 4:
		st.Subject = acl.Any{st.Subject, other.Subject}
		return &p, "any"
	case 5:
		st.Reach = other.Reach
		return &p, "reach"
	case 6:
		st.Reach.Filter = other.Reach.Filter
		return &p, "filter"
	case 7:
		st.Reach.Exclude = other.Reach.Exclude
		return &p, "exclude"
	case 8:
		st.Reach.Scope = other.Reach.Scope
		return &p, "scope"
	case 9:
		st.Reach.Protected, st.Reach.Privileged = other.Reach.Protected, other.Reach.Privileged
		return &p, "includes"
	case 10:
		st.Actions = other.Actions
		if st.Values != nil {
			st.Actions &^= acl.ActionsOf(acl.ActionSearch, acl.ActionCompare)
		}
		return &p, "actions"
	case 11:
		st.Attributes = other.Attributes
		return &p, "attributes"
	case 12:
		st.Values = w.values(&st.Actions)
		return &p, "values"
	case 13:
		st.When = other.When
		return &p, "when"
	case 14:
		st.Expires = other.Expires
		return &p, "expires"
	case 15:
		st.Effect = 1 - st.Effect
		return &p, "effect"
	case 16:
		if len(p.Boundaries) > 0 {
			p.Boundaries = p.Boundaries[1:]
		}
		return &p, "a boundary less"
	case 17:
		if len(p.Boundaries) == 0 {
			return &p, "nothing"
		}
		b, another := &p.Boundaries[0], w.boundary(50)
		switch w.r.IntN(3) {
		case 0:
			b.Subject = another.Subject
		case 1:
			b.When = another.When
		default:
			b.Permit = slices.Concat(b.Permit[1:], another.Permit[:w.r.IntN(len(another.Permit)+1)])
		}
		return &p, "boundary"
	case 18:
		p.Roles = append(p.Roles[:min(len(p.Roles), w.r.IntN(2))], w.program().Roles...)
		return &p, "roles"
	default:
		p.Boundaries = append(p.Boundaries, w.boundary(51))
		return &p, "a boundary more"
	}
}

// TestDiffIsSound: what somebody may do under the new program and not under the old one is a gain; the other way round, a loss or
// something that is guarded now.
func TestDiffIsSound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(rapid.Uint64().Draw(t, "seed"))
		next, edit := w.edited()
		old, new := &enact.Loaded{Policy: compile(t, w, w.p)}, &enact.Loaded{Policy: compile(t, w, next)}
		d, err := enact.Diff(old, new)
		if err != nil {
			t.Fatal(err)
		}
		guarded := len(d.Protected)+len(d.Privileged)+len(d.Authority) > 0
		for range 150 {
			s, target, q := w.session(), w.tree.Find(pick(w.r, w.all)), w.question()
			var before, after acl.Target = target, nil
			if q.Action == acl.ActionMoveIn || q.Action == acl.ActionMoveOut {
				after = w.changed(target)
			}
			was, is := old.Policy.DecideChange(s, before, after).Answer(q), new.Policy.DecideChange(s, before, after).Answer(q)
			if real := w.session(); w.r.IntN(3) == 0 && s.Identity().Kind == acl.KindEntry { // in the name of the session, by whoever may act for it
				acting, on := s.Proxy(real), w.tree.Find(s.Identity().NDN)
				may := func(p *acl.Policy) bool {
					return p.Decide(real, on).Allows(acl.ActionProxy) && p.DecideChange(acting, before, after).Answer(q)
				}
				was, is = may(old.Policy), may(new.Policy)
			}
			if was == is {
				continue
			}
			ndn, _ := target.NDN()
			if is && !d.HasGain() || was && len(d.Losses) == 0 && !guarded && !anchored(old.Policy, new.Policy) {
				var text bytes.Buffer
				_ = d.Text(&text)
				t.Fatalf("%s: %v %v %q on %q: %v, then %v\n%s\n%s", edit, q.Action, q.Attribute, q.Value, ndn, was, is, &text,
					new.Policy.Explain(s, before, after, q).Reasons)
			}
		}
	})
}

// anchored reports whether the new policy stands on more entries.
func anchored(old, new *acl.Policy) bool {
	was := old.Guarded().Anchors
	for _, n := range new.Guarded().Anchors {
		if !slices.Contains(was, n) {
			return true
		}
	}
	return false
}

// TestDiffOfTheSame: order changes nothing, another deny or boundary gives nothing.
func TestDiffOfTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(rapid.Uint64().Draw(t, "seed"))
		old := &enact.Loaded{Policy: compile(t, w, w.p)}
		against := func(what string, p *acl.Program) *enact.Difference {
			d, err := enact.Diff(old, &enact.Loaded{Policy: compile(t, w, p)})
			if err != nil {
				t.Fatal(err)
			}
			if d.HasGain() {
				var text bytes.Buffer
				_ = d.Text(&text)
				t.Fatalf("%s gives something:\n%s", what, &text)
			}
			return d
		}
		p := *w.p
		p.Statements, p.Boundaries, p.Roles = slices.Clone(p.Statements), slices.Clone(p.Boundaries), slices.Clone(p.Roles)
		slices.Reverse(p.Statements)
		slices.Reverse(p.Boundaries)
		slices.Reverse(p.Roles)
		for i := range p.Statements {
			p.Statements[i].Line, p.Statements[i].Reason = 1000+i, "another"
		}
		if d := against("order", &p); len(d.Losses) > 0 {
			t.Fatalf("order takes something: %v", d.Losses)
		}
		deny := w.statement(60)
		deny.Effect = acl.Deny
		p.Statements = append(p.Statements, deny)
		against("a deny", &p)
		p.Boundaries = append(p.Boundaries, w.boundary(60))
		against("a boundary", &p)
	})
}
