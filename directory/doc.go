// Package directory is the vocabulary of LDAP (RFC 4511 and RFC 4512) and nothing else: names, attributes,
// entries, filters, requests and results. Every other package points at it and it imports none of them, so a
// type found here means the same thing on the wire, in the policy and on disk.
//
// Three pairs of types keep "as received" and "as checked" apart: [DN] and [NDN] (as written, as compared),
// [Draft] and [Entry] (editable, validated), a string of a request and the interned [AttributeDescription].
package directory
