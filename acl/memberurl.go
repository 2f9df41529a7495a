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
		if n.Op == filter.OpUndefined || n.Type != nil && n.Type.Flags&directory.FlagComputed != 0 {
			err = errMemberURL // what follows from memberships cannot make one
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
