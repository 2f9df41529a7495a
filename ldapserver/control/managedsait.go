package control

import "gatehouse/directory"

// ManageDsaIT is RFC 3296: treat referral objects as ordinary entries. That is what this server always does.
const ManageDsaIT = "2.16.840.1.113730.3.4.2"

func decodeManageDsaIT(c *directory.Control, into *directory.RequestControls) error {
	if c.HasValue && len(c.Value) > 0 {
		return directory.Errorf(directory.ProtocolError, "ManageDsaIT takes no value")
	}
	into.ManageDsaIT = true
	return nil
}
