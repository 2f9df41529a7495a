// Package control holds the controls (RFC 4511 section 4.1.11) that the server knows: one file for each, and one table,
// from which the root DSE is printed.
package control

import (
	"slices"

	"gatehouse/directory"
)

// Control is one row of the table.
type Control struct {
	OID  string
	Name string
	// Check returns an error for a value that the control does not take.
	Check func(c *directory.Control) error
}

// Table lists every control.
var Table = []Control{
	{ManageDsaIT, "ManageDsaIT (RFC 3296)", checkManageDsaIT},
}

// Check refuses a request whose controls cannot be served: a critical one that is not in the table, or one whose value is
// wrong. One that is unknown and not critical is ignored (RFC 4511 section 4.1.11).
func Check(controls []directory.Control) error {
	for i := range controls {
		c := &controls[i]
		known := slices.IndexFunc(Table, func(row Control) bool { return row.OID == c.OID })
		if known < 0 {
			if c.Criticality {
				return directory.Errorf(directory.UnavailableCriticalExtension, "critical control %q is not supported", c.OID)
			}
			continue
		}
		if err := Table[known].Check(c); err != nil {
			return err
		}
	}
	return nil
}
