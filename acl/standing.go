package acl

import (
	"slices"
	"strings"

	"gatehouse/directory"
)

// standing is what makes an entry special, and by which ways: with another way it has gained, whatever it was before.
type standing struct {
	guard  guard
	groups []directory.NDN // privileged groups that it is, or is in
	who    []int           // subjects of power statements that it is matched by
}

// gained returns what a change from before to s makes of the entry.
func (s *standing) gained(before *standing) guard {
	other := slices.ContainsFunc(s.groups, func(n directory.NDN) bool { return !slices.Contains(before.groups, n) }) ||
		slices.ContainsFunc(s.who, func(n int) bool { return !slices.Contains(before.who, n) })
	if other {
		return s.guard.result()
	}
	return (s.guard &^ before.guard).result()
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

// standingOf says whether the target is a protected principal or a privileged group.
func (p *Policy) standingOf(t Source) (standing, error) {
	st := standing{}
	if !p.usesGuards {
		return st, nil
	}
	ndn, err := t.NDN()
	if err != nil {
		return st, err
	}
	sets := &p.guardSets
	x := principal{Source: t, ndn: ndn, policy: p}
	if sets.asksGroups {
		d := t.Directory()
		if d == nil {
			return st, errNoDirectory
		}
		x.groups = make(map[directory.NDN]struct{})
		if err := d.Groups(t, func(group directory.NDN) bool {
			if _, is := sets.groups[group]; is {
				name := directory.NDN(strings.Clone(string(group)))
				x.groups[name] = struct{}{}
				st.groups = append(st.groups, name)
			}
			return true
		}); err != nil {
			return st, err
		}
	}
	if _, is := sets.groups[ndn]; is {
		st.groups = append(st.groups, directory.NDN(strings.Clone(string(ndn))))
		st.guard |= guardPrivileged
	} else if len(x.groups) > 0 && p.isGroup(t.Entry()) {
		st.guard |= guardPrivileged
	}
	if _, named := sets.names[ndn]; st.guard&guardPrivileged != 0 && !named {
		return st, nil
	}
	for n, s := range sets.who {
		if x.is(s, 0) {
			st.guard |= guardProtected
			st.who = append(st.who, n)
		}
	}
	return st, x.err
}

// guardOf computes the guards of a target. tree says that it is deleted, renamed or moved, so that anchors count.
func (p *Policy) guardOf(t Source, tree bool) (guard, error) {
	st, err := p.standingOf(t)
	if err != nil || !tree {
		return st.guard, err
	}
	below, err := p.guardBelow(t, "")
	return st.guard | below, err
}

// guardBelow computes the guards that the entries below a target, and the names in the program, make for what happens to it as
// a whole. to is the name that it gets; empty if it gets none.
func (p *Policy) guardBelow(t Source, to directory.NDN) (guard, error) {
	ndn, err := t.NDN()
	if err != nil {
		return 0, err
	}
	g := guard(0)
	if _, is := p.guardSets.anchors[ndn]; is {
		g = guardAnchor
	}
	if t.ID() == 0 || !p.usesGuards {
		return g, nil
	}
	d := t.Directory()
	if d == nil {
		return 0, errNoDirectory
	}
	settles := false
	if to != "" {
		if settles, err = p.placeMatters(d, to); err != nil {
			return 0, err
		}
	}
	most := guardAnchor
	if settles {
		most |= guardResultProtected | guardResultPrivileged
	}
	if g == most {
		return g, nil
	}
	var failed error
	whole, err := d.Below(t, func(x Source) bool {
		more, err := p.guardMoved(x, ndn, to, settles)
		g |= more
		failed = err
		return err == nil && g != most
	})
	switch {
	case err != nil:
		return 0, err
	case failed != nil:
		return 0, failed
	case !whole:
		return most, nil
	}
	return g, nil
}

// guardMoved computes what an entry below the one named from adds to its guards. settles says that its new name may count.
func (p *Policy) guardMoved(x Source, from, to directory.NDN, settles bool) (g guard, err error) {
	was, err := p.standingOf(x)
	if err != nil {
		return 0, err
	}
	if was.guard != 0 {
		g |= guardAnchor
	}
	if !settles {
		return g, nil
	}
	ndn, err := x.NDN()
	if err != nil {
		return 0, err
	}
	to = directory.NDN(string(ndn[:len(ndn)-len(from)]) + string(to))
	is, err := p.standingOf(moved{x, to})
	if err != nil {
		return 0, err
	}
	wanted, err := p.isWanted(x, to)
	return g | is.gained(&was) | wanted, err
}

// placeMatters reports whether entries that come to stand below a name may gain by it.
func (p *Policy) placeMatters(d Directory, to directory.NDN) (bool, error) {
	if p.guardSets.byPlace || len(p.guardSets.wanted) > 0 {
		return true, nil
	}
	dynamic, err := d.Dynamic()
	if err != nil || dynamic.Len() > 0 {
		return true, err
	}
	waits := false
	err = d.WaitingBelow(to, func(directory.NDN) bool {
		waits = true
		return false
	})
	return waits, err
}

// isWanted guards a name that a filter of a power statement, or of a dynamic group, looks for in links: whatever links to the
// entry that gets it passes the filter then.
func (p *Policy) isWanted(t Source, name directory.NDN) (guard, error) {
	if _, is := p.guardSets.wanted[name]; is {
		return guardResultProtected, nil
	}
	if !p.guardSets.asksGroups {
		return 0, nil
	}
	dynamic, err := dynamicOf(t)
	if err == nil && dynamic.LooksFor(name) {
		return guardResultProtected, nil
	}
	return 0, err
}
