package acl

import (
	"slices"
	"strings"

	"gatehouse/directory"
	"gatehouse/directory/filter"
)

// isGroup reports whether one of the entry's object classes has members.
func (p *Policy) isGroup(e *directory.Entry) bool {
	for _, a := range e.Attributes() {
		if a.Desc.Key != "objectclass" {
			continue
		}
		for v := range a.Values() {
			if _, is := p.guardSets.holders[strings.ToLower(string(v))]; is {
				return true
			}
		}
	}
	return false
}

// principal is a target, looked at as one whom a subject may match.
type principal struct {
	Source
	ndn    directory.NDN
	groups map[directory.NDN]struct{}
	policy *Policy
	err    error
}

// is reports whether a subject protects the target: relations and conditions are taken to hold, what is broad protects nobody
// by itself.
func (x *principal) is(s Subject, depth int) bool {
	switch s := s.(type) {
	case Group:
		_, is := x.groups[s.NDN]
		return is
	case Name:
		return x.ndn == s.NDN
	case Matching:
		return x.passes(s) && x.canBind()
	case Role:
		for i := range x.policy.program.Roles {
			if h := &x.policy.program.Roles[i]; h.Role == s.Name && depth < roleDepthMax && x.is(h.Subject, depth+1) {
				return true
			}
		}
		return false
	case All:
		protects := false
		for _, k := range s {
			switch k := k.(type) {
			case Subtree:
				if !x.ndn.IsUnder(k.Base) {
					return false
				}
			default:
				if matchesByName(k) {
					if !x.is(k, depth) {
						return false
					}
					protects = true
				}
			}
		}
		return protects
	case Any:
		return slices.ContainsFunc(s, func(k Subject) bool { return x.is(k, depth) })
	case Unless:
		return x.is(s.Subject, depth) && !x.excepted(s.Except, depth)
	default:
		return false
	}
}

// excepted reports whether a subtracted subject certainly matches the target.
func (x *principal) excepted(s Subject, depth int) bool {
	switch s := s.(type) {
	case Group, Name:
		return x.is(s, depth)
	case Subtree:
		return x.ndn.IsUnder(s.Base)
	case Any:
		return slices.ContainsFunc(s, func(k Subject) bool { return x.excepted(k, depth) })
	case All:
		return len(s) > 0 && !slices.ContainsFunc(s, func(k Subject) bool { return !x.excepted(k, depth) })
	default:
		return false
	}
}

func (x *principal) passes(s Matching) bool {
	f := x.policy.guardSets.filters[filter.String(s.Filter)]
	if f == nil {
		return false
	}
	var scratch filter.Scratch
	truth, err := f.MatchWith(x.Facts(), &scratch)
	if err != nil {
		x.err = err
	}
	return truth == filter.True
}

// canBind reports whether the entry has something to sign in with.
func (x *principal) canBind() bool {
	for _, a := range x.Entry().Attributes() {
		switch a.Desc.Key {
		case "userpassword", "authpassword", "krbprincipalkey", "usercertificate", "usercertificate;binary":
			return true
		}
	}
	return false
}
