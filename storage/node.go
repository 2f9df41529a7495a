package storage

import (
	"strings"

	"gatehouse/directory"
)

// A node is where an entry stands: what names are composed from. It is part of the entry's record; a name that is composed of
// entries whose records nobody asked for keeps their nodes alone.
type node struct {
	parent directory.EntryID
	rdn    string
	nrdn   directory.NRDN
}

// depthMax ends a walk upwards that found a circle. Entries are created far above it.
const depthMax = 4096

// node returns where an entry stands, or ErrNotFound. It reads the record, which a candidate of a search needs anyway.
func (v *view) node(id directory.EntryID) (*node, error) {
	rec, err := v.record(id)
	if err != nil {
		return nil, err
	}
	return &rec.node, nil
}

// nodeAlone is node for one of many entries of which nothing but the name is wanted: it keeps no record.
func (v *view) nodeAlone(id directory.EntryID) (*node, error) {
	if v.epoch == nil {
		return v.node(id)
	}
	var buf, recordBuf [9]byte
	key := idKey(buf[:0], tagNodeItem, id)
	if n, ok := v.cached(key).(*node); ok {
		return n, nil
	}
	recordKey := idKey(recordBuf[:0], tagRecord, id)
	if it := v.store.cache.get(recordKey, v.epoch.ts); it != nil {
		return v.node(id)
	}
	own := append([]byte(nil), recordKey...)
	value, err := v.getOnce(own)
	if err == nil {
		value, err = unseal(value, own)
	}
	if err != nil {
		return nil, err
	}
	var rec record
	d := decoder{b: value}
	if rec.decodeHead(&d); d.bad {
		return nil, corrupt("record of entry %d", id)
	}
	n := &node{parent: rec.parent, rdn: strings.Clone(rec.rdn), nrdn: directory.NRDN(strings.Clone(string(rec.nrdn)))}
	v.keep(key, n, structBytes[node]()+heapBytes(len(n.rdn))+heapBytes(len(n.nrdn)))
	return n, nil
}

// isUnder reports whether id is ancestor or lies below it; everything lies below 0.
func (v *view) isUnder(id, ancestor directory.EntryID) (bool, error) {
	for range depthMax {
		if id == ancestor || ancestor == 0 {
			return true, nil
		}
		n, err := v.node(id)
		if err != nil {
			return false, err
		}
		if n.parent == 0 {
			return false, nil
		}
		id = n.parent
	}
	return false, corrupt("entry %d has no way to a naming context", id)
}

// depth returns the number of entries from id up to its naming context, itself included.
func (v *view) depth(id directory.EntryID) (int, error) {
	for d := range depthMax {
		if id == 0 {
			return d, nil
		}
		n, err := v.node(id)
		if err != nil {
			return 0, err
		}
		id = n.parent
	}
	return 0, corrupt("entry %d has no way to a naming context", id)
}

// appendDN appends the name of an entry as written.
func (v *view) appendDN(dst []byte, id directory.EntryID) ([]byte, error) {
	return v.appendName(dst, id, func(n *node) string { return n.rdn })
}

// appendNDN appends the normalized name of an entry.
func (v *view) appendNDN(dst []byte, id directory.EntryID) ([]byte, error) {
	return v.appendName(dst, id, func(n *node) string { return string(n.nrdn) })
}

func (v *view) appendName(dst []byte, id directory.EntryID, part func(*node) string) ([]byte, error) {
	for range depthMax {
		n, err := v.node(id)
		if err != nil {
			return dst, err
		}
		dst = append(dst, part(n)...)
		if id = n.parent; id == 0 {
			return dst, nil
		}
		dst = append(dst, ',')
	}
	return dst, corrupt("entry %d has no way to a naming context", id)
}

// ancestors returns the way from an entry up to its naming context, itself first.
func (v *view) ancestors(id directory.EntryID) ([]Ancestor, error) {
	var chain []Ancestor
	for range depthMax {
		n, err := v.node(id)
		if err != nil {
			return nil, err
		}
		chain = append(chain, Ancestor{ID: id, NRDN: n.nrdn})
		if id = n.parent; id == 0 {
			return chain, nil
		}
	}
	return nil, corrupt("entry %d has no way to a naming context", id)
}
