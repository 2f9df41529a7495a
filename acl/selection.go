package acl

import (
	"math/bits"
	"slices"

	"gatehouse/directory"
)

// A Selection is the set of attributes that a request asks for (RFC 4511 section 4.5.1.8, RFC 3673, RFC 4529). The zero
// Selection is empty. It holds no reference to the request. It may be reused after Reset. Not safe for concurrent change.
type Selection struct {
	user, operational bool
	types             [8]uint64 // attribute type numbers below 512
	more              []int     // the others
	descs             []described
}

// described asks for the subtypes of one type that have all the options.
type described struct {
	typeNo  int
	options []string
}

// Reset empties the selection and keeps its memory.
func (s *Selection) Reset() {
	*s = Selection{more: s.more[:0], descs: s.descs[:0]}
}

// All asks for all user attributes, as "*" does.
func (s *Selection) All() { s.user = true }

// Operational asks for all operational attributes, as "+" does.
func (s *Selection) Operational() { s.operational = true }

// Type asks for an attribute type with any options.
func (s *Selection) Type(typeNo int) {
	if typeNo < len(s.types)*bits.UintSize {
		s.types[typeNo/64] |= 1 << (typeNo % 64)
		return
	}
	s.more = append(s.more, typeNo)
}

// Described asks for an attribute type with at least these options. It keeps the slice.
func (s *Selection) Described(typeNo int, options []string) {
	if len(options) == 0 {
		s.Type(typeNo)
		return
	}
	s.descs = append(s.descs, described{typeNo, options})
}

// Has reports whether the attribute is asked for.
func (s *Selection) Has(d *directory.AttributeDescription) bool {
	if s.user && !d.Is(directory.FlagOperational) || s.operational && d.Is(directory.FlagOperational) {
		return true
	}
	if s.HasType(d.TypeNo) {
		return true
	}
	for i := range s.descs {
		if q := &s.descs[i]; q.typeNo == d.TypeNo && containsAll(d.Options, q.options) {
			return true
		}
	}
	return false
}

// HasType reports whether the type was asked for by itself, with any options.
func (s *Selection) HasType(typeNo int) bool {
	if typeNo < len(s.types)*bits.UintSize {
		return s.types[typeNo/64]>>(typeNo%64)&1 == 1
	}
	return slices.Contains(s.more, typeNo)
}

// MayHave reports whether one of the types may be asked for, with or without options.
func (s *Selection) MayHave(types []*directory.AttributeDescription) bool {
	return len(s.descs) > 0 || slices.ContainsFunc(types, s.Has)
}

func containsAll(have, want []string) bool {
	for _, o := range want {
		if !slices.Contains(have, o) {
			return false
		}
	}
	return true
}
