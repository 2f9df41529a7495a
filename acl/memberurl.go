package acl

import (
	"errors"
	"net/url"
	"strings"

	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/directory/schema"
)

// MemberURL is what a memberURL of a dynamic group says (RFC 4516): the entries in a scope that pass a filter are members. It is
// evaluated with nobody's rights. Immutable.
type MemberURL struct {
	Base   directory.NDN
	Scope  directory.Scope
	Filter *filter.Compiled
}

var errMemberURL = errors.New("acl: not a URL of the form ldap:///base??scope?filter")

// ParseMemberURL reads a URL. It must name no host, no attributes and no critical extension, and have a filter that the schema
// understands.
func ParseMemberURL(s *schema.Schema, text string) (*MemberURL, error) {
	const prefix = "ldap:///"
	if len(text) < len(prefix) || !strings.EqualFold(text[:len(prefix)], prefix) {
		return nil, errMemberURL
	}
	parts := strings.Split(text[len(prefix):], "?")
	if len(parts) > 4 {
		return nil, errMemberURL
	}
	for len(parts) < 4 {
		parts = append(parts, "")
	}
	for i := range parts {
		var err error
		if parts[i], err = url.PathUnescape(parts[i]); err != nil {
			return nil, errMemberURL
		}
	}
	m := &MemberURL{}
	switch strings.ToLower(parts[2]) {
	case "", "base":
		m.Scope = directory.ScopeBase
	case "one":
		m.Scope = directory.ScopeOne
	case "sub":
		m.Scope = directory.ScopeSub
	case "children", "subordinates":
		m.Scope = directory.ScopeChildren
	default:
		return nil, errMemberURL
	}
	var err error
	if _, m.Base, err = s.ParseName(parts[0]); err != nil {
		return nil, err
	}
	if parts[3] == "" {
		parts[3] = "(objectClass=*)"
	}
	f, err := filter.Parse(parts[3])
	if err != nil {
		return nil, err
	}
	m.Filter = filter.Compile(s, f, nil)
	filter.Walk(m.Filter.Root, func(n *filter.Node) bool {
		// What follows from other entries than the member cannot make one: it would change without a change of either.
		if n.Op == filter.OpUndefined || n.Op == filter.OpInChain || n.Type != nil && n.Type.Flags&directory.FlagComputed != 0 {
			err = errMemberURL
		}
		return err == nil
	})
	return m, err
}

// Has reports whether the target is a member.
func (m *MemberURL) Has(t Source) (bool, error) {
	ndn, err := t.NDN()
	if err != nil || !(place{m.Base, m.Scope}).holds(ndn) {
		return false, err
	}
	var scratch filter.Scratch
	truth, err := m.Filter.MatchWith(t.Facts(), &scratch)
	return truth == filter.True, err
}

// DynamicGroups is what the dynamic groups of a directory depend on, together. nil is of none. Immutable.
type DynamicGroups struct {
	groups int
	types  map[int]struct{}
	names  map[directory.NDN]struct{}
}

// NewDynamicGroups notes the URLs of all dynamic groups, one list for each.
func NewDynamicGroups(groups ...[]*MemberURL) *DynamicGroups {
	g := &DynamicGroups{groups: len(groups), types: make(map[int]struct{}), names: make(map[directory.NDN]struct{})}
	for _, urls := range groups {
		for _, m := range urls {
			filter.Walk(m.Filter.Root, func(n *filter.Node) bool {
				for _, no := range n.TypeNos {
					g.types[no] = struct{}{}
				}
				if n.Reference && n.Name != "" {
					g.names[n.Name] = struct{}{}
				}
				return true
			})
		}
	}
	return g
}

// Len returns the number of dynamic groups.
func (g *DynamicGroups) Len() int {
	if g == nil {
		return 0
	}
	return g.groups
}

// Bears reports whether the membership of some dynamic group depends on values of the type, so that it bears authority.
func (g *DynamicGroups) Bears(typeNo int) bool {
	if g == nil {
		return false
	}
	_, is := g.types[typeNo]
	return is
}

// LooksFor reports whether the membership of some dynamic group depends on links to an entry of this name.
func (g *DynamicGroups) LooksFor(name directory.NDN) bool {
	if g == nil {
		return false
	}
	_, is := g.names[name]
	return is
}
