package acl

import (
	"sync/atomic"

	"gatehouse/directory"
)

// idle is which relations cannot hold between a session and an entry other than its own that has no names among its attributes:
// nobody refers to the session's entry, it is in no group, it has nothing to share. Most relations of most sessions are idle, and then
// no candidate of a search is asked for them. It holds as long as the resolved session that it is part of: a reference to the session's
// entry, and a change of the entry, move its authority.
type idle struct {
	decisions atomic.Uint32
	relations atomic.Uint64 // by number, see test.relation
}

const (
	// idleAfter is how many decisions of searches come before it is asked which relations are idle, which costs look-ups.
	idleAfter = 16
	// relationsMax bounds the relations of a policy that may be idle.
	relationsMax = 64
)

// idleFor returns the relations that do not hold for a target, without looking at it closely.
func (r *resolved) idleFor(src Source) uint64 {
	if r.idle.decisions.Load() < idleAfter {
		if r.idle.decisions.Add(1) == idleAfter {
			r.findIdle(src.Directory())
		}
		return 0
	}
	found := r.idle.relations.Load()
	if found == 0 || src.ID() == r.id || src.Entry().HasNames() {
		return 0
	}
	return found
}

// findIdle asks a state of the directory. One that is older than what is known of the session says nothing about it.
func (r *resolved) findIdle(d Directory) {
	if r.id == 0 || d == nil || d.CSN() < directory.CSN(r.csn.Load()) {
		return
	}
	found := uint64(0)
	for _, x := range r.policy.tests {
		if x.isRelation() && x.relation < relationsMax && r.policy.isIdle(x, r, d) {
			found |= 1 << x.relation
		}
	}
	r.idle.relations.Store(found)
}

func (p *Policy) isIdle(x *test, r *resolved, d Directory) bool {
	switch x.subject.(type) {
	case Self:
		return true
	case NamedIn:
		return p.isUnnamed(x, r.ndn, d)
	case GroupIn:
		return len(r.groups) == 0
	case Same:
		for _, typ := range x.types {
			if len(r.same[typ.No]) > 0 {
				return false
			}
		}
		return true
	default:
		return false
	}
}

// isUnnamed reports whether no entry refers to a name by one of the types of a relation. memberOf is no reference of its own, and
// names that are no references are not looked for.
func (p *Policy) isUnnamed(x *test, name directory.NDN, d Directory) bool {
	for _, typ := range x.types {
		if typ.Flags&directory.FlagReference == 0 || typ.No == p.columns.memberOf {
			return false
		}
		if is, err := d.IsReferredTo(name, typ); is || err != nil {
			return false
		}
	}
	return true
}

// prepareLabels makes room for the rows of a table by the labels of an entry alone, if all its filters have labels, and not many.
func (t *table) prepareLabels() {
	for _, n := range t.tests {
		switch x := t.view.policy.tests[n]; {
		case x.isRelation() && x.relation < relationsMax:
			t.relations |= 1 << x.relation
		case !x.isRelation() && x.bit >= 0 && len(t.bits) < smallTestsMax:
			t.bits = append(t.bits, uint8(x.bit))
		default:
			return
		}
	}
	t.quiet = make([]atomic.Pointer[row], 1<<len(t.bits))
}

// decideByLabels finds the row for a target for which no relation of the table holds: entries with the same labels have the same one.
func (t *table) decideByLabels(r *resolved, src Source, idle uint64, m *Memo) (*row, error) {
	labels, err := t.view.policy.labelsOf(src.Entry(), src.Facts(), &m.work)
	if err != nil {
		return nil, err
	}
	n := uint64(0)
	for i, bit := range t.bits {
		n |= labels >> bit & 1 << i
	}
	if self := t.view.policy.selfTest; self >= 0 {
		m.tests.drop(self)
	}
	if row := t.quiet[n].Load(); row != nil {
		return row, nil
	}
	if err := t.view.policy.examine(t.tests, t.labelled, idle, r, src, &m.work, m.tests); err != nil {
		return nil, err
	}
	found := t.find(m.tests, m)
	t.quiet[n].Store(found)
	return found, nil
}
