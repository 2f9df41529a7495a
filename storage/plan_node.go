package storage

import (
	"bytes"
	"errors"

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
		t, err = p.equal(n)
	case filter.OpAnyOf:
		t, err = p.anyOf(n)
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
	default: // Not, Extensible: no index
	}
	if err == nil {
		p.trace.node(n, t)
	}
	return t, err
}

func (p *Plan) equal(n *filter.Node) (term, error) {
	switch {
	case n.Reference:
		return p.reference(n)
	case n.Name != "":
		return p.name(n)
	}
	return p.perIndex(n, IndexEquality, func(a *attributeIndex) (term, error) { return p.equality(a, n.Key) })
}

func (p *Plan) anyOf(n *filter.Node) (term, error) {
	return p.perIndex(n, IndexEquality, func(a *attributeIndex) (term, error) {
		u := newUnion()
		for _, key := range n.Keys {
			t, err := p.equality(a, key)
			if err != nil {
				return term{}, err
			}
			u.add(t)
		}
		return u.term(), nil
	})
}

// perIndex plans a leaf by the index of its type, or, when there is none, by those of all types whose values
// count.
func (p *Plan) perIndex(n *filter.Node, kind IndexKinds, plan func(*attributeIndex) (term, error)) (term, error) {
	if a := p.index(n.Type, kind); a != nil {
		return plan(a)
	}
	if len(n.TypeNos) < 2 {
		return term{}, nil
	}
	u := newUnion()
	for _, no := range n.TypeNos {
		a := p.index(p.ix.schema.TypeNo(no), kind)
		if a == nil {
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

func (p *Plan) index(t *schema.AttributeType, kind IndexKinds) *attributeIndex {
	if t == nil {
		return nil
	}
	if a := p.ix.ofType[t.No]; a != nil && a.has(kind) {
		return a
	}
	return nil
}

// equality reads the set of one equality key.
func (p *Plan) equality(a *attributeIndex, key []byte) (term, error) {
	p.key = append(appendIndexHead(p.key[:0], a.Number, kindEquality), key...)
	p.key = shortenFrom(p.key, indexHeadBytes)
	return p.stored(p.key)
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
		return term{kind: termAll, covered: !isMemberOf(n)}, nil
	}
	t, err := p.perIndex(n, IndexEquality, func(a *attributeIndex) (term, error) {
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
