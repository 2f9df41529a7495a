package acl

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/directory/schema"
)

// roleDepthMax bounds roles whose holders are named by roles.
const roleDepthMax = 8

func (c *compiler) subject(s Subject) (*expr, error) {
	switch s := s.(type) {
	case nil:
		return never, nil
	case Anyone:
		return always, nil
	case Elevated:
		c.usesGrants = true
		return c.slot(fmt.Sprintf("%T %q", s, s), &slot{subject: s}), nil
	case Anonymous, Authenticated, Name, Subtree:
		return c.slot(fmt.Sprintf("%T %q", s, s), &slot{subject: s}), nil
	case Group:
		c.usesGroups = true
		return c.slot(fmt.Sprintf("%T %q", s, s), &slot{subject: s}), nil
	case Matching:
		label, err := c.label(s.Filter)
		if err != nil || label.op != opTest {
			return label, err
		}
		own := c.tests[label.n].filter
		c.volatile = c.volatile || c.reachesFurther(own)
		return c.slot("filter "+filter.String(s.Filter), &slot{subject: s, filter: own}), nil
	case Role:
		return c.role(s.Name)
	case Self:
		e := c.related("self", &test{subject: s})
		c.selfTest = c.testOf["self"]
		return e, nil
	case Ancestor:
		return c.related("ancestor", &test{subject: s}), nil
	case NamedIn:
		return c.relation(s, s.Types)
	case GroupIn:
		c.usesGroups = true
		return c.relation(s, s.Types)
	case Same:
		return c.relation(s, s.Types)
	case All:
		if len(s) == 0 {
			return never, nil
		}
		kids, err := c.subjects(s)
		return and(kids...), err
	case Any:
		kids, err := c.subjects(s)
		return or(kids...), err
	case Unless:
		kids, err := c.subjects([]Subject{s.Subject, s.Except})
		if err != nil {
			return nil, err
		}
		return and(kids[0], not(kids[1])), nil
	default:
		return nil, fmt.Errorf("unknown subject %T", s)
	}
}

// reachesFurther reports whether a filter on an entry depends on others than those that its authority is about: on children, or
// on links of links that are no memberships.
func (c *compiler) reachesFurther(f *filter.Compiled) bool {
	further := false
	filter.Walk(f.Root, func(n *filter.Node) bool {
		if n.Type != nil && n.Type.Flags&directory.FlagComputed != 0 && n.Name == "" {
			further = true
		}
		if n.Op == filter.OpInChain && n.Type.No != c.columns.memberOf {
			further = true
		}
		return !further
	})
	return further
}

func (c *compiler) subjects(list []Subject) ([]*expr, error) {
	kids := make([]*expr, len(list))
	for i, s := range list {
		var err error
		if kids[i], err = c.subject(s); err != nil {
			return nil, err
		}
	}
	return kids, nil
}

func (c *compiler) role(name string) (*expr, error) {
	if slices.Contains(c.rolesNow, name) || len(c.rolesNow) == roleDepthMax {
		return nil, fmt.Errorf("role %s: its holders are named in a circle, or too deeply", name)
	}
	c.rolesNow = append(c.rolesNow, name)
	defer func() { c.rolesNow = c.rolesNow[:len(c.rolesNow)-1] }()
	var kids []*expr
	for i := range c.program.Roles {
		h := &c.program.Roles[i]
		if h.Role != name {
			continue
		}
		kid, err := c.subject(h.Subject)
		if err != nil {
			return nil, err
		}
		kids = append(kids, and(c.when(h.When, Instant{}), kid))
	}
	return or(kids...), nil
}

func (c *compiler) relation(s Subject, types []*schema.AttributeType) (*expr, error) {
	if c.schema == nil {
		return nil, errors.New("attributes are named without a schema")
	}
	var all []*schema.AttributeType
	for _, t := range types {
		for _, no := range c.schema.Subtypes(t.No) {
			all = append(all, c.schema.TypeNo(no))
		}
	}
	slices.SortFunc(all, func(a, b *schema.AttributeType) int { return cmp.Compare(a.No, b.No) })
	all = slices.Compact(all)
	key := fmt.Sprintf("%T", s)
	for _, t := range all {
		key += fmt.Sprintf(" %d", t.No)
	}
	e := c.related(key, &test{subject: s, types: all})
	if _, same := s.(Same); same {
		c.sameTypes = append(c.sameTypes, all...)
		slices.SortFunc(c.sameTypes, func(a, b *schema.AttributeType) int { return cmp.Compare(a.No, b.No) })
		c.sameTypes = slices.Compact(c.sameTypes)
	}
	return e, nil
}

// isOwn reports whether the subject can only be the target itself.
func isOwn(s Subject) bool {
	switch s := s.(type) {
	case Self:
		return true
	case All:
		return slices.ContainsFunc(s, isOwn)
	case Any:
		return len(s) > 0 && !slices.ContainsFunc(s, func(k Subject) bool { return !isOwn(k) })
	case Unless:
		return isOwn(s.Subject)
	default:
		return false
	}
}
