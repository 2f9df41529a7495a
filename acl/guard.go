package acl

import (
	"slices"

	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/directory/schema"
)

// guard is what makes a target special, as a set of bits: for the entry as it is and for what a change makes of it.
type guard uint8

const (
	guardProtected        guard = 1 << iota // a protected principal
	guardPrivileged                         // a privileged group
	guardAnchor                             // a policy anchor
	guardResultProtected                    // a change makes it a protected principal
	guardResultPrivileged                   // a change makes it a privileged group
	guardsEnd
)

const (
	takesAway      Actions = 1<<ActionDeleteEntry | 1<<ActionRename | 1<<ActionMoveOut
	makes          Actions = 1<<ActionAddEntry | 1<<ActionRename | 1<<ActionMoveIn | 1<<ActionPasswordReset
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
		columns.andNot(p.authority)
	}
	if g&guardPrivileged != 0 && !privileged {
		columns.andNot(p.groupAuthority)
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

// guards are the sets that the server computes from a program.
type guards struct {
	groups  map[directory.NDN]struct{} // privileged, as named
	names   map[directory.NDN]struct{} // protected, as named
	who     []Subject                  // those whom power statements match
	filters map[string]*filter.Compiled
	anchors map[directory.NDN]struct{}
	// asksGroups says that memberships decide who is protected.
	asksGroups bool
	holders    map[string]struct{} // values of objectClass of which entries are groups, in lower case
}

// powerful are the actions that make an allow a power statement.
const powerful = 1<<ActionAddEntry | 1<<ActionDeleteEntry | 1<<ActionRename | 1<<ActionMoveIn | 1<<ActionMoveOut | ActionsWrite |
	1<<ActionPasswordReset | 1<<ActionMFAReset | 1<<ActionAccountUnlock | 1<<ActionProxy | 1<<ActionManage | 1<<ActionSecretRead |
	1<<ActionReplicate | 1<<ActionPolicyRead | 1<<ActionPolicyWrite | 1<<ActionElevateApprove

// IsPower reports whether a statement is a power statement (POLICY 2.3). now is for statements that are no longer valid.
func (st *Statement) IsPower(now Instant) bool {
	if st.Effect != Allow || isOwn(st.Subject) || st.Values != nil && st.Values.Self || st.onServerMade() {
		return false
	}
	over := func(end Instant) bool { return !end.IsZero() && !now.Before(end) }
	if over(st.Expires) || slices.ContainsFunc(st.When, func(c Conditions) bool { return over(c.Time.NotAfter) }) {
		return false
	}
	wide := st.Attributes.User || st.Attributes.Operational || st.Attributes.Secret
	return st.Actions&powerful != 0 || st.Actions.Has(ActionRead) && wide
}

// onServerMade reports whether the statement is about nothing but single entries that the server makes.
func (st *Statement) onServerMade() bool {
	return st.Reach.Scope == directory.ScopeBase && !slices.ContainsFunc(st.Reach.Bases, func(n directory.NDN) bool {
		return n != "" && n != SubschemaNDN && n != "cn=monitor"
	})
}

// NeedsBroad reports whether the statement is a power statement for a subject that nothing narrows, so that it needs a
// reason in Broad.
func (st *Statement) NeedsBroad(now Instant) bool { return st.IsPower(now) && !isNarrow(st.Subject) }

// isNarrow reports whether everybody whom the subject matches is matched by a group, a name, a filter, a role or a relation.
func isNarrow(s Subject) bool {
	switch s := s.(type) {
	case Group, Name, Matching, Role, Elevated, Self, Ancestor, NamedIn, GroupIn, Same:
		return true
	case All:
		return slices.ContainsFunc(s, isNarrow)
	case Any:
		return !slices.ContainsFunc(s, func(k Subject) bool { return !isNarrow(k) })
	case Unless:
		return isNarrow(s.Subject)
	default:
		return false
	}
}

// credentialAttributes are attributes by which somebody signs in.
var credentialAttributes = []string{
	"userPassword", "authPassword", "totpSecret", "sshPublicKey", "userCertificate", "krbPrincipalKey", "sambaNTPassword",
}

// nameGuarded makes columns for what guards are about.
func (c *compiler) nameGuarded() {
	c.authorityList = c.authorityTypes()
	a := Attributes{Types: c.authorityList}
	if c.schema != nil {
		if t := c.schema.TypeByName("owner"); t != nil {
			a.Types = append(a.Types, t)
		}
	}
	c.groupAuthorityList = a.Types
	if err := c.columns.name(&a); err != nil {
		c.errs = append(c.errs, err)
	}
}

// authorityTypes returns the types of authority-bearing and credential attributes.
func (c *compiler) authorityTypes() (types []*schema.AttributeType) {
	if c.schema == nil {
		return nil
	}
	for _, name := range slices.Concat(credentialAttributes, membership, []string{"memberURL"}) {
		if t := c.schema.TypeByName(name); t != nil {
			types = append(types, t)
		}
	}
	byFilter := func(f directory.Filter) {
		if f != nil {
			types = append(types, filter.Compile(c.schema, f, nil).Attributes()...)
		}
	}
	var reach func(*Reach)
	reach = func(r *Reach) {
		byFilter(r.Filter)
		for i := range r.Exclude {
			reach(&r.Exclude[i])
		}
	}
	bySubject := func(s Subject) {
		walkSubject(s, func(s Subject) {
			switch s := s.(type) {
			case Matching:
				byFilter(s.Filter)
			case NamedIn:
				types = append(types, s.Types...)
			case GroupIn:
				types = append(types, s.Types...)
			case Same:
				types = append(types, s.Types...)
			}
		})
	}
	for i := range c.program.Statements {
		bySubject(c.program.Statements[i].Subject)
		reach(&c.program.Statements[i].Reach)
	}
	for i := range c.program.Boundaries {
		b := &c.program.Boundaries[i]
		bySubject(b.Subject)
		for j := range b.Permit {
			reach(&b.Permit[j].Reach)
		}
	}
	for i := range c.program.Roles {
		bySubject(c.program.Roles[i].Subject)
	}
	return types
}

// walkSubject calls visit for every part of a subject, those that are subtracted too.
func walkSubject(s Subject, visit func(Subject)) {
	if s == nil {
		return
	}
	visit(s)
	switch s := s.(type) {
	case All:
		for _, k := range s {
			walkSubject(k, visit)
		}
	case Any:
		for _, k := range s {
			walkSubject(k, visit)
		}
	case Unless:
		walkSubject(s.Subject, visit)
		walkSubject(s.Except, visit)
	}
}
