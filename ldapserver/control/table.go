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
