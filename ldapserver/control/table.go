// Package control holds the controls (RFC 4511 section 4.1.11) that the server knows: one file for each, and one table,
// from which the root DSE is printed.
package control

import (
	"gatehouse/directory"
)

// Control is one row of the table.
type Control struct {
	OID  string
	Name string
	// Operations are those that it says something about. With others it is not appropriate.
	Operations Operations
	// NeedsRight is set for a control that has no action of policies of its own: it may be used by whom the policy allows
	// it by its OID.
	NeedsRight bool
	// Decode reads the value. Its error is a protocolError, or says which limit was exceeded.
	Decode func(c *directory.Control, into *directory.RequestControls) error
}

// Table lists every control of requests.
var Table = []Control{
	{OID: ManageDsaIT, Name: "ManageDsaIT (RFC 3296)", Operations: allOperations, Decode: decodeManageDsaIT},
	{OID: PagedResults, Name: "simple paged results (RFC 2696)", Operations: Search, Decode: decodePage},
	{OID: Sort, Name: "server side sorting (RFC 2891)", Operations: Search, Decode: decodeSort},
	{OID: MatchedValues, Name: "matched values (RFC 3876)", Operations: Search, Decode: decodeMatchedValues},
	{OID: Deref, Name: "dereference (draft-masarati-ldap-deref)", Operations: Search, Decode: decodeDeref},
	{OID: SyncRequest, Name: "content synchronization (RFC 4533)", Operations: Search, NeedsRight: true, Decode: decodeSync},
	{OID: Assertion, Name: "assertion (RFC 4528)", Operations: Search | Compare | Add | Modify | Delete | ModifyDN, Decode: decodeAssertion},
	{OID: PreRead, Name: "pre-read (RFC 4527)", Operations: Modify | Delete | ModifyDN, Decode: decodePreRead},
	{OID: PostRead, Name: "post-read (RFC 4527)", Operations: Add | Modify | ModifyDN, Decode: decodePostRead},
	{OID: PasswordPolicy, Name: "password policy (draft-behera-ldap-password-policy-10)", Operations: allOperations, Decode: decodePasswordPolicy},
	{OID: NetscapeExpired, Name: "password expired (draft-vchu-ldap-pwd-policy-00)", Operations: allOperations, Decode: decodeNetscape},
	{OID: NetscapeExpiring, Name: "password expiring (draft-vchu-ldap-pwd-policy-00)", Operations: allOperations, Decode: decodeNetscape},
}

// Operations is a set of operations.
type Operations uint16

// The operations that have controls.
const (
	Bind Operations = 1 << iota
	Search
	Compare
	Add
	Modify
	Delete
	ModifyDN
	Extended

	allOperations = Bind | Search | Compare | Add | Modify | Delete | ModifyDN | Extended
)
