package schema

import (
	"slices"
	"sync/atomic"
	"weak"

	"gatehouse/directory"
)

// Usage is the USAGE of an attribute type (RFC 4512 section 4.1.2).
type Usage uint8

// The usages; the zero Usage is the default of a definition that names none.
const (
	UserApplications Usage = iota
	DirectoryOperation
	DistributedOperation
	DSAOperation
)

// Kind is the kind of an object class (RFC 4512 section 2.4).
type Kind uint8

// The kinds; the zero Kind is the default of a definition that names none.
const (
	Structural Kind = iota
	Abstract
	Auxiliary
)

// Extension is one X- field of a definition.
type Extension struct {
	Name   string // with its X-
	Values []string
}

// AttributeType is an attribute type with its references resolved. What it inherits from Sup (rules, syntax) is filled
// in. It is immutable.
type AttributeType struct {
	No          int // dense, from 0; position in [Schema.TypeNo]
	OID         string
	Names       []string
	Desc        string
	Sup         *AttributeType
	Equality    *MatchingRule // nil if values cannot be compared
	Ordering    *MatchingRule
	Substr      *MatchingRule
	Syntax      *Syntax
	SyntaxLen   int // the {n} of the definition: a hint, never enforced; 0 if absent
	SingleValue bool
	Collective  bool
	NoUserMod   bool
	Obsolete    bool
	Usage       Usage
	Flags       directory.DescriptionFlags
	Extensions  []Extension

	def     *AttributeTypeDefinition
	desc    *directory.AttributeDescription                                // without options
	options atomic.Pointer[[]weak.Pointer[directory.AttributeDescription]] // with options, as far as they are in use; see description.go
	plain   plainKind
	subs    []int // its own number and those of all types below it
}

// plainKind says how ndn.go treats values in ASCII: as text that every character may stand in.
type plainKind uint8

const (
	plainNone plainKind = iota
	plainIgnore
	plainExact
)

// Name returns the first name, or the OID of a type without one.
func (t *AttributeType) Name() string { return t.desc.Name }

// Description returns the interned description of the type without options.
func (t *AttributeType) Description() *directory.AttributeDescription { return t.desc }

// ObjectClass is an object class with its references resolved. Must and May are its own; what its superclasses add is
// found through Sup. It is immutable.
type ObjectClass struct {
	OID        string
	Names      []string
	Desc       string
	Sup        []*ObjectClass
	Kind       Kind
	Must       []*AttributeType
	May        []*AttributeType
	Obsolete   bool
	Extensions []Extension

	def  *ObjectClassDefinition
	dual bool // structural if it stands alone, auxiliary beside a structural class
	all  []*ObjectClass
	// below is the reverse of all.
	below []*ObjectClass
}

// All returns the class itself and all its superclasses, each once. The slice must not be changed.
func (c *ObjectClass) All() []*ObjectClass { return c.all }

// Below returns the class itself and all its subclasses, each once. The slice must not be changed.
func (c *ObjectClass) Below() []*ObjectClass { return c.below }

// IsSubclassOf reports whether c is other or below it.
func (c *ObjectClass) IsSubclassOf(other *ObjectClass) bool { return slices.Contains(c.all, other) }

// Name returns the first name, or the OID of a class without one.
func (c *ObjectClass) Name() string {
	if len(c.Names) > 0 {
		return c.Names[0]
	}
	return c.OID
}

// MatchingRule is a matching rule (RFC 4517 section 4). It is immutable.
type MatchingRule struct {
	OID    string
	Names  []string
	Desc   string
	Syntax *Syntax // of the assertion

	schema *Schema
	impl   *ruleImpl
}

// Name returns the rule's name.
func (r *MatchingRule) Name() string { return r.Names[0] }

// Syntax is an LDAP syntax (RFC 4517 section 3). It is immutable.
type Syntax struct {
	OID  string
	Desc string

	schema *Schema
	impl   *syntaxImpl
}

// SubstringPart says which part of a substring assertion a value is (RFC 4518 section 2.6.1).
type SubstringPart uint8

// The parts. Whole is the attribute value that the others are searched in.
const (
	Whole SubstringPart = iota
	Initial
	Any
	Final
)
