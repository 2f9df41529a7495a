package acl

import (
	"slices"
	"strings"
	"time"

	"gatehouse/directory"
	"gatehouse/directory/filter"
)

// guards computes the guarded sets of the program, as far as they follow from it alone.
func (c *compiler) guards() {
	p := c.Policy
	words := p.columns.words
	p.secret, p.authority, p.groupAuthority = make(bitset, words), make(bitset, words), make(bitset, words)
	for col, k := range p.columns.classes {
		if k == classConfidential {
			p.secret.add(col)
		}
	}
	if p.schema != nil {
		p.authority = p.columns.set(&Attributes{Types: c.authorityList}, true)
		p.groupAuthority = p.columns.set(&Attributes{Types: c.groupAuthorityList}, true)
	}
	// Every credential that no list names is one all the same.
	p.authority.or(p.secret)
	p.groupAuthority.or(p.secret)
	g := &p.guardSets
	g.groups, g.names = make(map[directory.NDN]struct{}), make(map[directory.NDN]struct{})
	g.anchors, g.holders = make(map[directory.NDN]struct{}), make(map[string]struct{})
	now := p.program.At
	if now.IsZero() {
		now = time.Now()
	}
	for i := range p.program.Statements {
		if st := &p.program.Statements[i]; st.IsPower(now) {
			c.protect(st.Subject)
		}
	}
	for i := range p.program.Elevations {
		c.protect(p.program.Elevations[i].Eligible)
	}
	c.anchorAll()
	if p.schema == nil {
		return
	}
	for _, class := range p.schema.ObjectClasses() {
		for _, t := range slices.Concat(class.Must, class.May) {
			switch t.Name() {
			case "member", "uniqueMember", "memberUid", "memberURL":
				for _, sub := range p.schema.ObjectClasses() {
					if sub.IsSubclassOf(class) {
						for _, name := range append(sub.Names[:len(sub.Names):len(sub.Names)], sub.OID) {
							g.holders[strings.ToLower(name)] = struct{}{}
						}
					}
				}
			}
		}
	}
}

// protect notes the subject of a power statement: whom it matches becomes protected, the groups that it names privileged.
func (c *compiler) protect(s Subject) {
	g := &c.guardSets
	if !matchesByName(s) {
		return
	}
	g.who = append(g.who, s)
	walkSubject(s, func(s Subject) {
		_, group := s.(Group)
		g.asksGroups = g.asksGroups || group
	})
	c.notePrivileged(s, 0)
}

func (c *compiler) notePrivileged(s Subject, depth int) {
	g := &c.guardSets
	switch s := s.(type) {
	case Group:
		g.groups[s.NDN] = struct{}{}
		g.asksGroups, c.usesGuards = true, true
	case Matching:
		if c.schema != nil {
			if g.filters == nil {
				g.filters = make(map[string]*filter.Compiled)
			}
			g.filters[filter.String(s.Filter)] = filter.Compile(c.schema, s.Filter, nil)
			c.usesGuards = true
		}
	case Name:
		g.names[s.NDN] = struct{}{}
		c.usesGuards = true
	case Role:
		for i := range c.program.Roles {
			if h := &c.program.Roles[i]; h.Role == s.Name && depth < roleDepthMax {
				c.notePrivileged(h.Subject, depth+1)
			}
		}
	case All:
		for _, k := range s {
			c.notePrivileged(k, depth)
		}
	case Any:
		for _, k := range s {
			c.notePrivileged(k, depth)
		}
	case Unless:
		c.notePrivileged(s.Subject, depth)
	}
}

// matchesByName reports whether a part of the subject, not counting what is subtracted, is one that protects.
func matchesByName(s Subject) bool {
	switch s := s.(type) {
	case Group, Name, Matching, Role:
		return true
	case All:
		return slices.ContainsFunc(s, matchesByName)
	case Any:
		return slices.ContainsFunc(s, matchesByName)
	case Unless:
		return matchesByName(s.Subject)
	default:
		return false
	}
}

// anchorAll notes every name in the program, and the names above.
func (c *compiler) anchorAll() {
	g := &c.guardSets
	anchor := func(n directory.NDN) {
		for ; n != ""; n = n.Parent() {
			if _, known := g.anchors[n]; known {
				return
			}
			g.anchors[n] = struct{}{}
		}
	}
	inFilter := func(f directory.Filter) {
		if f == nil || c.schema == nil {
			return
		}
		filter.Walk(filter.Compile(c.schema, f, nil).Root, func(n *filter.Node) bool {
			anchor(n.Name)
			return true
		})
	}
	subject := func(s Subject) {
		walkSubject(s, func(s Subject) {
			switch s := s.(type) {
			case Name:
				anchor(s.NDN)
			case Subtree:
				anchor(s.Base)
			case Group:
				anchor(s.NDN)
			case Matching:
				inFilter(s.Filter)
			}
		})
	}
	var reach func(*Reach)
	reach = func(r *Reach) {
		for _, b := range r.Bases {
			anchor(b)
		}
		inFilter(r.Filter)
		for i := range r.Exclude {
			reach(&r.Exclude[i])
		}
	}
	inValues := func(v *Values) {
		if v == nil {
			return
		}
		for _, n := range v.Under {
			anchor(n)
		}
		for _, one := range v.AnyOf {
			if c.schema != nil && strings.Contains(one, "=") {
				if ndn, err := c.schema.AppendNDN(nil, one); err == nil {
					anchor(directory.NDN(ndn))
				}
			}
		}
	}
	for i := range c.program.Statements {
		st := &c.program.Statements[i]
		subject(st.Subject)
		reach(&st.Reach)
		inValues(st.Values)
	}
	for i := range c.program.Boundaries {
		b := &c.program.Boundaries[i]
		subject(b.Subject)
		for j := range b.Permit {
			reach(&b.Permit[j].Reach)
			inValues(b.Permit[j].Values)
		}
	}
	for i := range c.program.Roles {
		subject(c.program.Roles[i].Subject)
	}
	for i := range c.program.Elevations {
		subject(c.program.Elevations[i].Eligible)
	}
}

// guardOf computes the guards of a target. tree says that it is deleted, renamed or moved, so that anchors count.
func (p *Policy) guardOf(t Source, tree bool) (guard, error) {
	ndn, err := t.NDN()
	if err != nil {
		return 0, err
	}
	g := guard(0)
	sets := &p.guardSets
	if p.usesGuards {
		if g, err = p.principalGuard(t, ndn); err != nil {
			return 0, err
		}
	}
	if !tree {
		return g, nil
	}
	if _, anchor := sets.anchors[ndn]; anchor {
		return g | guardAnchor, nil
	}
	if len(sets.groups)+len(sets.filters) > 0 && t.ID() != 0 {
		d := t.Directory()
		if d == nil {
			return 0, errNoDirectory
		}
		groups := make([]directory.NDN, 0, len(sets.groups))
		for n := range sets.groups {
			groups = append(groups, n)
		}
		filters := make([]*filter.Compiled, 0, len(sets.filters))
		for _, f := range sets.filters {
			filters = append(filters, f)
		}
		holds, err := d.AnyBelow(t, groups, filters)
		if err != nil {
			return 0, err
		}
		if holds {
			g |= guardAnchor
		}
	}
	return g, nil
}

// principalGuard says whether the target is a protected principal or a privileged group.
func (p *Policy) principalGuard(t Source, ndn directory.NDN) (g guard, err error) {
	sets := &p.guardSets
	x := principal{Source: t, ndn: ndn, policy: p}
	if sets.asksGroups {
		d := t.Directory()
		if d == nil {
			return 0, errNoDirectory
		}
		x.groups = make(map[directory.NDN]struct{})
		if err := d.Groups(t, func(group directory.NDN) bool {
			x.groups[directory.NDN(strings.Clone(string(group)))] = struct{}{}
			return true
		}); err != nil {
			return 0, err
		}
	}
	if _, is := sets.groups[ndn]; is {
		g |= guardPrivileged
	} else if p.isGroup(t.Entry()) {
		for n := range x.groups {
			if _, is := sets.groups[n]; is {
				g |= guardPrivileged
			}
		}
	}
	if g&guardPrivileged != 0 {
		if _, named := sets.names[ndn]; !named {
			return g, nil
		}
	}
	for _, s := range sets.who {
		if x.is(s, 0) {
			g |= guardProtected
			break
		}
	}
	return g, x.err
}

// isGroup reports whether one of the entry's object classes has members.
func (p *Policy) isGroup(e *directory.Entry) bool {
	for _, a := range e.Attributes() {
		if a.Desc.Key != "objectclass" {
			continue
		}
		for v := range a.Values() {
			if _, is := p.guardSets.holders[strings.ToLower(string(v))]; is {
				return true
			}
		}
	}
	return false
}

// principal is a target, looked at as one whom a subject may match.
type principal struct {
	Source
	ndn    directory.NDN
	groups map[directory.NDN]struct{}
	policy *Policy
	err    error
}

// is reports whether a subject protects the target: relations and conditions are taken to hold, what is broad protects nobody
// by itself.
func (x *principal) is(s Subject, depth int) bool {
	switch s := s.(type) {
	case Group:
		_, is := x.groups[s.NDN]
		return is
	case Name:
		return x.ndn == s.NDN
	case Matching:
		return x.passes(s) && x.canBind()
	case Role:
		for i := range x.policy.program.Roles {
			if h := &x.policy.program.Roles[i]; h.Role == s.Name && depth < roleDepthMax && x.is(h.Subject, depth+1) {
				return true
			}
		}
		return false
	case All:
		protects := false
		for _, k := range s {
			switch k := k.(type) {
			case Subtree:
				if !x.ndn.IsUnder(k.Base) {
					return false
				}
			default:
				if matchesByName(k) {
					if !x.is(k, depth) {
						return false
					}
					protects = true
				}
			}
		}
		return protects
	case Any:
		return slices.ContainsFunc(s, func(k Subject) bool { return x.is(k, depth) })
	case Unless:
		return x.is(s.Subject, depth) && !x.excepted(s.Except, depth)
	default:
		return false
	}
}

// excepted reports whether a subtracted subject certainly matches the target.
func (x *principal) excepted(s Subject, depth int) bool {
	switch s := s.(type) {
	case Group, Name:
		return x.is(s, depth)
	case Subtree:
		return x.ndn.IsUnder(s.Base)
	case Any:
		return slices.ContainsFunc(s, func(k Subject) bool { return x.excepted(k, depth) })
	case All:
		return len(s) > 0 && !slices.ContainsFunc(s, func(k Subject) bool { return !x.excepted(k, depth) })
	default:
		return false
	}
}

func (x *principal) passes(s Matching) bool {
	f := x.policy.guardSets.filters[filter.String(s.Filter)]
	if f == nil {
		return false
	}
	var scratch filter.Scratch
	truth, err := f.MatchWith(x.Facts(), &scratch)
	if err != nil {
		x.err = err
	}
	return truth == filter.True
}

// canBind reports whether the entry has something to sign in with.
func (x *principal) canBind() bool {
	for _, a := range x.Entry().Attributes() {
		switch a.Desc.Key {
		case "userpassword", "authpassword", "krbprincipalkey", "usercertificate", "usercertificate;binary":
			return true
		}
	}
	return false
}
