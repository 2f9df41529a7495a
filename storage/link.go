package storage

import (
	"encoding/binary"
	"strings"

	"gatehouse/directory"
	"gatehouse/storage/kv"
)

// Links: a value of a reference attribute whose target is an entry of ours is a pair of keys without a value, one from
// each end:
//
//	'l' source (8) description (4) target (8)
//	'm' target (8) description (4) source (8)
//
// Facts about a value (not before, not after, who approved it) will be the value of the first.
const linkKeyBytes = 1 + 8 + 4 + 8

func linkPrefix(dst []byte, tag byte, id directory.EntryID, desc uint32) []byte {
	return binary.BigEndian.AppendUint32(idKey(dst, tag, id), desc)
}

func linkKey(dst []byte, source directory.EntryID, desc uint32, target directory.EntryID) []byte {
	return appendID(linkPrefix(dst, tagLink, source, desc), target)
}

func reverseKey(dst []byte, target directory.EntryID, desc uint32, source directory.EntryID) []byte {
	return appendID(linkPrefix(dst, tagReverse, target, desc), source)
}

// isMembership reports whether values of a reference attribute make their targets members, so that they bring rights.
func isMembership(desc *directory.AttributeDescription) bool {
	name, _, _ := strings.Cut(desc.Key, ";")
	return name == "member" || name == "uniquemember"
}

// givesRights reports whether an entry gives rights to entries that it does not link to: by the memberURL of a dynamic group, or
// as the grant of an elevation.
func givesRights(e *directory.Entry) bool {
	if e == nil {
		return false
	}
	for _, a := range e.Attributes() {
		switch name, _, _ := strings.Cut(a.Desc.Key, ";"); name {
		case "memberurl", "gatehouseelevation", "pwdattribute":
			return true
		}
	}
	return false
}

// hasLink reports whether the link is there.
func (v *view) hasLink(source directory.EntryID, desc uint32, target directory.EntryID) (bool, error) {
	var buf [linkKeyBytes]byte
	it, err := v.item(linkKey(buf[:0], source, desc, target))
	return err == nil && it.present, err
}

// A refList is what an entry has of one reference attribute.
type refList struct {
	ids     idSet        // the targets of links
	waiting []unresolved // what names no entry yet
}

// references returns the values of a reference attribute. The list must not be changed.
func (v *view) references(source directory.EntryID, desc uint32) (*refList, error) {
	var buf [13]byte
	key := linkPrefix(buf[:0], tagLinkItem, source, desc)
	if list, ok := v.cached(key).(*refList); ok {
		return list, nil
	}
	list, bytes := new(refList), 0
	err := v.scanLinks(linkPrefix(nil, tagLink, source, desc), func(key []byte) bool {
		list.ids = append(list.ids, idAt(key, linkKeyBytes-8))
		return true
	})
	if err == nil && v.mayWait() {
		err = v.unresolvedOf(source, desc, func(u unresolved) bool {
			list.waiting = append(list.waiting, u)
			bytes += heapBytes(len(u.name)) + heapBytes(len(u.text))
			return true
		})
	}
	if err != nil {
		return nil, err
	}
	v.keep(key, list, structBytes[refList]()+sliceBytes(list.ids)+sliceBytes(list.waiting)+bytes)
	return list, nil
}

// hasReferences reports whether references would return anything.
func (v *view) hasReferences(source directory.EntryID, desc uint32) (some bool, err error) {
	var buf [13]byte
	if list, ok := v.cached(linkPrefix(buf[:0], tagLinkItem, source, desc)).(*refList); ok {
		return len(list.ids)+len(list.waiting) > 0, nil
	}
	err = v.scanLinks(linkPrefix(nil, tagLink, source, desc), func([]byte) bool {
		some = true
		return false
	})
	if err == nil && !some && v.mayWait() {
		err = v.unresolvedOf(source, desc, func(unresolved) bool {
			some = true
			return false
		})
	}
	return some, err
}

// mayWait reports whether the store has unresolved references at all.
func (v *view) mayWait() bool { return v.state.unresolved > 0 }

// A referrer is one link from the side of its target.
type referrer struct {
	desc   uint32
	source directory.EntryID
}

// referrers returns all links to an entry, by description and source. The list must not be changed.
func (v *view) referrers(target directory.EntryID) ([]referrer, error) {
	var buf [9]byte
	key := idKey(buf[:0], tagReverseItem, target)
	if refs, ok := v.cached(key).([]referrer); ok {
		return refs, nil
	}
	var refs []referrer
	err := v.scanLinks(idKey(nil, tagReverse, target), func(key []byte) bool {
		refs = append(refs, referrer{binary.BigEndian.Uint32(key[9:]), idAt(key, linkKeyBytes-8)})
		return true
	})
	if err != nil {
		return nil, err
	}
	v.keep(key, refs, structBytes[[]referrer]()+sliceBytes(refs))
	return refs, nil
}

// scanLinks calls yield with every link key that begins with prefix until it returns false.
func (v *view) scanLinks(prefix []byte, yield func(key []byte) bool) error {
	it := v.Scan(kv.ScanOptions{Prefix: prefix, KeysOnly: true})
	defer it.Close()
	for it.Next() {
		key := it.Key()
		if len(key) != linkKeyBytes {
			return corrupt("link key %x", key)
		}
		if !yield(key) {
			return nil
		}
	}
	return it.Err()
}

// targets returns the targets of an entry's links by one attribute, ascending. The list must not be changed.
func (v *view) targets(source directory.EntryID, desc uint32) (idSet, error) {
	list, err := v.references(source, desc)
	if err != nil {
		return nil, err
	}
	return list.ids, nil
}
