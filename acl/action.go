package acl

// Action is what a policy allows or denies. None implies another. The zero Action is never allowed.
type Action uint8

// Actions on an entry as a whole.
const (
	_                    Action = iota
	ActionBind                  // a connection may authenticate as the entry
	ActionDiscover              // the entry's existence and name may be shown
	ActionAddEntry              // on the proposed entry
	ActionDeleteEntry           //
	ActionRename                // under the same parent
	ActionMoveOut               // to another parent: at the source
	ActionMoveIn                // to another parent: at the destination
	ActionPasswordChange        // one's own password
	ActionPasswordReset         // somebody else's password
	ActionAccountUnlock         // clear a lockout
	ActionMFAEnroll             // register one's own second factor
	ActionMFAReset              // remove somebody else's second factor
	ActionProxy                 // act as the entry (RFC 4370)
	ActionReplicate             // read everything as a replica
	ActionControl               // use a control that has no action of its own
	ActionExtOp                 // use an extended operation that has no action of its own
	ActionPolicyRead            //
	ActionPolicyWrite           //
	ActionElevateApprove        // approve an elevation

	// Actions on attributes.

	ActionSearch         // use in filters, sort keys and assertions
	ActionRead           // return values
	ActionCompare        // the Compare operation
	ActionWriteAdd       // a value appears
	ActionWriteDelete    // a value disappears
	ActionWriteReplace   // all values give way to others
	ActionWriteIncrement // RFC 4525
	ActionManage         // server-owned attributes, writes that relax the schema
	ActionSecretRead     // return a confidential attribute

	actionEnd
)

const (
	firstAttributeAction = ActionSearch
	attributeActions     = int(actionEnd - firstAttributeAction)
)

var actionNames = [actionEnd]string{
	ActionBind: "bind", ActionDiscover: "discover", ActionAddEntry: "add-entry", ActionDeleteEntry: "delete-entry",
	ActionRename: "rename", ActionMoveOut: "move-out", ActionMoveIn: "move-in", ActionPasswordChange: "password.change",
	ActionPasswordReset: "password.reset", ActionAccountUnlock: "account.unlock", ActionMFAEnroll: "mfa.enroll",
	ActionMFAReset: "mfa.reset", ActionProxy: "proxy", ActionReplicate: "replicate", ActionControl: "control",
	ActionExtOp: "extop", ActionPolicyRead: "policy.read", ActionPolicyWrite: "policy.write",
	ActionElevateApprove: "elevate.approve", ActionSearch: "search", ActionRead: "read", ActionCompare: "compare",
	ActionWriteAdd: "write.add", ActionWriteDelete: "write.delete", ActionWriteReplace: "write.replace",
	ActionWriteIncrement: "write.increment", ActionManage: "manage", ActionSecretRead: "secret.read",
}

// String returns the name that policies use.
func (a Action) String() string {
	if a == 0 || a >= actionEnd {
		return "none"
	}
	return actionNames[a]
}

// OnAttributes reports whether the action is on attributes of an entry, not on the entry as a whole.
func (a Action) OnAttributes() bool { return a >= firstAttributeAction && a < actionEnd }
