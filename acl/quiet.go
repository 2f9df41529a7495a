package acl

import (
	"slices"

	"gatehouse/directory"
)

// quiet is what a long search has found for a session that no relation concerns: nobody names it, or it has nothing that an entry
// could share. Then entries of one table with the same labels have the same row. It belongs to one state of the directory, like the
// [Memo] that it is in.
type quiet struct {
	seen   int // decisions
	by     *resolved
	tables [quietTables]quietTable // by zone
	rows   [quietRows]quietRow     // by zone and labels
}

type quietTable struct {
	table *table
	idle  bool // no relation but self can hold for an entry without names
}

// quietRow is the row of entries with some labels, as far as the table asks for them.
type quietRow struct {
	table  *table
	labels uint64
	row    *row
}

const (
	quietTables = 64
	quietRows   = 128
	// quietAfter is how many decisions come before it is asked whether relations are idle, which costs look-ups.
	quietAfter = 64
	// quietGroupsMax bounds the groups of a session for which that is asked.
	quietGroupsMax = 16
)

// forget makes q fit for another state.
func (q *quiet) forget() {
	if q.seen = 0; q.by != nil {
		*q = quiet{}
	}
}

// recall returns the row of an entry that is like an earlier one; nil if it may be another.
func (q *quiet) recall(t *table, r *resolved, src Source, m *Memo) *row {
	if q.by != r || src.ID() == r.id {
		return nil
	}
	e := src.Entry()
	mark := e.Mark()
	if e.HasNames() || mark>>labelsMax != t.view.policy.generation {
		return nil
	}
	k := q.at(t, mark&t.labels)
	if k.table != t || k.labels != mark&t.labels {
		return nil
	}
	if self := t.view.policy.selfTest; self >= 0 {
		m.tests.drop(self)
	}
	return k.row
}

// at returns the place of the row for some labels.
func (q *quiet) at(t *table, labels uint64) *quietRow {
	return &q.rows[(labels*0x9e3779b97f4a7c15>>32+uint64(t.zone))%quietRows]
}

// note keeps the row that a target has, if others may have it for the same reasons.
func (q *quiet) note(t *table, r *resolved, src Source, row *row) {
	if q.seen++; q.seen < quietAfter || t.unlabelled {
		return
	}
	if q.by != r {
		*q = quiet{seen: q.seen, by: r}
	}
	k := &q.tables[t.zone%quietTables]
	if k.table != t {
		*k = quietTable{t, t.isIdle(r, src.Directory())}
	}
	if !k.idle || src.ID() == r.id {
		return
	}
	if e := src.Entry(); !e.HasNames() && e.Mark()>>labelsMax == t.view.policy.generation {
		labels := e.Mark() & t.labels
		*q.at(t, labels) = quietRow{t, labels, row}
	}
}

// isIdle reports whether no relation that the table asks for, self apart, can hold between the session and an entry that has no
// names among its attributes.
func (t *table) isIdle(r *resolved, d Directory) bool {
	return r.id == 0 || !slices.ContainsFunc(t.tests, func(n int) bool {
		x := t.view.policy.tests[n]
		return x.isRelation() && !t.view.policy.isIdle(x, r, d)
	})
}

func (p *Policy) isIdle(x *test, r *resolved, d Directory) bool {
	switch x.subject.(type) {
	case Self:
		return true
	case NamedIn:
		return p.isUnnamed(x, r.ndn, d)
	case GroupIn:
		if len(r.groups) > quietGroupsMax {
			return false
		}
		for group := range r.groups {
			if !p.isUnnamed(x, group, d) {
				return false
			}
		}
		return true
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
