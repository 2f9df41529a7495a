package acl

import (
	"slices"

	"gatehouse/directory"
)

// BuiltinOptions names the identities of the built-in policy, besides the operator and everybody's own entry. All are
// names of entries.
type BuiltinOptions struct {
	Administrators []directory.NDN // everything but reading secrets
	Readers        []directory.NDN // view every entry
	Writers        []directory.NDN // view and write every entry, set passwords
}

// Builtin returns the built-in policy.
func Builtin(o BuiltinOptions) *Policy {
	return &Policy{builtin: &builtin{
		administrators: slices.Clone(o.Administrators),
		readers:        slices.Clone(o.Readers),
		writers:        slices.Clone(o.Writers),
	}}
}

type builtin struct {
	administrators, readers, writers []directory.NDN
}

var (
	// published is everybody's right to the root DSE and the schema.
	published = view(newMask())
	// stranger is everybody's right to an entry. The bind itself still needs MayBind and the password.
	stranger = newMask().allow(ActionBind)
	// own is an entry's right to itself.
	own = view(newMask()).allow(ActionBind, ActionPasswordChange)

	reader = view(newMask()).allow(ActionBind)
	writer = tree(view(newMask())).allow(ActionBind, ActionPasswordReset).
		allowAttributes(classPlain, ActionWriteAdd, ActionWriteDelete, ActionWriteReplace, ActionWriteIncrement)
	administrator = tree(view(newMask())).
			allow(ActionBind, ActionPasswordReset, ActionAccountUnlock, ActionMFAReset, ActionProxy,
			ActionReplicate, ActionControl, ActionExtOp, ActionPolicyRead, ActionPolicyWrite, ActionElevateApprove).
		allowAttributes(classPlain, ActionWriteAdd, ActionWriteDelete, ActionWriteReplace, ActionWriteIncrement).
		allowAttributes(classPlain|classConfidential, ActionManage)
)

func view(m *mask) *mask {
	return m.allow(ActionDiscover).allowAttributes(classPlain, ActionSearch, ActionRead, ActionCompare)
}

func tree(m *mask) *mask {
	return m.allow(ActionAddEntry, ActionDeleteEntry, ActionRename, ActionMoveOut, ActionMoveIn)
}

func (b *builtin) resolve(id *Identity) *resolved {
	other := stranger
	switch {
	case id.Kind == KindOperator:
		other = administrator
	case id.Kind != KindEntry:
	case slices.Contains(b.administrators, id.NDN):
		other = administrator
	case slices.Contains(b.writers, id.NDN):
		other = writer
	case slices.Contains(b.readers, id.NDN):
		other = reader
	}
	r := &resolved{self: union(own, other), other: other}
	if id.Kind == KindEntry {
		r.id = id.ID
	}
	return r
}

func union(a, b *mask) *mask {
	u := *a
	u.actions |= b.actions
	for i := range u.attrs {
		u.attrs[i] |= b.attrs[i]
	}
	return &u
}
