package acl

import "gatehouse/directory"

// guard is what makes a target special, as a set of bits: for the entry as it is and for what a change makes of it.
type guard uint8

const (
	guardProtected        guard = 1 << iota // a protected principal
	guardPrivileged                         // a privileged group
	guardAnchor                             // a policy anchor
	guardResultProtected                    // a change makes it, or an entry below it, a protected principal, or one by another way
	guardResultPrivileged                   // a change makes it, or an entry below it, a privileged group, or one by another way
	guardWide                               // the attribute at hand bears authority, though no statement says so
	guardsEnd
)

const (
	takesAway      Actions = 1<<ActionDeleteEntry | 1<<ActionRename | 1<<ActionMoveOut
	makes          Actions = 1<<ActionAddEntry | 1<<ActionRename | 1<<ActionMoveOut | 1<<ActionMoveIn | 1<<ActionPasswordReset
	guardPrincipal         = takesAway | 1<<ActionPasswordReset | 1<<ActionMFAReset | 1<<ActionAccountUnlock | 1<<ActionProxy
	writesOrManage         = ActionsWrite | 1<<ActionManage
)

// isExact reports whether a statement names the very entry that it reaches.
func (r *Reach) isExact() bool { return r.Scope == directory.ScopeBase }

// withheld returns the actions on the entry as a whole that guards take from a statement.
func (g guard) withheld(r *Reach) (actions Actions) {
	if g == 0 {
		return 0
	}
	protected, privileged := r.Protected || r.isExact(), r.Privileged || r.isExact()
	if g&guardProtected != 0 && !protected {
		actions |= guardPrincipal
	}
	if g&guardPrivileged != 0 && !privileged || g&guardAnchor != 0 && !r.Protected {
		actions |= takesAway
	}
	if g&guardResultProtected != 0 && !protected || g&guardResultPrivileged != 0 && !privileged {
		actions |= makes
	}
	return actions
}

// withhold takes from the columns of a write those that guards keep.
func (p *Policy) withhold(columns bitset, r *Reach, g guard, own bool) {
	protected, privileged := r.Protected || r.isExact(), r.Privileged || r.isExact()
	if g&guardProtected != 0 && !protected && !own {
		if columns.andNot(p.authority); g&guardWide != 0 {
			clear(columns)
		}
	}
	if g&guardPrivileged != 0 && !privileged {
		if columns.andNot(p.groupAuthority); g&guardWide != 0 {
			clear(columns)
		}
	}
	if g&guardResultProtected != 0 && !protected || g&guardResultPrivileged != 0 && !privileged {
		clear(columns)
	}
}

// guardable returns the actions of a statement that some guard may take away.
func guardable(r *Reach) (actions Actions) {
	if !r.Protected || !r.Privileged {
		actions = guardPrincipal | makes | writesOrManage
	}
	return actions
}

// guarded is the row that takes the target's guards into account.
func (r Rights) guarded(a Action) *row {
	if r.on == nil {
		return r.row
	}
	g, err := r.row.policy.guardOf(r.on, takesAway.Has(a))
	if err != nil {
		return r.row.policy.shut
	}
	return r.row.with(g)
}

// guardedOn is guarded for an action on one attribute.
func (r Rights) guardedOn(a Action, d *directory.AttributeDescription) *row {
	if r.on == nil {
		if r.wide != nil && writesOrManage.Has(a) && r.wide.rules.Bears(d.TypeNo) {
			return r.wide.row
		}
		return r.row
	}
	g, err := r.row.policy.guardOf(r.on, false)
	if err == nil && g&(guardProtected|guardPrivileged) != 0 && writesOrManage.Has(a) {
		var rules *DynamicGroups
		if rules, err = dynamicOf(r.on); rules.Bears(d.TypeNo) {
			g |= guardWide
		}
	}
	if err != nil {
		return r.row.policy.shut
	}
	return r.row.with(g)
}

// wide is the row of a change for the attributes that bear authority because a dynamic group asks for them.
type wide struct {
	row   *row
	rules *DynamicGroups
}

func dynamicOf(t Source) (*DynamicGroups, error) {
	d := t.Directory()
	if d == nil {
		return nil, errNoDirectory
	}
	return d.Dynamic()
}
