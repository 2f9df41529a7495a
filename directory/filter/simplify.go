package filter

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"gatehouse/directory/schema"
)

// The constants. Nodes are immutable, so that all trees share them.
var (
	undefined = &Node{Op: OpUndefined}
	never     = &Node{Op: OpFalse}
	always    = &Node{Op: OpTrue}
)

func and(nodes []*Node) *Node { return join(OpAnd, OpTrue, OpFalse, nodes) }

func or(nodes []*Node) *Node { return join(OpOr, OpFalse, OpTrue, nodes) }

func not(n *Node) *Node {
	switch n.Op {
	case OpUndefined:
		return undefined
	case OpTrue:
		return never
	case OpFalse:
		return always
	case OpNot:
		return n.Children[0]
	default:
		return &Node{Op: OpNot, Children: []*Node{n}}
	}
}

// join builds an And or Or. The unit changes nothing and is dropped, the zero decides alone. One Undefined stays: an
// And of Undefined and p is False where p is, which a Not above it sees.
func join(op, unit, zero Op, nodes []*Node) *Node {
	var flat []*Node
	unknown := false
	for _, n := range nodes {
		switch n.Op {
		case unit:
		case zero:
			return n
		case OpUndefined:
			unknown = true
		case op:
			for _, child := range n.Children {
				if child.Op == OpUndefined {
					unknown = true
				} else {
					flat = append(flat, child)
				}
			}
		default:
			flat = append(flat, n)
		}
	}
	if op == OpOr {
		flat = mergeEqual(flat)
	}
	slices.SortStableFunc(flat, func(a, b *Node) int { return cmp.Compare(a.cost(), b.cost()) })
	if unknown {
		flat = append(flat, undefined)
	}
	switch len(flat) {
	case 0:
		if unit == OpTrue {
			return always
		}
		return never
	case 1:
		return flat[0]
	default:
		return &Node{Op: op, Children: flat}
	}
}

// cost orders siblings: what the record answers, what is made on read, what the links answer, a walk along the links.
func (n *Node) cost() int {
	c := 0
	switch {
	case n.Op == OpInChain:
		return 4
	case n.Reference:
		return 3
	case n.computed || n.DNAttributes:
		return 2
	case n.Op == OpSubstrings || n.Op == OpExtensible || n.Op == OpAnyOf:
		return 1
	}
	for _, child := range n.Children {
		c = max(c, child.cost())
	}
	return c
}

// mergeEqual makes one OpAnyOf of the equality terms on one attribute, in the place of the first. A term of one leaf is
// Undefined for all its keys or for none, so that the three values stay.
func mergeEqual(nodes []*Node) []*Node {
	type group struct {
		typ     *schema.AttributeType
		options string
		rights  Searchable
	}
	groups := make(map[group]*Node)
	counts := make(map[group]int)
	key := func(n *Node) group { return group{n.Type, strings.Join(n.Options, ";"), n.Rights} }
	for _, n := range nodes {
		if n.mergeable() {
			counts[key(n)]++
		}
	}
	merged := nodes[:0]
	for _, n := range nodes {
		if !n.mergeable() || counts[key(n)] < 2 {
			merged = append(merged, n)
			continue
		}
		set := groups[key(n)]
		if set == nil {
			copied := *n
			set = &copied
			set.Op, set.Key, set.raw, set.Keys = OpAnyOf, nil, nil, nil
			groups[key(n)] = set
			merged = append(merged, set)
		}
		if n.Op == OpEqual {
			set.Keys = append(set.Keys, n.Key)
		} else {
			set.Keys = append(set.Keys, n.Keys...)
		}
	}
	for _, set := range groups {
		slices.SortFunc(set.Keys, bytes.Compare)
		set.Keys = slices.CompactFunc(set.Keys, bytes.Equal)
	}
	return merged
}

func (n *Node) mergeable() bool {
	return n.Op == OpAnyOf || n.Op == OpEqual && !n.Reference && !n.entryDN
}
