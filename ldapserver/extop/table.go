// Package extop holds the extended operations (RFC 4511 section 4.12) that the server knows: one file for each, and one
// table, from which the root DSE is printed.
package extop

// Operation is one row of the table.
type Operation struct {
	OID  string
	Name string
}

// Table lists every extended operation.
var Table = []Operation{
	{StartTLS, "StartTLS (RFC 4511 section 4.14)"},
	{PasswordModify, "Password Modify (RFC 3062)"},
	{WhoAmI, "Who am I? (RFC 4532)"},
	{Cancel, "Cancel (RFC 3909)"},
	{Explain, "Explain a decision of the policy"},
}

// The operations without a value.
const (
	StartTLS = "1.3.6.1.4.1.1466.20037"
	WhoAmI   = "1.3.6.1.4.1.4203.1.11.3"
)
