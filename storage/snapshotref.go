package storage

import (
	"iter"
	"slices"

	"gatehouse/directory"
)

// ReferenceValue is one value of a reference attribute.
type ReferenceValue struct {
	Target directory.EntryID // 0 while no entry has the name
	Name   directory.NDN     // only when Target is 0
	Text   string            // as written, only when Target is 0
}

// References yields the values of a reference attribute: links by target ID, then what is unresolved by name.
func (sn *Snapshot) References(id directory.EntryID, desc *directory.AttributeDescription) iter.Seq2[ReferenceValue, error] {
	return func(yield func(ReferenceValue, error) bool) {
		list, err := sn.refs(id, desc)
		if err != nil {
			yield(ReferenceValue{}, err)
			return
		}
		for _, target := range list.ids {
			if !yield(ReferenceValue{Target: target}, nil) {
				return
			}
		}
		for _, u := range list.waiting {
			if !yield(ReferenceValue{Name: u.name, Text: u.text}, nil) {
				return
			}
		}
	}
}

// ReferenceAttribute returns the values of a reference attribute, links under the names that their targets have now; the
// zero Attribute when there are none.
func (sn *Snapshot) ReferenceAttribute(id directory.EntryID, desc *directory.AttributeDescription) (directory.Attribute, error) {
	list, err := sn.refs(id, desc)
	if err != nil || len(list.ids)+len(list.waiting) == 0 {
		return directory.Attribute{}, err
	}
	set, err := sn.printed(id, desc, list)
	return directory.AttributeFromSet(desc, set, len(list.ids)+len(list.waiting)), err
}

// AppendReferenceSet is ReferenceAttribute into a buffer of the caller: the contents of the BER SET, and the number of values.
func (sn *Snapshot) AppendReferenceSet(dst []byte, id directory.EntryID, desc *directory.AttributeDescription) (set []byte, n int, err error) {
	a, err := sn.ReferenceAttribute(id, desc)
	return append(dst, a.Set()...), a.Len(), err
}

// A printedSet is what a list of references looks like while no entry gets another name: reading a group of thousands again
// composes no name. list says which state of the group it is of.
type printedSet struct {
	list    *refList
	renamed directory.CSN
	set     []byte
}

// printed returns the values of list as the contents of a BER SET.
func (sn *Snapshot) printed(id directory.EntryID, desc *directory.AttributeDescription, list *refList) ([]byte, error) {
	var buf [13]byte
	key := linkPrefix(buf[:0], tagSetItem, id, sn.descs.number(desc))
	if p, ok := sn.cached(key).(*printedSet); ok && p.list == list && p.renamed == sn.state.renamed {
		return p.set, nil
	}
	var err error
	set := make([]byte, 0, 64*(len(list.ids)+len(list.waiting)))
	c := nameComposer{view: &sn.view}
	for _, target := range list.ids {
		if set, err = c.appendValue(set, target); err != nil {
			return nil, err
		}
	}
	for _, u := range list.waiting {
		set = directory.AppendValue(set, []byte(u.text))
	}
	sn.keep(key, &printedSet{list, sn.state.renamed, set}, structBytes[printedSet]()+sliceBytes(set))
	return set, nil
}

// ReferenceDescriptions returns the reference attributes that an entry may have values of, in a fixed order: all that it
// has, and perhaps some whose last value is gone.
func (sn *Snapshot) ReferenceDescriptions(id directory.EntryID) ([]*directory.AttributeDescription, error) {
	st, err := sn.stamp(id)
	if err != nil || len(st.refs) == 0 {
		return nil, err
	}
	descs := make([]*directory.AttributeDescription, len(st.refs))
	for i, no := range st.refs {
		if descs[i], err = sn.descs.description(no); err != nil {
			return nil, err
		}
	}
	return descs, nil
}

// MayRefer reports whether an entry may have values of a reference type, under whatever options: false is certain.
func (sn *Snapshot) MayRefer(id directory.EntryID, typeNo int) (bool, error) {
	st, err := sn.stamp(id)
	if err != nil {
		return false, err
	}
	for _, no := range st.refs {
		desc, err := sn.descs.description(no)
		if err != nil || desc.TypeNo == typeNo {
			return true, err
		}
	}
	return false, nil
}

// HasReference reports whether target is a value of a reference attribute of id.
func (sn *Snapshot) HasReference(id directory.EntryID, desc *directory.AttributeDescription, target directory.EntryID) (bool, error) {
	no := sn.descs.number(desc)
	if no == 0 {
		return false, nil
	}
	return sn.hasLink(id, no, target)
}

// HasReferenceTo reports whether the entry called target, or that name while there is none, is a value of a reference attribute.
func (sn *Snapshot) HasReferenceTo(id directory.EntryID, desc *directory.AttributeDescription, target directory.NDN) (bool, error) {
	return sn.hasReferenceTo(id, desc, target)
}

// AnyReference reports whether a reference attribute of id has a value.
func (sn *Snapshot) AnyReference(id directory.EntryID, desc *directory.AttributeDescription) (bool, error) {
	st, err := sn.stamp(id)
	if err != nil {
		return false, err
	}
	no := sn.descs.number(desc)
	if no == 0 || !st.mayHave(no) {
		return false, nil
	}
	return sn.hasReferences(id, no)
}

// Referrers yields the entries that link to target by attributes of the given types, or of all types when none is given.
// An entry that does so by two attributes comes twice.
func (sn *Snapshot) Referrers(target directory.EntryID, typeNos ...int) iter.Seq2[directory.EntryID, error] {
	return func(yield func(directory.EntryID, error) bool) {
		st, err := sn.stamp(target)
		if err != nil || !st.linked {
			if err != nil {
				yield(0, err)
			}
			return
		}
		refs, err := sn.referrers(target)
		if err != nil {
			yield(0, err)
			return
		}
		for _, ref := range refs {
			desc, err := sn.descs.description(ref.desc)
			if err != nil {
				yield(0, err)
				return
			}
			if len(typeNos) > 0 && !slices.Contains(typeNos, desc.TypeNo) {
				continue
			}
			if !yield(ref.source, nil) {
				return
			}
		}
	}
}

// refs returns the values of a reference attribute. An entry without any costs one look at its stamp.
func (sn *Snapshot) refs(id directory.EntryID, desc *directory.AttributeDescription) (*refList, error) {
	st, err := sn.stamp(id)
	if err != nil {
		return nil, err
	}
	no := sn.descs.number(desc)
	if no == 0 || !st.mayHave(no) {
		return &refList{}, nil
	}
	return sn.references(id, no)
}

// A nameComposer appends names of many entries. It remembers the rest of the last name, which entries of one container share.
type nameComposer struct {
	view   *view
	parent directory.EntryID
	rest   []byte // "," and the name of parent
}

// appendValue appends the name of an entry as one value of a BER SET.
func (c *nameComposer) appendValue(dst []byte, id directory.EntryID) ([]byte, error) {
	n, err := c.view.nodeAlone(id)
	if err != nil {
		return dst, corrupt("link to entry %d: %v", id, err)
	}
	if n.parent != c.parent {
		c.rest = c.rest[:0]
		if n.parent != 0 {
			if c.rest, err = c.view.appendDN(append(c.rest, ','), n.parent); err != nil {
				return dst, err
			}
		}
		c.parent = n.parent
	}
	dst = appendOctetStringHead(dst, len(n.rdn)+len(c.rest))
	return append(append(dst, n.rdn...), c.rest...), nil
}

// appendOctetStringHead appends what stands before a value of n bytes in a set, as [directory.AppendValue] does.
func appendOctetStringHead(dst []byte, n int) []byte {
	switch {
	case n < 0x80:
		return append(dst, 0x04, byte(n))
	case n <= 0xff:
		return append(dst, 0x04, 0x81, byte(n))
	default:
		return append(dst, 0x04, 0x82, byte(n>>8), byte(n))
	}
}
