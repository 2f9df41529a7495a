package enact

import (
	"slices"
	"time"

	"gatehouse/acl"
	"gatehouse/acl/bundle"
	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// Program returns what a bundle says for these naming contexts. given are further statements of the same language. now is for
// statements that are over.
func Program(b *bundle.Bundle, s *schema.Schema, contexts []directory.NDN, now time.Time, given ...*bundle.Statement) *acl.Program {
	if s == nil {
		s = schema.Standard()
	}
	t := translator{schema: s, contexts: contexts}
	p := &acl.Program{Version: b.Version(), At: now, Suffixes: contexts}
	for g := range b.Grants() {
		if g.Enforce == bundle.Live {
			p.Statements = append(p.Statements, t.grant(g))
		}
	}
	for _, st := range given {
		g := bundle.Grant{ID: st.ID, Statement: st, Subject: st.Subject}
		if st.When != nil {
			g.When = []*bundle.When{st.When}
		}
		p.Statements = append(p.Statements, t.grant(g))
	}
	for _, d := range b.Documents {
		for _, bd := range d.Boundaries {
			if bd.Enforce == bundle.Live {
				p.Boundaries = append(p.Boundaries, t.boundary(bd))
			}
		}
		for _, a := range d.Assignments {
			if a.Enforce == bundle.Live && a.Role != nil {
				p.Roles = append(p.Roles, acl.RoleHolder{Role: a.Role.Name, Subject: t.subject(a.To), When: t.when(a.When)})
			}
		}
		for _, e := range d.Elevations {
			if e.Enforce == bundle.Live && e.Role != nil {
				eligible := t.subject(e.Eligible)
				p.Roles = append(p.Roles, acl.RoleHolder{
					Role: e.Role.Name, Subject: acl.All{eligible, acl.Elevated{Elevation: e.ID}}, When: t.when(e.When),
				})
				p.Elevations = append(p.Elevations, acl.Elevation{Place: place(e.ID, e.Pos), Role: e.Role.Name, Eligible: eligible})
			}
		}
	}
	return p
}

func place(id string, at bundle.Position) acl.Place {
	return acl.Place{Name: id, File: at.File, Line: at.Line}
}

// translator knows what the placeholders stand for.
type translator struct {
	schema   *schema.Schema
	contexts []directory.NDN
	scope    *bundle.Name // of the assignment at hand
}

func (t translator) grant(g bundle.Grant) acl.Statement {
	subject := t.subject(g.Subject)
	if g.Elevation != nil {
		subject = acl.All{subject, acl.Elevated{Elevation: g.Elevation.ID}}
	}
	t.scope = g.Scope
	st := g.Statement
	out := acl.Statement{
		Place: place(g.ID, st.Pos), Effect: acl.Deny, Subject: subject, Reach: t.reach(st.Target), Actions: actions(st.Actions),
		Attributes: t.attributes(st.Attributes), Values: t.values(st.Values), Expires: st.Expires, Broad: st.Broad, Reason: st.Reason,
	}
	if st.Effect == bundle.Allow {
		out.Effect = acl.Allow
	}
	for _, w := range g.When {
		out.When = append(out.When, t.when(w))
	}
	return out
}

func (t translator) boundary(b *bundle.Boundary) acl.Boundary {
	out := acl.Boundary{Place: place(b.ID, b.Pos), Subject: t.subject(b.Subject)}
	for _, p := range b.Permit {
		out.Permit = append(out.Permit, acl.Permit{
			Reach: t.reach(p.Target), Actions: actions(p.Actions), Attributes: t.attributes(p.Attributes), When: t.when(p.When),
		})
	}
	return out
}

func actions(set bundle.ActionSet) (out acl.Actions) {
	for _, a := range set.Expand().List() {
		out |= acl.ActionsOf(Action(a))
	}
	return out
}

var actionsByName = func() map[string]acl.Action {
	m := make(map[string]acl.Action)
	for a := acl.Action(1); a.String() != "none"; a++ {
		m[a.String()] = a
	}
	return m
}()

// Action returns the evaluator's constant for an action; zero for a shorthand.
func Action(a bundle.Action) acl.Action { return actionsByName[a.String()] }

// reach of no target is empty: it reaches nothing.
func (t translator) reach(target *bundle.Target) acl.Reach {
	if target == nil {
		return acl.Reach{}
	}
	r := acl.Reach{
		Bases: target.Base.Names(t.contexts, t.scope), Scope: target.Scope, Protected: target.Protected, Privileged: target.Privileged,
	}
	if target.Filter != nil {
		r.Filter = t.filter(target.Filter)
	}
	for _, x := range target.Exclude {
		r.Exclude = append(r.Exclude, t.reach(x))
	}
	return r
}

// filter binds the placeholders: one that stands for several names makes alternatives.
func (t translator) filter(f *bundle.Filter) directory.Filter {
	one := []directory.NDN{""}
	suffixes, scopes := one, one
	if f.Anchors[bundle.AnchorSuffix] {
		suffixes = t.contexts
	}
	if f.Anchors[bundle.AnchorScope] {
		scopes = nil
		if t.scope != nil {
			scopes = t.scope.Names(t.contexts, nil)
		}
	}
	list := directory.Or{}
	for _, suffix := range suffixes {
		for _, scope := range scopes {
			list = append(list, f.Bind(suffix, scope))
		}
	}
	if len(list) == 1 {
		return list[0]
	}
	return list
}

// attributes expands the words. A class stands for what it and its superiors allow, confidential attributes excepted.
func (t translator) attributes(list []bundle.Attribute) (out acl.Attributes) {
	for _, a := range list {
		switch a.Kind {
		case bundle.AttributeType:
			if len(a.Desc.Options) > 0 {
				out.Described = append(out.Described, a.Desc)
			} else {
				out.Types = append(out.Types, t.schema.Type(a.Desc))
			}
		case bundle.AttributeClass:
			for _, class := range a.Class.All() {
				for _, typ := range slices.Concat(class.Must, class.May) {
					if typ.Flags&directory.FlagConfidential == 0 {
						out.Types = append(out.Types, typ)
					}
				}
			}
		case bundle.AttributesUser:
			out.User = true
		case bundle.AttributesOperational:
			out.Operational = true
		case bundle.AttributesSecret:
			out.Secret = true
		case bundle.AttributeOID:
			out.OIDs = append(out.OIDs, a.Text)
		}
	}
	return out
}

func (t translator) values(v *bundle.Values) *acl.Values {
	if v == nil {
		return nil
	}
	out := &acl.Values{Self: v.Self, Pattern: v.Pattern}
	if v.AnyOf != nil {
		out.AnyOf = []string{}
	}
	for _, one := range v.AnyOf {
		if one.Name == nil {
			out.AnyOf = append(out.AnyOf, one.Text)
			continue
		}
		for _, n := range one.Name.Names(t.contexts, t.scope) {
			out.AnyOf = append(out.AnyOf, string(n))
		}
	}
	if v.Under != nil {
		out.Under = t.names(v.Under)
	}
	return out
}

// names expands the placeholders; the result is not nil.
func (t translator) names(list []*bundle.Name) []directory.NDN {
	out := []directory.NDN{}
	for _, n := range list {
		out = append(out, n.Names(t.contexts, t.scope)...)
	}
	return out
}

var tlsConditions = map[bundle.TLSCondition]acl.TLSCondition{
	bundle.TLSAny: acl.TLSAny, bundle.TLSRequired: acl.TLSRequired, bundle.TLSNone: acl.TLSNone, bundle.TLSClientCert: acl.TLSClientCert,
}

var methods = map[bundle.AuthMethod]acl.AuthMethod{
	bundle.MethodAnonymous: acl.MethodAnonymous, bundle.MethodSimple: acl.MethodSimple, bundle.MethodSASLPlain: acl.MethodSASLPlain,
	bundle.MethodSASLSCRAM: acl.MethodSASLSCRAM, bundle.MethodSASLExternal: acl.MethodSASLExternal,
}

func (t translator) when(w *bundle.When) acl.Conditions {
	if w == nil {
		return acl.Conditions{}
	}
	c := acl.Conditions{
		Networks: w.Networks, NotNetworks: w.NotNetworks, TLS: tlsConditions[w.TLS], TLSBits: w.TLSBits, Level: w.Level,
		MaxAge: w.MaxAge, Listeners: w.Listeners, Controls: w.Controls,
	}
	for _, m := range w.Methods {
		c.Methods = append(c.Methods, methods[m])
	}
	if w.Time != nil {
		c.Time = acl.TimeCondition{
			NotBefore: w.Time.NotBefore, NotAfter: w.Time.NotAfter, Within: window(w.Time.Within), Outside: window(w.Time.Outside),
		}
	}
	return c
}

func window(w *bundle.Window) *acl.Window {
	if w == nil {
		return nil
	}
	return &acl.Window{Days: w.Days, HasHours: w.HasHours, From: w.From, To: w.To, Zone: w.Zone}
}
