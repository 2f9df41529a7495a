package acl

import "slices"

// DecideChange returns what the session may do in a change that turns before into after. before is nil for an add, after for
// a delete. A statement allows only if it matches both states, relations between session and target being taken from before,
// except that move-out is judged on before and move-in on after; what denies or limits counts if it does so in either. What the
// change turns into a protected principal or a privileged group needs statements that include these.
func (p *Policy) DecideChange(s *Session, before, after Target) Rights {
	switch {
	case p == nil || p.program == nil || s == nil || before == nil && after == nil:
		return Rights{}
	case after == nil:
		return p.Decide(s, before)
	case before == nil:
		return p.decideAdd(s, sourceOf(after))
	}
	c := change{policy: p, before: sourceOf(before), after: sourceOf(after)}
	if c.by = p.of(s, c.before.Directory()); c.by.view.closed {
		return Rights{}
	}
	r, err := c.decide()
	if err != nil {
		return Rights{}
	}
	return Rights{row: r, by: c.by}
}

func (p *Policy) decideAdd(s *Session, after Source) Rights {
	r := p.Decide(s, after)
	if r.row == nil || r.row.guarded == 0 {
		return r
	}
	g, err := p.guardOf(after, false)
	if err != nil {
		return Rights{}
	}
	return Rights{row: newRow(p, r.row.matched, g|g.result()), by: r.by}
}

// result turns guards into those of what a change makes.
func (g guard) result() (r guard) {
	if g&guardProtected != 0 {
		r |= guardResultProtected
	}
	if g&guardPrivileged != 0 {
		r |= guardResultPrivileged
	}
	return r
}

// change is one decision about two states of an entry.
type change struct {
	policy        *Policy
	by            *resolved
	before, after Source
}

func (c *change) decide() (*row, error) {
	p := c.policy
	was, err := c.facts(c.before)
	if err != nil {
		return nil, err
	}
	is, err := c.facts(c.after)
	if err != nil {
		return nil, err
	}
	// is, as far as the target goes, with the relations of before: nobody makes themselves an owner and uses it at once.
	mixed := known{slots: is.slots, places: is.places, tests: slices.Clone(is.tests)}
	for n, t := range p.tests {
		if _, place := t.subject.(Ancestor); place || !t.isRelation() {
			continue
		}
		if mixed.tests.drop(n); was.tests.has(n) {
			mixed.tests.add(n)
		}
	}
	m, out, in := c.matched(was, is, mixed)
	gained, g, err := c.guards(m, out, in)
	if err != nil {
		return nil, err
	}
	r := newRow(p, m, g|gained)
	r.guarded = 0
	r.actions &^= 1<<ActionMoveOut | 1<<ActionMoveIn
	r.actions |= newRow(p, out, g).actions & (1 << ActionMoveOut)
	r.actions |= newRow(p, in, g&^guardAnchor|gained).actions & (1 << ActionMoveIn)
	return r, c.deniedBelow(r)
}

// facts finds everything that is true of one state.
func (c *change) facts(t Source) (known, error) {
	p := c.policy
	ndn, err := t.NDN()
	if err != nil {
		return known{}, err
	}
	k := known{slots: c.by.view.slots, places: p.zoneOf(ndn).places, tests: make(bitset, (len(p.tests)+63)/64)}
	var w work
	return k, p.examine(c.tests(), p.labels > 0, c.by, t, &w, k.tests)
}

// tests are those that the statements of the view may ask for.
func (c *change) tests() (list []int) {
	seen := make([]bool, len(c.policy.tests))
	note := func(e *expr) {
		e.visit(func(leaf *expr) {
			if leaf.op == opTest && !seen[leaf.n] {
				seen[leaf.n] = true
				list = append(list, leaf.n)
			}
		})
	}
	v := c.by.view
	for _, r := range slices.Concat(v.allows, v.denies) {
		note(r.who)
		note(r.reach)
	}
	for _, cl := range v.ceilings {
		note(cl.who)
		for _, p := range cl.permits {
			note(p.whole)
		}
	}
	return list
}

// matched finds the statements for the change as a whole, for leaving the old place and for coming to the new one.
func (c *change) matched(was, is, mixed known) (m, out, in matched) {
	v := c.by.view
	for _, r := range v.allows {
		before, after := r.holds(was), r.holds(mixed)
		if before && after {
			m.allows = append(m.allows, r)
		}
		if before {
			out.allows = append(out.allows, r)
		}
		if after {
			in.allows = append(in.allows, r)
		}
	}
	for _, r := range v.denies {
		before, after := r.holds(was), r.holds(is) || r.holds(mixed)
		if before || after {
			m.denies = append(m.denies, r)
		}
		if before {
			out.denies = append(out.denies, r)
		}
		if after {
			in.denies = append(in.denies, r)
		}
	}
	for _, cl := range v.ceilings {
		if !cl.who.holds(was) && !cl.who.holds(is) {
			continue
		}
		both, before, after := matchedCeiling{ceiling: cl}, matchedCeiling{ceiling: cl}, matchedCeiling{ceiling: cl}
		for _, p := range cl.permits {
			old, now := p.whole.holds(was), p.whole.holds(mixed)
			if old && now {
				both.permits = append(both.permits, p)
			}
			if old {
				before.permits = append(before.permits, p)
			}
			if now {
				after.permits = append(after.permits, p)
			}
		}
		m.ceilings, out.ceilings, in.ceilings = append(m.ceilings, both), append(out.ceilings, before), append(in.ceilings, after)
	}
	return m, out, in
}

func (r *rule) holds(k known) bool { return r.who.holds(k) && r.reach.holds(k) }

// guards finds the guards of the entry as it is, and those that the change adds. They are not looked for if no statement minds.
func (c *change) guards(of ...matched) (gained, g guard, err error) {
	needed := Actions(0)
	for _, m := range of {
		needed |= newRow(c.policy, m, 0).guarded
	}
	if needed == 0 {
		return 0, 0, nil
	}
	if g, err = c.policy.guardOf(c.before, c.renames()); err != nil {
		return 0, 0, err
	}
	after, err := c.policy.guardOf(c.after, false)
	return (after &^ g).result(), g, err
}

func (c *change) renames() bool {
	before, err1 := c.before.NDN()
	after, err2 := c.after.NDN()
	return err1 != nil || err2 != nil || before != after
}

// deniedBelow takes back the right to move an entry if a statement that denies moves has its base below it: at the source for
// move-out, at the destination for move-in.
func (c *change) deniedBelow(r *row) error {
	before, err := c.before.NDN()
	if err != nil {
		return err
	}
	after, err := c.after.NDN()
	if err != nil {
		return err
	}
	for _, d := range c.by.view.denies {
		for _, base := range d.Reach.Bases {
			if d.Actions.Has(ActionMoveOut) && base != before && base.IsUnder(before) {
				r.actions &^= 1 << ActionMoveOut
			}
			if d.Actions.Has(ActionMoveIn) && base != after && base.IsUnder(after) {
				r.actions &^= 1 << ActionMoveIn
			}
		}
	}
	return nil
}
