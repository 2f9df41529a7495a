package bundle

import "time"

// Effect says what a statement does where it matches. The zero Effect is Deny.
type Effect uint8

// The effects.
const (
	Deny Effect = iota
	Allow
)

// String returns the name that policies use.
func (e Effect) String() string {
	if e == Allow {
		return "allow"
	}
	return "deny"
}

// Statement is one rule: of a document, of a role, or given by a test.
type Statement struct {
	Pos        Position
	ID         string
	Effect     Effect
	Subject    *Subject // nil in a role: the assignment or elevation says who
	Target     *Target
	Actions    ActionSet   // as written; see [ActionSet.Expand]
	Attributes []Attribute // expanded, each once; OIDs for control and extop
	Values     *Values     // nil: every value
	When       *When       // nil: always
	Enforce    Enforce     // the document's degree is included
	Expires    time.Time   // the first moment at which it is no longer valid: the day after expires, 00:00 UTC; zero: never
	Broad      string      // the reason why power may go to so many
	Reason     string      // for explanations
}

// Boundary is a ceiling for those whom its subject matches. It grants nothing.
type Boundary struct {
	Pos         Position
	ID          string
	Description string
	Subject     *Subject
	Permit      []*Permit
	Enforce     Enforce // the document's
}

// Permit is one part of a boundary's ceiling.
type Permit struct {
	Pos        Position
	Target     *Target
	Actions    ActionSet
	Attributes []Attribute
	When       *When
}

// Role is a bundle of statements without subject. Its statements may use ${scope}.
type Role struct {
	Pos         Position
	Name        string
	Description string
	Statements  []*Statement
	Enforce     Enforce // the document's
}

// Assignment gives a role to a subject.
type Assignment struct {
	Pos     Position
	ID      string
	Role    *Role
	To      *Subject
	Scope   *Name // what ${scope} stands for; nil if the role does not use it
	When    *When
	Enforce Enforce // the document's
}

// Alert says who hears of an elevation. The zero Alert is none.
type Alert uint8

// The alerts.
const (
	AlertNone Alert = iota
	AlertLog
	AlertNotify
	AlertPage
)

var alertNames = []string{"none", "log", "notify", "page"}

// String returns the name that policies use.
func (a Alert) String() string { return alertNames[min(int(a), len(alertNames)-1)] }

// Elevation says who may take a role for a time. It gives nothing by itself.
type Elevation struct {
	Pos           Position
	ID            string
	Role          *Role
	Eligible      *Subject
	Approvers     *Subject // nil: nobody is asked
	Approvals     int
	MaxDuration   time.Duration
	RequireReason bool
	Alert         Alert
	When          *When   // for the activation, and for every use
	Enforce       Enforce // the document's
}
