package enact

import (
	"fmt"
	"slices"
	"strings"

	"gatehouse/acl"
	"gatehouse/directory"
)

// row is a part of a statement or permit that is compared by itself: one alternative of its subject, one base.
type row struct {
	acl.Place
	who     *who
	base    directory.NDN
	reach   *acl.Reach
	own     bool // the statement's subject is the target itself
	values  *acl.Values
	when    []acl.Conditions
	expires acl.Instant
	takes   bool // a deny
	cells   map[cell]bool
}

// side is one of two programs that are compared, taken apart.
type side struct {
	program *acl.Program
	guarded acl.Guarded
	allows  []*row
	denies  []*row
	limits  []*limit
}

// limit is one alternative of a boundary's subject.
type limit struct {
	acl.Place
	who     *who
	when    acl.Conditions
	permits []*row
	bases   map[directory.NDN]bool // that the permits name
}

// sideOf takes a program apart.
func sideOf(p *acl.Policy, u *universe) *side {
	s := &side{program: p.Program(), guarded: p.Guarded()}
	for i := range s.program.Statements {
		st := &s.program.Statements[i]
		takes := st.Effect == acl.Deny
		one := row{
			Place: st.Place, reach: &st.Reach, own: acl.IsOwn(st.Subject), values: st.Values, when: st.When, expires: st.Expires, takes: takes,
			cells: u.cells(st.Actions, &st.Attributes, takes, takes),
		}
		if len(one.cells) == 0 {
			continue
		}
		for _, w := range whoOf(st.Subject, s.program, 0).alternatives() {
			one.who = w
			if takes {
				s.denies = append(s.denies, one.perBase()...)
			} else {
				s.allows = append(s.allows, one.perBase()...)
			}
		}
	}
	for i := range s.program.Boundaries {
		b := &s.program.Boundaries[i]
		l := limit{Place: b.Place, when: b.When, bases: make(map[directory.NDN]bool)}
		for j := range b.Permit {
			p := &b.Permit[j]
			one := row{
				Place: b.Place, who: anyone, reach: &p.Reach, values: p.Values, when: []acl.Conditions{p.When},
				cells: u.cells(p.Actions, &p.Attributes, false, true),
			}
			l.permits = append(l.permits, one.perBase()...)
			noteBases(l.bases, &p.Reach)
		}
		for _, w := range whoOf(b.Subject, s.program, 0).alternatives() {
			one := l
			one.who = w
			s.limits = append(s.limits, &one)
		}
	}
	return s
}

func (r row) perBase() (list []*row) {
	for _, b := range r.reach.Bases {
		one := r
		one.base = b
		list = append(list, &one)
	}
	return list
}

func noteBases(m map[directory.NDN]bool, r *acl.Reach) {
	for _, b := range r.Bases {
		m[b] = true
	}
	for i := range r.Exclude {
		noteBases(m, &r.Exclude[i])
	}
}

// isOver reports whether the row cannot match any more.
func (r *row) isOver(now acl.Instant) bool {
	over := func(end acl.Instant) bool { return !end.IsZero() && !now.IsZero() && !now.Before(end) }
	return over(r.expires) || slices.ContainsFunc(r.when, func(c acl.Conditions) bool { return over(c.Time.NotAfter) })
}

// covers reports whether r matches whatever b matches, for sure; guards apart.
func (r *row) covers(b *row) bool {
	if !r.expires.IsZero() && (b.expires.IsZero() || b.expires.After(r.expires)) {
		return false
	}
	if r.takes && r.values != nil && !valuesSame(r.values, b.values) {
		return false // what cannot be evaluated denies, in the order in which it is looked at
	}
	return placeCovers(r.base, r.reach.Scope, b.base, b.reach.Scope) && filterCovers(r.reach.Filter, b.reach.Filter) &&
		excludesLess(r.reach, b.base, b.reach) && valuesImplied(r.values, b.values) && r.who.covers(b.who) && implied(r.when, b.when)
}

// gives returns the cells of b that r gives as well, guards considered.
func (r *row) gives(b *row, rest map[cell]bool) (list []cell) {
	for c := range rest {
		if r.cells[c] && !r.heldMore(b, c) {
			list = append(list, c)
		}
	}
	return list
}

// heldMore reports whether a guard may hold r back where it does not hold b back.
func (r *row) heldMore(b *row, c cell) bool {
	writes := acl.ActionsWrite.Has(c.action) || c.action == acl.ActionManage
	exact := func(x *row) bool { return x.reach.Scope == directory.ScopeBase }
	protected := func(x *row) bool { return x.reach.Protected || exact(x) }
	privileged := func(x *row) bool { return x.reach.Privileged || exact(x) }
	if acl.GuardedOnAnchors.Has(c.action) && b.reach.Protected && !r.reach.Protected {
		return true
	}
	if !writes && !acl.GuardedOnPrincipals.Has(c.action) && !acl.GuardedOnGroups.Has(c.action) {
		return false
	}
	return protected(b) && !protected(r) || privileged(b) && !privileged(r) || writes && b.own && !r.own && !protected(r)
}

func placeCovers(a directory.NDN, as directory.Scope, b directory.NDN, bs directory.Scope) bool {
	switch as {
	case directory.ScopeBase:
		return bs == directory.ScopeBase && a == b
	case directory.ScopeOne:
		return bs == directory.ScopeOne && a == b || bs == directory.ScopeBase && b != "" && a != b && b.Parent() == a
	case directory.ScopeSub:
		return b.IsUnder(a)
	case directory.ScopeChildren:
		return b.IsUnder(a) && (a != b || bs == directory.ScopeChildren || bs == directory.ScopeOne)
	default:
		return false
	}
}

// placesMiss reports whether two scopes have no name in common, for sure.
func placesMiss(a directory.NDN, as directory.Scope, b directory.NDN, bs directory.Scope) bool {
	reaches := func(base directory.NDN, scope directory.Scope, n directory.NDN) bool {
		return placeCovers(base, scope, n, directory.ScopeBase)
	}
	switch {
	case as == directory.ScopeBase:
		return !reaches(b, bs, a)
	case bs == directory.ScopeBase:
		return !reaches(a, as, b)
	case as == directory.ScopeOne && bs == directory.ScopeOne:
		return a != b
	case as == directory.ScopeOne:
		return apartNames(a, b) || a != b && b.IsUnder(a) && !reaches(a, as, b)
	case bs == directory.ScopeOne:
		return placesMiss(b, bs, a, as)
	default:
		return apartNames(a, b)
	}
}

// filterCovers reports whether a passes whatever b passes, for sure.
func filterCovers(a, b directory.Filter) bool {
	switch {
	case a == nil:
		return true
	case b == nil:
		return false
	case filterText(a) == filterText(b):
		return true
	}
	switch a := a.(type) {
	case directory.And:
		return !slices.ContainsFunc(a, func(f directory.Filter) bool { return !filterCovers(f, b) })
	case directory.Or:
		if slices.ContainsFunc(a, func(f directory.Filter) bool { return filterCovers(f, b) }) {
			return true
		}
	}
	switch b := b.(type) {
	case directory.And:
		return slices.ContainsFunc(b, func(f directory.Filter) bool { return filterCovers(a, f) })
	case directory.Or:
		return len(b) > 0 && !slices.ContainsFunc(b, func(f directory.Filter) bool { return !filterCovers(a, f) })
	}
	return false
}

// filterText is a filter with the parts of and, or in a fixed order.
func filterText(f directory.Filter) string {
	list := func(word string, parts []directory.Filter) string {
		texts := make([]string, len(parts))
		for i, p := range parts {
			texts[i] = filterText(p)
		}
		slices.Sort(texts)
		return "(" + word + strings.Join(slices.Compact(texts), "") + ")"
	}
	switch f := f.(type) {
	case directory.And:
		return list("&", f)
	case directory.Or:
		return list("|", f)
	case *directory.Not:
		return "(!" + filterText(f.Filter) + ")"
	default:
		return strings.TrimPrefix(acl.SubjectText(acl.Matching{Filter: f}), "matching ")
	}
}

// excludesLess reports whether what r excludes is excluded by the other reach, or no part of it, for sure.
func excludesLess(r *acl.Reach, base directory.NDN, other *acl.Reach) bool {
	for i := range r.Exclude {
		x := &r.Exclude[i]
		for _, b := range x.Bases {
			if placesMiss(b, x.Scope, base, other.Scope) {
				continue
			}
			if !slices.ContainsFunc(other.Exclude, func(y acl.Reach) bool { return reachCovers(&y, b, x) }) {
				return false
			}
		}
	}
	return true
}

// reachCovers reports whether a holds whatever b holds at one of its bases, for sure.
func reachCovers(a *acl.Reach, base directory.NDN, b *acl.Reach) bool {
	return slices.ContainsFunc(a.Bases, func(n directory.NDN) bool { return placeCovers(n, a.Scope, base, b.Scope) }) &&
		filterCovers(a.Filter, b.Filter) && excludesLess(a, base, b)
}

// placeMisses reports whether two rows have no entry in common, for sure.
func (r *row) placeMisses(b *row) bool {
	return placesMiss(r.base, r.reach.Scope, b.base, b.reach.Scope)
}

// target describes where the row reaches.
func (r *row) target() string {
	one := *r.reach
	one.Bases = []directory.NDN{r.base}
	return one.String()
}

// note is what limits the row beside subject and target.
func (r *row) note() string {
	var parts []string
	list := make([]*acl.Conditions, len(r.when))
	for i := range r.when {
		list[i] = &r.when[i]
	}
	if text := conditionText(list...); text != "" {
		parts = append(parts, "when "+text)
	}
	if r.values != nil {
		parts = append(parts, "some values only")
	}
	if !r.expires.IsZero() {
		parts = append(parts, fmt.Sprintf("until %s", r.expires.UTC().Format("2006-01-02T15:04Z")))
	}
	if r.reach.Protected {
		parts = append(parts, "protected principals included")
	}
	if r.reach.Privileged {
		parts = append(parts, "privileged groups included")
	}
	return strings.Join(parts, "; ")
}
