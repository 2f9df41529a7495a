package bundle

import (
	"iter"
	"slices"
	"time"

	"gatehouse/directory"
)

// Grant is a statement as it takes effect: one of a document, or one of a role for one assignment or elevation.
type Grant struct {
	// ID is the statement's, or "assignment/statement" or "elevation/statement" for one of a role.
	ID        string
	Statement *Statement
	Subject   *Subject // the statement's, whom the role is assigned to, or who is eligible
	Scope     *Name    // what ${scope} stands for; nil without
	When      []*When  // all must hold
	Enforce   Enforce  // the highest degree of the statement, its role and what gives the role

	Assignment *Assignment // set for a role that is assigned
	Elevation  *Elevation  // set for a role that has to be activated: without an active elevation the grant does nothing
}

// Grants yields every statement as it takes effect, disabled ones included. Statements that tests give are not among them.
func (b *Bundle) Grants() iter.Seq[Grant] { return grantsOf(b.Documents) }

func grantsOf(docs []*Document) iter.Seq[Grant] {
	return func(yield func(Grant) bool) {
		for _, d := range docs {
			for _, s := range d.Statements {
				if !yield(Grant{ID: s.ID, Statement: s, Subject: s.Subject, When: conditions(s.When), Enforce: s.Enforce}) {
					return
				}
			}
			for _, a := range d.Assignments {
				g := Grant{ID: a.ID, Subject: a.To, Scope: a.Scope, When: conditions(a.When), Enforce: a.Enforce, Assignment: a}
				if !yieldRole(a.Role, g, yield) {
					return
				}
			}
			for _, e := range d.Elevations {
				g := Grant{ID: e.ID, Subject: e.Eligible, When: conditions(e.When), Enforce: e.Enforce, Elevation: e}
				if !yieldRole(e.Role, g, yield) {
					return
				}
			}
		}
	}
}

func yieldRole(r *Role, g Grant, yield func(Grant) bool) bool {
	if r == nil {
		return true
	}
	for _, s := range r.Statements {
		one := g
		one.ID, one.Statement = g.ID+"/"+s.ID, s
		one.When = append(slices.Clip(g.When), conditions(s.When)...)
		one.Enforce = max(g.Enforce, s.Enforce)
		if !yield(one) {
			return false
		}
	}
	return true
}

func conditions(w *When) []*When {
	if w == nil {
		return nil
	}
	return []*When{w}
}

// IsOver reports whether the grant can no longer match at a time: it has expired, or its not-after has passed. A zero now
// is before everything.
func (g Grant) IsOver(now time.Time) bool {
	if now.IsZero() {
		return false
	}
	over := func(end time.Time) bool { return !end.IsZero() && !now.Before(end) }
	return over(g.Statement.Expires) || slices.ContainsFunc(g.When, func(w *When) bool {
		return w.Time != nil && over(w.Time.NotAfter)
	})
}

// IsPower reports whether the grant makes whoever holds it powerful: an allow that takes effect now, with an action that
// changes something of others, or with a view of everything. Grants whose reach is the subject itself are not, nor those on
// entries that the server makes, with scope base.
func (g Grant) IsPower(now time.Time) bool {
	s := g.Statement
	return g.Enforce == Live && !g.IsOver(now) && s.Effect == Allow && s.hasPower() && !g.Subject.isSelf() && !s.Target.isMade()
}

// hasPower reports whether the actions, on these attributes, are powerful. A condition on values is none for what is done to an entry as
// a whole.
func (s *Statement) hasPower() bool {
	actions := s.Actions.Expand()
	if s.Values.OnlySelf() {
		actions &^= AttributeActions
	}
	return actions&PowerActions != 0 || actions.Has(ActionRead) && slices.ContainsFunc(s.Attributes, func(a Attribute) bool {
		return a.Kind == AttributesUser || a.Kind == AttributesOperational || a.Kind == AttributesSecret
	})
}

// isSelf reports whether nobody but the target itself can match.
func (s *Subject) isSelf() bool {
	return s != nil && slices.ContainsFunc(s.Terms, func(t SubjectTerm) bool {
		if any, ok := t.(Any); ok {
			return !slices.ContainsFunc(any.Of, func(part *Subject) bool { return !part.isSelf() })
		}
		_, self := t.(Self)
		return self
	})
}

// Names of the entries that the server makes.
const (
	subschemaNDN directory.NDN = "cn=subschema"
	monitorNDN   directory.NDN = "cn=monitor"
	serverNDN    directory.NDN = "cn=gatehouse"
)

// isMade reports whether the target is one entry that the server makes and that holds nothing of value.
func (t *Target) isMade() bool {
	return t != nil && t.Scope == directory.ScopeBase && t.Base.Anchor == AnchorRoot &&
		(t.Base.NDN == "" || t.Base.NDN == subschemaNDN || t.Base.NDN == monitorNDN)
}
