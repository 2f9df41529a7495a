package filter

import (
	"slices"

	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// Compiled is a filter made ready for one schema and one requester. The tree is immutable and may be shared; Match is
// for one goroutine at a time, MatchWith for any number.
type Compiled struct {
	Root *Node

	schema  *schema.Schema
	scratch Scratch
}

// Compile returns the filter for the schema. access says which attributes may be searched; nil stands for Always.
// An unknown attribute, a rule that cannot be used, a value that does not fit the syntax and what exceeds DepthMax or
// TermsMax are Undefined, never an error (RFC 4511 section 4.5.1.7). The result holds no memory of f.
//
// The tree is simplified without changing any of the three values: nested lists are joined, constants folded, the
// equality terms of one attribute in an Or become one OpAnyOf, and cheap parts stand before costly ones.
func Compile(s *schema.Schema, f directory.Filter, access func(*schema.AttributeType) Searchable) *Compiled {
	return CompileWider(s, f, access, nil)
}

// CompileWider is Compile for a requester to whom more entries have a value than those that keep it; see [Widener].
func CompileWider(s *schema.Schema, f directory.Filter, access func(*schema.AttributeType) Searchable, w Widener) *Compiled {
	c := compiler{schema: s, access: access, wider: w, nodes: make([]Node, size(f, nodesAtOnce)), bytes: make([]byte, 0, keyBytesAtOnce)}
	return &Compiled{Root: c.filter(f, 1), schema: s}
}

// Attributes returns every type whose values the filter reads, subtypes included, by number. For a match on the
// attributes of the entry's name it has the types that are asserted, none if any may be.
func (c *Compiled) Attributes() []*schema.AttributeType {
	var numbers []int
	Walk(c.Root, func(n *Node) bool {
		numbers = append(numbers, n.TypeNos...)
		return true
	})
	slices.Sort(numbers)
	numbers = slices.Compact(numbers)
	types := make([]*schema.AttributeType, len(numbers))
	for i, no := range numbers {
		types[i] = c.schema.TypeNo(no)
	}
	return types
}

type compiler struct {
	schema  *schema.Schema
	access  func(*schema.AttributeType) Searchable
	wider   Widener
	byValue bool // values alone are looked at, see [Values]
	terms   int
	nodes   []Node // to be used
	bytes   []byte // of keys and values, append only
}

// Nodes and their keys come from a few allocations, since each search compiles.
const (
	nodesAtOnce    = 8
	keyBytesAtOnce = 128
)

func (c *compiler) node() *Node {
	if len(c.nodes) == 0 {
		c.nodes = make([]Node, nodesAtOnce)
	}
	n := &c.nodes[0]
	c.nodes = c.nodes[1:]
	return n
}

// size counts the filters in f, up to most.
func size(f directory.Filter, most int) int {
	n := 1
	var list []directory.Filter
	switch f := f.(type) {
	case *directory.Not:
		list = []directory.Filter{f.Filter}
	case directory.And:
		list = f
	case directory.Or:
		list = f
	}
	for _, part := range list {
		if n >= most {
			break
		}
		n += size(part, most-n)
	}
	return n
}

// keep takes what was appended to c.bytes as a slice of its own, never nil.
func (c *compiler) keep(grown []byte) []byte {
	start := len(c.bytes)
	c.bytes = grown
	return grown[start:len(grown):len(grown)]
}

func (c *compiler) clone(value []byte) []byte { return c.keep(append(c.bytes, value...)) }

func (c *compiler) filter(f directory.Filter, depth int) *Node {
	if c.terms++; c.terms > TermsMax || depth > DepthMax {
		return undefined
	}
	switch f := f.(type) {
	case directory.And:
		return c.and(c.list(f, depth+1))
	case directory.Or:
		return c.or(c.alternatives(f, depth+1))
	case *directory.Not:
		return c.not(c.filter(f.Filter, depth+1))
	case *directory.EqualityMatch:
		return c.equality(f.Attr, f.Value)
	case *directory.ApproxMatch: // no phonetics: what equals is what is approximately equal
		return c.equality(f.Attr, f.Value)
	case *directory.Substrings:
		return c.substrings(f)
	case *directory.GreaterOrEqual:
		return c.ordering(OpGreaterOrEqual, f.Attr, f.Value)
	case *directory.LessOrEqual:
		return c.ordering(OpLessOrEqual, f.Attr, f.Value)
	case *directory.Present:
		return c.present(f.Attr)
	case *directory.ExtensibleMatch:
		return c.extensible(f)
	default: // nil: a filter that is not there
		return undefined
	}
}

func (c *compiler) list(list []directory.Filter, depth int) []*Node {
	nodes := make([]*Node, 0, len(list))
	for _, f := range list {
		nodes = append(nodes, c.filter(f, depth))
	}
	return nodes
}

// alternatives is list for an Or. Equality terms on one attribute that stand together, which clients send by the hundred,
// go into one node as they come.
func (c *compiler) alternatives(list []directory.Filter, depth int) []*Node {
	nodes := make([]*Node, 0, min(len(list), nodesAtOnce))
	var set *Node
	var attr string
	for _, f := range list {
		equal, ok := f.(*directory.EqualityMatch)
		if ok && set != nil && equal.Attr == attr && c.terms < TermsMax && c.addKey(set, equal.Value) {
			c.terms++
			continue
		}
		n := c.filter(f, depth)
		nodes = append(nodes, n)
		if set = nil; ok && n.growable() && !c.widens(n.by) {
			set, attr = n, equal.Attr
		}
	}
	for _, n := range nodes {
		if n.Op == OpAnyOf {
			n.sortKeys()
		}
	}
	return nodes
}

// growable says whether other values asserted of the same attribute would be looked for in the same place: not so with a
// class, which stands for those below it, nor with a reference, which is a link or, with a bit string, a value.
func (n *Node) growable() bool {
	return n.mergeable() && n.by.OID != oidObjectClass && !isReference(n.by)
}

// addKey adds a value to a leaf that tests equality; false if it does not fit.
func (c *compiler) addKey(n *Node, value []byte) bool {
	key, err := c.schema.AppendEqualityKey(c.bytes, n.desc, value)
	if err != nil || !c.isKnownOID(n.by.Equality, value) {
		return false
	}
	n.toSet()
	n.Keys = append(n.Keys, c.keep(key))
	return true
}
