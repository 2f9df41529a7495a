package acl

import (
	"sync/atomic"

	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/directory/schema"
)

// Searchable says in which entries of the directory the attribute may decide a filter.
func (p *Policy) Searchable(s *Session, t *schema.AttributeType) filter.Searchable {
	return p.SearchableIn(s, "", directory.ScopeSub, t)
}

// SearchableIn says in which entries of a scope the attribute may decide a filter: Always if wherever one may be discovered the
// attribute may be searched. base may be memory that is used again. Once asked it is a look-up.
func (p *Policy) SearchableIn(s *Session, base directory.NDN, scope directory.Scope, t *schema.AttributeType) filter.Searchable {
	if p == nil || p.program == nil || s == nil {
		return filter.Never
	}
	in, r := p.areaOf(base, scope), p.of(s, nil)
	is := r.view.searchable(in, t)
	if s.real == nil || is == filter.Never {
		return is
	}
	switch over := p.viewOf(p.of(s.real, nil).slots, true).searchable(in, t); {
	case over == filter.Never:
		return filter.Never
	case over == filter.Always:
		return is
	default:
		return filter.Mixed
	}
}

// searchable is SearchableIn for one area. An attribute with options that statements name is as its columns are together.
func (v *view) searchable(in *area, t *schema.AttributeType) filter.Searchable {
	if v.closed {
		return filter.Never
	}
	columns := v.policy.columns
	o := columns.optioned[t.No]
	if o == nil {
		return v.searchableColumn(in, columns.column(t.Description()))
	}
	first := v.searchableColumn(in, o.base)
	for n := 1; n < 1<<len(o.sets); n++ {
		if v.searchableColumn(in, o.base+n) != first {
			return filter.Mixed
		}
	}
	return first
}

// answers are what is known of one area, by column: 1 + filter.Searchable.
type answers []atomic.Uint32

func (v *view) searchableColumn(in *area, column int) filter.Searchable {
	kept := v.answers[in.no].Load()
	if kept == nil {
		made := make(answers, len(v.policy.columns.classes))
		if kept = &made; !v.answers[in.no].CompareAndSwap(nil, kept) {
			kept = v.answers[in.no].Load()
		}
	}
	if known := (*kept)[column].Load(); known != 0 {
		return filter.Searchable(known - 1)
	}
	everywhere, somewhere := true, false
	for _, z := range in.zones {
		tab := v.in(z)
		if !tab.perhaps(1 << ActionDiscover) {
			continue
		}
		is := tab.searchable(column)
		everywhere = everywhere && is == filter.Always
		somewhere = somewhere || is != filter.Never
	}
	is := filter.Never
	switch {
	case somewhere && everywhere:
		is = filter.Always
	case somewhere:
		is = filter.Mixed
	}
	(*kept)[column].Store(uint32(is) + 1)
	return is
}

func (t *table) searchable(column int) filter.Searchable {
	p := t.view.policy
	always, never := false, true
	for _, st := range t.allows {
		if p.granted(ActionSearch, st.what.Actions, st.what.columns, &st.what.Reach, 0, false).has(column) {
			never = false
			always = always || st.left.op == opTrue
		}
	}
	for _, st := range t.denies {
		if p.refused(ActionSearch, st.what.Actions, st.what.columns).has(column) {
			always = false
			never = never || st.left.op == opTrue
		}
	}
	for _, c := range t.ceilings {
		surely, perhaps := false, c.who.op != opTrue
		for _, pt := range c.permits {
			if p.granted(ActionSearch, pt.what.Actions, pt.what.columns, &pt.what.Reach, 0, false).has(column) {
				perhaps = true
				surely = surely || pt.left.op == opTrue
			}
		}
		always = always && surely
		never = never || !perhaps
	}
	switch {
	case never:
		return filter.Never
	case always:
		return filter.Always
	default:
		return filter.Mixed
	}
}

// certainly reports whether the table gives an action on the entry as a whole whatever the tests say.
func (t *table) certainly(a Actions) bool {
	for _, d := range t.denies {
		if d.what.Actions&a != 0 {
			return false
		}
	}
	gives := false
	for _, st := range t.allows {
		gives = gives || st.left.op == opTrue && st.what.entryActions()&a != 0
	}
	for _, c := range t.ceilings {
		permits := false
		for _, p := range c.permits {
			permits = permits || p.left.op == opTrue && p.what.entryActions()&a != 0
		}
		gives = gives && permits
	}
	return gives
}

// perhaps reports whether the table may give an action on the entry as a whole, for some result of the tests.
func (t *table) perhaps(a Actions) bool {
	for _, d := range t.denies {
		if d.left.op == opTrue && d.what.Actions&a != 0 {
			return false
		}
	}
	gives := false
	for _, st := range t.allows {
		gives = gives || st.what.entryActions()&a != 0
	}
	for _, c := range t.ceilings {
		permits := c.who.op != opTrue
		for _, p := range c.permits {
			permits = permits || p.what.entryActions()&a != 0
		}
		gives = gives && permits
	}
	return gives
}

// Standing is what [Policy.SearchableIn] and [Policy.SeesAll] answer by. While it is the same, so are they.
type Standing struct{ view, limit *view }

// Standing returns what the session is at the moment, as far as the policy tells sessions apart.
func (p *Policy) Standing(s *Session) Standing {
	if p == nil || p.program == nil || s == nil {
		return Standing{}
	}
	st := Standing{view: p.of(s, nil).view}
	if s.real != nil {
		st.limit = p.viewOf(p.of(s.real, nil).slots, true)
	}
	return st
}
