package storage

import (
	"math/bits"
	"slices"

	"gatehouse/directory"
)

// idSet is a set of entry IDs in ascending order without duplicates.
type idSet []directory.EntryID

// seek returns the place of the first ID that is at least id.
func (s idSet) seek(id directory.EntryID) int {
	i, _ := slices.BinarySearch(s, id)
	return i
}

func (s idSet) has(id directory.EntryID) bool {
	_, found := slices.BinarySearch(s, id)
	return found
}

// intersect keeps the IDs of s that are also in t. It overwrites s.
func (s idSet) intersect(t idSet) idSet {
	out := s[:0]
	for len(s) > 0 && len(t) > 0 {
		switch a, b := s[0], t[0]; {
		case a == b:
			out = append(out, a)
			s, t = s[1:], t[1:]
		case a < b:
			s = s[1:]
		default:
			t = t[1:]
			if len(t) > 16*len(s) {
				t = t[t.seek(a):]
			}
		}
	}
	return out
}

// sortIDs sorts ids and drops duplicates, in place.
func sortIDs(ids []directory.EntryID) idSet {
	if !slices.IsSorted(ids) {
		slices.Sort(ids)
	}
	return slices.Compact(ids)
}

// A chunk is the part of a set that falls into 1,024 consecutive IDs: ID i is bit i%1024 of
// chunk i/1024. Set algebra on large sets goes chunk by chunk and never holds a whole set.
type chunk [chunkIDs / 64]uint64

const (
	chunkShift = 10
	chunkIDs   = 1 << chunkShift
)

func chunkOf(id directory.EntryID) uint64 { return uint64(id) >> chunkShift }

func (c *chunk) add(id directory.EntryID)    { c[id%chunkIDs/64] |= 1 << (id % 64) }
func (c *chunk) remove(id directory.EntryID) { c[id%chunkIDs/64] &^= 1 << (id % 64) }

func (c *chunk) has(id directory.EntryID) bool { return c[id%chunkIDs/64]&(1<<(id%64)) != 0 }

func (c *chunk) count() (n int) {
	for _, w := range c {
		n += bits.OnesCount64(w)
	}
	return n
}

func (c *chunk) and(d *chunk) {
	for i := range c {
		c[i] &= d[i]
	}
}

func (c *chunk) or(d *chunk) {
	for i := range c {
		c[i] |= d[i]
	}
}

// appendIDs appends the IDs of chunk no.
func (c *chunk) appendIDs(dst []directory.EntryID, no uint64) []directory.EntryID {
	for i, w := range c {
		for ; w != 0; w &= w - 1 {
			dst = append(dst, directory.EntryID(no<<chunkShift+uint64(i*64+bits.TrailingZeros64(w))))
		}
	}
	return dst
}
