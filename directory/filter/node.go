package filter

import (
	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// Op is the kind of a node.
type Op uint8

// The kinds. A planner that meets a kind it does not know must take every entry as a candidate.
const (
	OpUndefined      Op = iota // neither true nor false of any entry
	OpFalse                    // false of every entry
	OpTrue                     // true of every entry
	OpAnd                      // at least two Children
	OpOr                       // at least two Children
	OpNot                      // one child
	OpEqual                    // Key, or Name on a Reference
	OpAnyOf                    // Keys: equal to one of them
	OpSubstrings               // Initial, Any, Final
	OpGreaterOrEqual           // Key is an ordering key
	OpLessOrEqual              // Key is an ordering key
	OpPresent                  // some value
	OpExtensible               // Rule; has no index
	OpInChain                  // Name, transitively, on a Reference
	OpEntryIDs                 // the entry is one of IDs: what a Widener knows beside the values of the entry
)

var opNames = [...]string{
	OpUndefined: "undefined", OpFalse: "false", OpTrue: "true", OpAnd: "and", OpOr: "or", OpNot: "not", OpEqual: "equal",
	OpAnyOf: "any-of", OpSubstrings: "substrings", OpGreaterOrEqual: "greater-or-equal", OpLessOrEqual: "less-or-equal",
	OpPresent: "present", OpExtensible: "extensible", OpInChain: "in-chain", OpEntryIDs: "entry-ids",
}

// String returns the kind's name.
func (op Op) String() string { return opNames[op] }

// Node is one node of a compiled filter. Planners and policies read it; nothing changes it, so it is safe for concurrent
// use. It holds no memory of the filter that it was compiled from.
//
// What a leaf of the filter asserts about a supertype (RFC 4512 section 2.5.1), Compile splits into an Or of leaves, so
// that all types of one leaf have the same Rights and are found in the same place: the record (one leaf for many types),
// the links (Reference, one type) or made on read (one type with FlagComputed).
type Node struct {
	Op       Op
	Children []*Node

	Type    *schema.AttributeType           // the asserted type; nil on an extensible match without attribute
	TypeNos []int                           // sorted numbers of the types whose values count
	Options []string                        // options that a value's description must have; lower case, sorted
	Desc    *directory.AttributeDescription // the asserted description if it named options and somebody uses it; else nil
	Rights  Searchable                      // Mixed: asked for each entry; else Always

	Reference bool          // answered by Source.HasReference and AnyReference: a reference attribute or memberOf
	Name      directory.NDN // of OpEqual and OpInChain on a Reference, of OpEqual on entryDN

	Key     []byte   // of OpEqual (equality key), OpGreaterOrEqual and OpLessOrEqual (ordering key)
	Keys    [][]byte // of OpAnyOf: sorted equality keys without duplicates
	Initial []byte   // substring key, nil if absent
	Any     [][]byte // substring keys
	Final   []byte   // substring key, nil if absent

	IDs []directory.EntryID // of OpEntryIDs: sorted

	Rule         *schema.MatchingRule // of OpExtensible
	DNAttributes bool                 // OpExtensible on the attributes of the entry's name alone

	by       *schema.AttributeType // whose rules compare: Type, or one of TypeNos where Type is nil
	desc     *directory.AttributeDescription
	types    typeSet                           // TypeNos
	ask      []*directory.AttributeDescription // of a Mixed node: the types without options, asked even if absent
	anyType  bool                              // no attribute asserted: what may not be searched is skipped, not Undefined
	computed bool                              // one type with FlagComputed
	entryDN  bool                              // OpEqual on entryDN
	raw      []byte                            // the assertion value as received, for printing and for values that are the same bytes
	how      how                               // of OpExtensible
	mask     int64                             // of bitAnd and bitOr
	avas     []string                          // of DNAttributes: normalized type=value; only =value where Type is nil
}

// how says what OpExtensible compares.
type how uint8

const (
	byRule how = iota // Key equals what Rule makes of a value
	below             // Key is greater than what Rule, an ordering rule, makes of a value
	bitAnd            // a value has all bits of mask
	bitOr             // a value has one bit of mask
)

// Walk calls visit for n and every node below it, parents first, until visit returns false.
func Walk(n *Node, visit func(*Node) bool) bool {
	if !visit(n) {
		return false
	}
	for _, c := range n.Children {
		if !Walk(c, visit) {
			return false
		}
	}
	return true
}
