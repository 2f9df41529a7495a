package bundle

import (
	"net/netip"
	"time"
)

// Test is an inline test: one question and the expected answer. It is asked of a [Fixture], never of live data.
type Test struct {
	Pos        Position
	Name       string
	Given      []*Statement // that the bundle has in addition; they need no broad
	As         *Name        // nil: anonymous
	Via        Via
	Do         Action // shorthands are allowed: every part must be allowed
	Entry      *Name
	Attributes []Attribute // types, or OIDs for control and extop
	Value      *string     // of each attribute; nil: no value in particular
	Expect     Effect
	By         string // the statement or boundary that decides; "assignment/statement" for a role; empty: any
}

// Via is how the session of a test came to be. The zero Via is not the default: see [DefaultVia].
type Via struct {
	Address  netip.Addr // invalid: no address
	TLSBits  int        // 0: in the clear, over a network
	Level    int
	Method   AuthMethod
	At       time.Time // zero: the moment of the test run
	Elevated []string  // ids of elevations that are active
}

// DefaultVia is a test's session where it does not say otherwise: TLS of 256 bits, a simple bind with a password just now,
// and no address. An anonymous session has level 0 and the method anonymous.
func DefaultVia(anonymous bool) Via {
	if anonymous {
		return Via{TLSBits: 256}
	}
	return Via{TLSBits: 256, Level: 1, Method: MethodSimple}
}
