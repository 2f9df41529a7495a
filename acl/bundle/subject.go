package bundle

import "gatehouse/directory"

// Subject says whom something is about: who matches every term, and not Unless. There is at least one term. The terms may be
// shared between subjects.
type Subject struct {
	Pos    Position
	Set    string // the name in subjects, if it was written as $name
	Terms  []SubjectTerm
	Unless *Subject

	size  int // terms in all, nested ones included: bounded
	depth int
}

// SubjectTerm is one key of a subject. It is a closed set: the types of this file. A list in a term is of alternatives.
type SubjectTerm interface{ subjectTerm() }

// Terms that the session alone decides.
type (
	// Anyone is every session, anonymous ones too.
	Anyone struct{}
	// Anonymous is every session that is not authenticated.
	Anonymous struct{}
	// Authenticated is every session that is.
	Authenticated struct{}
	// Named is the identities with one of these names.
	Named struct{ Names []*Name }
	// Subtree is the identities at or below one of these names.
	Subtree struct{ Bases []*Name }
	// Group is the members of one of these groups, nested and dynamic membership included.
	Group struct{ Names []*Name }
	// HasRole is whoever holds one of these roles by an assignment, whatever its scope, or by an active elevation.
	HasRole struct{ Roles []*RoleReference }
	// Matching is the identities whose own entry passes the filter.
	Matching struct{ Filter *Filter }
	// Any is who matches one of the subjects.
	Any struct{ Of []*Subject }
)

// Terms that are relative to the target.
type (
	// Self is the target's own session.
	Self struct{}
	// Ancestor is the identities at or above the target.
	Ancestor struct{}
	// NamedIn is the identities whose name is a value of one of these attributes of the target.
	NamedIn struct{ Attributes []Attribute }
	// GroupIn is the members of a group that one of these attributes of the target names.
	GroupIn struct{ Attributes []Attribute }
	// Same is the identities that share a value of one of these attributes with the target.
	Same struct{ Attributes []Attribute }
)

func (Anyone) subjectTerm()        {}
func (Anonymous) subjectTerm()     {}
func (Authenticated) subjectTerm() {}
func (Named) subjectTerm()         {}
func (Subtree) subjectTerm()       {}
func (Group) subjectTerm()         {}
func (HasRole) subjectTerm()       {}
func (Matching) subjectTerm()      {}
func (Any) subjectTerm()           {}
func (Self) subjectTerm()          {}
func (Ancestor) subjectTerm()      {}
func (NamedIn) subjectTerm()       {}
func (GroupIn) subjectTerm()       {}
func (Same) subjectTerm()          {}

// RoleReference is a role by name.
type RoleReference struct {
	Pos  Position
	Name string
	Role *Role
}

// Target is a set of entries: those in the scope of the base that pass the filter and are in no excluded target.
type Target struct {
	Pos                   Position
	Set                   string // the name in targets, if it was written as $name
	Base                  *Name  // the zero name, with ScopeBase, is the root DSE
	Scope                 directory.Scope
	Filter                *Filter // nil: every entry
	Exclude               []*Target
	Protected, Privileged bool // include: the statement reaches what the guards would keep from it

	size  int
	depth int
}
