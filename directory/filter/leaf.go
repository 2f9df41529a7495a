package filter

import (
	"bytes"
	"slices"
	"strings"

	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// The types whose values are kept in a way that their definition does not show.
const (
	oidObjectClass = "2.5.4.0"
	oidTop         = "2.5.6.0"
	oidEntryDN     = "1.3.6.1.1.20"
	oidMemberOf    = "1.2.840.113556.1.2.102"

	oidObjectIdentifierMatch = "2.5.13.0"

	syntaxNameAndOptionalUID = "1.3.6.1.4.1.1466.115.121.1.34"
)

// asserted is the attribute that a leaf names.
type asserted struct {
	typ     *schema.AttributeType
	options []string
	desc    *directory.AttributeDescription // nil without options
}

// attribute resolves a name as received. The option "binary" asks for a transfer encoding (RFC 4522) and makes no
// subtype: with it or without, the same values are asserted.
func (c *compiler) attribute(name string) (asserted, bool) {
	base, tail, tagged := strings.Cut(name, ";")
	a := asserted{typ: c.schema.TypeByName(base)}
	if a.typ == nil || !tagged {
		return a, a.typ != nil
	}
	options, err := a.typ.AssertedOptions(strings.Clone(tail))
	if err != nil {
		return a, false
	}
	a.options = slices.DeleteFunc(options, func(o string) bool { return o == "binary" })
	if len(a.options) > 0 {
		a.desc = c.schema.Lookup(name)
	}
	return a, true
}

func isReference(t *schema.AttributeType) bool {
	return t.Flags&directory.FlagReference != 0 || t.OID == oidMemberOf
}

// leaves returns what the leaf asserts, split as [Node] says. fill sets what is compared; it returns false where that
// is Undefined.
func (c *compiler) leaves(a asserted, fill func(*Node) bool) *Node {
	return c.split(a, c.schema.Subtypes(a.typ.No), fill)
}

func (c *compiler) split(a asserted, numbers []int, fill func(*Node) bool) *Node {
	if len(numbers) == 1 {
		return c.leaf(a, c.schema.TypeNo(numbers[0]), numbers, c.rights(numbers[0]), fill)
	}
	var parts []*Node
	var stored [Always + 1][]int
	for i, no := range numbers {
		t, rights := c.schema.TypeNo(no), c.rights(no)
		if rights == Never || isReference(t) || t.Flags&directory.FlagComputed != 0 {
			parts = append(parts, c.leaf(a, t, numbers[i:i+1:i+1], rights, fill))
		} else {
			stored[rights] = append(stored[rights], no)
		}
	}
	for _, rights := range []Searchable{Always, Mixed} {
		numbers := stored[rights]
		if len(numbers) == 0 {
			continue
		}
		slices.Sort(numbers)
		t := a.typ
		if t == nil {
			t = c.schema.TypeNo(numbers[0])
		}
		n := c.stored(a, t, numbers, rights)
		parts = append(parts, c.finish(a, n, fill))
	}
	return c.or(parts)
}

func (c *compiler) rights(no int) Searchable {
	if c.access == nil {
		return Always
	}
	return c.access(c.schema.TypeNo(no))
}

// leaf makes the node of one type; numbers holds it alone.
func (c *compiler) leaf(a asserted, t *schema.AttributeType, numbers []int, rights Searchable, fill func(*Node) bool) *Node {
	if rights == Never {
		return c.cannot(a)
	}
	n := c.stored(a, t, numbers, rights)
	n.Reference = isReference(t) && !c.byValue
	n.computed = !n.Reference && !c.byValue && t.Flags&directory.FlagComputed != 0
	if n.Reference || n.computed {
		n.Type = t
	}
	return c.finish(a, n, fill)
}

// stored makes the node of types that are compared as t.
func (c *compiler) stored(a asserted, t *schema.AttributeType, numbers []int, rights Searchable) *Node {
	n := c.node()
	*n = Node{
		Type: a.typ, TypeNos: numbers, Options: a.options, Desc: a.desc, Rights: rights,
		by: t, desc: t.Description(), types: newTypeSet(numbers), anyType: a.typ == nil,
	}
	return n
}

// finish sets what is compared.
func (c *compiler) finish(a asserted, n *Node, fill func(*Node) bool) *Node {
	if !fill(n) {
		return c.cannot(a)
	}
	if n.Rights == Mixed && !n.anyType {
		n.ask = make([]*directory.AttributeDescription, len(n.TypeNos))
		for i, no := range n.TypeNos {
			n.ask[i] = c.schema.TypeNo(no).Description()
		}
	}
	return n
}

// cannot is the value of an assertion on an attribute that cannot be matched. A match on "all attributes" has only
// those that can.
func (c *compiler) cannot(a asserted) *Node {
	if a.typ == nil {
		return never
	}
	return undefined
}

func (c *compiler) present(attr string) *Node {
	a, ok := c.attribute(attr)
	if !ok {
		return undefined
	}
	if a.typ.OID == oidObjectClass && len(a.options) == 0 && !c.byValue {
		return always
	}
	n := c.presentLeaves(a)
	if len(a.options) == 0 && c.widens(a.typ) {
		return c.presentAs(n, a.typ)
	}
	return n
}

func (c *compiler) presentLeaves(a asserted) *Node {
	return c.leaves(a, func(n *Node) bool {
		n.Op = OpPresent
		return n.answerable()
	})
}

// answerable says whether the source can be asked: it knows options of references only by a description in use.
func (n *Node) answerable() bool { return !n.Reference || len(n.Options) == 0 || n.Desc != nil }

func (c *compiler) equality(attr string, value []byte) *Node {
	a, ok := c.attribute(attr)
	if !ok {
		return undefined
	}
	if a.typ.OID == oidObjectClass && !c.byValue {
		if class := c.schema.ObjectClass(string(value)); class != nil && len(class.Below()) > 1 {
			return c.leaves(a, func(n *Node) bool { return c.fillClass(n, class) })
		}
	}
	n := c.leaves(a, func(n *Node) bool { return c.fillEqual(n, value) })
	if len(a.options) == 0 && c.widens(a.typ) {
		return c.widened(n, a.typ, value)
	}
	return n
}

// fillClass asserts a class that others are derived from: an entry belongs to it if it lists the class or one below, since the
// superclasses of what is listed need not be listed (RFC 4512 section 3.3). Every entry belongs to top.
func (c *compiler) fillClass(n *Node, class *schema.ObjectClass) bool {
	if class.OID == oidTop {
		n.Op = OpPresent
		return true
	}
	n.Op = OpAnyOf
	for _, below := range class.Below() {
		key, err := c.schema.AppendEqualityKey(c.bytes, n.desc, []byte(below.Name()))
		if err != nil {
			return false
		}
		n.Keys = append(n.Keys, c.keep(key))
	}
	n.sortKeys()
	return true
}

func (c *compiler) fillEqual(n *Node, value []byte) bool {
	n.Op = OpEqual
	if n.by.Equality == nil {
		return false
	}
	if n.Reference && !hasBitString(n.by, value) {
		return c.fillName(n, value)
	}
	n.Reference = false
	if n.by.OID == oidEntryDN && !c.byValue {
		n.entryDN = true
		return c.fillName(n, value)
	}
	key, err := c.schema.AppendEqualityKey(c.bytes, n.desc, value)
	if err != nil || !c.isKnownOID(n.by.Equality, value) {
		return false
	}
	n.Key, n.raw = c.keep(key), c.clone(value)
	return true
}

// isKnownOID says whether an assertion of objectIdentifierMatch can be evaluated: a name that the schema does not have makes it
// Undefined (RFC 4517 section 4.2.26). With other rules it can.
func (c *compiler) isKnownOID(rule *schema.MatchingRule, value []byte) bool {
	if rule.OID != oidObjectIdentifierMatch || len(value) == 0 || '0' <= value[0] && value[0] <= '9' {
		return true
	}
	name := string(value)
	return c.schema.ObjectClass(name) != nil || c.schema.TypeByName(name) != nil || c.schema.MatchingRule(name) != nil
}

func (c *compiler) fillName(n *Node, value []byte) bool {
	name, err := c.schema.AppendNDN(nil, string(value))
	if err != nil || !n.answerable() {
		return false
	}
	n.Name, n.raw = directory.NDN(name), c.clone(value)
	return true
}

// hasBitString says whether a value has the second part of Name And Optional UID (RFC 4517 section 3.3.21). Such a
// value names no entry and is kept in the record as it is.
func hasBitString(t *schema.AttributeType, value []byte) bool {
	if t.Syntax == nil || t.Syntax.OID != syntaxNameAndOptionalUID {
		return false
	}
	i := bytes.LastIndexByte(value, '#')
	digits, opens := bytes.CutPrefix(value[i+1:], []byte("'"))
	digits, closes := bytes.CutSuffix(digits, []byte("'B"))
	return i >= 0 && opens && closes && len(bytes.Trim(digits, "01")) == 0
}

func (c *compiler) ordering(op Op, attr string, value []byte) *Node {
	a, ok := c.attribute(attr)
	if !ok {
		return undefined
	}
	return c.leaves(a, func(n *Node) bool {
		if n.Reference {
			return false
		}
		key, err := c.schema.AppendOrderingKey(c.bytes, n.by, value)
		if err != nil {
			return false
		}
		n.Op, n.Key, n.raw = op, c.keep(key), c.clone(value)
		return true
	})
}

func (c *compiler) substrings(f *directory.Substrings) *Node {
	a, ok := c.attribute(f.Attr)
	if !ok || f.Initial == nil && f.Final == nil && len(f.Any) == 0 {
		return undefined
	}
	return c.leaves(a, func(n *Node) bool { return c.fillSubstrings(n, f) })
}

func (c *compiler) fillSubstrings(n *Node, f *directory.Substrings) bool {
	n.Op = OpSubstrings
	if n.Reference || n.by.Substr == nil {
		return false
	}
	var err error
	part := func(value []byte, part schema.SubstringPart) []byte {
		if err != nil {
			return nil
		}
		key, failed := c.schema.AppendSubstringKey(c.bytes, n.by, value, part)
		if err = failed; err != nil {
			return nil
		}
		return c.keep(key)
	}
	if f.Initial != nil {
		n.Initial = part(f.Initial, schema.Initial)
	}
	for _, v := range f.Any {
		n.Any = append(n.Any, part(v, schema.Any))
	}
	if f.Final != nil {
		n.Final = part(f.Final, schema.Final)
	}
	return err == nil
}
