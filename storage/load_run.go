package storage

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"

	"gatehouse/directory"
)

// A loadRun collects keys with an ID each, to be sorted. Its items hold no pointers, and comparing two mostly needs only
// their first eight bytes.
type loadRun struct {
	blocks [][]byte
	items  []loadItem
}

type loadItem struct {
	prefix uint64 // the first bytes of the key
	id     directory.EntryID
	block  uint32
	from   uint32
	size   uint32
}

const loadBlockBytes = 1 << 20

func (r *loadRun) add(key []byte, id directory.EntryID) {
	n := len(r.blocks)
	if n == 0 || len(r.blocks[n-1])+len(key) > cap(r.blocks[n-1]) {
		size := loadBlockBytes
		if n == 0 {
			size = 4 << 10
		}
		r.blocks = append(r.blocks, make([]byte, 0, max(size, len(key))))
		n++
	}
	b := r.blocks[n-1]
	r.items = append(r.items, loadItem{keyPrefix(key), id, uint32(n - 1), uint32(len(b)), uint32(len(key))})
	r.blocks[n-1] = append(b, key...)
}

func keyPrefix(key []byte) uint64 {
	if len(key) >= 8 {
		return binary.BigEndian.Uint64(key)
	}
	var b [8]byte
	copy(b[:], key)
	return binary.BigEndian.Uint64(b[:])
}

func (r *loadRun) key(it *loadItem) []byte {
	return r.blocks[it.block][it.from : it.from+it.size : it.from+it.size]
}

// merge moves the items of other runs here and sorts all by key and ID.
func (r *loadRun) merge(others []*loadRun) {
	for _, o := range others {
		base := uint32(len(r.blocks))
		r.blocks = append(r.blocks, o.blocks...)
		r.items = slices.Grow(r.items, len(o.items))
		for _, it := range o.items {
			it.block += base
			r.items = append(r.items, it)
		}
		*o = loadRun{}
	}
	slices.SortFunc(r.items, func(a, b loadItem) int {
		if a.prefix != b.prefix {
			return cmp.Compare(a.prefix, b.prefix)
		}
		if c := bytes.Compare(r.key(&a), r.key(&b)); c != 0 {
			return c
		}
		return cmp.Compare(a.id, b.id)
	})
}
