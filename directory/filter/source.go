package filter

import (
	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// Source is what a filter is evaluated on: one entry under one requester's rights. It need not be safe for concurrent
// use, and its methods must not allocate. An error ends the evaluation.
type Source interface {
	// Entry returns the stored attributes.
	Entry() *directory.Entry
	// Computed returns the values of a type with FlagComputed; the zero Attribute if there are none. It stays valid until
	// the next call.
	Computed(t *schema.AttributeType) (directory.Attribute, error)
	// HasReference reports whether target is a value of a type with FlagReference or of memberOf. It answers for all
	// values, whether they are kept as links, as unresolved references or as plain text in the record; a uniqueMember
	// value with a bit string is none of these. With chain it follows the relation to its end (1.2.840.113556.1.4.1941).
	// desc is nil unless the filter named options; then only values whose description has all of them count.
	HasReference(desc *directory.AttributeDescription, t *schema.AttributeType, target directory.NDN, chain bool) (bool, error)
	// AnyReference reports whether a type with FlagReference, or memberOf, has a value of any of the three kinds. desc is as
	// in HasReference.
	AnyReference(desc *directory.AttributeDescription, t *schema.AttributeType) (bool, error)
	// MaySearch reports whether the requester may search the attribute in this entry. It is asked for nodes whose Rights
	// are Mixed, whether or not the entry has the attribute.
	MaySearch(desc *directory.AttributeDescription) bool
	// MaySearchAll is MaySearch for every description of the type of desc that has these options, whether or not the entry,
	// or any entry, has it.
	MaySearchAll(desc *directory.AttributeDescription, options []string) bool
	// NDN returns the entry's name.
	NDN() (directory.NDN, error)
}

// Searchable says, for one requester and one attribute type, in which entries of a search the attribute may be used in a
// filter. The zero value is Never.
type Searchable uint8

// The answers of an access function.
const (
	Never  Searchable = iota // in none: the assertion becomes Undefined and no index is opened for it
	Mixed                    // in some: asked for each entry
	Always                   // in all
)

// String returns the answer's name.
func (r Searchable) String() string {
	switch r {
	case Always:
		return "always"
	case Mixed:
		return "mixed"
	default:
		return "never"
	}
}
