// Package sasl lists the SASL mechanisms (RFC 4422) of the server: one table, from which the root DSE is printed, and one
// file for each mechanism that has messages of its own.
package sasl

import "strings"

// Mechanism is one row of the table.
type Mechanism struct {
	Name string
}

// Table lists every mechanism.
var Table = []Mechanism{
	{"EXTERNAL"}, // RFC 4422 appendix A: what the transport has proved
	{"PLAIN"},    // RFC 4616
}

// Known reports whether the server has the mechanism. Names are compared without case, as clients are not strict.
func Known(name string) bool {
	for _, m := range Table {
		if strings.EqualFold(m.Name, name) {
			return true
		}
	}
	return false
}

// Names lists the mechanisms for people.
func Names() string {
	names := make([]string, len(Table))
	for i, m := range Table {
		names[i] = m.Name
	}
	return strings.Join(names, ", ")
}
