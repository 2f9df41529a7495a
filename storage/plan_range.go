package storage

import (
	"slices"

	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/storage/kv"
)

// between plans lo <= value <= hi by a scan of ordering keys; a nil bound is none.
func (p *Plan) between(n *filter.Node, lo, hi []byte, most int) (term, error) {
	return p.perIndex(n, IndexOrdering, func(a *attributeIndex) (term, error) { return p.scanRange(a, lo, hi, most) })
}

// scanRange reads the IDs of an ordering index from lo to hi; a nil bound is none.
func (p *Plan) scanRange(a *attributeIndex, lo, hi []byte, most int) (term, error) {
	head := appendIndexHead(nil, a.Number, kindOrdering)
	opt := kv.ScanOptions{Prefix: head, KeysOnly: true, Prefetch: min(most, 256)}
	if lo != nil {
		opt.Lo = appendOrderingPart(slices.Clip(head), lo)
	}
	if hi != nil {
		opt.Hi = appendOrderingEnd(appendOrderingPart(slices.Clip(head), hi))
	}
	it := p.v.Scan(opt)
	defer it.Close()
	var ids []directory.EntryID
	for it.Next() {
		if len(ids) == most {
			return term{kind: termAll, covered: true}, nil
		}
		ids = append(ids, idOfOrderingKey(it.Key()))
	}
	return idsTerm(sortIDs(ids)), it.Err()
}

// hasOneValue reports whether an entry has at most one value that the node may mean.
func (p *Plan) hasOneValue(n *filter.Node) bool {
	return n.Type != nil && n.Type.SingleValue && len(n.TypeNos) < 2 && !p.v.hasOptions(n.Type.No)
}
