package bundle

import (
	"net/netip"
	"slices"

	"gatehouse/directory"
	"gatehouse/directory/filter"
)

// checkReach warns of a grant that can match nothing (V5).
func (l *loader) checkReach(g Grant) {
	s := g.Statement
	if g.Enforce == Disabled {
		return
	}
	if !s.Expires.IsZero() && !l.Now.IsZero() && !l.Now.Before(s.Expires) {
		l.warn(s.Pos, "%s expired on %s", g.ID, s.Expires.AddDate(0, 0, -1).Format("2006-01-02"))
	}
	if why := emptySubject(g.Subject); why != "" {
		l.warn(g.Subject.Pos, "%s matches nobody: %s", g.ID, why)
	}
	l.checkTarget(g.ID, s.Target, g.Scope)
	for _, w := range g.When {
		l.checkWhen(g, w)
	}
	if s.Values != nil && s.Values.AnyOf != nil && len(s.Values.AnyOf) == 0 {
		l.warn(s.Values.Pos, "%s matches no value: any-of is empty", g.ID)
	}
	if actions := s.Actions.Expand(); actions&OIDActions == actions && l.misses(s.Target, g.Scope, serverNDN) {
		l.warn(s.Target.Pos, "%s matches nothing: the target of control and extop is %s", g.ID, serverNDN)
	}
}

// checkBoundaries warns of boundaries that do nothing.
func (l *loader) checkBoundaries(d *Document) {
	for _, b := range d.Boundaries {
		if b.Subject == nil || b.Enforce == Disabled {
			continue
		}
		if why := emptySubject(b.Subject); why != "" {
			l.warn(b.Subject.Pos, "%s matches nobody: %s", b.ID, why)
		}
		for _, p := range b.Permit {
			if p.Target != nil {
				l.checkTarget(b.ID, p.Target, nil)
			}
			if p.When != nil {
				l.checkConditions(b.ID, p.When)
			}
		}
	}
}

// emptySubject says why nobody can match a subject, as far as its words tell.
func emptySubject(s *Subject) string {
	var anonymous, known bool
	var named []*Name
	var bases []*Name
	for _, t := range s.Terms {
		switch t := t.(type) {
		case Anonymous:
			anonymous = true
		case Authenticated, Group, HasRole, Matching, Self, Ancestor, NamedIn, GroupIn, Same:
			known = true
		case Named:
			known, named = true, t.Names
		case Subtree:
			known, bases = true, t.Bases
		case Any:
			if why := emptyAny(t); why != "" {
				return why
			}
		case Anyone:
		}
	}
	switch {
	case anonymous && known:
		return "an anonymous session has no name, group or role"
	case named != nil && bases != nil && !slices.ContainsFunc(named, func(n *Name) bool { return underAny(n, bases) }):
		return "no dn lies in the subtree"
	case s.Unless != nil && (isAnyone(s.Unless) || isAuthenticated(s.Unless) && !anonymous && known):
		return "unless takes everybody away"
	}
	return ""
}

// emptyAny says why none of the alternatives can match.
func emptyAny(a Any) string {
	first := ""
	for _, part := range a.Of {
		why := emptySubject(part)
		if why == "" {
			return ""
		}
		first = why
	}
	return first
}

func isAnyone(s *Subject) bool {
	_, is := s.Terms[0].(Anyone)
	return is && len(s.Terms) == 1 && s.Unless == nil
}

func isAuthenticated(s *Subject) bool {
	_, is := s.Terms[0].(Authenticated)
	return is && len(s.Terms) == 1 && s.Unless == nil
}

// underAny reports whether a name may lie at or below one of the bases. Names below different placeholders may.
func underAny(n *Name, bases []*Name) bool {
	return slices.ContainsFunc(bases, func(b *Name) bool {
		return n.Anchor != b.Anchor || n.NDN.IsUnder(b.NDN)
	})
}

// checkTarget warns of a target without entries.
func (l *loader) checkTarget(id string, t *Target, scope *Name) {
	if t.Filter != nil {
		bound := t.Filter.Bind("dc=x", "dc=x")
		op := filter.Compile(l.Schema, bound, nil).Root.Op
		if op == filter.OpFalse || op == filter.OpUndefined || contradicts(bound) {
			l.warn(t.Filter.Pos, "%s matches nothing: the filter is never true", id)
		}
	}
	for _, x := range t.Exclude {
		covers := x.Filter == nil && len(x.Exclude) == 0 && x.Base.Anchor == t.Base.Anchor && t.Base.NDN.IsUnder(x.Base.NDN)
		whole := x.Scope == directory.ScopeSub || x.Scope == t.Scope && x.Base.NDN == t.Base.NDN
		if covers && whole {
			l.warn(x.Pos, "%s matches nothing: everything is excluded", id)
		}
	}
	if l.NamingContexts == nil {
		return
	}
	server := []directory.NDN{subschemaNDN, monitorNDN, serverNDN}
	for _, base := range t.Base.Names(l.NamingContexts, scope) {
		made := base == "" || slices.ContainsFunc(server, base.IsUnder)
		if !made && !slices.ContainsFunc(l.NamingContexts, func(c directory.NDN) bool { return meets(t.Scope, base, c) }) {
			at := t.Base.Pos
			if t.Base.Anchor == AnchorScope && scope != nil {
				at = scope.Pos
			}
			l.warn(at, "%s matches nothing: %s lies outside every naming context", id, base)
		}
	}
}

// contradicts reports whether a filter asks for something and its contrary, both written alike.
func contradicts(f directory.Filter) bool {
	switch f := f.(type) {
	case directory.Or:
		return len(f) > 0 && !slices.ContainsFunc(f, func(part directory.Filter) bool { return !contradicts(part) })
	case directory.And:
		asked := make(map[string]bool, len(f))
		for _, part := range f {
			asked[filter.String(part)] = true
		}
		return slices.ContainsFunc(f, func(part directory.Filter) bool {
			not, is := part.(*directory.Not)
			return contradicts(part) || is && asked[filter.String(not.Filter)]
		})
	default:
		return false
	}
}

// meets reports whether a scope can hold an entry of the naming context.
func meets(scope directory.Scope, base, context directory.NDN) bool {
	switch scope {
	case directory.ScopeBase:
		return base.IsUnder(context)
	case directory.ScopeOne:
		return base.IsUnder(context) || context.Parent() == base
	case directory.ScopeSub, directory.ScopeChildren:
		return base.IsUnder(context) || context.IsUnder(base)
	default:
		return true
	}
}

// misses reports whether a target cannot hold the entry named.
func (l *loader) misses(t *Target, scope *Name, entry directory.NDN) bool {
	if t.Base.Anchor != AnchorRoot && l.NamingContexts == nil {
		return true // no naming context is above the server's own entries
	}
	return !slices.ContainsFunc(t.Base.Names(l.NamingContexts, scope), entry.IsUnder)
}

// checkWhen warns of conditions that no session fulfils.
func (l *loader) checkWhen(g Grant, w *When) {
	l.checkConditions(g.ID, w)
	if _, anonymous := g.Subject.Terms[0].(Anonymous); anonymous && w.Level > 0 {
		l.warn(w.Pos, "%s matches nobody: an anonymous session has auth-level 0", g.ID)
	}
	if t := w.Time; t != nil && !g.Statement.Expires.IsZero() && !t.NotBefore.Before(g.Statement.Expires) {
		l.warn(t.Pos, "%s never matches: it expires before not-before", g.ID)
	}
}

func (l *loader) checkConditions(id string, w *When) {
	if len(w.Networks) > 0 && !slices.ContainsFunc(w.Networks, func(p netip.Prefix) bool { return !covered(p, w.NotNetworks) }) {
		l.warn(w.Pos, "%s never matches: not-network takes every network away", id)
	}
	if w.Networks != nil && len(w.Networks) == 0 {
		l.warn(w.Pos, "%s never matches: the network is an empty set", id)
	}
	if w.Methods != nil && w.Level > 0 && !slices.ContainsFunc(w.Methods, func(m AuthMethod) bool { return m != MethodAnonymous }) {
		l.warn(w.Pos, "%s never matches: an anonymous session has auth-level 0", id)
	}
	if w.Time == nil {
		return
	}
	t := w.Time
	switch {
	case !t.NotAfter.IsZero() && !t.NotBefore.Before(t.NotAfter):
		l.warn(t.Pos, "%s never matches: not-after is not after not-before", id)
	case !t.NotAfter.IsZero() && !l.Now.IsZero() && !l.Now.Before(t.NotAfter):
		l.warn(t.Pos, "%s is over since %s", id, t.NotAfter.Format("2006-01-02T15:04:05Z07:00"))
	case t.Outside != nil && t.Outside.isAlways():
		l.warn(t.Outside.Pos, "%s never matches: there is no time outside", id)
	case t.Within != nil && t.Outside != nil && t.Within.equal(t.Outside):
		l.warn(t.Pos, "%s never matches: within and outside are the same", id)
	}
}

// covered reports whether one of the networks holds all of p.
func covered(p netip.Prefix, networks []netip.Prefix) bool {
	return slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Bits() <= p.Bits() && n.Contains(p.Addr()) })
}

func (w *Window) isAlways() bool {
	return !w.HasHours && w.Days == [7]bool{true, true, true, true, true, true, true}
}

func (w *Window) equal(o *Window) bool {
	return w.Days == o.Days && w.HasHours == o.HasHours && w.From == o.From && w.To == o.To && w.Zone.String() == o.Zone.String()
}
