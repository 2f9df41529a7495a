package acl

import "gatehouse/directory"

// BuiltinOptions names the identities of [Builtin], besides the operator and everybody's own entry.
type BuiltinOptions struct {
	Administrators []directory.NDN // everything but reading secrets
	Readers        []directory.NDN // view every entry
	Writers        []directory.NDN // view and write every entry, set passwords
}

// Builtin returns a small policy for tests of sessions and rights, below dc=example,dc=com.
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
	entries := served("dc=example,dc=com")
	entries.Scope = directory.ScopeSub
	plain := Attributes{User: true, Operational: true}
	tree := ActionsOf(ActionAddEntry, ActionDeleteEntry, ActionRename, ActionMoveOut, ActionMoveIn)
	allow := func(name string, s Subject, r Reach, actions Actions, a Attributes) Statement {
		return Statement{Place: Place{Name: "builtin." + name}, Effect: Allow, Subject: s, Reach: r, Actions: actions, Attributes: a}
	}
	administrators := named(o.Administrators, Name{OperatorDN})
	p, err := Compile(&Program{Version: "builtin", Suffixes: []directory.NDN{"dc=example,dc=com"}, Statements: []Statement{
		allow("root-dse", Anyone{}, served(""), ActionsView, plain),
		allow("schema", Anyone{}, served(SubschemaNDN), ActionsView, plain),
		allow("bind", Anyone{}, entries, ActionsOf(ActionBind), Attributes{}),
		{Place: Place{Name: "builtin.protected"}, Subject: Anyone{}, Reach: entries, Actions: ActionsOf(ActionBind), When: []Conditions{{TLS: TLSNone}}},
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
	return p
}
