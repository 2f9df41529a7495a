package schema

import (
	"strings"
	"unsafe"
)

// nameTable finds something by its name or OID without regard to case and without allocating: open addressing, at most half
// full. The zero table is empty.
type nameTable[T any] struct {
	slots []nameSlot[T]
	n     int
}

type nameSlot[T any] struct {
	key   string // lower case; empty in a free slot
	value T
}

// foldHash is FNV-1a of the name with the bit of lower case set; what that confuses, the comparison tells apart.
func foldHash(name string) uint32 {
	h := uint32(2166136261)
	for i := range len(name) {
		h = (h ^ uint32(name[i]|0x20)) * 16777619
	}
	return h
}

// foldEqual reports whether name in lower case is key.
func foldEqual(name, key string) bool {
	if len(name) != len(key) {
		return false
	}
	for i := range len(name) {
		c := name[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if c != key[i] {
			return false
		}
	}
	return true
}

func (t *nameTable[T]) find(name string) (value T, ok bool) {
	if len(t.slots) == 0 || name == "" {
		return value, false
	}
	mask := uint32(len(t.slots) - 1)
	for i := foldHash(name) & mask; ; i = (i + 1) & mask {
		slot := &t.slots[i]
		if slot.key == "" {
			return value, false
		}
		if foldEqual(name, slot.key) {
			return slot.value, true
		}
	}
}

// add puts value under name and reports whether the name was free.
func (t *nameTable[T]) add(name string, value T) bool {
	if _, taken := t.find(name); taken {
		return false
	}
	if 2*(t.n+1) > len(t.slots) {
		old := t.slots
		t.slots = make([]nameSlot[T], max(16, 2*len(old)))
		for _, slot := range old {
			if slot.key != "" {
				t.put(slot)
			}
		}
	}
	t.put(nameSlot[T]{key: strings.ToLower(name), value: value})
	t.n++
	return true
}

func (t *nameTable[T]) put(slot nameSlot[T]) {
	mask := uint32(len(t.slots) - 1)
	i := foldHash(slot.key) & mask
	for t.slots[i].key != "" {
		i = (i + 1) & mask
	}
	t.slots[i] = slot
}

// stringOf views b as a string for the time of a look-up; b must not change meanwhile.
func stringOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
