package acl

import "gatehouse/directory"

// SubschemaNDN is the normalized name of the entry that publishes the schema.
const SubschemaNDN directory.NDN = "cn=subschema"

// Target is an entry that a decision is about: a stored one, one that a change proposes, or one that the server makes
// (the root DSE, the schema). It is asked only for what the rules at hand need and must not allocate for it.
type Target interface {
	// ID returns the entry's ID; zero for an entry that is not stored.
	ID() directory.EntryID
	// NDN returns the normalized name, empty for the root DSE.
	NDN() (directory.NDN, error)
	// Entry returns the stored attributes; references are not among them.
	Entry() *directory.Entry
}
