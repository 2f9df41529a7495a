package storage

import (
	"encoding/binary"
	"errors"

	"gatehouse/directory"
	"gatehouse/storage/kv"
)

// The tree: (parent, NRDN) -> ID. A suffix entry has parent 0 and its whole name as NRDN. Sibling keys sort by NRDN (one
// of more than shortBytesMax by its beginning and its hash). The value under childKey(parent, nrdn):
//
//	ID (8) | NRDN, when it is long | CRC
func childKey(dst []byte, parent directory.EntryID, nrdn directory.NRDN) []byte {
	return appendShort(idKey(dst, tagChild, parent), nrdn)
}

func appendChild(dst, key []byte, id directory.EntryID, nrdn directory.NRDN) []byte {
	from := len(dst)
	dst = appendID(dst, id)
	if isLong(nrdn) {
		dst = append(dst, nrdn...)
	}
	return seal(dst, from, key)
}

// decodeChild returns the ID of a child and, when it is long, its NRDN.
func decodeChild(value, key []byte) (directory.EntryID, []byte, error) {
	body, err := unseal(value, key)
	if err != nil {
		return 0, nil, err
	}
	if len(body) < 8 {
		return 0, nil, corrupt("child of key %x", key)
	}
	return idAt(body, 0), body[8:], nil
}

// child returns the child of parent with that name, or ErrNotFound.
func (v *view) child(parent directory.EntryID, nrdn directory.NRDN) (directory.EntryID, error) {
	var buf [9 + shortBytesMax]byte
	key := childKey(buf[:0], parent, nrdn)
	it, err := v.item(key)
	if err != nil {
		return 0, err
	}
	if !it.present {
		return 0, ErrNotFound
	}
	if id, ok := it.decoded.Load().(directory.EntryID); ok && !isLong(nrdn) {
		return id, nil
	}
	id, full, err := decodeChild(it.value(), append([]byte(nil), key...))
	if err != nil {
		return 0, err
	}
	if isLong(nrdn) {
		if string(full) != string(nrdn) {
			return 0, ErrNotFound
		}
		return id, nil
	}
	v.keepDecoded(it, id, structBytes[uint64]())
	return id, nil
}

// childCount returns the number of children.
func (v *view) childCount(id directory.EntryID) (uint64, error) {
	var buf [9]byte
	key := idKey(buf[:0], tagChildCount, id)
	it, err := v.item(key)
	if err != nil || !it.present {
		return 0, err
	}
	if n, ok := it.decoded.Load().(uint64); ok {
		return n, nil
	}
	body, err := unseal(it.value(), append([]byte(nil), key...))
	if err != nil {
		return 0, err
	}
	n, used := binary.Uvarint(body)
	if used != len(body) || used <= 0 {
		return 0, corrupt("child count of entry %d", id)
	}
	v.keepDecoded(it, n, structBytes[uint64]())
	return n, nil
}

// A NamingContext is a suffix entry.
type NamingContext struct {
	ID   directory.EntryID
	Name string // as written
	NDN  directory.NDN
}

var contextsItemKey = []byte{tagContextsItem}

// contexts returns the naming contexts in the order of their normalized names.
func (v *view) contexts() ([]NamingContext, error) {
	if known, ok := v.cached(contextsItemKey).([]NamingContext); ok {
		return known, nil
	}
	var ids []directory.EntryID
	err := v.scanChildren(0, func(id directory.EntryID) bool {
		ids = append(ids, id)
		return true
	})
	if err != nil {
		return nil, err
	}
	found := make([]NamingContext, len(ids))
	for i, id := range ids {
		rec, err := v.record(id)
		if err != nil {
			return nil, corrupt("naming context %d: %v", id, err)
		}
		found[i] = NamingContext{ID: id, Name: rec.rdn, NDN: directory.NDN(rec.nrdn)}
	}
	v.keep(contextsItemKey, found, structBytes[[]NamingContext]()+sliceBytes(found))
	return found, nil
}

// scanChildren calls yield for every child in key order until it returns false.
func (v *view) scanChildren(parent directory.EntryID, yield func(directory.EntryID) bool) error {
	it := v.Scan(kv.ScanOptions{Prefix: idKey(nil, tagChild, parent)})
	defer it.Close()
	for it.Next() {
		value, err := it.Value()
		if err != nil {
			return err
		}
		id, _, err := decodeChild(value, it.Key())
		if err != nil {
			return err
		}
		if !yield(id) {
			return nil
		}
	}
	return it.Err()
}

// lookup returns the entry called ndn, or ErrNotFound with the deepest entry above it and that entry's name.
func (v *view) lookup(ndn directory.NDN) (id directory.EntryID, deepest directory.NDN, err error) {
	contexts, err := v.contexts()
	if err != nil {
		return 0, "", err
	}
	var context *NamingContext
	for i := range contexts {
		// The longest suffix wins where one naming context lies within another.
		if c := &contexts[i]; ndn.IsUnder(c.NDN) && (context == nil || len(c.NDN) > len(context.NDN)) {
			context = c
		}
	}
	if context == nil {
		return 0, "", ErrNotFound
	}
	id, at := context.ID, len(ndn)-len(context.NDN)
	for at > 0 {
		// ndn[at:] is the name of id; the RDN below it ends before the comma at at-1.
		start := at - 1
		for start > 0 && ndn[start-1] != ',' {
			start--
		}
		next, err := v.child(id, directory.NRDN(ndn[start:at-1]))
		if err != nil {
			if errors.Is(err, ErrNotFound) {
				return id, ndn[at:], ErrNotFound
			}
			return 0, "", err
		}
		id, at = next, start
	}
	return id, ndn, nil
}
