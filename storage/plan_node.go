package storage

import (
	"bytes"
	"errors"
	"slices"

	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/directory/schema"
	"gatehouse/storage/kv"
)

// node plans one node. An answer of more than most IDs does not help the caller; it bounds what is read of
// ranges and the like.
func (p *Plan) node(n *filter.Node, most int) (term, error) {
	var t term
	var err error
	switch n.Op {
	case filter.OpUndefined, filter.OpFalse:
		t = idsTerm(nil)
	case filter.OpTrue:
		t = term{kind: termAll, covered: true}
	case filter.OpAnd:
		return p.and(n, most)
	case filter.OpOr:
		return p.or(n, most)
	case filter.OpEqual:
		t, err = p.equal(n, most)
	case filter.OpAnyOf:
		t, err = p.anyOf(n, most)
	case filter.OpSubstrings:
		t, err = p.substrings(n)
	case filter.OpGreaterOrEqual:
		t, err = p.between(n, n.Key, nil, most)
	case filter.OpLessOrEqual:
		t, err = p.between(n, nil, n.Key, most)
	case filter.OpPresent:
		t, err = p.present(n, most)
	case filter.OpInChain:
		t, err = p.inChain(n)
	case filter.OpEntryIDs:
		t = idsTerm(slices.Clone(n.IDs))
	default: // Not, Extensible: no index
	}
	if err == nil {
		p.trace.node(n, t)
	}
	return t, err
}

func (p *Plan) equal(n *filter.Node, most int) (term, error) {
	switch {
	case n.Reference:
		return p.reference(n)
	case n.Name != "":
		return p.name(n)
	}
	return p.perIndex(n, IndexEquality, func(a *attributeIndex) (term, error) { return p.equality(a, n.Key, most) })
}

func (p *Plan) anyOf(n *filter.Node, most int) (term, error) {
	return p.perIndex(n, IndexEquality, func(a *attributeIndex) (term, error) {
		u := newUnion()
		for _, key := range n.Keys {
			t, err := p.equality(a, key, most)
			if err != nil {
				return term{}, err
			}
			u.add(t)
		}
		return u.term(), nil
	})
}

// perIndex plans a leaf by the index of its type, or, when there is none, by those of all types whose values
// count. A type that no entry has ever had needs no index.
func (p *Plan) perIndex(n *filter.Node, kind IndexKinds, plan func(*attributeIndex) (term, error)) (term, error) {
	if a := p.index(n.Type, kind); a != nil {
		return plan(a)
	}
	if len(n.TypeNos) == 0 {
		return term{}, nil
	}
	u := newUnion()
	for _, no := range n.TypeNos {
		typ := p.ix.schema.TypeNo(no)
		a := p.index(typ, kind)
		if a == nil {
			if typ.Flags&directory.FlagComputed == 0 && !p.v.hasType(no) {
				continue
			}
			return term{}, nil
		}
		t, err := plan(a)
		if err != nil {
			return term{}, err
		}
		u.add(t)
	}
	return u.term(), nil
}

// index returns the index of exactly this type that serves kind; nil when there is none.
func (p *Plan) index(t *schema.AttributeType, kind IndexKinds) *attributeIndex {
	if t == nil {
		return nil
	}
	a := p.ix.ofType[t.No]
	switch {
	case a == nil:
		return nil
	case a.has(kind), kind == IndexEquality && a.has(IndexOrdering) && a.ordersAsItEquals():
		return a
	}
	return nil
}

// equality reads the set of one equality key, or of an index that only orders the range of one.
func (p *Plan) equality(a *attributeIndex, key []byte, most int) (term, error) {
	if !a.has(IndexEquality) {
		return p.scanRange(a, key, key, most)
	}
	p.key = append(appendIndexHead(p.key[:0], a.Number, kindEquality), key...)
	p.key = shortenFrom(p.key, indexHeadBytes)
	return p.stored(p.key)
}

// presentReference plans (attr=*) of a reference attribute or memberOf.
func (p *Plan) presentReference(n *filter.Node) (term, error) {
	a := p.index(n.Type, IndexPresence)
	if a == nil {
		return term{}, nil
	}
	u := newUnion()
	for _, which := range []string{"", string(rune(presentText))} {
		p.key = append(appendIndexHead(p.key[:0], a.Number, kindPresence), which...)
		t, err := p.stored(p.key)
		if err != nil {
			return term{}, err
		}
		u.add(t)
	}
	return u.term(), nil
}

// stored reads a set key. It copies set if it keeps it.
func (p *Plan) stored(set []byte) (term, error) {
	value, err := p.v.Get(set)
	if errors.Is(err, kv.ErrNotFound) {
		return idsTerm(nil), nil
	}
	if err != nil {
		return term{}, err
	}
	from := len(p.arena)
	ids, chunked, err := appendInlineIDs(p.arena, value)
	if err != nil {
		return term{}, err
	}
	if chunked {
		return term{kind: termSet, set: bytes.Clone(set), est: inlineMax + 1}, nil
	}
	p.arena = ids
	return idsTerm(p.keep(from)), nil
}

// present plans (attr=*) as the union of all equality sets, unless there are many.
func (p *Plan) present(n *filter.Node, most int) (term, error) {
	if n.Reference {
		return p.presentReference(n)
	}
	t, err := p.perIndex(n, IndexEquality, func(a *attributeIndex) (term, error) {
		if !a.has(IndexEquality) {
			return p.scanRange(a, nil, nil, min(most, planRangeSome))
		}
		u := newUnion()
		head := appendIndexHead(nil, a.Number, kindEquality)
		it := p.v.Scan(kv.ScanOptions{Prefix: head, Prefetch: planRangeSome})
		defer it.Close()
		for read := 0; it.Next(); read++ {
			value, err := it.Value()
			if err != nil {
				return term{}, err
			}
			from := len(p.arena)
			ids, chunked, err := appendInlineIDs(p.arena, value)
			if err != nil {
				return term{}, err
			}
			if chunked {
				u.add(term{kind: termSet, set: bytes.Clone(it.Key()), est: inlineMax + 1})
			} else {
				p.arena = ids
				u.add(idsTerm(p.keep(from)))
			}
			if read >= planRangeSome || len(u.ids) > most || len(u.parts) > planRangeSome/16 {
				return term{covered: true}, nil
			}
		}
		return u.term(), it.Err()
	})
	return t, err
}
