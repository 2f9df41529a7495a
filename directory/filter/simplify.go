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

func (c *compiler) and(nodes []*Node) *Node { return c.join(OpAnd, OpTrue, OpFalse, nodes) }

func (c *compiler) or(nodes []*Node) *Node { return c.join(OpOr, OpFalse, OpTrue, nodes) }

func (c *compiler) not(n *Node) *Node {
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
		parent := c.node()
		parent.Op, parent.Children = OpNot, []*Node{n}
		return parent
	}
}

// join builds an And or Or. The unit changes nothing and is dropped, the zero decides alone. One Undefined stays: an
// And of Undefined and p is False where p is, which a Not above it sees. join keeps the slice.
func (c *compiler) join(op, unit, zero Op, nodes []*Node) *Node {
	flat, own := nodes[:0], true // as long as nothing was spread out, behind what is read
	unknown := false
	for i, n := range nodes {
		switch n.Op {
		case unit:
		case zero:
			return n
		case OpUndefined:
			unknown = true
		case op:
			if own {
				own, flat = false, append(make([]*Node, 0, len(nodes)-i+len(flat)+len(n.Children)), flat...)
			}
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
		parent := c.node()
		parent.Op, parent.Children = op, flat
		return parent
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
	if count(nodes, (*Node).mergeable) < 2 {
		return nodes
	}
	type group struct {
		typ     *schema.AttributeType
		options string
		rights  Searchable
	}
	sets := make(map[group]*Node)
	merged := nodes[:0]
	for _, n := range nodes {
		if !n.mergeable() {
			merged = append(merged, n)
			continue
		}
		key := group{n.Type, strings.Join(n.Options, ";"), n.Rights}
		if set := sets[key]; set == nil {
			sets[key] = n
			merged = append(merged, n)
		} else {
			n.toSet()
			set.toSet()
			set.Keys = append(set.Keys, n.Keys...)
		}
	}
	for _, set := range sets {
		if set.Op == OpAnyOf {
			set.sortKeys()
		}
	}
	return merged
}

func count(nodes []*Node, is func(*Node) bool) int {
	n := 0
	for _, node := range nodes {
		if is(node) {
			n++
		}
	}
	return n
}

// toSet turns an OpEqual that only the compiler has into an OpAnyOf.
func (n *Node) toSet() {
	if n.Op == OpEqual {
		n.Op, n.Keys, n.Key, n.raw = OpAnyOf, [][]byte{n.Key}, nil, nil
	}
}

func (n *Node) sortKeys() {
	slices.SortFunc(n.Keys, bytes.Compare)
	n.Keys = slices.CompactFunc(n.Keys, bytes.Equal)
}

func (n *Node) mergeable() bool {
	return n.Op == OpAnyOf || n.Op == OpEqual && !n.Reference && !n.entryDN
}
