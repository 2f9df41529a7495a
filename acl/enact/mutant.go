package enact

import (
	"fmt"
	"slices"
	"time"

	"gatehouse/acl/bundle"
)

// removed is the change that every element has to withstand.
const removed = "removed"

// mutant is a bundle with one change.
type mutant struct {
	Survivor
	documents []*bundle.Document
}

// maker makes the mutants of a bundle.
type maker struct {
	bundle *bundle.Bundle
	list   []mutant
	at     int // the document at hand
}

// mutants returns every change of the documents that are tested. What is disabled or a shadow is left alone: no test can see it.
func mutants(b *bundle.Bundle, tested func(*bundle.Document) bool) []mutant {
	m := &maker{bundle: b}
	for i, d := range b.Documents {
		if m.at = i; !tested(d) {
			continue
		}
		for j, st := range d.Statements {
			if st.Enforce != bundle.Live {
				continue
			}
			m.statement(st, st.ID, func(d *bundle.Document, now *bundle.Statement) { d.Statements = replace(d.Statements, j, now) })
		}
		for j, r := range d.Roles {
			for k, st := range r.Statements {
				if max(r.Enforce, st.Enforce) == bundle.Live {
					m.statement(st, r.Name+"/"+st.ID, func(d *bundle.Document, now *bundle.Statement) {
						role := *r
						role.Statements = replace(r.Statements, k, now)
						d.Roles = replace(d.Roles, j, &role)
					})
				}
			}
		}
		for j, bd := range d.Boundaries {
			if bd.Enforce == bundle.Live {
				m.boundary(bd, j)
			}
		}
		for j, a := range d.Assignments {
			if a.Enforce == bundle.Live {
				m.assignment(a, j)
			}
		}
		for j, e := range d.Elevations {
			if e.Enforce == bundle.Live {
				m.elevation(e, j)
			}
		}
	}
	return m.list
}

// add adds a mutant: edit changes a copy of the document at hand.
func (m *maker) add(id string, at bundle.Position, change string, edit func(*bundle.Document)) {
	d := *m.bundle.Documents[m.at]
	docs := slices.Clone(m.bundle.Documents)
	docs[m.at] = &d
	edit(&d)
	for i, old := range m.bundle.Documents[m.at].Roles {
		if d.Roles[i] != old {
			giveRole(docs, old, d.Roles[i])
		}
	}
	m.list = append(m.list, mutant{Survivor{ID: id, Document: d.Name, Change: change, File: at.File, Line: at.Line}, docs})
}

// replace returns the list with another element, or without it if that is nil.
func replace[T any](list []*T, i int, now *T) []*T {
	if now == nil {
		return slices.Delete(slices.Clone(list), i, i+1)
	}
	list = slices.Clone(list)
	list[i] = now
	return list
}

// giveRole gives whoever has a role the changed one.
func giveRole(docs []*bundle.Document, old, now *bundle.Role) {
	for i := range docs {
		d := *docs[i]
		for j, a := range d.Assignments {
			if a.Role == old {
				one := *a
				one.Role = now
				d.Assignments = replace(d.Assignments, j, &one)
			}
		}
		for j, e := range d.Elevations {
			if e.Role == old {
				one := *e
				one.Role = now
				d.Elevations = replace(d.Elevations, j, &one)
			}
		}
		docs[i] = &d
	}
}

func (m *maker) statement(st *bundle.Statement, id string, put func(*bundle.Document, *bundle.Statement)) {
	with := func(change string, edit func(*bundle.Statement)) {
		now := *st
		edit(&now)
		m.add(id, st.Pos, change, func(d *bundle.Document) { put(d, &now) })
	}
	m.add(id, st.Pos, removed, func(d *bundle.Document) { put(d, nil) })
	with("with the other effect", func(s *bundle.Statement) { s.Effect = bundle.Allow - s.Effect })
	for _, one := range lessGuarded(st.Target) {
		with(one.change, func(s *bundle.Statement) { s.Target = one.value })
	}
	if st.Values != nil {
		with("without values", func(s *bundle.Statement) { s.Values = nil })
	}
	if !st.Expires.IsZero() {
		with("without expires", func(s *bundle.Statement) { s.Expires = time.Time{} })
	}
	if st.When != nil && st.When.Time != nil {
		with("without time", func(s *bundle.Statement) {
			w := *st.When
			w.Time, s.When = nil, &w
		})
	}
	if st.Effect == bundle.Allow {
		return
	}
	for _, one := range widerSubjects(st.Subject) {
		with(one.change, func(s *bundle.Statement) { s.Subject = one.value })
	}
	if st.When != nil {
		with("without when", func(s *bundle.Statement) { s.When = nil })
	}
}

func (m *maker) boundary(b *bundle.Boundary, at int) {
	put := func(id bundle.Position, change string, now *bundle.Boundary) {
		m.add(b.ID, id, change, func(d *bundle.Document) { d.Boundaries = replace(d.Boundaries, at, now) })
	}
	put(b.Pos, removed, nil)
	for _, one := range widerSubjects(b.Subject) {
		now := *b
		now.Subject = one.value
		put(b.Pos, one.change, &now)
	}
	for i, p := range b.Permit {
		permit := func(change string, one *bundle.Permit) {
			now := *b
			now.Permit = replace(b.Permit, i, one)
			put(p.Pos, fmt.Sprintf("permit %d %s", i+1, change), &now)
		}
		permit(removed, nil)
		for _, one := range slices.Concat(lessGuarded(p.Target), widerTargets(p.Target)) {
			now := *p
			now.Target = one.value
			permit(one.change, &now)
		}
		if p.When != nil {
			now := *p
			now.When = nil
			permit("without when", &now)
		}
		for _, one := range fewerAttributes(p.Attributes) {
			now := *p
			now.Attributes = one.value
			permit(one.change, &now)
		}
	}
}

func (m *maker) assignment(a *bundle.Assignment, at int) {
	put := func(change string, now *bundle.Assignment) {
		m.add(a.ID, a.Pos, change, func(d *bundle.Document) { d.Assignments = replace(d.Assignments, at, now) })
	}
	put(removed, nil)
	if a.Scope != nil {
		now := *a
		now.Scope = suffixName(a.Scope)
		put("with scope ${suffix}", &now)
	}
}

func (m *maker) elevation(e *bundle.Elevation, at int) {
	put := func(change string, now *bundle.Elevation) {
		m.add(e.ID, e.Pos, change, func(d *bundle.Document) { d.Elevations = replace(d.Elevations, at, now) })
	}
	put(removed, nil)
	if e.When != nil {
		now := *e
		now.When = nil
		put("without when", &now)
	}
}
