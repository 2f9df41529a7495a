package storage

import (
	"errors"

	"gatehouse/directory"
)

// memberTouchMax is up to how many members a change that drops all members of a group moves one by one; beyond it the nesting
// generation moves for all.
const memberTouchMax = 16

func (a *applier) addReference(id directory.EntryID, ref *Reference) error {
	no := a.number(ref.Desc)
	target, _, err := a.lookup(ref.Target)
	if errors.Is(err, ErrNotFound) {
		return a.addUnresolved(id, no, ref)
	}
	if err != nil {
		return err
	}
	if a.state.unresolved > 0 {
		// It may wait for a follow-up change.
		if waits, err := a.hasUnresolved(id, no, ref.Target); waits || err != nil {
			return err
		}
	}
	if has, err := a.hasLink(id, no, target); has || err != nil {
		return err
	}
	return a.putLink(id, no, ref.Desc, target, touchContent)
}

// putLink makes a link. A change of its memberships moves the group's stamp; of a member only the rights move, not what
// entryCSN and modifyTimestamp say: memberOf is computed.
func (a *applier) putLink(source directory.EntryID, no uint32, desc *directory.AttributeDescription, target directory.EntryID, how touch) error {
	s, err := a.touchEntry(source, how)
	if err != nil {
		return err
	}
	s.stamp.addRef(no)
	s.members = s.members || isMembership(desc)
	t, err := a.touchEntry(target, touchAuthority)
	if err != nil {
		return err
	}
	t.stamp.linked = true
	t.stamp.member = t.stamp.member || isMembership(desc)
	a.noteNesting(desc, &t.stamp)
	a.key = linkKey(a.key[:0], source, no, target)
	a.o.Put(a.key, nil)
	a.key = reverseKey(a.key[:0], target, no, source)
	a.o.Put(a.key, nil)
	a.endLink(source, no, target)
	return nil
}

// dropLink removes a link. touchTarget is false when something else tells that rights may change.
func (a *applier) dropLink(source directory.EntryID, no uint32, desc *directory.AttributeDescription, target directory.EntryID, touchTarget bool) error {
	if touchTarget {
		t, err := a.touchEntry(target, touchAuthority)
		if err != nil {
			return err
		}
		a.noteNesting(desc, &t.stamp)
	}
	a.key = linkKey(a.key[:0], source, no, target)
	a.o.Delete(a.key)
	a.key = reverseKey(a.key[:0], target, no, source)
	a.o.Delete(a.key)
	a.endLink(source, no, target)
	return nil
}

// noteNesting moves the nesting generation when a membership of something that may have members itself changes.
func (a *applier) noteNesting(desc *directory.AttributeDescription, target *Stamp) {
	if a.farther || !isMembership(desc) {
		return
	}
	if target.gives {
		a.nest()
		return
	}
	for _, no := range target.refs {
		if d, err := a.descs.description(no); err == nil && isMembership(d) {
			a.nest()
			return
		}
	}
}

func (a *applier) endLink(source directory.EntryID, no uint32, target directory.EntryID) {
	a.end(linkPrefix(nil, tagLinkItem, source, no))
	a.end(idKey(nil, tagReverseItem, target))
}

func (a *applier) removeReference(id directory.EntryID, desc *directory.AttributeDescription, name directory.NDN) error {
	no := a.number(desc)
	target, _, err := a.lookup(name)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if err == nil {
		has, err := a.hasLink(id, no, target)
		if err != nil {
			return err
		}
		if has {
			s, err := a.touchEntry(id, touchContent)
			if err != nil {
				return err
			}
			s.members = s.members || isMembership(desc)
			return a.dropLink(id, no, desc, target, true)
		}
	}
	has, err := a.hasUnresolved(id, no, name)
	if !has || err != nil {
		return err
	}
	if _, err := a.touchEntry(id, touchContent); err != nil {
		return err
	}
	return a.dropUnresolved(id, no, reverseName(name))
}

func (a *applier) removeAllReferences(id directory.EntryID, desc *directory.AttributeDescription) error {
	no := a.number(desc)
	list, err := a.references(id, no)
	if err != nil || len(list.ids)+len(list.waiting) == 0 {
		return err
	}
	t, err := a.touchEntry(id, touchContent)
	if err != nil {
		return err
	}
	t.stamp.dropRef(no)
	t.members = t.members || len(list.ids) > 0 && isMembership(desc)
	return a.dropList(id, no, desc, list)
}

// dropList removes all values of one attribute.
func (a *applier) dropList(id directory.EntryID, no uint32, desc *directory.AttributeDescription, list *refList) error {
	many := len(list.ids) > memberTouchMax
	if many && isMembership(desc) {
		a.nest()
	}
	for _, target := range list.ids {
		if err := a.dropLink(id, no, desc, target, !many && target != id); err != nil {
			return err
		}
	}
	for _, u := range list.waiting {
		if err := a.dropUnresolved(id, no, reverseName(u.name)); err != nil {
			return err
		}
	}
	return nil
}

// dropReferences removes all references of an entry that is deleted and all to it; the stamps of the referrers move.
func (a *applier) dropReferences(id directory.EntryID, stamp *Stamp) error {
	for _, no := range stamp.refs {
		desc, err := a.descs.description(no)
		if err != nil {
			return err
		}
		list, err := a.references(id, no)
		if err != nil {
			return err
		}
		if err := a.dropList(id, no, desc, list); err != nil {
			return err
		}
	}
	if !stamp.linked {
		return nil
	}
	refs, err := a.referrers(id)
	if err != nil {
		return err
	}
	for _, ref := range refs {
		desc, err := a.descs.description(ref.desc)
		if err != nil {
			return err
		}
		if ref.source != id {
			s, err := a.touchEntry(ref.source, touchContent)
			if err != nil {
				return err
			}
			s.members = s.members || isMembership(desc)
		}
		a.noteNesting(desc, stamp)
		if err := a.dropLink(ref.source, ref.desc, desc, id, false); err != nil {
			return err
		}
	}
	return nil
}
