package acl

import (
	"slices"

	"gatehouse/directory"
)

// powerful are the actions that make an allow a power statement.
const powerful = 1<<ActionAddEntry | 1<<ActionDeleteEntry | 1<<ActionRename | 1<<ActionMoveIn | 1<<ActionMoveOut | ActionsWrite |
	1<<ActionPasswordReset | 1<<ActionMFAReset | 1<<ActionAccountUnlock | 1<<ActionProxy | 1<<ActionManage | 1<<ActionSecretRead |
	1<<ActionReplicate | 1<<ActionPolicyRead | 1<<ActionPolicyWrite | 1<<ActionElevateApprove

// IsPower reports whether a statement is a power statement (POLICY 2.3). now is for statements that are no longer valid.
func (st *Statement) IsPower(now Instant) bool {
	if st.Effect != Allow || isOwn(st.Subject) || st.onServerMade() {
		return false
	}
	over := func(end Instant) bool { return !end.IsZero() && !now.Before(end) }
	if over(st.Expires) || slices.ContainsFunc(st.When, func(c Conditions) bool { return over(c.Time.NotAfter) }) {
		return false
	}
	wide := st.Attributes.User || st.Attributes.Operational || st.Attributes.Secret
	power := st.Actions & powerful
	if wide {
		power |= st.Actions & (1 << ActionRead)
	}
	if st.Values != nil && st.Values.Self {
		power &= actionsOnEntry // to which a condition on values does not apply
	}
	return power != 0
}

// onServerMade reports whether the statement is about nothing but single entries that the server makes.
func (st *Statement) onServerMade() bool {
	return st.Reach.Scope == directory.ScopeBase && !slices.ContainsFunc(st.Reach.Bases, func(n directory.NDN) bool {
		return n != "" && n != SubschemaNDN && n != "cn=monitor"
	})
}
