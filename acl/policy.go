package acl

import (
	"sync"
	"sync/atomic"

	"gatehouse/directory"
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

	slots        []*slot
	tests        []*test
	labels       int
	selfTest     int // the number of the test for self; -1 without one
	usesGroups   bool
	usesGrants   bool
	usesControls bool
	volatile     bool // what the session is may follow from entries that its authority does not know
	sameTypes    []*schema.AttributeType

	places     []place
	zones      []*zone
	bases      map[directory.NDN]int32
	parents    map[directory.NDN]struct{} // of bases
	areas      areas
	all        *area // of stored entries
	everything *area

	secret         bitset // confidential columns
	authority      bitset // credentials and authority-bearing columns
	groupAuthority bitset // those and owner
	guardSets      guards
	usesGuards     bool

	views     *sync.Map // string to *view
	viewCount atomic.Int64
	universal *rule // of views that limit
	closed    *view // denies everything
	shut      *row  // denies everything
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
	search := m != nil
	if m == nil {
		m = memos.Get().(*Memo)
		m.Reset()
		defer memos.Put(m)
	}
	m.search = search
	m.use(p)
	z, err := p.locate(src, m)
	if err != nil {
		return Rights{}
	}
	tab := r.view.in(z)
	row, err := tab.decide(r, src, m)
	switch {
	case err != nil:
		return Rights{}
	case s.real == nil:
		return Rights{row: row, by: r, on: src}
	default:
		return p.decideProxied(s, Rights{row: tab.withoutSelf(s, row, m), by: r, on: src}, z, m)
	}
}

// decide finds the row for a target.
func (t *table) decide(r *resolved, src Source, m *Memo) (*row, error) {
	if t.single != nil {
		return t.single, nil
	}
	idle := uint64(0)
	if m.search {
		idle = r.idleFor(src)
	}
	if idle != 0 && t.quiet != nil && t.relations&^idle == 0 {
		return t.decideByLabels(r, src, idle, m)
	}
	if err := t.view.policy.examine(t.tests, t.labelled, idle, r, src, &m.work, m.tests); err != nil {
		return nil, err
	}
	return t.find(m.tests, m), nil
}

// memos lend memory to those who decide once.
var memos = sync.Pool{New: func() any { return new(Memo) }}
