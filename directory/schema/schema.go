package schema

import (
	"errors"
	"sync"
	"sync/atomic"

	"gatehouse/directory"
)

// Schema is an immutable set of definitions, safe for concurrent use. Descriptions with options and sets of object
// classes that entries use are made as they are met, within bounds.
type Schema struct {
	types      []*AttributeType
	classes    []*ObjectClass
	rules      []*MatchingRule
	syntaxes   []*Syntax
	typeNames  nameTable[*AttributeType]
	classNames nameTable[*ObjectClass]
	ruleNames  nameTable[*MatchingRule]
	syntaxOIDs nameTable[*Syntax]

	objectClass *AttributeType
	shapes      atomic.Pointer[map[string]*shape]
	shapesLock  sync.Mutex
	optionsLock sync.Mutex
	subschema   func() []directory.Attribute
	digest      [32]byte
}

var (
	_ directory.Validator  = (*Schema)(nil)
	_ directory.Matcher    = (*Schema)(nil)
	_ directory.Normalizer = (*Schema)(nil)
)

// Standard returns the embedded standard schema, parsed once.
var Standard = sync.OnceValue(func() *Schema {
	s, err := NewBuilder().Build()
	if err != nil {
		panic(err) // the embedded files are wrong; a test of this package says so first
	}
	return s
})

// Type returns the attribute type of a description of this schema.
func (s *Schema) Type(desc *directory.AttributeDescription) *AttributeType {
	return s.TypeNo(desc.TypeNo)
}

// TypeNo returns the type with this number, nil if there is none.
func (s *Schema) TypeNo(no int) *AttributeType {
	if no < 0 || no >= len(s.types) {
		return nil
	}
	return s.types[no]
}

// TypeCount returns the number of types; their numbers are 0 to TypeCount()-1.
func (s *Schema) TypeCount() int { return len(s.types) }

// TypeByName returns the type with this name or OID, in any case and without options; nil if there is none.
func (s *Schema) TypeByName(name string) *AttributeType {
	t, _ := s.typeNames.find(name)
	return t
}

// Subtypes returns the numbers of the type itself and of all types below it. The slice must not be changed.
func (s *Schema) Subtypes(no int) []int { return s.types[no].subs }

// ObjectClass returns the class with this name or OID, in any case; nil if there is none.
func (s *Schema) ObjectClass(nameOrOID string) *ObjectClass {
	c, _ := s.classNames.find(nameOrOID)
	return c
}

// MatchingRule returns the rule with this name or OID, in any case; nil if there is none.
func (s *Schema) MatchingRule(nameOrOID string) *MatchingRule {
	r, _ := s.ruleNames.find(nameOrOID)
	return r
}

// Digest identifies the revision of the schema and of the tables of string preparation: two schemas with the same digest
// make the same keys.
func (s *Schema) Digest() [32]byte { return s.digest }

var (
	errNoOrdering  = errors.New("the attribute type has no ordering rule")
	errNoSubstring = errors.New("the attribute type has no substrings rule")
)

// EqualityKey implements [directory.Matcher].
func (s *Schema) EqualityKey(desc *directory.AttributeDescription, value []byte) ([]byte, error) {
	return s.AppendEqualityKey(nil, desc, value)
}

// AppendEqualityKey is EqualityKey into a buffer of the caller.
func (s *Schema) AppendEqualityKey(dst []byte, desc *directory.AttributeDescription, value []byte) ([]byte, error) {
	if eq := s.types[desc.TypeNo].Equality; eq != nil {
		return eq.impl.prepare(s, dst, value)
	}
	return append(dst, value...), nil
}

// AppendOrderingKey appends a key whose byte order is the order of the type's ORDERING rule. A type without one is an
// error.
func (s *Schema) AppendOrderingKey(dst []byte, typ *AttributeType, value []byte) ([]byte, error) {
	if typ.Ordering == nil {
		return dst, errNoOrdering
	}
	return typ.Ordering.impl.prepare(s, dst, value)
}

// AppendSubstringKey appends a value (Whole) or a part of an assertion prepared for the type's SUBSTR rule; see
// [MatchingRule.PreparePart]. A type without a rule is an error.
func (s *Schema) AppendSubstringKey(dst []byte, typ *AttributeType, value []byte, part SubstringPart) ([]byte, error) {
	if typ.Substr == nil {
		return dst, errNoSubstring
	}
	return typ.Substr.PreparePart(dst, value, part)
}

// ObjectClasses returns every object class of the schema, in the order of their definitions. The caller does not change it.
func (s *Schema) ObjectClasses() []*ObjectClass { return s.classes }
