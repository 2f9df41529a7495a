package schema

import (
	"errors"
	"io"
	"sync"

	"gatehouse/directory"
)

var errThin = errors.New("schema: not filled in yet")

type ruleImpl struct{}
type syntaxImpl struct{}

// Schema is an immutable set of definitions, safe for concurrent use.
type Schema struct{}

var (
	_ directory.Validator  = (*Schema)(nil)
	_ directory.Matcher    = (*Schema)(nil)
	_ directory.Normalizer = (*Schema)(nil)
)

// Standard returns the embedded standard schema, parsed once.
var Standard = sync.OnceValue(func() *Schema { return &Schema{} })

// Builder collects definitions.
type Builder struct{}

// NewBuilder returns a builder that starts with the embedded standard schema.
func NewBuilder() *Builder { return &Builder{} }

// AddFile reads definitions in OpenLDAP's .schema form or cn=config .ldif form.
func (b *Builder) AddFile(name string, r io.Reader) error { return errThin }

// Build resolves all references.
func (b *Builder) Build() (*Schema, error) { return nil, errThin }

// Description returns the interned description of a known type with valid options.
func (s *Schema) Description(name string) (*directory.AttributeDescription, error) {
	return nil, errThin
}

// Lookup is Description for lists of names that may be unknown: nil, and it never interns.
func (s *Schema) Lookup(name string) *directory.AttributeDescription { return nil }

// Type returns the attribute type of a description of this schema.
func (s *Schema) Type(desc *directory.AttributeDescription) *AttributeType { return nil }

// TypeByName returns the type with this name or OID, nil if there is none.
func (s *Schema) TypeByName(name string) *AttributeType { return nil }

// TypeNo returns the type with this number, nil if there is none.
func (s *Schema) TypeNo(no int) *AttributeType { return nil }

// TypeCount returns the number of types; their numbers are 0 to TypeCount()-1.
func (s *Schema) TypeCount() int { return 0 }

// Subtypes returns the numbers of the type itself and of all types below it.
func (s *Schema) Subtypes(no int) []int { return nil }

// ObjectClass returns the class with this name or OID, nil if there is none.
func (s *Schema) ObjectClass(nameOrOID string) *ObjectClass { return nil }

// MatchingRule returns the rule with this name or OID, nil if there is none.
func (s *Schema) MatchingRule(nameOrOID string) *MatchingRule { return nil }

// StructuralClass returns the most specific structural class of a draft.
func (s *Schema) StructuralClass(d *directory.Draft) (*ObjectClass, error) { return nil, errThin }

// ValidateEntry implements [directory.Validator].
func (s *Schema) ValidateEntry(d *directory.Draft) error { return errThin }

// EqualityKey implements [directory.Matcher].
func (s *Schema) EqualityKey(desc *directory.AttributeDescription, value []byte) ([]byte, error) {
	return s.AppendEqualityKey(nil, desc, value)
}

// AppendEqualityKey is EqualityKey into a buffer of the caller.
func (s *Schema) AppendEqualityKey(dst []byte, desc *directory.AttributeDescription, value []byte) ([]byte, error) {
	return dst, errThin
}

// NormalizeDN implements [directory.Normalizer].
func (s *Schema) NormalizeDN(dn directory.DN) (directory.NDN, error) { return "", errThin }

// NormalizeRDN implements [directory.Normalizer].
func (s *Schema) NormalizeRDN(rdn directory.RDN) (directory.NRDN, error) { return "", errThin }

// ParseName parses and normalizes a name.
func (s *Schema) ParseName(dn string) (directory.DN, directory.NDN, error) {
	return directory.DN{}, "", errThin
}

// AppendNDN appends the normalized form of a name.
func (s *Schema) AppendNDN(dst []byte, dn string) ([]byte, error) { return dst, errThin }

// AppendOrderingKey appends a key whose byte order is the order of the type's ORDERING rule.
func (s *Schema) AppendOrderingKey(dst []byte, typ *AttributeType, value []byte) ([]byte, error) {
	return dst, errThin
}

// AppendSubstringKey appends a value or part prepared for the type's SUBSTR rule.
func (s *Schema) AppendSubstringKey(dst []byte, typ *AttributeType, value []byte, part SubstringPart) ([]byte, error) {
	return dst, errThin
}

// Prepare appends the key by which the rule compares: values match exactly if their keys are equal, and the keys of an
// ordering rule sort as the values do.
func (r *MatchingRule) Prepare(dst, value []byte) ([]byte, error) { return dst, errThin }

// Validate reports whether value fits the syntax.
func (x *Syntax) Validate(value []byte) error { return errThin }

// Subschema returns the attributes of the subschema subentry.
func (s *Schema) Subschema() []directory.Attribute { return nil }

// Digest identifies the revision of the schema.
func (s *Schema) Digest() [32]byte { return [32]byte{} }
