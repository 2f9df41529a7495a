// Package ber is the part of the Basic Encoding Rules (X.690) that LDAP uses (RFC 4511 section 5.1): definite lengths,
// tag numbers below 31, and OCTET STRINGs in primitive form. Encoding appends to a []byte. Decoding does not copy:
// what it returns aliases the input.
package ber

// The identifier octets of the universal types that LDAP uses.
const (
	Boolean     byte = 0x01
	Integer     byte = 0x02
	OctetString byte = 0x04
	Enumerated  byte = 0x0a
	Sequence    byte = 0x30
	Set         byte = 0x31
)

// number is the part of an identifier octet that holds the tag number; all bits set mean that it follows in more octets.
const number byte = 0x1f
