package filter

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// The rules that are more than a comparison of prepared values.
const (
	oidBitAnd  = "1.2.840.113556.1.4.803"
	oidBitOr   = "1.2.840.113556.1.4.804"
	oidInChain = "1.2.840.113556.1.4.1941"
)

// match is an extensible match with its names resolved.
type match struct {
	asserted                      // typ is nil if no attribute was named
	rule     *schema.MatchingRule // nil if none was named
	oid      string               // the rule's OID, empty if none was named
	value    []byte
}

func (c *compiler) extensible(f *directory.ExtensibleMatch) *Node {
	m := match{value: f.Value}
	if f.Attr != "" {
		var ok bool
		if m.asserted, ok = c.attribute(f.Attr); !ok {
			return undefined
		}
	}
	if f.Rule != "" || f.Attr == "" { // neither is a malformed filter, which compiles as an unknown rule
		if m.rule = c.schema.MatchingRule(f.Rule); m.rule == nil {
			return undefined
		}
		m.oid = m.rule.OID
	}
	parts := []*Node{c.attributeMatch(m)}
	if f.DNAttributes {
		parts = append(parts, c.nameMatch(m))
	}
	return c.or(parts)
}

// attributeMatch is the part of an extensible match that looks at the entry's attributes.
func (c *compiler) attributeMatch(m match) *Node {
	if m.typ != nil {
		return c.leaves(m.asserted, func(n *Node) bool { return c.fillExtensible(n, m) })
	}
	var numbers []int
	for no := range c.schema.TypeCount() {
		if usable(m, c.schema.TypeNo(no)) {
			numbers = append(numbers, no)
		}
	}
	compares := false // a value that fits none of them is Undefined
	n := c.split(m.asserted, numbers, func(n *Node) bool {
		ok := c.fillExtensible(n, m)
		compares = compares || ok
		return ok
	})
	if !compares {
		return undefined
	}
	return n
}

func (c *compiler) fillExtensible(n *Node, m match) bool {
	n.Op, n.Rule = OpExtensible, m.rule
	switch {
	case m.oid == oidInChain:
		n.Op = OpInChain
		return n.Reference && c.fillName(n, m.value)
	case m.rule == nil, n.Type != nil && m.rule == n.Type.Equality:
		return c.fillEqual(n, m.value)
	case n.Reference || !usable(m, n.by): // links are compared by the type's own rule alone
		return false
	case m.oid == oidBitAnd, m.oid == oidBitOr:
		n.how = bitAnd
		if m.oid == oidBitOr {
			n.how = bitOr
		}
		var ok bool
		n.mask, ok = parseInteger(m.value)
		n.raw = c.clone(m.value)
		return ok
	case m.rule.Use() == schema.SubstringsRule:
		f, ok := parseSubstringAssertion(m.value)
		return ok && c.fillSubstrings(n, f)
	case m.rule.Use() == schema.OrderingRule:
		n.how = below
	}
	if !c.isKnownOID(m.rule, m.value) {
		return false
	}
	key, err := m.rule.Prepare(c.bytes, m.value)
	if err != nil {
		return false
	}
	n.Key, n.raw = c.keep(key), c.clone(m.value)
	return true
}

// usable says whether the named rule may compare values of the type, as matchingRuleUse is published (RFC 4512 section
// 4.1.4). Parts are found by the type's own rule alone, since that is the one whose keys are indexed.
func usable(m match, t *schema.AttributeType) bool {
	switch {
	case m.oid == oidInChain:
		return false
	case m.rule.Use() == schema.SubstringsRule:
		return m.rule == t.Substr
	default:
		return m.rule.AppliesTo(t)
	}
}

// nameMatch is the part of an extensible match that looks at the attributes of the entry's name. Names are compared in
// normalized form, and so by the EQUALITY rule of each type alone: with another rule the part is Undefined.
func (c *compiler) nameMatch(m match) *Node {
	n := c.node()
	*n = Node{Op: OpExtensible, DNAttributes: true, Type: m.typ, Rule: m.rule, Rights: Always, raw: c.clone(m.value)}
	ava := func(t *schema.AttributeType) (string, bool) {
		if t.Equality == nil || m.rule != nil && t.Equality != m.rule {
			return "", false
		}
		rdn, err := c.schema.NormalizeRDN(directory.RDN{{Type: t.Name(), Value: m.value}})
		return string(rdn), err == nil
	}
	switch {
	case len(m.options) > 0: // a name has no options
		return never
	case m.typ != nil:
		for _, no := range c.schema.Subtypes(m.typ.No) {
			if s, ok := ava(c.schema.TypeNo(no)); ok {
				n.avas, n.TypeNos = append(n.avas, s), append(n.TypeNos, no)
			}
		}
		slices.Sort(n.TypeNos)
	default:
		for no := range c.schema.TypeCount() {
			if s, ok := ava(c.schema.TypeNo(no)); ok {
				n.avas = append(n.avas, s[strings.IndexByte(s, '='):])
				break
			}
		}
	}
	if len(n.avas) == 0 {
		return undefined
	}
	return n
}

var partUnescaper = strings.NewReplacer(`\2A`, "*", `\2a`, "*", `\5C`, `\`, `\5c`, `\`)

// parseSubstringAssertion reads a Substring Assertion (RFC 4517 section 3.3.30), in which stars and backslashes of the
// parts are escaped as \2A and \5C.
func parseSubstringAssertion(v []byte) (*directory.Substrings, bool) {
	parts := bytes.Split(v, []byte("*"))
	if len(parts) < 2 {
		return nil, false
	}
	for i, part := range parts {
		parts[i] = []byte(partUnescaper.Replace(string(part)))
	}
	f := &directory.Substrings{}
	last := len(parts) - 1
	if len(parts[0]) > 0 {
		f.Initial = parts[0]
	}
	for _, part := range parts[1:last] {
		if len(part) > 0 {
			f.Any = append(f.Any, part)
		}
	}
	if len(parts[last]) > 0 {
		f.Final = parts[last]
	}
	return f, f.Initial != nil || f.Any != nil || f.Final != nil
}

// parseInteger reads an Integer (RFC 4517 section 3.3.16) of at most 64 bits without allocating.
func parseInteger(v []byte) (int64, bool) {
	if len(v) == 0 || len(v) > 20 || v[0] == '+' {
		return 0, false
	}
	n, err := strconv.ParseInt(string(v), 10, 64)
	return n, err == nil
}
