package acl

import (
	"slices"
	"strings"
	"time"

	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/directory/schema"
)

// guards are the sets that the server computes from a program.
type guards struct {
	groups  map[directory.NDN]struct{} // privileged, as named
	names   map[directory.NDN]struct{} // protected, as named
	who     []Subject                  // those whom power statements match, alternatives and roles apart
	filters map[string]*filter.Compiled
	wanted  map[directory.NDN]struct{} // names that these filters look for in links
	byPlace bool                       // where an entry stands decides who is protected
	anchors map[directory.NDN]struct{}
	// asksGroups says that memberships decide who is protected.
	asksGroups bool
	holders    map[string]struct{} // values of objectClass of which entries are groups, in lower case
}

// guards computes the guarded sets of the program, as far as they follow from it alone.
func (c *compiler) guards() {
	p := c.Policy
	words := p.columns.words
	p.secret, p.authority, p.groupAuthority = make(bitset, words), make(bitset, words), make(bitset, words)
	for col, k := range p.columns.classes {
		if k == classConfidential {
			p.secret.add(col)
		}
	}
	if p.schema != nil {
		p.authority = p.columns.set(&Attributes{Types: c.authorityList}, true)
		p.groupAuthority = p.columns.set(&Attributes{Types: c.groupAuthorityList}, true)
	}
	// Every credential that no list names is one all the same.
	p.authority.or(p.secret)
	p.groupAuthority.or(p.secret)
	g := &p.guardSets
	g.groups, g.names = make(map[directory.NDN]struct{}), make(map[directory.NDN]struct{})
	g.anchors, g.holders = make(map[directory.NDN]struct{}), make(map[string]struct{})
	g.filters, g.wanted = make(map[string]*filter.Compiled), make(map[directory.NDN]struct{})
	now := p.program.At
	if now.IsZero() {
		now = time.Now()
	}
	for i := range p.program.Statements {
		if st := &p.program.Statements[i]; st.IsPower(now) {
			c.protect(st.Subject)
		}
	}
	for i := range p.program.Elevations {
		c.protect(p.program.Elevations[i].Eligible)
	}
	c.anchorAll()
	if p.schema != nil {
		c.noteHolders()
	}
}

// noteHolders finds the object classes of entries that may have members.
func (c *compiler) noteHolders() {
	hold := func(class *schema.ObjectClass) {
		for _, sub := range c.schema.ObjectClasses() {
			if sub.IsSubclassOf(class) {
				for _, name := range append(sub.Names[:len(sub.Names):len(sub.Names)], sub.OID) {
					c.guardSets.holders[strings.ToLower(name)] = struct{}{}
				}
			}
		}
	}
	for _, class := range c.schema.ObjectClasses() {
		for _, t := range slices.Concat(class.Must, class.May) {
			switch t.Name() {
			case "member", "uniqueMember", "memberUid", "memberURL":
				hold(class)
			}
		}
	}
	if any := c.schema.ObjectClass("extensibleObject"); any != nil {
		hold(any)
	}
}

// protect notes the subject of a power statement: whom it matches becomes protected, the groups that it names privileged, and those
// that it subtracts as well, since who leaves one of them is matched.
func (c *compiler) protect(s Subject) {
	if !matchesByName(s) {
		return
	}
	c.noteWho(s, 0)
	c.notePrivileged(s, 0)
}

// noteWho notes a subject, each of its alternatives by itself: to be matched by one more is a change.
func (c *compiler) noteWho(s Subject, depth int) {
	g := &c.guardSets
	switch s := s.(type) {
	case Any:
		for _, k := range s {
			c.noteWho(k, depth)
		}
	case Role:
		for i := range c.program.Roles {
			if h := &c.program.Roles[i]; h.Role == s.Name && depth < roleDepthMax {
				c.noteWho(h.Subject, depth+1)
			}
		}
	default:
		if !matchesByName(s) {
			return
		}
		g.who = append(g.who, s)
		walkSubject(s, func(s Subject) {
			switch s.(type) {
			case Group:
				g.asksGroups = true
			case Subtree:
				g.byPlace = true
			}
		})
	}
}

func (c *compiler) notePrivileged(s Subject, depth int) {
	g := &c.guardSets
	switch s := s.(type) {
	case Group:
		g.groups[s.NDN] = struct{}{}
		g.asksGroups, c.usesGuards = true, true
	case Matching:
		if c.schema != nil {
			f := filter.Compile(c.schema, s.Filter, nil)
			g.filters[filter.String(s.Filter)] = f
			c.usesGuards = true
			filter.Walk(f.Root, func(n *filter.Node) bool {
				if n.Name != "" && n.Reference {
					g.wanted[n.Name] = struct{}{}
				}
				g.byPlace = g.byPlace || n.DNAttributes || n.Name != "" && !n.Reference
				return true
			})
		}
	case Name:
		g.names[s.NDN] = struct{}{}
		c.usesGuards = true
	case Role:
		for i := range c.program.Roles {
			if h := &c.program.Roles[i]; h.Role == s.Name && depth < roleDepthMax {
				c.notePrivileged(h.Subject, depth+1)
			}
		}
	case All:
		for _, k := range s {
			c.notePrivileged(k, depth)
		}
	case Any:
		for _, k := range s {
			c.notePrivileged(k, depth)
		}
	case Unless:
		c.notePrivileged(s.Subject, depth)
		walkSubject(s.Except, func(s Subject) {
			if group, is := s.(Group); is {
				c.notePrivileged(group, depth)
			}
		})
	}
}

// matchesByName reports whether a part of the subject, not counting what is subtracted, is one that protects.
func matchesByName(s Subject) bool {
	switch s := s.(type) {
	case Group, Name, Matching, Role:
		return true
	case All:
		return slices.ContainsFunc(s, matchesByName)
	case Any:
		return slices.ContainsFunc(s, matchesByName)
	case Unless:
		return matchesByName(s.Subject)
	default:
		return false
	}
}
