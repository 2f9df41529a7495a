package storage

import (
	"slices"

	"gatehouse/directory"
	"gatehouse/storage/kv"
)

// choose decides what is walked: the candidates of the filter, a small scope, or everything.
func (p *Plan) choose(t term) error {
	p.trace.filter(t)
	if t.kind == termIDs && len(t.ids) <= planEnough {
		p.useIDs(t.ids, false)
		return nil
	}
	total := p.v.entryIDMax()
	switch t.kind {
	case termAll:
		t.est = uint64(total)
	case termSet, termOr:
		if err := p.estimate(&t, uint64(total)); err != nil {
			return err
		}
	}
	small, err := p.smallScope(t.est)
	if err != nil || small {
		return err
	}
	switch t.kind {
	case termAll:
		p.trace.use("every entry")
		p.walk = walkAll
	case termIDs:
		p.useIDs(t.ids, false)
	default:
		if t.counted && t.est <= planBoundedMax {
			ids, err := p.collect(t, planBoundedMax)
			p.useIDs(ids, false)
			return err
		}
		p.trace.use("chunks of sets")
		p.walk, p.stream = walkChunks, p.streamOf(t)
	}
	return nil
}

// smallScope uses the entries of the scope when they are fewer than candidates.
func (p *Plan) smallScope(candidates uint64) (bool, error) {
	if p.base == 0 {
		if p.scope != directory.ScopeOne {
			return false, nil
		}
		ids, err := p.appendChildren(nil, 0)
		slices.Sort(ids)
		p.useScope(ids)
		return true, err
	}
	if p.large = p.opt.LargeScope; p.large {
		return false, nil
	}
	children, err := p.v.childCount(p.base)
	if err != nil || children >= candidates {
		return false, err
	}
	var ids []directory.EntryID
	switch p.scope {
	case directory.ScopeOne:
		if page := uint64(p.opt.Page); children > planIDsMax || page > 0 && children/page*children > candidates {
			return false, nil
		}
		ids, err = p.appendChildren(ids, p.base)
	default:
		most := min(planTreeMax, candidates)
		if children > most {
			return false, nil
		}
		var whole bool
		if ids, whole, err = p.tree(int(most)); err == nil && !whole {
			p.large = true
			return false, nil
		}
	}
	if err != nil {
		return false, err
	}
	slices.Sort(ids)
	p.useScope(ids)
	return true, nil
}

// useScope makes the entries of the scope the candidates.
func (p *Plan) useScope(ids idSet) {
	p.covered = true
	p.useIDs(ids, true)
	p.trace.use("the scope, entry by entry")
}

func (p *Plan) appendChildren(dst []directory.EntryID, id directory.EntryID) ([]directory.EntryID, error) {
	err := p.v.scanChildren(id, func(child directory.EntryID) bool {
		dst = append(dst, child)
		return true
	})
	return dst, err
}

// tree returns the entries of a subtree, unless there are more than most.
func (p *Plan) tree(most int) (ids []directory.EntryID, whole bool, err error) {
	ids = append(ids, p.base)
	for i := 0; i < len(ids); i++ {
		children, err := p.v.childCount(ids[i])
		if err != nil {
			return nil, false, err
		}
		if children == 0 {
			continue
		}
		if uint64(len(ids))+children > uint64(most) {
			return nil, false, nil
		}
		if ids, err = p.appendChildren(ids, ids[i]); err != nil {
			return nil, false, err
		}
	}
	if p.scope == directory.ScopeChildren {
		ids = ids[1:]
	}
	return ids, true, nil
}

func (p *Plan) isInScope(id directory.EntryID) (bool, error) {
	if p.inScope {
		return true, nil
	}
	switch p.scope {
	case directory.ScopeOne:
		n, err := p.v.node(id)
		return err == nil && n.parent == p.base, err
	case directory.ScopeChildren:
		if id == p.base {
			return false, nil
		}
	}
	if p.base == 0 {
		return true, nil
	}
	return p.v.isUnder(id, p.base)
}

// appendEntryIDs appends the IDs of the first most entries whose ID is greater than after.
func (v *view) appendEntryIDs(dst []directory.EntryID, after directory.EntryID, most int) ([]directory.EntryID, error) {
	it := v.Scan(kv.ScanOptions{
		Prefix: []byte{tagRecord}, Lo: idKey(nil, tagRecord, after+1), KeysOnly: true, Prefetch: most,
	})
	defer it.Close()
	for most > 0 && it.Next() {
		dst = append(dst, idAt(it.Key(), 1))
		most--
	}
	return dst, it.Err()
}

// entryIDMax returns the newest ID of the state.
func (v *view) entryIDMax() directory.EntryID { return v.state.nextID - 1 }

// hasType reports whether an entry has, or had, values of a type.
func (v *view) hasType(typeNo int) bool {
	for _, desc := range v.descs.byNo {
		if desc != nil && desc.TypeNo == typeNo {
			return true
		}
	}
	return false
}

// hasOptions reports whether the store has values of a type under a description with options.
func (v *view) hasOptions(typeNo int) bool {
	for _, desc := range v.descs.byNo {
		if desc != nil && desc.TypeNo == typeNo && len(desc.Options) > 0 {
			return true
		}
	}
	return false
}
