package storage

import (
	"gatehouse/directory"
	"gatehouse/directory/filter"
)

// A union collects the terms of which one must hold.
type union struct {
	ids     []directory.EntryID
	parts   []term // those that are not IDs in memory
	all     bool
	covered bool
	est     uint64
}

func newUnion() union { return union{covered: true} }

func (u *union) add(t term) {
	switch t.kind {
	case termAll:
		u.all = true
		u.covered = u.covered && t.covered
	case termIDs:
		u.ids = append(u.ids, t.ids...)
	default:
		u.est += t.est
		u.parts = append(u.parts, t)
	}
}

func (u *union) term() term {
	if u.all || len(u.ids) > planIDsMax {
		return term{kind: termAll, covered: u.covered}
	}
	ids := sortIDs(u.ids)
	switch {
	case len(u.parts) == 0:
		return idsTerm(ids)
	case len(u.parts) == 1 && len(ids) == 0:
		return u.parts[0]
	case len(ids) > 0:
		u.parts = append(u.parts, idsTerm(ids))
	}
	return term{kind: termOr, parts: u.parts, est: u.est + uint64(len(ids))}
}

// or plans a union: of use only if each branch narrows.
func (p *Plan) or(n *filter.Node, most int) (term, error) {
	p.trace.enter(n)
	defer p.trace.leave()
	u := newUnion()
	for _, c := range n.Children {
		t, err := p.node(c, most)
		if err != nil {
			return term{}, err
		}
		if u.add(t); u.all && !u.covered {
			return term{kind: termAll}, nil
		}
	}
	return u.term(), nil
}
