package directory

import "iter"

// DescriptionFlags are the facts of an attribute type that hot paths ask for without a look into the schema.
type DescriptionFlags uint8

// The flags of an attribute description, copied from its attribute type.
const (
	FlagOperational  DescriptionFlags = 1 << iota // USAGE other than userApplications: returned only by name or "+"
	FlagReference                                 // values name entries and are kept as links by entry ID
	FlagConfidential                              // secrets: never matched by "*" or "+" of a policy
	FlagSingleValue                               // at most one value
	FlagNoUserMod                                 // NO-USER-MODIFICATION: maintained by the server alone
	FlagComputed                                  // made on read, never stored
)

// AttributeDescription is an attribute type with its options (RFC 4512 section 2.5), interned: one schema hands
// out one pointer for each description, so pointers of the same schema may be compared. It is immutable.
type AttributeDescription struct {
	Name    string           // as printed: the type's first name in the schema's spelling, options in lower case, sorted
	Key     string           // as compared: Name in lower case
	TypeNo  int              // dense number of the attribute type in its schema; subtypes have numbers of their own
	Options []string         // lower case, sorted, without duplicates
	Flags   DescriptionFlags // copied from the type
}

// Is reports whether all flags of f are set.
func (d *AttributeDescription) Is(f DescriptionFlags) bool { return d.Flags&f == f }

// String returns the printed name.
func (d *AttributeDescription) String() string { return d.Name }

// Attribute is a description with its values. The values are kept as the contents of a BER SET OF OCTET STRING,
// ready to be copied into an answer. It is immutable and safe for concurrent use; the zero Attribute has no values.
type Attribute struct {
	Desc *AttributeDescription
	set  []byte
	n    int
}

// NewAttribute returns an attribute with the values in the order given. The values are copied.
func NewAttribute(desc *AttributeDescription, values ...[]byte) Attribute {
	size := 0
	for _, v := range values {
		size += len(v) + 6
	}
	set := make([]byte, 0, size)
	for _, v := range values {
		set = AppendValue(set, v)
	}
	return Attribute{Desc: desc, set: set, n: len(values)}
}

// AttributeFromSet returns an attribute whose values are the contents of a BER SET OF OCTET STRING, which it keeps.
// set must be what [AppendValue] makes; it comes from a store's own record or from NewAttribute.
func AttributeFromSet(desc *AttributeDescription, set []byte, n int) Attribute {
	return Attribute{Desc: desc, set: set, n: n}
}

// Len returns the number of values.
func (a Attribute) Len() int { return a.n }

// Set returns the contents of the BER SET of the values, for copying into an answer. It must not be changed.
func (a Attribute) Set() []byte { return a.set }

// Values yields the values in stored order. They alias the attribute and must not be changed.
func (a Attribute) Values() iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for rest := a.set; len(rest) > 0; {
			var v []byte
			if v, rest = NextValue(rest); v == nil || !yield(v) {
				return
			}
		}
	}
}

// First returns the first value, nil if there is none.
func (a Attribute) First() []byte {
	v, _ := NextValue(a.set)
	return v
}

const tagOctetString = 0x04

// AppendValue appends one value as a definite-length OCTET STRING.
func AppendValue(dst, value []byte) []byte {
	n := len(value)
	switch {
	case n < 0x80:
		dst = append(dst, tagOctetString, byte(n))
	case n <= 0xff:
		dst = append(dst, tagOctetString, 0x81, byte(n))
	case n <= 0xffff:
		dst = append(dst, tagOctetString, 0x82, byte(n>>8), byte(n))
	default:
		dst = append(dst, tagOctetString, 0x84, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
	return append(dst, value...)
}

// NextValue splits the first value off a set written by [AppendValue]. value is nil, and rest empty, at the end
// and where set is not well formed.
func NextValue(set []byte) (value, rest []byte) {
	if len(set) < 2 || set[0] != tagOctetString {
		return nil, nil
	}
	n, head := int(set[1]), 2
	if n >= 0x80 {
		head = 2 + n&0x7f
		if head > 6 || len(set) < head {
			return nil, nil
		}
		n = 0
		for _, b := range set[2:head] {
			n = n<<8 | int(b)
		}
	}
	if len(set)-head < n {
		return nil, nil
	}
	return set[head : head+n : head+n], set[head+n:]
}
