package enact

import (
	"fmt"
	"slices"
	"strings"

	"gatehouse/acl"
	"gatehouse/acl/bundle"
	"gatehouse/directory"
)

// guards finds what statements reach because the guards hold less. A guard on what a change makes of an entry keeps power from
// spreading; where the power is gone, nothing is gained by it.
func (g *gains) guards() {
	g.unprotected()
	g.unprivileged()
	g.unmarked()
	g.unanchored()
}

// unprotected is about whoever is no longer protected.
func (g *gains) unprotected() {
	keep := make(map[string]bool)
	for _, s := range g.new.guarded.Principals {
		keep[whoOf(s, g.new.program, 0).text] = true
	}
	var lost []acl.Subject
	for _, s := range g.old.guarded.Principals {
		if !keep[whoOf(s, g.old.program, 0).text] {
			lost = append(lost, s)
		}
	}
	// A group that becomes privileged is no longer a principal that a filter makes protected.
	if _, found := onlyIn(names(g.old.guarded.Groups), names(g.new.guarded.Groups)); len(found) > 0 {
		for _, s := range g.old.guarded.Principals {
			if _, filter := s.(acl.Matching); filter && keep[whoOf(s, g.old.program, 0).text] {
				for _, n := range found {
					lost = append(lost, acl.Name{NDN: directory.NDN(n)})
				}
				break
			}
		}
	}
	for _, r := range g.new.allows {
		if r.reach.Protected || r.reach.Scope == directory.ScopeBase {
			continue
		}
		var whom []string
		for _, s := range lost {
			if n, named := s.(acl.Name); !named || placeCovers(r.base, r.reach.Scope, n.NDN, directory.ScopeBase) {
				whom = append(whom, strings.TrimPrefix(acl.SubjectText(s), "in "))
			}
		}
		g.unguarded(r, acl.GuardedOnPrincipals, nil, r.own, "on who is no longer protected: ", whom)
	}
}

// unprivileged is about groups that are no longer privileged.
func (g *gains) unprivileged() {
	lost, _ := onlyIn(names(g.old.guarded.Groups), names(g.new.guarded.Groups))
	for _, r := range g.new.allows {
		if !r.reach.Privileged && r.reach.Scope != directory.ScopeBase {
			g.unguarded(r, acl.GuardedOnGroups, nil, false, "on groups that are no longer privileged: ", lost)
		}
	}
}

// unmarked is about attributes that no longer bear authority.
func (g *gains) unmarked() {
	lost, _ := onlyIn(g.old.guarded.Attributes, g.new.guarded.Attributes)
	if len(g.old.guarded.Principals) == 0 && len(g.old.guarded.Groups) == 0 {
		return
	}
	for _, r := range g.new.allows {
		if r.reach.Scope != directory.ScopeBase && !(r.reach.Protected && r.reach.Privileged) {
			g.unguarded(r, 0, lost, false, "by attributes that no longer bear authority: ", lost)
		}
	}
}

// unanchored is about entries on which the policy no longer stands.
func (g *gains) unanchored() {
	lost, _ := onlyIn(names(g.old.guarded.Anchors), names(g.new.guarded.Anchors))
	for _, r := range g.new.allows {
		if r.reach.Protected {
			continue
		}
		var whom []string
		for _, n := range lost {
			if placeCovers(r.base, r.reach.Scope, directory.NDN(n), directory.ScopeBase) {
				whom = append(whom, n)
			}
		}
		g.unguarded(r, acl.GuardedOnAnchors, nil, true, "on entries that the policy no longer names: ", whom)
	}
}

// unguarded notes the cells of a row that a guard held: actions on the entry as a whole, and writes of some attributes. nil stands for
// all of them, since dynamic groups, which only a directory knows, make any attribute bear authority. own excepts writes.
func (g *gains) unguarded(r *row, actions acl.Actions, attributes []string, own bool, note string, whom []string) {
	if len(whom) == 0 || r.isOver(g.new.program.At) {
		return
	}
	cells := make(map[cell]bool)
	for c := range r.cells {
		writes := acl.ActionsWrite.Has(c.action) || c.action == acl.ActionManage
		of := g.u.attributes[c.on]
		bears := attributes == nil || c.on == of.class || slices.ContainsFunc(of.types, func(t string) bool { return slices.Contains(attributes, t) })
		if actions.Has(c.action) || writes && !own && bears {
			cells[c] = true
		}
	}
	g.add(r, r.who, cells, note+strings.Join(whom, ", "))
}

// elevations compares how an elevation is activated, of which the program knows nothing.
func (g *gains) elevations(old, new *bundle.Bundle) {
	was := make(map[string]*bundle.Elevation)
	for _, e := range elevationsOf(old) {
		was[e.ID] = e
	}
	for _, e := range elevationsOf(new) {
		o := was[e.ID]
		if o == nil {
			continue // its statements are a gain
		}
		var easier []string
		if e.Approvals < o.Approvals {
			easier = append(easier, fmt.Sprintf("%d approvals instead of %d", e.Approvals, o.Approvals))
		}
		if e.MaxDuration > o.MaxDuration {
			easier = append(easier, fmt.Sprintf("for %s instead of %s", e.MaxDuration, o.MaxDuration))
		}
		if o.RequireReason && !e.RequireReason {
			easier = append(easier, "without a reason")
		}
		if e.Approvals > 0 && !g.approvers(o, true).covers(g.approvers(e, false)) {
			easier = append(easier, "other approvers")
		}
		if len(easier) > 0 {
			g.list = append(g.list, Change{
				Subject: "who is eligible for " + e.ID, Actions: []string{"elevate"}, Target: "role " + e.Role.Name,
				By: e.ID, File: e.Pos.File, Line: e.Pos.Line, Note: strings.Join(easier, ", "),
			})
		}
	}
}

func (g *gains) approvers(e *bundle.Elevation, old bool) *who {
	p := g.new.program
	if old {
		p = g.old.program
	}
	t := translator{contexts: p.Suffixes, schema: g.u.schema}
	return whoOf(t.subject(e.Approvers), p, 0)
}

func elevationsOf(b *bundle.Bundle) (list []*bundle.Elevation) {
	if b == nil {
		return nil
	}
	for _, d := range b.Documents {
		for _, e := range d.Elevations {
			if e.Enforce == bundle.Live && e.Role != nil {
				list = append(list, e)
			}
		}
	}
	return list
}
