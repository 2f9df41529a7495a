package acl

import (
	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// Program is a policy as resolved data, before it is compiled: every name is looked up, every role is expanded for each of its
// assignments and elevations, every DN is normalized, ${suffix} and ${scope} are bound. A policy language translates into it;
// [Compile] makes tables of it. Order has no meaning anywhere in it. It belongs to the maker until it is compiled and must not
// be changed afterwards.
type Program struct {
	Version    string          // of the bundle, for audit records and explanations
	At         Instant         // when it is compiled, for statements that are no longer valid then and give no power; zero: now
	Suffixes   []directory.NDN // the naming contexts
	Statements []Statement
	Boundaries []Boundary
	Roles      []RoleHolder // who holds a role, for subjects of kind Role
	Elevations []Elevation  // who is eligible, for the guards
}

// Place says where something of a policy is written.
type Place struct {
	Name string `json:"statement"` // the statement's id; "assignment/statement" for a part of a role
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"` // from 1; 0 if not known
}

// Effect says what a statement does where it matches. The zero Effect is Deny.
type Effect uint8

// The effects.
const (
	Deny Effect = iota
	Allow
)

// Statement is one rule. A statement whose [Statement.Expired] is set is kept for explanations alone.
type Statement struct {
	Place
	Effect     Effect
	Subject    Subject // nil matches nobody
	Reach      Reach
	Actions    Actions
	Attributes Attributes   // for attribute actions; OIDs for control and extop
	Values     *Values      // nil: every value
	When       []Conditions // all must hold
	Expires    Instant      // the first moment at which the statement is no longer valid; zero: never. The day after expires, 00:00 UTC
	Broad      string       // the reason why power may go to so many
	Reason     string       // for explanations
}

// Boundary is a ceiling for those whom its subject matches: what no Permit allows is denied. It grants nothing. The subject
// may be relative to the target, too.
type Boundary struct {
	Place
	Subject Subject
	When    Conditions // under which it applies; usually empty
	Permit  []Permit
}

// Permit is one part of a boundary's ceiling.
type Permit struct {
	Reach      Reach
	Actions    Actions
	Attributes Attributes
	Values     *Values
	When       Conditions
}

// RoleHolder says that a subject has a role, by an assignment or by an elevation that is active. The scope of the assignment
// does not matter.
type RoleHolder struct {
	Role    string
	Subject Subject // with [Elevated] for an elevation
	When    Conditions
}

// Elevation says who may take a role for a time.
type Elevation struct {
	Place
	Role     string
	Eligible Subject
}

// Actions is a set of actions, bit n for Action n.
type Actions uint64

// ActionsOf returns the set of the actions given.
func ActionsOf(list ...Action) (set Actions) {
	for _, a := range list {
		set |= 1 << a
	}
	return set
}

// Has reports whether the action is in the set.
func (s Actions) Has(a Action) bool { return s>>a&1 == 1 }

// Shorthands of the policy language.
const (
	ActionsView  Actions = 1<<ActionDiscover | 1<<ActionSearch | 1<<ActionRead | 1<<ActionCompare
	ActionsWrite Actions = 1<<ActionWriteAdd | 1<<ActionWriteDelete | 1<<ActionWriteReplace | 1<<ActionWriteIncrement
)

// Reach is a set of entries: those in the scope of one of the bases that pass the filter and no exclusion. Without bases it
// is empty.
type Reach struct {
	Bases   []directory.NDN // one, or one for each naming context; "" is the root DSE
	Scope   directory.Scope
	Filter  directory.Filter // nil: every entry
	Exclude []Reach
	// Protected and Privileged let the statement reach protected principals and privileged groups.
	Protected, Privileged bool
}

// Attributes is a set of attribute descriptions. A type covers its subtypes and all options; @class is expanded into Types.
// In a statement that takes away, and in a boundary's permit, one membership attribute stands for the whole relation; the
// compiler sees to that.
type Attributes struct {
	Types       []*schema.AttributeType
	Described   []*directory.AttributeDescription // with options: covers what has at least these
	User        bool                              // "*": user attributes that are not confidential
	Operational bool                              // "+": operational attributes that are not confidential
	Secret      bool                              // "%confidential"
	OIDs        []string                          // of control and extop; "*" stands for all
}

// Values restricts an attribute action to some values. All keys that are set must hold.
type Values struct {
	Self    bool            // the subject's own name
	AnyOf   []string        // nil: not set; one of these, by the attribute's equality rule
	Under   []directory.NDN // nil: not set; names at or below one of these
	Pattern string          // empty: not set; anchored; * is any text, ? one character, \ takes the next character as it is
}
