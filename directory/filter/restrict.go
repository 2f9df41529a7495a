package filter

// Restricted returns the filter with every assertion on an attribute under the rights that the requester has in each entry, whatever
// they were when it was compiled: for a match that outlives them. What was pruned stays so. What a [Widener] told is no longer known.
func (c *Compiled) Restricted() *Compiled {
	return &Compiled{Root: c.restricted(c.Root), schema: c.schema}
}

func (c *Compiled) restricted(n *Node) *Node {
	switch n.Op {
	case OpUndefined, OpTrue, OpFalse:
		return n
	case OpEntryIDs:
		return undefined
	}
	own := *n
	if len(n.Children) > 0 {
		own.Children = make([]*Node, len(n.Children))
		for i, child := range n.Children {
			own.Children[i] = c.restricted(child)
		}
		return &own
	}
	if n.DNAttributes || n.Rights == Mixed {
		return n
	}
	own.Rights = Mixed
	if !n.anyType {
		own.ask = nil
		for _, no := range n.TypeNos {
			own.ask = append(own.ask, c.schema.TypeNo(no).Description())
		}
	}
	return &own
}
