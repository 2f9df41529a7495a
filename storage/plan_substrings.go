package storage

import (
	"bytes"
	"slices"

	"gatehouse/directory/filter"
)

// substrings plans a substring assertion by the rarest of its n-grams.
func (p *Plan) substrings(n *filter.Node) (term, error) {
	return p.perIndex(n, IndexSubstring, func(a *attributeIndex) (term, error) {
		return p.byGrams(a, gramsOf(n))
	})
}

// gramsOf returns the distinct n-grams of a substring assertion, at most planGramsMax.
func gramsOf(n *filter.Node) (all [][]byte) {
	keep := func(gram []byte) {
		if len(all) < planGramsMax && !slices.ContainsFunc(all, func(g []byte) bool { return bytes.Equal(g, gram) }) {
			all = append(all, bytes.Clone(gram))
		}
	}
	buf := grams(nil, n.Initial, n.Initial != nil, false, keep)
	buf = grams(buf, n.Final, false, n.Final != nil, keep)
	for _, part := range n.Any {
		buf = grams(buf, part, false, false, keep)
	}
	return all
}

func (p *Plan) byGrams(a *attributeIndex, all [][]byte) (term, error) {
	if len(all) == 0 {
		return term{kind: termAll}, nil // too short
	}
	best := term{kind: termAll}
	var sets []term
	for _, gram := range all {
		p.key = append(appendIndexHead(p.key[:0], a.Number, kindSubstring), gram...)
		t, err := p.stored(p.key)
		switch {
		case err != nil:
			return term{}, err
		case t.kind == termSet:
			sets = append(sets, t)
			continue
		case best.kind == termIDs:
			best = idsTerm(best.ids.intersect(t.ids))
		default:
			best = t
		}
		if len(best.ids) == 0 {
			return best, nil
		}
	}
	return p.intersect(best, sets)
}
