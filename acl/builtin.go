package acl

import "gatehouse/directory"

// BuiltinOptions names the identities of the built-in policy, besides the operator and everybody's own entry. All are
// names of entries.
type BuiltinOptions struct {
	Administrators []directory.NDN // everything but reading secrets
	Readers        []directory.NDN // view every entry
	Writers        []directory.NDN // view and write every entry, set passwords
}

// Builtin returns the built-in policy. It has no guards, and a bind over it needs protected transport.
func Builtin(o BuiltinOptions) *Policy {
	named := func(names []directory.NDN, more ...Subject) Subject {
		list := Any(more)
		for _, n := range names {
			list = append(list, Name{n})
		}
		return list
	}
	served := func(base directory.NDN) Reach {
		return Reach{Bases: []directory.NDN{base}, Scope: directory.ScopeBase, Protected: true, Privileged: true}
	}
	entries := served("")
	entries.Scope, entries.Exclude = directory.ScopeChildren, []Reach{served(SubschemaNDN)}
	plain := Attributes{User: true, Operational: true}
	tree := ActionsOf(ActionAddEntry, ActionDeleteEntry, ActionRename, ActionMoveOut, ActionMoveIn)
	allow := func(name string, s Subject, r Reach, actions Actions, a Attributes) Statement {
		return Statement{Place: Place{Name: "builtin." + name}, Effect: Allow, Subject: s, Reach: r, Actions: actions, Attributes: a}
	}
	administrators := named(o.Administrators, Name{OperatorDN})
	p, err := Compile(&Program{Version: "builtin", Statements: []Statement{
		allow("root-dse", Anyone{}, served(""), ActionsView, plain),
		allow("schema", Anyone{}, served(SubschemaNDN), ActionsView, plain),
		allow("bind", Anyone{}, entries, ActionsOf(ActionBind), Attributes{}),
		allow("self", Self{}, entries, ActionsView|ActionsOf(ActionPasswordChange), plain),
		allow("readers", named(o.Readers), entries, ActionsView, plain),
		allow("writers", named(o.Writers), entries, ActionsView|ActionsWrite|tree|ActionsOf(ActionPasswordReset), plain),
		allow("administrators", administrators, entries, ActionsView|ActionsWrite|tree|ActionsOf(ActionPasswordReset,
			ActionAccountUnlock, ActionMFAReset, ActionProxy, ActionReplicate, ActionControl, ActionExtOp, ActionPolicyRead,
			ActionPolicyWrite, ActionElevateApprove), plain),
		allow("administrators-manage", administrators, entries, ActionsOf(ActionManage),
			Attributes{User: true, Operational: true, Secret: true}),
	}}, nil)
	if err != nil {
		panic(err) // a constant program
	}
	p.fixed = true
	return p
}
