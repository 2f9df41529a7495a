package filter

import (
	"bytes"
	"slices"

	"gatehouse/directory/schema"
)

// value reports whether one stored value matches. A stored value that its rule cannot prepare matches nothing.
func (m *matcher) value(n *Node, v []byte) bool {
	switch n.Op {
	case OpEqual, OpAnyOf:
		key, err := m.schema.AppendEqualityKey(m.scratch.key[:0], n.desc, v)
		if !m.keep(key, err) {
			return false
		}
		if n.Op == OpEqual {
			return bytes.Equal(key, n.Key)
		}
		_, found := slices.BinarySearchFunc(n.Keys, key, bytes.Compare)
		return found
	case OpGreaterOrEqual, OpLessOrEqual:
		key, err := m.schema.AppendOrderingKey(m.scratch.key[:0], n.by, v)
		if !m.keep(key, err) {
			return false
		}
		c := bytes.Compare(key, n.Key)
		return c == 0 || c > 0 == (n.Op == OpGreaterOrEqual)
	case OpSubstrings:
		key, err := m.schema.AppendSubstringKey(m.scratch.key[:0], n.by, v, schema.Whole)
		return m.keep(key, err) && n.contained(key)
	default:
		return m.extensible(n, v)
	}
}

// keep keeps the grown buffer for the next value.
func (m *matcher) keep(key []byte, err error) bool {
	if cap(key) > cap(m.scratch.key) {
		m.scratch.key = key
	}
	return err == nil
}

func (m *matcher) extensible(n *Node, v []byte) bool {
	switch n.how {
	case bitAnd, bitOr:
		i, ok := parseInteger(v)
		if n.how == bitAnd {
			return ok && i&n.mask == n.mask
		}
		return ok && i&n.mask != 0
	}
	key, err := n.Rule.Prepare(m.scratch.key[:0], v)
	if !m.keep(key, err) {
		return false
	}
	if n.how == below {
		return bytes.Compare(key, n.Key) < 0
	}
	return bytes.Equal(key, n.Key)
}

// contained reports whether the prepared value has the parts in order, without overlap (RFC 4511 section 4.5.1.7.2).
func (n *Node) contained(value []byte) bool {
	value, ok := bytes.CutPrefix(value, n.Initial)
	if !ok {
		return false
	}
	if value, ok = bytes.CutSuffix(value, n.Final); !ok {
		return false
	}
	for _, part := range n.Any {
		i := bytes.Index(value, part)
		if i < 0 {
			return false
		}
		value = value[i+len(part):]
	}
	return true
}

// typeSet is a set of attribute types by number.
type typeSet struct {
	one  int // the only member where bits is nil
	bits []uint64
}

func newTypeSet(numbers []int) typeSet {
	if len(numbers) == 1 {
		return typeSet{one: numbers[0]}
	}
	top := 0
	for _, no := range numbers {
		top = max(top, no)
	}
	s := typeSet{bits: make([]uint64, top/64+1)}
	for _, no := range numbers {
		s.bits[no/64] |= 1 << (no % 64)
	}
	return s
}

func (s *typeSet) has(no int) bool {
	if s.bits == nil {
		return no == s.one
	}
	return no/64 < len(s.bits) && s.bits[no/64]&(1<<(no%64)) != 0
}
