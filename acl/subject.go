package acl

import (
	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// Subject says whom a statement is about. It is a closed set: the types of this file.
type Subject interface{ subject() }

// Subjects that the session alone decides.
type (
	// Anyone is every session, anonymous ones too.
	Anyone struct{}
	// Anonymous is every session that is not authenticated.
	Anonymous struct{}
	// Authenticated is every session that is.
	Authenticated struct{}
	// Name is the identity with one name. It need not be an entry: the operator has a name, too.
	Name struct{ NDN directory.NDN }
	// Subtree is every identity at or below a name.
	Subtree struct{ Base directory.NDN }
	// Group is every member of a group, nested and dynamic membership included.
	Group struct{ NDN directory.NDN }
	// Role is everybody who holds a role, see [RoleHolder].
	Role struct{ Name string }
	// Matching is every identity whose own entry passes the filter.
	Matching struct{ Filter directory.Filter }
	// Elevated is every session in which the elevation is active.
	Elevated struct{ Elevation string }
)

// Subjects that are relative to the target.
type (
	// Self is the target's own session.
	Self struct{}
	// Ancestor is every identity at or above the target.
	Ancestor struct{}
	// NamedIn is every identity whose name is a value of one of the target's attributes.
	NamedIn struct{ Types []*schema.AttributeType }
	// GroupIn is every member of a group that is named in one of the target's attributes.
	GroupIn struct{ Types []*schema.AttributeType }
	// Same is every identity that shares a value of one of these attributes with the target.
	Same struct{ Types []*schema.AttributeType }
)

// Combinations.
type (
	// All is who matches all of them; nobody if there are none.
	All []Subject
	// Any is who matches one of them.
	Any []Subject
	// Unless is who matches the first and not the second.
	Unless struct{ Subject, Except Subject }
)

func (Anyone) subject()        {}
func (Anonymous) subject()     {}
func (Authenticated) subject() {}
func (Name) subject()          {}
func (Subtree) subject()       {}
func (Group) subject()         {}
func (Role) subject()          {}
func (Matching) subject()      {}
func (Elevated) subject()      {}
func (Self) subject()          {}
func (Ancestor) subject()      {}
func (NamedIn) subject()       {}
func (GroupIn) subject()       {}
func (Same) subject()          {}
func (All) subject()           {}
func (Any) subject()           {}
func (Unless) subject()        {}

// anEntry is every identity that is an entry of the directory.
type anEntry struct{}

func (anEntry) subject() {}
