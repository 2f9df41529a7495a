package filter

import (
	"slices"

	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// Widener knows to whom a value belongs beside the entries that keep it: an attribute may be another way to look at what is kept
// elsewhere. It answers for one requester, so that a filter widened by it serves that one alone, on one state of the directory.
type Widener interface {
	// Widens reports whether the type may belong to more entries. It is asked for each assertion of equality or
	// presence.
	Widens(t *schema.AttributeType) bool
	// Also returns further entries that have the value for the requester, sorted. The slice is kept, the value is not.
	Also(t *schema.AttributeType, value []byte) []directory.EntryID
	// AlsoPresent returns further types of which an entry that has a value has one of t too. The requester's rights on each decide.
	AlsoPresent(t *schema.AttributeType) []*schema.AttributeType
}

func (c *compiler) widens(t *schema.AttributeType) bool { return c.wider != nil && c.wider.Widens(t) }

// widened returns a leaf that is true of further entries too. One that the requester may nowhere search asks nothing: no index
// is to be opened for it.
func (c *compiler) widened(leaf *Node, t *schema.AttributeType, value []byte) *Node {
	if leaf.Op == OpUndefined {
		return leaf
	}
	ids := c.wider.Also(t, value)
	if len(ids) == 0 {
		return leaf
	}
	n := c.node()
	*n = Node{Op: OpEntryIDs, IDs: ids, Rights: Always}
	return c.or([]*Node{n, leaf})
}

// presentAs is the presence of a type and of those that are seen as it.
func (c *compiler) presentAs(leaf *Node, t *schema.AttributeType) *Node {
	if leaf.Op == OpUndefined {
		return leaf
	}
	nodes := []*Node{leaf}
	for _, other := range c.wider.AlsoPresent(t) {
		nodes = append(nodes, c.presentLeaves(asserted{typ: other}))
	}
	return c.or(nodes)
}

// isAmong reports whether the entry is one of those that a Widener named.
func (m *matcher) isAmong(n *Node) bool {
	src, ok := m.src.(interface{ ID() directory.EntryID })
	if !ok {
		return false
	}
	_, is := slices.BinarySearch(n.IDs, src.ID())
	return is
}
