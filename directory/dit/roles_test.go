package dit_test

import (
	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// roles says who has which rights in the policy that most tests run under. Everybody else has those to the own entry.
type roles struct {
	administrators, readers, writers []directory.NDN

	more []acl.Statement
}

// policy has no guards that hold back the administrators, and takes passwords over protected transport alone. The entries of the
// fixture find themselves from any base.
func (r roles) policy() (*acl.Policy, error) {
	named := func(names []directory.NDN, more ...acl.Subject) acl.Subject {
		list := acl.Any(more)
		for _, n := range names {
			list = append(list, acl.Name{NDN: n})
		}
		return list
	}
	served := func(base directory.NDN) acl.Reach {
		return acl.Reach{Bases: []directory.NDN{base}, Scope: directory.ScopeBase, Protected: true, Privileged: true}
	}
	entries := served("")
	entries.Scope, entries.Exclude = directory.ScopeChildren, []acl.Reach{served(acl.SubschemaNDN)}
	plain := acl.Attributes{User: true, Operational: true}
	tree := acl.ActionsOf(acl.ActionAddEntry, acl.ActionDeleteEntry, acl.ActionRename, acl.ActionMoveOut, acl.ActionMoveIn)
	allow := func(name string, s acl.Subject, r acl.Reach, actions acl.Actions, a acl.Attributes) acl.Statement {
		return acl.Statement{Place: acl.Place{Name: name}, Effect: acl.Allow, Subject: s, Reach: r, Actions: actions, Attributes: a}
	}
	administrators := named(r.administrators, acl.Name{NDN: acl.OperatorDN})
	server := acl.ActionsOf(acl.ActionReplicate, acl.ActionControl, acl.ActionExtOp, acl.ActionPolicyRead, acl.ActionPolicyWrite, acl.ActionElevateApprove)
	clear := allow("clear", acl.Anyone{}, entries, acl.ActionsOf(acl.ActionBind), acl.Attributes{})
	clear.Effect, clear.When = acl.Deny, []acl.Conditions{{TLS: acl.TLSNone}}
	list := []acl.Statement{
		allow("root-dse", acl.Anyone{}, served(""), acl.ActionsView, plain),
		allow("schema", acl.Anyone{}, served(acl.SubschemaNDN), acl.ActionsView, plain),
		allow("bind", acl.Anyone{}, entries, acl.ActionsOf(acl.ActionBind), acl.Attributes{}),
		clear,
		allow("self", acl.Self{}, entries, acl.ActionsView|acl.ActionsOf(acl.ActionPasswordChange), plain),
		allow("readers", named(r.readers), entries, acl.ActionsView, plain),
		allow("writers", named(r.writers), entries, acl.ActionsView|acl.ActionsWrite|tree|acl.ActionsOf(acl.ActionPasswordReset), plain),
		allow("administrators", administrators, entries, acl.ActionsView|acl.ActionsWrite|tree|acl.ActionsOf(acl.ActionPasswordReset,
			acl.ActionAccountUnlock, acl.ActionMFAReset, acl.ActionProxy), plain),
		allow("administrators-server", administrators, served(acl.ServerNDN), server, acl.Attributes{OIDs: []string{"*"}}),
		allow("administrators-manage", administrators, entries, acl.ActionsOf(acl.ActionManage),
			acl.Attributes{User: true, Operational: true, Secret: true}),
	}
	for _, own := range []directory.NDN{alice, bob} {
		list = append(list, allow("own", acl.Name{NDN: own}, served(own), acl.ActionsOf(acl.ActionDiscover), acl.Attributes{}))
	}
	list = append(list, r.more...)
	return acl.Compile(&acl.Program{Version: "test", Suffixes: []directory.NDN{base}, Statements: list}, schema.Standard())
}
