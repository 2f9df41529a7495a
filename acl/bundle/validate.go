package bundle

import (
	"slices"
	"strings"

	"gatehouse/directory"
	"gatehouse/directory/schema"

	"go.yaml.in/yaml/v3"
)

// needsAttributes reports whether one of the actions is on attributes, or names OIDs in them (V1).
func needsAttributes(actions ActionSet) bool {
	return actions.Expand()&(AttributeActions|OIDActions) != 0
}

// checkAttributes is V1.
func (d *document) checkAttributes(n *yaml.Node, actions ActionSet) {
	if needsAttributes(actions) && key(n, "attributes") == nil {
		on := actions & (AttributeActions | OIDActions | Actions(ActionView, ActionWrite))
		all := "all user attributes are"
		if on&^OIDActions == 0 {
			all = "they are OIDs, and all OIDs are"
		}
		d.l.problem(d.at(n), V1, `%s needs attributes; %s ["*"]`, on, all)
	}
}

// checkStatement holds one statement against the rules that need nothing else of the bundle.
func (d *document) checkStatement(n *yaml.Node, s *Statement) {
	d.checkAttributes(n, s.Actions)
	actions := s.Actions.Expand()
	if s.Effect == Deny {
		d.checkDeny(n, s, actions)
	} else {
		d.checkWrite(s, actions)
		d.checkSecret(s, actions)
	}
	if s.Values == nil {
		return
	}
	at := d.at(key(n, "values"))
	switch {
	case actions.Has(ActionSearch) || actions.Has(ActionCompare):
		d.l.problem(at, "", "search and compare cannot depend on the value; give them a statement of their own (view holds both)")
	case actions&AttributeActions != actions:
		d.l.problem(at, "", "values are those of attributes, and %s is not on attributes; give it a statement of its own",
			actions&^AttributeActions)
	}
}

// checkDeny is V2: what denies an attribute must not hide the entry.
func (d *document) checkDeny(n *yaml.Node, s *Statement, actions ActionSet) {
	entry := actions &^ (AttributeActions | OIDActions)
	all := slices.ContainsFunc(s.Attributes, func(a Attribute) bool { return a.Kind == AttributesUser })
	if entry == 0 || len(s.Attributes) == 0 || all {
		return
	}
	hint := ""
	if s.Actions.Has(ActionView) {
		hint = "; instead of view write search, read, compare"
	}
	d.l.problem(d.at(key(n, "attributes")), V2, `%s is on the whole entry and would be denied beyond these attributes%s`, entry, hint)
}

// checkWrite is V3: hashing and history cannot be bypassed.
func (d *document) checkWrite(s *Statement, actions ActionSet) {
	if actions&WriteActions == 0 {
		return
	}
	for _, a := range s.Attributes {
		if a.Kind == AttributesSecret || a.Kind == AttributeType && coversSecret(d.l.Schema, a.Desc) {
			d.l.problem(a.Pos, V3, "%s: confidential attributes are written by password.change, password.reset, mfa.enroll and mfa.reset (statement %s)",
				a.Text, s.ID)
		}
	}
}

func coversSecret(s *schema.Schema, desc *directory.AttributeDescription) bool {
	return slices.ContainsFunc(s.Subtypes(desc.TypeNo), func(no int) bool {
		return s.TypeNo(no).Flags&directory.FlagConfidential != 0
	})
}

// checkSecret asks for the very attributes where secrets are to be read.
func (d *document) checkSecret(s *Statement, actions ActionSet) {
	if !actions.Has(ActionSecretRead) {
		return
	}
	if s.Subject == nil {
		d.l.problem(s.Pos, "", "no role may have secret.read; write a statement of its own for whom it is")
	}
	for _, a := range s.Attributes {
		switch {
		case a.Kind != AttributeType && a.Kind != AttributeOID:
			d.l.problem(a.Pos, "", "secret.read names its attributes; %s does not (statement %s)", quote(a.Text), s.ID)
		case a.Kind == AttributeType && !coversSecret(d.l.Schema, a.Desc):
			d.l.problem(a.Pos, "", "%s is not confidential: secret.read is not needed (statement %s)", a.Text, s.ID)
		}
	}
}

// validate holds the bundle as a whole against the rules.
func (l *loader) validate() {
	docs := make([]*Document, len(l.docs))
	for i, d := range l.docs {
		docs[i] = d.Document
		l.checkScopes(d.Document)
		l.checkBoundaries(d.Document)
	}
	for g := range grantsOf(docs) {
		if g.Statement.Target == nil || g.Subject == nil {
			continue // told already
		}
		l.checkBroad(g)
		l.checkReach(g)
	}
}

// decide returns the ids that can decide a test.
func (l *loader) decide() map[string]bool {
	if l.deciders != nil {
		return l.deciders
	}
	l.deciders = map[string]bool{}
	docs := make([]*Document, len(l.docs))
	for i, d := range l.docs {
		docs[i] = d.Document
		for _, b := range d.Boundaries {
			l.deciders[b.ID] = true
		}
	}
	for g := range grantsOf(docs) {
		l.deciders[g.ID] = true
	}
	return l.deciders
}

// checkBroad asks for a reason where power goes to everybody, or to whoever lies in a subtree.
func (l *loader) checkBroad(g Grant) {
	if g.Statement.Broad != "" || !g.IsPower(l.Now) {
		return
	}
	word := broadTerm(g.Subject)
	if word == "" {
		return
	}
	s := g.Statement
	what := s.Actions.Expand() & PowerActions
	power := what.String()
	if what == 0 {
		power = "a view of everything"
	}
	l.problem(g.Subject.Pos, "", "%s gives %s to %s: name a group, dn, filter or role beside it, or say in the statement why, with broad: REASON",
		g.ID, power, word)
}

// broadTerm returns the key that makes a subject broad, empty if a narrower one stands beside it.
func broadTerm(s *Subject) string {
	word := ""
	for _, t := range s.Terms {
		switch t := t.(type) {
		case Named, Group, HasRole, Matching:
			return ""
		case Anyone:
			word = "anyone"
		case Anonymous:
			word = "anonymous"
		case Authenticated:
			word = "authenticated"
		case Subtree:
			word = "subtree"
		case Any:
			if t.isNarrow() {
				return ""
			}
			if broad := anyBroad(t.Of); broad != "" {
				word = broad
			}
		case Self, Ancestor, NamedIn, GroupIn, Same: // relative: they neither make a subject broad nor narrow
		}
	}
	return word
}

// isNarrow reports whether each of the alternatives is about somebody in particular, or about nobody but the target itself.
func (a Any) isNarrow() bool {
	return !slices.ContainsFunc(a.Of, func(part *Subject) bool {
		return !part.isSelf() && !slices.ContainsFunc(part.Terms, func(t SubjectTerm) bool {
			switch t := t.(type) {
			case Named, Group, HasRole, Matching:
				return true
			case Any:
				return t.isNarrow()
			default:
				return false
			}
		})
	})
}

// anyBroad returns what makes one of the alternatives broad. Alternatives that are relative to the target do not.
func anyBroad(of []*Subject) string {
	for _, part := range of {
		if word := broadTerm(part); word != "" {
			return word
		}
	}
	return ""
}

// checkScopes is V8, and sees to it that ${scope} stands for something wherever it is used.
func (l *loader) checkScopes(d *Document) {
	outside := func(n *Name) {
		if n.Anchor == AnchorScope {
			l.problem(n.Pos, V8, "%s: ${scope} has a meaning only in the statements of a role", quote(n.Text))
		}
	}
	walk := &nameWalk{yield: func(n *Name, _ Use) bool { outside(n); return true }}
	for _, s := range d.Statements {
		walk.statement(s)
	}
	for _, b := range d.Boundaries {
		walk.subject(b.Subject)
		for _, p := range b.Permit {
			walk.target(p.Target)
		}
	}
	for _, t := range d.Tests {
		walk.name(t.As, UseSubject)
		walk.name(t.Entry, UseBase)
		for _, s := range t.Given {
			walk.statement(s)
		}
	}
	for _, a := range d.Assignments {
		walk.subject(a.To)
		walk.name(a.Scope, UseScope)
		l.checkRoleScope(a.Role, a.Scope != nil, a.Pos, "assignment "+a.ID)
	}
	for _, e := range d.Elevations {
		walk.subject(e.Eligible)
		walk.subject(e.Approvers)
		l.checkRoleScope(e.Role, false, e.Pos, "elevation "+e.ID)
	}
}

// checkRoleScope holds the statements of a role against whether there is a scope.
func (l *loader) checkRoleScope(r *Role, scoped bool, at Position, who string) {
	if r == nil {
		return
	}
	for _, s := range r.Statements {
		if scoped && s.Target != nil && s.Target.Base.Anchor != AnchorScope {
			l.problem(s.Target.Base.Pos, V8, "the %s gives the role %s for a scope, and %s does not stay in it: the base is to end in ${scope}",
				strings.TrimSpace(who), r.Name, s.ID)
		}
		if scoped {
			continue
		}
		uses := false
		(&nameWalk{yield: func(n *Name, _ Use) bool { uses = uses || n.Anchor == AnchorScope; return !uses }}).statement(s)
		if uses {
			l.problem(at, V8, "the %s has no scope, and %s of the role %s uses ${scope}", strings.TrimSpace(who), s.ID, r.Name)
		}
	}
}
