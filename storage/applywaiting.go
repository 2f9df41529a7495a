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
)

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
	if err != nil {
		return 0, "", err
	}
	return decodeWaiters(key, value)
}

// decodeWaiters reads how many references wait under a key, and the name for which they do.
func decodeWaiters(key, value []byte) (n uint64, reversed string, err error) {
	if value, err = unseal(value, key); err != nil {
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

// resolve makes a link of one waiting reference. The referrer prints what it printed before: entryCSN and entryUSN move, so that
// readers look again, and modifyTimestamp does not, so that an import keeps it whatever the order of its records.
func (a *applier) resolve(w referrer, id directory.EntryID, reversed string) error {
	desc, err := a.descs.description(w.desc)
	if err != nil {
		return err
	}
	if err := a.dropUnresolved(w.source, w.desc, reversed); err != nil {
		return err
	}
	if _, err := a.touchEntry(w.source, touchQuiet); err != nil {
		return err
	}
	if has, err := a.hasLink(w.source, w.desc, id); has || err != nil {
		return err
	}
	return a.putLink(w.source, w.desc, desc, id, touchQuiet)
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
