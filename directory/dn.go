package directory

import "strings"

// DN is a distinguished name as received (RFC 4514), most specific RDN first. The zero DN is the empty name: the root
// DSE. Immutable.
type DN struct {
	rdns []RDN
}

// RDN is a relative distinguished name: one or more attribute values, in the order written.
type RDN []AttributeTypeAndValue

// AttributeTypeAndValue is one part of an RDN. Value is unescaped; for the #hex form it is the contents of the BER
// value that the digits encode.
type AttributeTypeAndValue struct {
	Type  string
	Value []byte
}

// NewDN returns the name with these RDNs, most specific first. It keeps the slice.
func NewDN(rdns ...RDN) DN { return DN{rdns: rdns} }

// RDNs returns the RDNs, most specific first. The slice must not be changed.
func (d DN) RDNs() []RDN { return d.rdns }

// IsZero reports whether d is the empty name.
func (d DN) IsZero() bool { return len(d.rdns) == 0 }

// Parent returns the name of the superior entry; the zero DN for a name of one RDN and for the zero DN.
func (d DN) Parent() DN {
	if len(d.rdns) < 2 {
		return DN{}
	}
	return DN{rdns: d.rdns[1:]}
}

// Child returns the name of the entry called rdn below d.
func (d DN) Child(rdn RDN) DN {
	rdns := make([]RDN, 0, len(d.rdns)+1)
	return DN{rdns: append(append(rdns, rdn), d.rdns...)}
}

// NRDN is a normalized RDN: types as the lower-case first name of the schema, values prepared by their equality
// rule and escaped, parts sorted and joined by '+'. It never holds an unescaped comma. Comparable with ==.
type NRDN string

// NDN is a normalized distinguished name: the NRDNs, most specific first, joined by ','. Two names are equal exactly if
// their NDNs are. Only a [Normalizer] makes one. Comparable with ==; the empty NDN is the root DSE.
type NDN string

// Normalizer makes normalized names; [gatehouse/directory/schema.Schema] implements it.
type Normalizer interface {
	// NormalizeDN returns invalidDNSyntax for an unknown attribute type or a value that its syntax refuses.
	NormalizeDN(dn DN) (NDN, error)
	// NormalizeRDN is NormalizeDN for one RDN.
	NormalizeRDN(rdn RDN) (NRDN, error)
}

// Parent returns the normalized name of the superior entry, empty at the top.
func (n NDN) Parent() NDN {
	if i := strings.IndexByte(string(n), ','); i >= 0 {
		return n[i+1:]
	}
	return ""
}

// RDN returns the most specific RDN.
func (n NDN) RDN() NRDN {
	if i := strings.IndexByte(string(n), ','); i >= 0 {
		return NRDN(n[:i])
	}
	return NRDN(n)
}

// Child returns the name of rdn below n.
func (n NDN) Child(rdn NRDN) NDN {
	if n == "" {
		return NDN(rdn)
	}
	return NDN(rdn) + "," + n
}

// IsUnder reports whether n is base or lies below it. Every name lies under the empty one.
func (n NDN) IsUnder(base NDN) bool {
	if base == "" || n == base {
		return true
	}
	i := len(n) - len(base)
	return i > 0 && n[i-1] == ',' && n[i:] == base
}
