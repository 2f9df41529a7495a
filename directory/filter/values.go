package filter

import (
	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// Values is a filter of single values (RFC 3876): a value passes if one of the items is True of it, wherever the attribute that it
// belongs to is kept. For one goroutine at a time.
type Values struct {
	matcher matcher
	scratch Scratch
	items   []*Node
}

// CompileValues returns the filter for the schema. Whoever uses it shows it nothing that may not be read.
func CompileValues(s *schema.Schema, items []directory.Filter) *Values {
	c := compiler{schema: s, byValue: true}
	v := &Values{}
	for _, item := range items {
		v.items = append(v.items, c.filter(item, 1))
	}
	v.matcher = matcher{Compiled: &Compiled{schema: s}, scratch: &v.scratch}
	return v
}

// Match reports whether a value of the attribute passes.
func (v *Values) Match(desc *directory.AttributeDescription, value []byte) bool {
	for _, item := range v.items {
		if v.item(item, desc, value) {
			return true
		}
	}
	return false
}

func (v *Values) item(n *Node, desc *directory.AttributeDescription, value []byte) bool {
	switch n.Op {
	case OpOr: // what is asserted of a supertype
		for _, child := range n.Children {
			if v.item(child, desc, value) {
				return true
			}
		}
		return false
	case OpUndefined, OpFalse, OpTrue, OpAnd, OpNot, OpEntryIDs: // no item, or one that is true of no value
		return false
	case OpPresent, OpEqual, OpAnyOf, OpSubstrings, OpGreaterOrEqual, OpLessOrEqual, OpExtensible, OpInChain:
		return !n.DNAttributes && n.types.has(desc.TypeNo) && hasOptions(desc, n.Options) &&
			(n.Op == OpPresent || v.matcher.value(n, value))
	}
	return false
}
