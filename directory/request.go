package directory

import "time"

// Names and values of a request alias the buffer of its message and are valid until the request has been
// answered; who keeps one clones it. DNs and attribute descriptions are as received: they are parsed where the
// schema is known, so that a malformed one is answered with the right result code.
type (
	// Request is a closed set: the protocol operations of RFC 4511 section 4.2 to 4.12.
	Request interface{ isRequest() }

	// BindRequest is RFC 4511 section 4.2. Mechanism is empty for a simple bind.
	BindRequest struct {
		Version        int
		Name           string
		Password       []byte // simple
		Mechanism      string // SASL
		Credentials    []byte // SASL; nil when absent
		HasCredentials bool
		Controls       *RequestControls
	}

	// UnbindRequest is RFC 4511 section 4.3; it has no answer.
	UnbindRequest struct{}

	// SearchRequest is RFC 4511 section 4.5.1. Limits of zero mean "none asked".
	SearchRequest struct {
		Base             string
		Scope            Scope
		DerefAliases     DerefAliases
		SizeLimitEntries int
		TimeLimit        time.Duration
		TypesOnly        bool
		Filter           Filter
		Attributes       []string
		Controls         *RequestControls
	}

	// CompareRequest is RFC 4511 section 4.10.
	CompareRequest struct {
		DN       string
		Attr     string
		Value    []byte
		Controls *RequestControls
	}

	// AddRequest is RFC 4511 section 4.7.
	AddRequest struct {
		DN         string
		Attributes []PartialAttribute
		Controls   *RequestControls
	}

	// ModifyRequest is RFC 4511 section 4.6.
	ModifyRequest struct {
		DN       string
		Changes  []Modification
		Controls *RequestControls
	}

	// DeleteRequest is RFC 4511 section 4.8.
	DeleteRequest struct {
		DN       string
		Controls *RequestControls
	}

	// ModifyDNRequest is RFC 4511 section 4.9.
	ModifyDNRequest struct {
		DN             string
		NewRDN         string
		DeleteOldRDN   bool
		NewSuperior    string
		HasNewSuperior bool
		Controls       *RequestControls
	}

	// AbandonRequest is RFC 4511 section 4.11; it has no answer.
	AbandonRequest struct{ ID MessageID }

	// ExtendedRequest is RFC 4511 section 4.12.
	ExtendedRequest struct {
		OID      string
		Value    []byte
		HasValue bool
		Controls *RequestControls
	}

	// PasswordModifyRequest is the value of RFC 3062. Absent parts are nil.
	PasswordModifyRequest struct {
		UserIdentity    string
		HasUserIdentity bool
		OldPassword     []byte
		NewPassword     []byte
		Controls        *RequestControls
	}
)

func (*BindRequest) isRequest()     {}
func (*UnbindRequest) isRequest()   {}
func (*SearchRequest) isRequest()   {}
func (*CompareRequest) isRequest()  {}
func (*AddRequest) isRequest()      {}
func (*ModifyRequest) isRequest()   {}
func (*DeleteRequest) isRequest()   {}
func (*ModifyDNRequest) isRequest() {}
func (*AbandonRequest) isRequest()  {}
func (*ExtendedRequest) isRequest() {}

// MessageID is RFC 4511 section 4.1.1.1: 1 to 2^31-1 for requests, 0 for unsolicited notifications.
type MessageID int32

// Control is RFC 4511 section 4.1.11.
type Control struct {
	OID         string
	Criticality bool
	Value       []byte
	HasValue    bool
}

// PartialAttribute is an attribute as received, its values not yet checked.
type PartialAttribute struct {
	Attr   string
	Values [][]byte
}

// Modification is one change of a ModifyRequest.
type Modification struct {
	Op ModifyOp
	PartialAttribute
}

// ModifyOp is the operation of one change.
type ModifyOp uint8

// The operations of RFC 4511 section 4.6 and RFC 4525, with their numbers on the wire.
const (
	ModifyAdd       ModifyOp = 0
	ModifyDelete    ModifyOp = 1
	ModifyReplace   ModifyOp = 2
	ModifyIncrement ModifyOp = 3
)

// Scope is RFC 4511 section 4.5.1.2; the zero Scope is baseObject.
type Scope uint8

// The scopes, with their numbers on the wire. ScopeChildren is the "subordinates" scope of policies and LDAP URLs.
const (
	ScopeBase     Scope = 0
	ScopeOne      Scope = 1
	ScopeSub      Scope = 2
	ScopeChildren Scope = 3
)

// DerefAliases is RFC 4511 section 4.5.1.3.
type DerefAliases uint8

// The alias behaviours, with their numbers on the wire.
const (
	DerefNever     DerefAliases = 0
	DerefSearching DerefAliases = 1
	DerefFinding   DerefAliases = 2
	DerefAlways    DerefAliases = 3
)
