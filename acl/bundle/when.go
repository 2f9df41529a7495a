package bundle

import (
	"net/netip"
	"time"
)

// When is what must hold of a session and the moment: all that is set.
type When struct {
	Pos         Position
	Networks    []netip.Prefix // nil: any
	NotNetworks []netip.Prefix
	TLS         TLSCondition
	TLSBits     int          // lowest strength of real TLS; 0: not set
	Methods     []AuthMethod // nil: any
	Level       int          // lowest auth-level, 0 to 3
	MaxAge      time.Duration
	Listeners   []string // nil: any
	Controls    []string // nil: any; OIDs, one of which the request carries
	Time        *TimeCondition
}

// TLSCondition is the tls condition without min-bits. The zero TLSCondition is not set.
type TLSCondition uint8

// The tls conditions. Required means protected transport, None what crosses a network in the clear.
const (
	TLSAny TLSCondition = iota
	TLSRequired
	TLSNone
	TLSClientCert
)

var tlsNames = []string{"required", "none", "client-cert"}

// AuthMethod is how a session was authenticated.
type AuthMethod uint8

// The methods, in the order of their names in policies.
const (
	MethodAnonymous AuthMethod = iota
	MethodSimple
	MethodSASLPlain
	MethodSASLSCRAM
	MethodSASLExternal
)

var methodNames = []string{"anonymous", "simple", "sasl-plain", "sasl-scram", "sasl-external"}

// String returns the name that policies use.
func (m AuthMethod) String() string { return methodNames[min(int(m), len(methodNames)-1)] }

// TimeCondition restricts the moment.
type TimeCondition struct {
	Pos       Position
	NotBefore time.Time // inclusive; zero: not set
	NotAfter  time.Time // exclusive; zero: not set
	Within    *Window
	Outside   *Window
}

// Window is a weekly window by the clocks of one time zone. A window that ends before it begins wraps midnight and belongs
// to the day on which it begins.
type Window struct {
	Pos      Position
	Days     [7]bool       // by [time.Weekday]; all set if the window names none
	HasHours bool          // false: the whole day
	From, To time.Duration // since midnight, whole minutes; To is exclusive, at most 24 h, and never equal to From
	Zone     *time.Location
}
