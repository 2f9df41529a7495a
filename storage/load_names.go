package storage

import (
	"cmp"
	"encoding/binary"
	"hash/maphash"
	"slices"
	"strings"

	"gatehouse/directory"
)

// A nameTable finds IDs by normalized names in 24 bytes per name: it keeps 128 bits of hash instead of names. Its keys are
// random, so that an input cannot aim at a collision, and among a billion names one is less likely than a broken disk.
type nameTable struct {
	seeds [2]maphash.Seed
	ids   map[[16]byte]directory.EntryID
	aside map[directory.EntryID]bool // entries whose superior is not known yet
}

func newNameTable() *nameTable {
	return &nameTable{
		seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()},
		ids:   make(map[[16]byte]directory.EntryID),
		aside: make(map[directory.EntryID]bool),
	}
}

func (t *nameTable) key(name directory.NDN) (k [16]byte) {
	binary.NativeEndian.PutUint64(k[:8], maphash.String(t.seeds[0], string(name)))
	binary.NativeEndian.PutUint64(k[8:], maphash.String(t.seeds[1], string(name)))
	return k
}

// add gives a name to an ID; false when it is taken.
func (t *nameTable) add(name directory.NDN, id directory.EntryID) bool {
	k := t.key(name)
	if _, taken := t.ids[k]; taken {
		return false
	}
	t.ids[k] = id
	return true
}

func (t *nameTable) get(name directory.NDN) (directory.EntryID, bool) {
	id, ok := t.ids[t.key(name)]
	return id, ok
}

func (t *nameTable) remove(name directory.NDN)         { delete(t.ids, t.key(name)) }
func (t *nameTable) setAside(id directory.EntryID)     { t.aside[id] = true }
func (t *nameTable) takeBack(id directory.EntryID)     { delete(t.aside, id) }
func (t *nameTable) isAside(id directory.EntryID) bool { return len(t.aside) > 0 && t.aside[id] }

// An interner numbers strings.
type interner struct {
	numbers map[string]uint32
	list    []string
}

func (in *interner) number(s string) uint32 {
	if n, ok := in.numbers[s]; ok {
		return n
	}
	if in.numbers == nil {
		in.numbers = make(map[string]uint32)
	}
	s = strings.Clone(s)
	n := uint32(len(in.list))
	in.numbers[s] = n
	in.list = append(in.list, s)
	return n
}

func sortByDepth(entries []loadJobEntry) {
	slices.SortStableFunc(entries, func(a, b loadJobEntry) int {
		return cmp.Compare(strings.Count(string(a.NDN), ","), strings.Count(string(b.NDN), ","))
	})
}

func sortByID(entries []loadJobEntry) {
	slices.SortFunc(entries, func(a, b loadJobEntry) int { return cmp.Compare(a.id, b.id) })
}
