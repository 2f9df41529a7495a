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
	rights, err := c.rights(s)
	if err != nil {
		return Rights{}
	}
	return rights
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
	return r.adding(g | g.result())
}

// adding returns the rights for an entry that has guards as soon as it is there.
func (r Rights) adding(g guard) Rights {
	r.row, r.on = newRow(r.row.policy, r.row.matched, g), nil
	if r.limit != nil {
		limit := r.limit.adding(g)
		r.limit = &limit
	}
	return r
}

// change is one decision about two states of an entry.
type change struct {
	policy        *Policy
	by            *resolved
	view          *view
	before, after Source
}

// rights decides for a session and, if it is proxied, for who acts.
func (c *change) rights(s *Session) (Rights, error) {
	if c.by = c.policy.of(s, c.before.Directory()); c.by.view.closed {
		return Rights{}, nil
	}
	c.view = c.by.view
	rights, err := c.decide(s)
	if err != nil || s.real == nil {
		return rights, err
	}
	real := c.policy.of(s.real, c.before.Directory())
	if real.view.closed {
		return Rights{}, nil
	}
	over := change{c.policy, real, c.policy.viewOf(real.slots, true), c.before, c.after}
	limit, err := over.decide(s.real)
	rights.limit = &limit
	return rights, err
}

func (c *change) decide(s *Session) (Rights, error) {
	p := c.policy
	was, err := c.facts(c.before)
	if err != nil {
		return Rights{}, err
	}
	is, err := c.facts(c.after)
	if err != nil {
		return Rights{}, err
	}
	m, out, in := c.matched(was, is, c.mixed(was, is))
	if n := p.selfTest; s.real != nil && n >= 0 && was.tests.has(n) {
		was.tests.drop(n)
		is.tests.drop(n)
		without, _, _ := c.matched(was, is, c.mixed(was, is))
		m.never = m.impersonal(p, without)
	}
	gained, g, err := c.guards(m, out, in)
	if err != nil {
		return Rights{}, err
	}
	r := newRow(p, m, g|gained)
	r.guarded = 0
	r.actions &^= 1<<ActionMoveOut | 1<<ActionMoveIn
	r.actions |= newRow(p, out, g|gained).actions & (1 << ActionMoveOut)
	r.actions |= newRow(p, in, g&^guardAnchor|gained).actions & (1 << ActionMoveIn)
	if err := c.deniedBelow(r); err != nil {
		return Rights{}, err
	}
	rights := Rights{row: r, by: c.by}
	if g&(guardProtected|guardPrivileged) != 0 {
		rules, err := dynamicOf(c.before)
		if err != nil {
			return Rights{}, err
		}
		if rules.Len() > 0 {
			rights.wide = &wide{row: newRow(p, m, g|gained|guardWide), rules: rules}
		}
	}
	return rights, nil
}

// mixed is the state after as far as the target goes, with the relations of the one before: nobody makes themselves an owner and
// uses it at once.
func (c *change) mixed(was, is known) known {
	mixed := known{slots: is.slots, places: is.places, tests: slices.Clone(is.tests)}
	for n, t := range c.policy.tests {
		if _, place := t.subject.(Ancestor); place || !t.isRelation() {
			continue
		}
		if mixed.tests.drop(n); was.tests.has(n) {
			mixed.tests.add(n)
		}
	}
	return mixed
}

// facts finds everything that is true of one state.
func (c *change) facts(t Source) (known, error) { return c.known(t, c.tests()) }

// known is facts for the tests given.
func (c *change) known(t Source, tests []int) (known, error) {
	p := c.policy
	ndn, err := t.NDN()
	if err != nil {
		return known{}, err
	}
	k := known{slots: c.by.slots, places: p.zoneOf(ndn).places, tests: make(bitset, (len(p.tests)+63)/64)}
	var w work
	return k, p.examine(tests, p.labels > 0, 0, c.by, t, &w, k.tests)
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
	v := c.view
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
	v := c.view
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
	was, err := c.policy.standingOf(c.before)
	if err != nil {
		return 0, 0, err
	}
	is, err := c.policy.standingOf(c.after)
	if err != nil {
		return 0, 0, err
	}
	gained, g = is.gained(&was), was.guard
	before, err := c.before.NDN()
	if err != nil {
		return 0, 0, err
	}
	after, err := c.after.NDN()
	if err != nil || before == after {
		return gained, g, err
	}
	below, err := c.policy.guardBelow(c.before, after)
	if err != nil {
		return 0, 0, err
	}
	wanted, err := c.policy.isWanted(c.before, after)
	return gained | below&^guardAnchor | wanted, g | below&guardAnchor, err
}
