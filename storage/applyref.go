package storage

import (
	"encoding/binary"
	"errors"
	"strings"

	"gatehouse/directory"
	"gatehouse/storage/kv"
)

// Bounds of what one change does beside its own effects.
const (
	// resolvedMax is how many waiting references one change turns into links. The rest follows in changes of its own.
	resolvedMax = 1000
	// namesScannedMax is how many waiting names one change looks at after a move.
	namesScannedMax = 4000
	// memberTouchMax is up to how many members a change that drops all members of a group moves one by one; beyond it the
	// nesting generation moves for all.
	memberTouchMax = 16
)

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
	return a.putLink(id, no, ref.Desc, target)
}

// putLink makes a link. A change of its memberships moves the group's stamp; of a member only the rights move, not what
// entryCSN and modifyTimestamp say: memberOf is computed.
func (a *applier) putLink(source directory.EntryID, no uint32, desc *directory.AttributeDescription, target directory.EntryID) error {
	s, err := a.touchEntry(source, touchContent)
	if err != nil {
		return err
	}
	s.stamp.addRef(no)
	t, err := a.touchEntry(target, touchAuthority)
	if err != nil {
		return err
	}
	t.stamp.linked = true
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
	if a.nested || !isMembership(desc) {
		return
	}
	for _, no := range target.refs {
		if d, err := a.descs.description(no); err == nil && isMembership(d) {
			a.nested = true
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
			if _, err := a.touchEntry(id, touchContent); err != nil {
				return err
			}
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
	return a.dropList(id, no, desc, list)
}

// dropList removes all values of one attribute.
func (a *applier) dropList(id directory.EntryID, no uint32, desc *directory.AttributeDescription, list *refList) error {
	many := len(list.ids) > memberTouchMax
	if many && isMembership(desc) {
		a.nested = true
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
			if _, err := a.touchEntry(ref.source, touchContent); err != nil {
				return err
			}
		}
		a.noteNesting(desc, stamp)
		if err := a.dropLink(ref.source, ref.desc, desc, id, false); err != nil {
			return err
		}
	}
	return nil
}

func (a *applier) addUnresolved(id directory.EntryID, no uint32, ref *Reference) error {
	if has, err := a.hasUnresolved(id, no, ref.Target); has || err != nil {
		return err
	}
	t, err := a.touchEntry(id, touchContent)
	if err != nil {
		return err
	}
	t.stamp.addRef(no)
	reversed := reverseName(ref.Target)
	if err := a.addWaiters(reversed, 1); err != nil {
		return err
	}
	a.o.Put(waiterKey(nil, reversed, no, id), nil)
	a.key = unresolvedKey(a.key[:0], id, no, reversed)
	a.val = appendUnresolved(a.val[:0], a.key, ref.Text, ref.Target)
	a.o.Put(a.key, a.val)
	a.end(linkPrefix(nil, tagLinkItem, id, no))
	return nil
}

func (a *applier) dropUnresolved(id directory.EntryID, no uint32, reversed string) error {
	a.o.Delete(waiterKey(nil, reversed, no, id))
	a.o.Delete(unresolvedKey(nil, id, no, reversed))
	a.end(linkPrefix(nil, tagLinkItem, id, no))
	return a.addWaiters(reversed, -1)
}

// addWaiters changes the number of references that wait for a name.
func (a *applier) addWaiters(reversed string, delta int) error {
	key := waitersKey(nil, reversed)
	n, _, err := a.waiters(key)
	if err != nil {
		return err
	}
	n += uint64(delta)
	a.state.unresolved += uint64(delta)
	if n == 0 {
		a.o.Delete(key)
		return nil
	}
	value := binary.AppendUvarint(nil, n)
	if isLong(reversed) {
		value = append(value, reversed...)
	}
	a.o.Put(key, seal(value, 0, key))
	return nil
}

// waiters returns how many references wait under a key, and the name for which they do.
func (a *applier) waiters(key []byte) (n uint64, reversed string, err error) {
	value, err := a.Get(key)
	if errors.Is(err, kv.ErrNotFound) {
		return 0, "", nil
	}
	if err == nil {
		value, err = unseal(value, key)
	}
	if err != nil {
		return 0, "", err
	}
	n, used := binary.Uvarint(value)
	if used <= 0 {
		return 0, "", corrupt("waiters of key %x", key)
	}
	if rest := value[used:]; len(rest) > 0 {
		return n, string(rest), nil
	}
	return n, string(key[1:]), nil
}

// resolveName turns the references that wait for a name into links to id, which has it now.
func (a *applier) resolveName(id directory.EntryID, reversed string) error {
	n, _, err := a.waiters(waitersKey(nil, reversed))
	if err != nil || n == 0 {
		return err
	}
	prefix := waiterPrefix(nil, reversed)
	var waiting []referrer
	it := a.Scan(kv.ScanOptions{Prefix: prefix, KeysOnly: true})
	for len(waiting) < resolvedMax-a.resolved && it.Next() {
		if key := it.Key(); len(key) == len(prefix)+12 {
			waiting = append(waiting, referrer{binary.BigEndian.Uint32(key[len(prefix):]), idAt(key, len(key)-8)})
		}
	}
	if err := it.Close(); err != nil {
		return err
	}
	for _, w := range waiting {
		if err := a.resolve(w, id, reversed); err != nil {
			return err
		}
	}
	if a.resolved += len(waiting); uint64(len(waiting)) < n {
		a.followUp(id, "")
	}
	return nil
}

// resolve makes a link of one waiting reference.
func (a *applier) resolve(w referrer, id directory.EntryID, reversed string) error {
	desc, err := a.descs.description(w.desc)
	if err != nil {
		return err
	}
	if err := a.dropUnresolved(w.source, w.desc, reversed); err != nil {
		return err
	}
	if _, err := a.touchEntry(w.source, touchContent); err != nil {
		return err
	}
	if has, err := a.hasLink(w.source, w.desc, id); has || err != nil {
		return err
	}
	return a.putLink(w.source, w.desc, desc, id)
}

// resolveSubtree does resolveName for every waiting name that is reversed or below it and that an entry has now. It goes
// on after the name after, and leaves what is beyond the bounds to a follow-up change for id.
func (a *applier) resolveSubtree(id directory.EntryID, reversed, after string) error {
	prefix := reversed
	if len(prefix) > shortPrefixBytes {
		prefix = prefix[:shortPrefixBytes]
	}
	lo := appendShort([]byte{tagWaiters}, after)
	var names []string
	it := a.Scan(kv.ScanOptions{Prefix: append([]byte{tagWaiters}, prefix...), Lo: lo})
	defer it.Close()
	more := false
	for it.Next() {
		if more = len(names) == namesScannedMax; more {
			break
		}
		_, name, err := a.waiters(append([]byte(nil), it.Key()...))
		if err != nil {
			return err
		}
		if name != after && (name == reversed || strings.HasPrefix(name, reversed+",")) {
			names = append(names, name)
		}
	}
	if err := it.Close(); err != nil {
		return err
	}
	for _, name := range names {
		if a.resolved >= resolvedMax {
			a.followUp(id, after)
			return nil
		}
		after = name
		target, _, err := a.lookup(directory.NDN(reverseName(directory.NDN(name))))
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if err := a.resolveName(target, name); err != nil {
			return err
		}
	}
	if more {
		a.followUp(id, after)
	}
	return nil
}

// followUp notes that references still wait for names of id and below, from the name after on.
func (a *applier) followUp(id directory.EntryID, after string) {
	key := idKey(nil, tagToResolve, id)
	a.o.Put(key, seal([]byte(after), 0, key))
	a.followUps = append(a.followUps, id)
}

// resolveRest goes on where followUp left off.
func (a *applier) resolveRest(id directory.EntryID) error {
	key := idKey(nil, tagToResolve, id)
	value, err := a.Get(key)
	if errors.Is(err, kv.ErrNotFound) {
		return nil
	}
	if err == nil {
		value, err = unseal(value, key)
	}
	if err != nil {
		return err
	}
	a.o.Delete(key)
	name, err := a.appendNDN(nil, id)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return a.resolveSubtree(id, reverseName(directory.NDN(name)), string(value))
}
