package bundle

import (
	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// AttributeKind says what an attribute word names. The zero AttributeKind names nothing.
type AttributeKind uint8

// The kinds of attribute words.
const (
	AttributeType         AttributeKind = iota + 1 // a type, with or without options: its subtypes and more options are covered
	AttributeClass                                 // @class: what it and its superiors allow, confidential attributes excepted
	AttributesUser                                 // *: user attributes; in control and extop every OID
	AttributesOperational                          // +: operational attributes, memberOf among them
	AttributesSecret                               // %confidential
	AttributeOID                                   // an OID of a control or extended operation
)

// Attribute is one word of a list of attributes. Attributes that the schema marks as confidential are matched only by their
// own name and by %confidential.
type Attribute struct {
	Pos   Position // where the word stands, which may be in a set
	Kind  AttributeKind
	Text  string                          // as written
	Desc  *directory.AttributeDescription // of AttributeType, with the options
	Class *schema.ObjectClass             // of AttributeClass
}

// Name is a DN of a policy: RDNs, and what they stand below.
type Name struct {
	Pos    Position
	Text   string // as written
	Anchor Anchor
	DN     directory.DN  // the RDNs that are written out, without the placeholder
	NDN    directory.NDN // the same, normalized
}

// Anchor says what the RDNs of a name stand below. The zero Anchor is the root: the name is complete.
type Anchor uint8

// The anchors.
const (
	AnchorRoot   Anchor = iota
	AnchorSuffix        // ${suffix}: every naming context
	AnchorScope         // ${scope}: the scope of the assignment; in roles only
)

// The placeholders, as they are written at the end of a name.
const (
	suffixPlaceholder = "${suffix}"
	scopePlaceholder  = "${scope}"
)

// Under returns the name below what the placeholder stands for. A complete name is returned as it is.
func (n *Name) Under(anchor directory.NDN) directory.NDN {
	if n.Anchor == AnchorRoot {
		return n.NDN
	}
	return below(n.NDN, anchor)
}

// Names returns the names that n stands for, given the naming contexts and what scope stands for (nil without one): one for
// a complete name, one for each naming context below ${suffix}. It is empty for ${scope} without a scope.
func (n *Name) Names(contexts []directory.NDN, scope *Name) []directory.NDN {
	var anchors []directory.NDN
	switch {
	case n.Anchor == AnchorRoot:
		return []directory.NDN{n.NDN}
	case n.Anchor == AnchorSuffix:
		anchors = contexts
	case scope != nil:
		anchors = scope.Names(contexts, nil)
	}
	list := make([]directory.NDN, 0, len(anchors))
	for _, a := range anchors {
		list = append(list, n.Under(a))
	}
	return list
}

func below(n, base directory.NDN) directory.NDN {
	switch {
	case n == "":
		return base
	case base == "":
		return n
	default:
		return n + "," + base
	}
}

// Values restricts an attribute action to some values. All keys that are set must hold.
type Values struct {
	Pos     Position
	Self    bool    // the subject's own name
	AnyOf   []Value // nil: not set; empty: no value at all
	Under   []*Name // names at or below one of these; nil: not set
	Pattern string  // anchored: * is any text, ? one character, \ takes the next character as it is; empty: not set
}

// OnlySelf reports whether only the subject's own name passes, so that the statement reaches the subject itself alone.
func (v *Values) OnlySelf() bool { return v != nil && v.Self }

// Value is one value, compared by the attribute's equality rule.
type Value struct {
	Pos  Position
	Text string
	Name *Name // set if the value is a DN that ends in a placeholder
}
