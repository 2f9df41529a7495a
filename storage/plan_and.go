package storage

import (
	"slices"

	"gatehouse/directory/filter"
)

// The order in which the terms of an And are read: what is likely small and cheap first, so that the
// first small set ends it.
const (
	rankNever    = iota // False and Undefined: there is no candidate; IDs that are known
	rankEqual           // one get
	rankCommon          // one get, but of a set that is likely large
	rankRange           // ranges and substrings: bounded scans
	rankCompound        // And, Or
	rankReach           // nested groups
	rankPresent         // many keys
	rankUseless         // Not, Extensible, True
	rankCount
)

func (p *Plan) rankOf(n *filter.Node) int {
	switch n.Op {
	case filter.OpUndefined, filter.OpFalse, filter.OpEntryIDs:
		return rankNever // or what is known already
	case filter.OpEqual:
		switch {
		case n.Type != nil && n.Type.Description().Key == "objectclass":
			return rankCommon
		case n.Reference && isMemberOf(n):
			return rankReach
		}
		return rankEqual
	case filter.OpAnyOf:
		return rankCommon
	case filter.OpGreaterOrEqual, filter.OpLessOrEqual, filter.OpSubstrings:
		return rankRange
	case filter.OpAnd, filter.OpOr:
		return rankCompound
	case filter.OpInChain:
		return rankReach
	case filter.OpPresent:
		if n.Reference {
			return rankCommon
		}
		return rankPresent
	default:
		return rankUseless
	}
}

// and plans an intersection. What it leaves out, the filter decides.
func (p *Plan) and(n *filter.Node, most int) (term, error) {
	p.trace.enter(n)
	defer p.trace.leave()
	best := term{kind: termAll}
	var sets []term
	for rank := rankNever; rank < rankCount; rank++ {
		for i, c := range n.Children {
			if p.rankOf(c) != rank {
				continue
			}
			if best.kind == termIDs && len(best.ids) <= planEnough {
				return best, nil
			}
			narrowed := best.kind == termIDs || len(sets) > 0
			if narrowed && rank == rankPresent {
				continue // it would read many keys and say little
			}
			t, err := p.conjunct(n, i, p.mostOf(&best, narrowed, most))
			if err != nil {
				return term{}, err
			}
			switch {
			case t.kind == termAll:
				best.covered = best.covered || t.covered
			case t.kind == termIDs && best.kind == termIDs:
				best = idsTerm(best.ids.intersect(t.ids))
			case t.kind == termIDs:
				best = t
			default:
				sets = append(sets, t)
			}
		}
	}
	return p.intersect(best, sets)
}

// mostOf is how many IDs of a further term still help.
func (p *Plan) mostOf(best *term, narrowed bool, most int) int {
	switch {
	case best.kind == termIDs:
		return min(most, planRangeSome, 4*len(best.ids))
	case narrowed:
		return min(most, planRangeSome)
	}
	return most
}

// conjunct plans child i of an And. Two bounds on one single-valued attribute are one range, read where the
// first of them stands.
func (p *Plan) conjunct(n *filter.Node, i, most int) (term, error) {
	c := n.Children[i]
	j := p.otherBound(n, i)
	if j < 0 || j > i {
		lo, hi := c, c
		if j >= 0 {
			if hi = n.Children[j]; c.Op == filter.OpLessOrEqual {
				lo, hi = hi, lo
			}
			t, err := p.between(lo, lo.Key, hi.Key, most)
			if err == nil {
				p.trace.between(lo, hi, t)
			}
			return t, err
		}
		return p.node(c, most)
	}
	return term{kind: termAll, covered: true}, nil // read before
}

// otherBound returns the place of the opposite bound on the same attribute; -1 if there is none. A
// multi-valued attribute may satisfy the two bounds with two values, outside the range between them; so
// may a single-valued type with options or subtypes.
func (p *Plan) otherBound(n *filter.Node, i int) int {
	c := n.Children[i]
	if c.Op != filter.OpGreaterOrEqual && c.Op != filter.OpLessOrEqual || !p.hasOneValue(c) {
		return -1
	}
	// The pair is the first lower and the first upper bound; others stay alone.
	pair := [2]int{-1, -1}
	for j, d := range n.Children {
		k := 0
		switch {
		case d.Type != c.Type:
			continue
		case d.Op == filter.OpGreaterOrEqual:
		case d.Op == filter.OpLessOrEqual:
			k = 1
		default:
			continue
		}
		if pair[k] < 0 {
			pair[k] = j
		}
	}
	switch {
	case pair[0] < 0 || pair[1] < 0:
		return -1
	case pair[0] == i:
		return pair[1]
	case pair[1] == i:
		return pair[0]
	}
	return -1
}

// intersect combines IDs in memory with large sets.
func (p *Plan) intersect(best term, sets []term) (term, error) {
	if len(sets) == 0 || best.kind == termIDs && len(best.ids) <= planProbeMin {
		return best, nil
	}
	total := p.v.entryIDMax()
	for i := range sets {
		if err := p.estimate(&sets[i], uint64(total)); err != nil {
			return term{}, err
		}
	}
	if best.kind == termIDs {
		sets = append(sets, best)
	}
	slices.SortStableFunc(sets, func(a, b term) int {
		switch {
		case a.est < b.est:
			return -1
		case a.est > b.est:
			return 1
		}
		return 0
	})
	and := term{kind: termAnd, parts: sets[:1:1], est: sets[0].est}
	for _, t := range sets[1:] {
		if t.kind == termSet && t.est < uint64(total)/2 && len(and.parts) < planSetsMax {
			and.parts = append(and.parts, t)
		}
	}
	if len(and.parts) == 1 {
		return sets[0], nil
	}
	if sets[0].kind == termIDs {
		ids, err := p.collect(and, planIDsMax)
		return idsTerm(ids), err
	}
	return and, nil
}
