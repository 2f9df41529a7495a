package acl_test

import (
	"fmt"
	"slices"
	"testing"

	"gatehouse/acl"
	"gatehouse/directory"
)

// isChanged decides a subject about the state after a change: relations hold of before, the place is that of after.
func (in *interpreter) isChanged(s acl.Subject, before, after acl.Source) bool {
	switch s := s.(type) {
	case acl.Ancestor:
		return in.is(s, after)
	case acl.Role:
		return slices.ContainsFunc(in.p.Roles, func(h acl.RoleHolder) bool {
			return h.Role == s.Name && in.isChanged(h.Subject, before, after) && in.when(&h.When, acl.Instant{})
		})
	case acl.All:
		return len(s) > 0 && !slices.ContainsFunc(s, func(k acl.Subject) bool { return !in.isChanged(k, before, after) })
	case acl.Any:
		return slices.ContainsFunc(s, func(k acl.Subject) bool { return in.isChanged(k, before, after) })
	case acl.Unless:
		return in.isChanged(s.Subject, before, after) && !in.isChanged(s.Except, before, after)
	default:
		return in.is(s, before)
	}
}

// change decides a question about a change.
func (in *interpreter) change(before, after acl.Source, q acl.Question) bool {
	out, into := q.Action == acl.ActionMoveOut, q.Action == acl.ActionMoveIn
	was, will := in.guardsOf(before), in.guardsOf(after)
	old, now := must(before.NDN()), must(after.NDN())
	was.anchor = old != now && !into && in.anchored(before)
	gained := will.gained(was)
	if old != now {
		more := in.movedBelow(old, now)
		gained.protected, gained.privileged = gained.protected || more.protected, gained.privileged || more.privileged
	}
	blocked := func(r *acl.Reach, s acl.Subject) bool {
		return in.blocked(was, r, q, s) || in.makes(gained, r, q)
	}
	allowed := false
	for i := range in.p.Statements {
		st := &in.p.Statements[i]
		deny := st.Effect == acl.Deny
		if !in.whenAll(st.When, st.Expires) || !in.acts(st.Actions, &st.Attributes, q, deny) || !in.value(st.Values, q, deny) {
			continue
		}
		a := in.is(st.Subject, before) && in.reaches(&st.Reach, before)
		b := in.isChanged(st.Subject, before, after) && in.reaches(&st.Reach, after)
		if deny {
			b = b || in.is(st.Subject, after) && in.reaches(&st.Reach, after)
		}
		switch {
		case deny && (out && a || into && b || !out && !into && (a || b)):
			return false
		case !deny && (out && a || into && b || !out && !into && a && b) && !blocked(&st.Reach, st.Subject):
			allowed = true
		}
	}
	for i := range in.p.Statements {
		st := &in.p.Statements[i]
		if st.Effect == acl.Deny && st.Actions.Has(q.Action) && in.whenAll(st.When, st.Expires) && in.perhaps(st.Subject) {
			for _, base := range st.Reach.Bases {
				if out && base != old && base.IsUnder(old) || into && base != now && base.IsUnder(now) {
					return false
				}
			}
		}
	}
	if (out || into) && old.Parent() != now.Parent() && in.deniedWithin(q.Action, old, now) {
		return false
	}
	if (out || into) && allowed && in.boundBelow(q.Action, old, now) {
		return false
	}
	for i := range in.p.Boundaries {
		b := &in.p.Boundaries[i]
		if !in.is(b.Subject, before) && !in.is(b.Subject, after) || !in.when(&b.When, acl.Instant{}) {
			continue
		}
		if !slices.ContainsFunc(b.Permit, func(p acl.Permit) bool {
			return (into || in.reaches(&p.Reach, before)) && (out || in.reaches(&p.Reach, after)) && in.when(&p.When, acl.Instant{}) &&
				in.permits(&p, q) && in.value(p.Values, q, false) && !blocked(&p.Reach, nil)
		}) {
			return false
		}
	}
	return allowed
}

// deniedWithin reports whether a statement denies an end of a move for an entry that comes along.
func (in *interpreter) deniedWithin(a acl.Action, old, now directory.NDN) bool {
	for _, n := range in.all {
		if n == old || !n.IsUnder(old) {
			continue
		}
		x := acl.Source(in.tree.Find(n))
		if a == acl.ActionMoveIn {
			x = in.movedTo(x, n[:len(n)-len(old)]+now)
		}
		for i := range in.p.Statements {
			st := &in.p.Statements[i]
			if st.Effect == acl.Deny && st.Actions.Has(a) && in.whenAll(st.When, st.Expires) && in.is(st.Subject, x) && in.reaches(&st.Reach, x) {
				return true
			}
		}
	}
	return false
}

// movedTo is an entry as it is under another name.
func (in *interpreter) movedTo(x acl.Source, name directory.NDN) acl.Source {
	var attrs []directory.PartialAttribute
	for _, a := range x.Entry().Attributes() {
		attrs = append(attrs, directory.PartialAttribute{Attr: a.Desc.Name, Values: slices.Collect(a.Values())})
	}
	return must(in.tree.Propose(x.ID(), string(name), attrs))
}

// boundBelow reports whether a boundary with a base below the entry does not surely permit the move of what stands there.
func (in *interpreter) boundBelow(a acl.Action, old, now directory.NDN) bool {
	top := old
	if a == acl.ActionMoveIn {
		top = now
	}
	for i := range in.p.Boundaries {
		b := &in.p.Boundaries[i]
		if !in.perhaps(b.Subject) || !in.when(&b.When, acl.Instant{}) {
			continue
		}
		var bases []directory.NDN
		var reach func(*acl.Reach)
		reach = func(r *acl.Reach) {
			bases = append(bases, r.Bases...)
			for i := range r.Exclude {
				reach(&r.Exclude[i])
			}
		}
		for i := range b.Permit {
			reach(&b.Permit[i].Reach)
		}
		for _, base := range bases {
			if base == top || !base.IsUnder(top) {
				continue
			}
			for _, probe := range []directory.NDN{base, "cn=probe," + base, "cn=deeper,cn=probe," + base} {
				if !slices.ContainsFunc(b.Permit, func(p acl.Permit) bool {
					return p.Actions.Has(a) && in.when(&p.When, acl.Instant{}) && certainly(&p.Reach, probe)
				}) {
					return true
				}
			}
		}
	}
	return false
}

// certainly reports whether a reach has an entry of that name, whatever the entry is like; possibly, if it may.
func certainly(r *acl.Reach, n directory.NDN) bool {
	return r.Filter == nil && inScope(r, n) && !slices.ContainsFunc(r.Exclude, func(x acl.Reach) bool { return possibly(&x, n) })
}

func possibly(r *acl.Reach, n directory.NDN) bool {
	return inScope(r, n) && !slices.ContainsFunc(r.Exclude, func(x acl.Reach) bool { return certainly(&x, n) })
}

func inScope(r *acl.Reach, n directory.NDN) bool {
	return slices.ContainsFunc(r.Bases, func(base directory.NDN) bool {
		switch r.Scope {
		case directory.ScopeBase:
			return n == base
		case directory.ScopeOne:
			return n != base && n.Parent() == base
		case directory.ScopeChildren:
			return n != base && n.IsUnder(base)
		default:
			return n.IsUnder(base)
		}
	})
}

// movedBelow is what a new name adds to the entries that move with it.
func (in *interpreter) movedBelow(old, now directory.NDN) (gained special) {
	gained.protected = in.wanted(now)
	for _, n := range in.all {
		if n == old || !n.IsUnder(old) {
			continue
		}
		name := n[:len(n)-len(old)] + now
		x := in.tree.Find(n)
		more := in.guardsOf(in.movedTo(x, name)).gained(in.guardsOf(x))
		gained.protected = gained.protected || more.protected || in.wanted(name)
		gained.privileged = gained.privileged || more.privileged
	}
	return gained
}

// makes reports whether a statement lacks the include for what a change makes of an entry.
func (in *interpreter) makes(gained special, r *acl.Reach, q acl.Question) bool {
	switch q.Action {
	case acl.ActionAddEntry, acl.ActionRename, acl.ActionMoveOut, acl.ActionMoveIn, acl.ActionPasswordReset:
	default:
		if !acl.ActionsWrite.Has(q.Action) && q.Action != acl.ActionManage {
			return false
		}
	}
	exact := r.Scope == directory.ScopeBase
	return gained.protected && !r.Protected && !exact || gained.privileged && !r.Privileged && !exact
}

// perhaps reports whether a subject may match for some target.
func (in *interpreter) perhaps(s acl.Subject) bool { return in.maybe(s) != no }

type ternary int

const (
	no ternary = iota
	unknown
	yes
)

func (in *interpreter) maybe(s acl.Subject) ternary {
	switch s := s.(type) {
	case acl.Self, acl.Ancestor, acl.NamedIn, acl.GroupIn, acl.Same:
		if in.self() == nil {
			return no
		}
		return unknown
	case acl.All:
		least := yes
		for _, k := range s {
			least = min(least, in.maybe(k))
		}
		return least
	case acl.Any:
		most := no
		for _, k := range s {
			most = max(most, in.maybe(k))
		}
		return most
	case acl.Unless:
		return min(in.maybe(s.Subject), yes-in.maybe(s.Except))
	default:
		if in.is(s, in.tree.Find(in.all[0])) {
			return yes
		}
		return no
	}
}

// TestChangesAgreeWithInterpreter holds decisions about changes against the statements, read one after the other.
func TestChangesAgreeWithInterpreter(t *testing.T) {
	t.Parallel()
	tuples, allowed, failed := 0, 0, 0
	for seed := range manyWorlds(600) {
		w := newWorld(seed + 2_000_000)
		p, err := acl.Compile(w.p, w.s)
		if err != nil {
			t.Fatal(err)
		}
		for range 10 {
			s := w.session()
			in := &interpreter{s: w.s, p: w.p, tree: w.tree, as: s, all: w.all}
			before := w.tree.Find(pick(w.r, w.all))
			after := w.changed(before)
			for range 4 {
				q := w.question()
				if w.r.IntN(3) == 0 {
					q = acl.Question{Action: pick(w.r, []acl.Action{acl.ActionMoveIn, acl.ActionMoveOut, acl.ActionRename})}
				}
				got, want := p.DecideChange(s, before, after).Answer(q), in.change(before, after, q)
				tuples++
				if want {
					allowed++
				}
				if got != want && failed < 5 {
					failed++
					old, _ := before.NDN()
					now, _ := after.NDN()
					t.Errorf("seed %d: %q may %v %v %q: %q to %q: tables %v, interpreter %v\n%v", seed+2_000_000, s.Identity().NDN, q.Action,
						q.Attribute, q.Value, old, now, got, want, p.Explain(s, before, after, q).Reasons)
				}
			}
		}
	}
	t.Logf("%d tuples, %d allowed", tuples, allowed)
	if allowed < 300 {
		t.Errorf("%d tuples, %d allowed: too few to tell", tuples, allowed)
	}
}

// changed is what an entry may become: another place, other attributes.
func (w *world) changed(before acl.Source) acl.Source {
	ndn, _ := before.NDN()
	dn := string(ndn)
	switch w.r.IntN(4) {
	case 0:
		dn = fmt.Sprintf("cn=new%d,%s", w.r.IntN(3), pick(w.r, containers))
	case 1:
		dn = pick(w.r, people)
	}
	attrs := []directory.PartialAttribute{{Attr: "objectClass", Values: [][]byte{[]byte(pick(w.r, []string{"inetOrgPerson", "groupOfNames"}))}}}
	for _, maybe := range [][2]string{
		{"departmentNumber", fmt.Sprint("d", w.r.IntN(3))}, {"employeeType", fmt.Sprint("t", w.r.IntN(2))}, {"userPassword", "x"},
		{"manager", pick(w.r, people)}, {"owner", pick(w.r, people)},
	} {
		if w.r.IntN(2) == 0 {
			attrs = append(attrs, directory.PartialAttribute{Attr: maybe[0], Values: [][]byte{[]byte(maybe[1])}})
		}
	}
	after, err := w.tree.Propose(before.ID(), dn, attrs)
	if err != nil {
		panic(err)
	}
	return after
}
