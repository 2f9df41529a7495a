package bundle

import (
	"math/bits"
	"slices"
	"strings"
)

// Action is what a statement allows or denies. None implies another, but for the two shorthands, which [ActionSet.Expand]
// replaces. The zero Action is none.
type Action uint8

// Actions on an entry as a whole, then those on attributes, then the shorthands. What each means is said in the access
// control documentation and at the constants of the same names in the package acl.
const (
	_ Action = iota
	ActionBind
	ActionDiscover
	ActionAddEntry
	ActionDeleteEntry
	ActionRename
	ActionMoveOut
	ActionMoveIn
	ActionPasswordChange
	ActionPasswordReset
	ActionAccountUnlock
	ActionMFAEnroll
	ActionMFAReset
	ActionProxy
	ActionReplicate
	ActionPolicyRead
	ActionPolicyWrite
	ActionElevateApprove

	ActionControl // names OIDs in attributes
	ActionExtOp   // names OIDs in attributes

	ActionSearch
	ActionRead
	ActionCompare
	ActionWriteAdd
	ActionWriteDelete
	ActionWriteReplace
	ActionWriteIncrement
	ActionManage
	ActionSecretRead

	ActionView  // discover, search, read and compare
	ActionWrite // the four write actions

	actionEnd
)

var actionNames = [actionEnd]string{
	ActionBind: "bind", ActionDiscover: "discover", ActionAddEntry: "add-entry", ActionDeleteEntry: "delete-entry",
	ActionRename: "rename", ActionMoveOut: "move-out", ActionMoveIn: "move-in", ActionPasswordChange: "password.change",
	ActionPasswordReset: "password.reset", ActionAccountUnlock: "account.unlock", ActionMFAEnroll: "mfa.enroll",
	ActionMFAReset: "mfa.reset", ActionProxy: "proxy", ActionReplicate: "replicate", ActionPolicyRead: "policy.read",
	ActionPolicyWrite: "policy.write", ActionElevateApprove: "elevate.approve", ActionControl: "control", ActionExtOp: "extop",
	ActionSearch: "search", ActionRead: "read", ActionCompare: "compare", ActionWriteAdd: "write.add",
	ActionWriteDelete: "write.delete", ActionWriteReplace: "write.replace", ActionWriteIncrement: "write.increment",
	ActionManage: "manage", ActionSecretRead: "secret.read", ActionView: "view", ActionWrite: "write",
}

// String returns the name that policies use.
func (a Action) String() string {
	if a == 0 || a >= actionEnd {
		return "none"
	}
	return actionNames[a]
}

// ActionNamed returns the action with this name, zero if there is none.
func ActionNamed(name string) Action {
	if i := slices.Index(actionNames[1:], name); i >= 0 {
		return Action(i + 1)
	}
	return 0
}

// ActionSet is a set of actions. The zero ActionSet is empty.
type ActionSet uint64

// Actions returns the set of the actions given.
func Actions(list ...Action) ActionSet {
	var s ActionSet
	for _, a := range list {
		s |= 1 << a
	}
	return s
}

// The sets that rules are about.
var (
	// ViewActions is what view stands for.
	ViewActions = Actions(ActionDiscover, ActionSearch, ActionRead, ActionCompare)
	// WriteActions is what write stands for.
	WriteActions = Actions(ActionWriteAdd, ActionWriteDelete, ActionWriteReplace, ActionWriteIncrement)
	// OIDActions are those whose attributes are OIDs of controls and extended operations.
	OIDActions = Actions(ActionControl, ActionExtOp)
	// AttributeActions are those on attributes of an entry. They need attributes, and so do the OID actions.
	AttributeActions = Actions(ActionSearch, ActionRead, ActionCompare, ActionManage, ActionSecretRead) | WriteActions
	// PowerActions make an allow a power statement, whatever the attributes.
	PowerActions = WriteActions | Actions(ActionAddEntry, ActionDeleteEntry, ActionRename, ActionMoveIn, ActionMoveOut,
		ActionPasswordReset, ActionMFAReset, ActionAccountUnlock, ActionProxy, ActionManage, ActionSecretRead, ActionReplicate,
		ActionPolicyRead, ActionPolicyWrite, ActionElevateApprove)
	// allActions has no shorthand.
	allActions = Actions(ActionView) - 1 - 1
)

// Expand returns the set with the shorthands replaced by what they stand for.
func (s ActionSet) Expand() ActionSet {
	full := s & allActions
	if s.Has(ActionView) {
		full |= ViewActions
	}
	if s.Has(ActionWrite) {
		full |= WriteActions
	}
	return full
}

// Has reports whether the action is in the set.
func (s ActionSet) Has(a Action) bool { return s>>a&1 == 1 }

// List returns the actions in a fixed order.
func (s ActionSet) List() []Action {
	var list []Action
	for ; s != 0; s &= s - 1 {
		list = append(list, Action(bits.TrailingZeros64(uint64(s))))
	}
	return list
}

// String returns the names, separated by commas.
func (s ActionSet) String() string {
	var names []string
	for _, a := range s.List() {
		names = append(names, a.String())
	}
	return strings.Join(names, ", ")
}
