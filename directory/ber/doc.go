// Package ber is the part of the Basic Encoding Rules (X.690) that LDAP uses (RFC 4511 section 5.1): definite lengths,
// tag numbers below 31, and OCTET STRINGs in primitive form. Encoding appends to a []byte. Decoding does not copy:
// what it returns aliases the input.
package ber

// The identifier octets of the universal types that LDAP uses.
const (
	Boolean     byte = 0x01
	Integer     byte = 0x02
	OctetString byte = 0x04
	Null        byte = 0x05
	Enumerated  byte = 0x0a
	Sequence    byte = 0x30
	Set         byte = 0x31
)

const (
	constructed byte = 0x20
	application byte = 0x40
	context     byte = 0x80
	number      byte = 0x1f
)

// Application returns the identifier octet of [APPLICATION n], primitive. n is at most 30.
func Application(n byte) byte { return application | n&number }

// Context returns the identifier octet of the context-specific tag [n], primitive. n is at most 30.
func Context(n byte) byte { return context | n&number }

// Constructed returns the identifier octet with the constructed bit set.
func Constructed(tag byte) byte { return tag | constructed }
