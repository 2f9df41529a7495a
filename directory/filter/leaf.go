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
	var parts []*Node
	var stored [Always + 1][]int
	add := func(n *Node) {
		n.Options, n.Desc, n.anyType = a.options, a.desc, a.typ == nil
		if !fill(n) {
			parts = append(parts, c.cannot(a))
			return
		}
		c.finish(n)
		parts = append(parts, n)
	}
	for _, no := range numbers {
		t := c.schema.TypeNo(no)
		rights := Always
		if c.access != nil {
			rights = c.access(t)
		}
		switch {
		case rights == Never:
			parts = append(parts, c.cannot(a))
		case isReference(t):
			add(&Node{Type: t, by: t, TypeNos: []int{no}, Rights: rights, Reference: true})
		case t.Flags&directory.FlagComputed != 0:
			add(&Node{Type: t, by: t, TypeNos: []int{no}, Rights: rights, computed: true})
		default:
			stored[rights] = append(stored[rights], no)
		}
	}
	for _, rights := range []Searchable{Always, Mixed} {
		numbers := stored[rights]
		if len(numbers) == 0 {
			continue
		}
		slices.Sort(numbers)
		n := &Node{Type: a.typ, by: a.typ, TypeNos: numbers, Rights: rights}
		if n.by == nil {
			n.by = c.schema.TypeNo(numbers[0])
		}
		add(n)
	}
	return or(parts)
}

// cannot is the value of an assertion on an attribute that cannot be matched. A match on "all attributes" has only
// those that can.
func (c *compiler) cannot(a asserted) *Node {
	if a.typ == nil {
		return never
	}
	return undefined
}

// finish makes what Match needs.
func (c *compiler) finish(n *Node) {
	n.types = newTypeSet(n.TypeNos)
	n.desc = n.by.Description()
	if n.Rights == Mixed && !n.anyType {
		for _, no := range n.TypeNos {
			n.ask = append(n.ask, c.schema.TypeNo(no).Description())
		}
	}
}

func (c *compiler) present(attr string) *Node {
	a, ok := c.attribute(attr)
	if !ok {
		return undefined
	}
	if a.typ.OID == oidObjectClass && len(a.options) == 0 {
		return always
	}
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
	if a.typ.OID == oidObjectClass {
		if class := c.schema.ObjectClass(string(value)); class != nil && len(class.Below()) > 1 {
			return c.leaves(a, func(n *Node) bool { return c.fillClass(n, class) })
		}
	}
	return c.leaves(a, func(n *Node) bool { return c.fillEqual(n, value) })
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
		key, err := c.schema.AppendEqualityKey(nil, n.by.Description(), []byte(below.Name()))
		if err != nil {
			return false
		}
		n.Keys = append(n.Keys, key)
	}
	slices.SortFunc(n.Keys, bytes.Compare)
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
	if n.by.OID == oidEntryDN {
		n.entryDN = true
		return c.fillName(n, value)
	}
	key, err := c.schema.AppendEqualityKey(nil, n.by.Description(), value)
	n.Key, n.raw = key, bytes.Clone(value)
	return err == nil && c.isKnownOID(n.by.Equality, value)
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
	n.Name, n.raw = directory.NDN(name), bytes.Clone(value)
	return err == nil && n.answerable()
}

// hasBitString says whether a value has the second part of Name And Optional UID (RFC 4517 section 3.3.21). Such a
// value names no entry and is kept in the record as it is.
func hasBitString(t *schema.AttributeType, value []byte) bool {
	if t.Syntax == nil || t.Syntax.OID != syntaxNameAndOptionalUID || !bytes.HasSuffix(value, []byte("'B")) {
		return false
	}
	i := bytes.LastIndex(value, []byte("#'"))
	return i >= 0 && i+2 <= len(value)-2 && len(bytes.Trim(value[i+2:len(value)-2], "01")) == 0
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
		key, err := c.schema.AppendOrderingKey(nil, n.by, value)
		n.Op, n.Key, n.raw = op, key, bytes.Clone(value)
		return err == nil
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
		var key []byte
		key, err = c.schema.AppendSubstringKey([]byte{}, n.by, value, part)
		return key
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
