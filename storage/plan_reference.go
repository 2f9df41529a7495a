package storage

import (
	"encoding/binary"
	"errors"

	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/storage/kv"
)

// name plans (entryDN=...).
func (p *Plan) name(n *filter.Node) (term, error) {
	id, _, err := p.v.lookup(n.Name)
	if errors.Is(err, ErrNotFound) {
		return idsTerm(nil), nil
	}
	if err != nil {
		return term{}, err
	}
	return idsTerm(idSet{id}), nil
}

// isMemberOf tells memberOf from the reference attributes, whose values are stored.
func isMemberOf(n *filter.Node) bool { return n.Type.Flags&directory.FlagReference == 0 }

// reference plans equality on a reference attribute: the links that end at the name, the references that
// wait for it, and the text in records; or on memberOf: what the links of the group reach.
func (p *Plan) reference(n *filter.Node) (term, error) {
	if isMemberOf(n) {
		return p.membersOf(n)
	}
	text := p.index(n.Type, IndexEquality)
	if text == nil {
		return term{kind: termAll}, nil
	}
	t, err := p.equality(text, []byte(n.Name))
	if err != nil {
		return term{}, err
	}
	u := newUnion()
	u.add(t)
	if p.v.mayWait() {
		// Also for a name that is there: its references may wait for a follow-up change.
		if u.ids, err = p.v.appendWaiting(u.ids, n.Name, n.Type.No); err != nil {
			return term{}, err
		}
	}
	target, _, err := p.v.lookup(n.Name)
	if err == nil {
		u.ids, err = p.v.appendReferrers(u.ids, target, func(d *directory.AttributeDescription) bool { return d.TypeNo == n.Type.No })
	}
	if err != nil && !errors.Is(err, ErrNotFound) {
		return term{}, err
	}
	return u.term(), nil
}

// appendReferrers appends the sources of the links to target whose description use accepts.
func (v *view) appendReferrers(dst []directory.EntryID, target directory.EntryID, use func(*directory.AttributeDescription) bool) ([]directory.EntryID, error) {
	if st, err := v.stamp(target); err != nil || !st.linked {
		return dst, err
	}
	refs, err := v.referrers(target)
	if err != nil {
		return dst, err
	}
	for _, ref := range refs {
		desc, err := v.descs.description(ref.desc)
		if err != nil {
			return dst, err
		}
		if use(desc) {
			dst = append(dst, ref.source)
		}
	}
	return dst, nil
}

// appendWaiting appends the entries with an unresolved reference to name; of a long name perhaps a few more.
func (v *view) appendWaiting(dst []directory.EntryID, name directory.NDN, typeNo int) ([]directory.EntryID, error) {
	reversed := reverseName(name)
	if _, err := v.Get(waitersKey(nil, reversed)); err != nil {
		if errors.Is(err, kv.ErrNotFound) {
			err = nil
		}
		return dst, err
	}
	prefix := waiterPrefix(nil, reversed)
	it := v.Scan(kv.ScanOptions{Prefix: prefix, KeysOnly: true})
	defer it.Close()
	for it.Next() {
		key := it.Key()
		if len(key) != len(prefix)+12 {
			continue
		}
		desc, err := v.descs.description(binary.BigEndian.Uint32(key[len(prefix):]))
		if err != nil {
			return dst, err
		}
		if desc.TypeNo == typeNo {
			dst = append(dst, idAt(key, len(key)-8))
		}
	}
	return dst, it.Err()
}

// membersOf plans (memberOf=group): all that the links of the group reach, nested groups included.
func (p *Plan) membersOf(n *filter.Node) (term, error) {
	group, _, err := p.v.lookup(n.Name)
	if errors.Is(err, ErrNotFound) {
		return idsTerm(nil), nil
	}
	if err != nil {
		return term{}, err
	}
	return p.reach(idSet{group}, p.v.appendMembers)
}

// appendMembers appends the targets of the membership links of sources. One iterator skips from source to
// source, so that members that have no links of their own cost nothing.
func (v *view) appendMembers(dst []directory.EntryID, sources idSet) ([]directory.EntryID, error) {
	if len(sources) == 1 {
		for no, desc := range v.descs.byNo {
			if desc == nil || !isMembership(desc) {
				continue
			}
			targets, err := v.targets(sources[0], uint32(no))
			if err != nil {
				return dst, err
			}
			dst = append(dst, targets...)
		}
		return dst, nil
	}
	it := v.Scan(kv.ScanOptions{Prefix: []byte{tagLink}, KeysOnly: true})
	defer it.Close()
	var key [9]byte
	for len(sources) > 0 && it.Seek(idKey(key[:0], tagLink, sources[0])) {
		source := idAt(it.Key(), 1)
		if source != sources[0] {
			sources = sources[sources.seek(source):]
			continue
		}
		desc, err := v.descs.description(binary.BigEndian.Uint32(it.Key()[9:]))
		if err != nil {
			return dst, err
		}
		if isMembership(desc) {
			dst = append(dst, idAt(it.Key(), linkKeyBytes-8))
		}
		if !it.Next() {
			break
		}
	}
	return dst, it.Err()
}

// inChain plans 1.2.840.113556.1.4.1941. A chain of member or uniqueMember runs through both.
func (p *Plan) inChain(n *filter.Node) (term, error) {
	if isMemberOf(n) {
		return p.membersOf(n)
	}
	direct, err := p.reference(n)
	if err != nil || direct.kind != termIDs {
		return direct, err
	}
	use := func(d *directory.AttributeDescription) bool { return d.TypeNo == n.Type.No }
	if isMembership(n.Type.Description()) {
		use = isMembership
	}
	up := func(dst []directory.EntryID, ids idSet) ([]directory.EntryID, error) {
		for _, id := range ids {
			var err error
			if dst, err = p.v.appendReferrers(dst, id, use); err != nil {
				return dst, err
			}
		}
		return dst, nil
	}
	target, _, err := p.v.lookup(n.Name)
	if errors.Is(err, ErrNotFound) {
		return direct, nil
	}
	if err != nil {
		return term{}, err
	}
	above, err := p.reach(idSet{target}, up)
	if err != nil {
		return term{}, err
	}
	u := newUnion()
	u.add(direct)
	u.add(above)
	return u.term(), nil
}

// reach plans what repeated steps lead to.
func (p *Plan) reach(from idSet, step func(dst []directory.EntryID, from idSet) ([]directory.EntryID, error)) (term, error) {
	seen := make(map[directory.EntryID]bool)
	var found []directory.EntryID
	for len(from) > 0 {
		next, err := step(nil, from)
		if err != nil {
			return term{}, err
		}
		fresh := next[:0]
		for _, id := range next {
			if !seen[id] {
				seen[id] = true
				fresh = append(fresh, id)
			}
		}
		found = append(found, fresh...)
		if len(found) > planIDsMax {
			return term{kind: termAll, covered: true}, nil
		}
		from = sortIDs(fresh)
	}
	return idsTerm(sortIDs(found)), nil
}
