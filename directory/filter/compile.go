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
	c := compiler{schema: s, access: access}
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
	schema *schema.Schema
	access func(*schema.AttributeType) Searchable
	terms  int
}

func (c *compiler) filter(f directory.Filter, depth int) *Node {
	if c.terms++; c.terms > TermsMax || depth > DepthMax {
		return undefined
	}
	switch f := f.(type) {
	case directory.And:
		return and(c.list(f, depth+1))
	case directory.Or:
		return or(c.list(f, depth+1))
	case *directory.Not:
		return not(c.filter(f.Filter, depth+1))
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
