package control

import (
	"gatehouse/acl"
	"gatehouse/directory"
)

// OfEntry encodes the controls of one SearchResultEntry. A search without controls has nil, and none.
func OfEntry(c *acl.SearchControls) []directory.Control {
	if c == nil {
		return nil
	}
	var list []directory.Control
	return list
}

// OfDone encodes the controls of the SearchResultDone.
func OfDone(c *acl.SearchControls) []directory.Control {
	if c == nil {
		return nil
	}
	var list []directory.Control
	return list
}
