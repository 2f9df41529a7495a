package enact

import (
	"gatehouse/acl"
	"gatehouse/acl/bundle"
	"gatehouse/directory"
	"gatehouse/directory/schema"
)

// subject of nothing matches nobody.
func (t translator) subject(s *bundle.Subject) acl.Subject {
	if s == nil {
		return nil
	}
	all := make(acl.All, 0, len(s.Terms))
	for _, term := range s.Terms {
		all = append(all, t.term(term))
	}
	var out acl.Subject = all
	if len(all) == 1 {
		out = all[0]
	}
	if s.Unless != nil {
		out = acl.Unless{Subject: out, Except: t.subject(s.Unless)}
	}
	return out
}

func (t translator) term(term bundle.SubjectTerm) acl.Subject {
	switch s := term.(type) {
	case bundle.Anyone:
		return acl.Anyone{}
	case bundle.Anonymous:
		return acl.Anonymous{}
	case bundle.Authenticated:
		return acl.Authenticated{}
	case bundle.Named:
		return alternatives(t.names(s.Names), func(n directory.NDN) acl.Subject { return acl.Name{NDN: n} })
	case bundle.Subtree:
		return alternatives(t.names(s.Bases), func(n directory.NDN) acl.Subject { return acl.Subtree{Base: n} })
	case bundle.Group:
		return alternatives(t.names(s.Names), func(n directory.NDN) acl.Subject { return acl.Group{NDN: n} })
	case bundle.HasRole:
		return alternatives(s.Roles, func(r *bundle.RoleReference) acl.Subject { return acl.Role{Name: r.Name} })
	case bundle.Matching:
		return acl.Matching{Filter: t.filter(s.Filter)}
	case bundle.Any:
		return alternatives(s.Of, t.subject)
	case bundle.Self:
		return acl.Self{}
	case bundle.Ancestor:
		return acl.Ancestor{}
	case bundle.NamedIn:
		return acl.NamedIn{Types: t.types(s.Attributes)}
	case bundle.GroupIn:
		return acl.GroupIn{Types: t.types(s.Attributes)}
	case bundle.Same:
		return acl.Same{Types: t.types(s.Attributes)}
	default: // matches nobody
		return acl.Any{}
	}
}

func alternatives[T any](list []T, make func(T) acl.Subject) acl.Subject {
	any := acl.Any{}
	for _, one := range list {
		any = append(any, make(one))
	}
	if len(any) == 1 {
		return any[0]
	}
	return any
}

func (t translator) types(list []bundle.Attribute) (out []*schema.AttributeType) {
	for _, a := range list {
		if a.Desc != nil {
			out = append(out, t.schema.Type(a.Desc))
		}
	}
	return out
}
