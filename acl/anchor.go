package acl

import (
	"strings"

	"gatehouse/directory"
	"gatehouse/directory/filter"
)

// anchorAll notes every name in the program, and the names above.
func (c *compiler) anchorAll() {
	g := &c.guardSets
	anchor := func(n directory.NDN) {
		for ; n != ""; n = n.Parent() {
			if _, known := g.anchors[n]; known {
				return
			}
			g.anchors[n] = struct{}{}
		}
	}
	inFilter := func(f directory.Filter) {
		if f == nil || c.schema == nil {
			return
		}
		filter.Walk(filter.Compile(c.schema, f, nil).Root, func(n *filter.Node) bool {
			anchor(n.Name)
			return true
		})
	}
	subject := func(s Subject) {
		walkSubject(s, func(s Subject) {
			switch s := s.(type) {
			case Name:
				anchor(s.NDN)
			case Subtree:
				anchor(s.Base)
			case Group:
				anchor(s.NDN)
			case Matching:
				inFilter(s.Filter)
			}
		})
	}
	var reach func(*Reach)
	reach = func(r *Reach) {
		for _, b := range r.Bases {
			anchor(b)
		}
		inFilter(r.Filter)
		for i := range r.Exclude {
			reach(&r.Exclude[i])
		}
	}
	inValues := func(v *Values) {
		if v == nil {
			return
		}
		for _, n := range v.Under {
			anchor(n)
		}
		for _, one := range v.AnyOf {
			if c.schema != nil && strings.Contains(one, "=") {
				if ndn, err := c.schema.AppendNDN(nil, one); err == nil {
					anchor(directory.NDN(ndn))
				}
			}
		}
	}
	for i := range c.program.Statements {
		st := &c.program.Statements[i]
		subject(st.Subject)
		reach(&st.Reach)
		inValues(st.Values)
	}
	for i := range c.program.Boundaries {
		b := &c.program.Boundaries[i]
		subject(b.Subject)
		for j := range b.Permit {
			reach(&b.Permit[j].Reach)
			inValues(b.Permit[j].Values)
		}
	}
	for i := range c.program.Roles {
		subject(c.program.Roles[i].Subject)
	}
	for i := range c.program.Elevations {
		subject(c.program.Elevations[i].Eligible)
	}
}
