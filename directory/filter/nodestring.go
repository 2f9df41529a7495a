package filter

import (
	"fmt"

	"gatehouse/directory"
)

// String returns the node for plans and logs of administrators, like a filter with these additions: {mixed} marks what is asked for
// each entry, {n values} stands for the keys of an OpAnyOf, (?) is Undefined, (entry {n IDs}) is an OpEntryIDs. Values of confidential attributes are not
// shown.
func (n *Node) String() string { return string(n.append(nil)) }

func (n *Node) append(dst []byte) []byte {
	switch n.Op {
	case OpUndefined:
		return append(dst, "(?)"...)
	case OpTrue:
		return append(dst, "(&)"...)
	case OpFalse:
		return append(dst, "(|)"...)
	case OpAnd, OpOr, OpNot:
		dst = append(dst, '(', "&|!"[n.Op-OpAnd])
		for _, child := range n.Children {
			dst = child.append(dst)
		}
		return append(dst, ')')
	case OpEntryIDs:
		return fmt.Appendf(dst, "(entry {%d IDs})", len(n.IDs))
	}
	dst = n.appendAttribute(append(dst, '('))
	if n.Type != nil && n.Type.Flags&directory.FlagConfidential != 0 && n.Op != OpPresent {
		dst = append(dst, "[redacted]"...)
	} else {
		dst = n.appendAssertion(dst)
	}
	if n.Rights == Mixed {
		dst = append(dst, " {mixed}"...)
	}
	return append(dst, ')')
}

func (n *Node) appendAttribute(dst []byte) []byte {
	if n.Type != nil {
		dst = append(dst, n.Type.Name()...)
	}
	for _, option := range n.Options {
		dst = append(append(dst, ';'), option...)
	}
	switch n.Op {
	case OpGreaterOrEqual:
		return append(dst, ">="...)
	case OpLessOrEqual:
		return append(dst, "<="...)
	case OpInChain:
		return append(dst, ":"+oidInChain+":="...)
	case OpExtensible:
		return append(n.appendRule(dst), ":="...)
	default:
		return append(dst, '=')
	}
}

func (n *Node) appendRule(dst []byte) []byte {
	if n.DNAttributes {
		dst = append(dst, ":dn"...)
	}
	switch {
	case n.how == bitAnd:
		return append(dst, ":"+oidBitAnd...)
	case n.how == bitOr:
		return append(dst, ":"+oidBitOr...)
	case n.Rule != nil:
		return append(append(dst, ':'), n.Rule.Name()...)
	default:
		return dst
	}
}

func (n *Node) appendAssertion(dst []byte) []byte {
	switch n.Op {
	case OpPresent:
		return append(dst, '*')
	case OpAnyOf:
		return fmt.Appendf(dst, "{%d values}", len(n.Keys))
	case OpSubstrings:
		return appendSubstrings(dst, n.Initial, n.Any, n.Final)
	default:
		return appendValue(dst, n.raw)
	}
}
