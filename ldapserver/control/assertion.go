package control

import (
	"gatehouse/directory"
	"gatehouse/ldapserver/wire"
)

// Assertion is the assertion control (RFC 4528): the operation is carried out only if a filter is true of its target.
const Assertion = "1.3.6.1.1.12"

func decodeAssertion(c *directory.Control, into *directory.RequestControls) (err error) {
	into.Assertion, err = wire.DecodeFilter(c.Value, filterLimits)
	return err
}
