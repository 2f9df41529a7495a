package acl

import (
	"sync"
	"sync/atomic"
	"time"

	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/directory/schema"
)

// A Policy is one generation of the rules, compiled. What it says never changes; its tables fill as they are asked for. It is
// safe for concurrent use. A nil or zero Policy denies everything.
//
// How a decision is made:
//
//  1. What a session is, and what holds of its connection, makes the slots true; the statements that they leave are its view,
//     which it shares with all sessions with the same ones (see [Policy.Refresh]).
//  2. The name of the target makes its zone. A view has one table for each zone, with the statements that are left there.
//  3. The tests that these ask for, filters and relations, find the row of the table: ready masks of rights.
//  4. Only for a few attributes a value has to be looked at, and only for a few actions the guards of the target.
//
// An error in any of these denies.
type Policy struct {
	program    *Program
	schema     *schema.Schema
	generation uint64
	columns    *columns

	allows   []*rule
	denies   []*rule
	ceilings []*ceiling

	slots      []*slot
	tests      []*test
	labels     int
	usesGroups bool
	sameTypes  []*schema.AttributeType

	places  []place
	zones   []*zone
	bases   map[directory.NDN]int32
	parents map[directory.NDN]struct{} // of bases
	all     []*zone                    // that may hold stored entries

	secret         bitset // confidential columns
	authority      bitset // credentials and authority-bearing columns
	groupAuthority bitset // those and owner
	guardSets      guards
	usesGuards     bool

	views     *sync.Map // string to *view
	viewCount atomic.Int64
	closed    *view // denies everything
	shut      *row  // denies everything

	fixed bool // the built-in policy, see Builtin
}

// Version returns the version of the bundle that the policy was made of.
func (p *Policy) Version() string {
	if p == nil || p.program == nil {
		return ""
	}
	return p.program.Version
}

// Program returns what the policy was compiled from. It must not be changed.
func (p *Policy) Program() *Program {
	if p == nil {
		return nil
	}
	return p.program
}

// bare is a target of which nothing more is known.
type bare struct{ Target }

func (b bare) Parent() (directory.EntryID, error) { return 0, nil }
func (b bare) Facts() filter.Source               { return bareFacts(b) }
func (b bare) Directory() Directory               { return nil }
func (b bare) Memo() *Memo                        { return nil }

// bareFacts is what is known of a bare target: the attributes of its record.
type bareFacts struct{ Target }

func (f bareFacts) Computed(*schema.AttributeType) (directory.Attribute, error) {
	return directory.Attribute{}, errNoDirectory
}

func (f bareFacts) HasReference(*directory.AttributeDescription, *schema.AttributeType, directory.NDN, bool) (bool, error) {
	return false, errNoDirectory
}

func (f bareFacts) AnyReference(*directory.AttributeDescription, *schema.AttributeType) (bool, error) {
	return false, errNoDirectory
}

func (f bareFacts) MaySearch(*directory.AttributeDescription) bool { return true }

func sourceOf(t Target) Source {
	if s, ok := t.(Source); ok {
		return s
	}
	return bare{t}
}

// Decide returns what the session may do with the entry. An error of the target denies.
func (p *Policy) Decide(s *Session, t Target) Rights {
	if p == nil || p.program == nil || s == nil {
		return Rights{}
	}
	src := sourceOf(t)
	r := s.resolved.Load()
	if r == nil || r.policy != p {
		r = p.of(s, src.Directory())
	}
	if r.view.closed {
		return Rights{}
	}
	m := src.Memo()
	if m == nil {
		m = memos.Get().(*Memo)
		m.Reset()
		defer memos.Put(m)
	}
	m.use(p)
	z, err := p.locate(src, m)
	if err != nil {
		return Rights{}
	}
	tab := r.view.in(z)
	if tab.single != nil {
		return Rights{row: tab.single, by: r, on: src}
	}
	if err := p.examine(tab.tests, tab.labelled, r, src, &m.work, m.tests); err != nil {
		return Rights{}
	}
	return Rights{row: tab.find(m.tests, m), by: r, on: src}
}

// memos lend memory to those who decide once.
var memos = sync.Pool{New: func() any { return new(Memo) }}

// SeesAll reports whether the session may discover every entry, so that hidden ones need not be looked for.
func (p *Policy) SeesAll(s *Session) bool {
	if p == nil || p.program == nil || s == nil {
		return false
	}
	v := p.of(s, nil).view
	if v.closed {
		return false
	}
	if known := v.seesAll.Load(); known != 0 {
		return known == 2
	}
	sees := len(p.all) > 0
	for _, z := range p.all {
		sees = sees && v.in(z).certainly(1<<ActionDiscover)
	}
	v.seesAll.Store(1)
	if sees {
		v.seesAll.Store(2)
	}
	return sees
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

// IsTraversable reports whether a search below a base that the session may not discover is answered: some statement that can
// apply to the session may show it an entry, and has its base at or below the one of the search, which itself is never returned.
func (p *Policy) IsTraversable(s *Session, base directory.NDN) bool {
	if p == nil || p.program == nil || s == nil {
		return false
	}
	r := p.of(s, nil)
	if p.fixed && r.id != 0 && r.ndn.IsUnder(base) {
		return true
	}
	for _, st := range r.view.allows {
		if !st.Actions.Has(ActionDiscover) {
			continue
		}
		for _, b := range st.Reach.Bases {
			if b.IsUnder(base) && b != "" {
				return true
			}
		}
	}
	return false
}

// Searchable says in which entries of the directory the attribute may decide a filter.
func (p *Policy) Searchable(s *Session, t *schema.AttributeType) filter.Searchable {
	if p == nil || p.program == nil || s == nil {
		return filter.Never
	}
	v := p.of(s, nil).view
	if v.closed {
		return filter.Never
	}
	if o := p.columns.optioned[t.No]; o != nil {
		first := v.searchableColumn(o.base)
		for n := 1; n < 1<<len(o.sets); n++ {
			if v.searchableColumn(o.base+n) != first {
				return filter.Mixed
			}
		}
		return first
	}
	return v.searchableColumn(p.columns.column(t.Description()))
}

// searchableColumn is Always if wherever an entry may be discovered the attribute may be searched.
func (v *view) searchableColumn(column int) filter.Searchable {
	if known := v.searchable[column].Load(); known != 0 {
		return filter.Searchable(known - 1)
	}
	everywhere, somewhere := true, false
	for _, z := range v.policy.all {
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
	v.searchable[column].Store(uint32(is) + 1)
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

// IsUnlimited reports whether the search limits do not hold for the session: for the operator, and for whoever may write the
// policy.
func (p *Policy) IsUnlimited(s *Session) bool {
	if p == nil || p.program == nil || s == nil {
		return false
	}
	v := p.of(s, nil).view
	if v.closed {
		return false
	}
	return s.Identity().Kind == KindOperator || v.in(p.zoneOf(ServerNDN)).certainly(1<<ActionPolicyWrite)
}

// ServerNDN is the normalized name of the target of server functions: control, extop and the policy.
const ServerNDN directory.NDN = "cn=gatehouse"

// MayBind reports whether a bind with a password could succeed over the session's transport. Otherwise it is answered
// with confidentialityRequired before anything is looked up.
func (p *Policy) MayBind(s *Session) bool {
	if p == nil || p.program == nil || s == nil {
		return false
	}
	if p.fixed || s.transport.Protected() {
		return s.transport.Protected()
	}
	if p.anyBind(p.of(s, nil).view) {
		return true
	}
	r := &resolved{policy: p}
	slots, err := p.slotsOf(s, r, nil, time.Now(), true)
	return err == nil && !p.anyBind(p.viewOf(slots))
}

// anyBind reports whether some entry may be bound as.
func (p *Policy) anyBind(v *view) bool {
	for _, z := range p.all {
		if !v.closed && v.in(z).perhaps(1<<ActionBind) {
			return true
		}
	}
	return false
}
