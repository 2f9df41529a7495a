package dit

import (
	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/directory/schema"
)

// facts is a candidate as policies see it: whatever anybody may discover.
type facts candidate

var (
	_ filter.Source = (*facts)(nil)
	_ acl.Source    = (*candidate)(nil)
)

// Parent implements [acl.Source]. It reads the entry first: where that fails, nothing can be decided.
func (c *candidate) Parent() (directory.EntryID, error) {
	if c.made != nil {
		return 0, nil
	}
	err := c.load()
	return c.parent, err
}

// Facts implements [acl.Source].
func (c *candidate) Facts() filter.Source { return (*facts)(c) }

// Directory implements [acl.Source].
func (c *candidate) Directory() acl.Directory { return state{c.d, c.sn, c.reads} }

// Memo implements [acl.Source].
func (c *candidate) Memo() *acl.Memo { return c.memo }

func (f *facts) of() *candidate { return (*candidate)(f) }

// Entry implements [filter.Source].
func (f *facts) Entry() *directory.Entry { return f.of().Entry() }

// NDN implements [filter.Source].
func (f *facts) NDN() (directory.NDN, error) { return f.of().NDN() }

// MaySearch implements [filter.Source].
func (f *facts) MaySearch(*directory.AttributeDescription) bool { return true }

// MaySearchAll implements [filter.Source].
func (f *facts) MaySearchAll(*directory.AttributeDescription, []string) bool { return true }

// Computed implements [filter.Source]. Subordinates are counted whether or not anybody may discover them.
func (f *facts) Computed(t *schema.AttributeType) (directory.Attribute, error) {
	c := f.of()
	if c.made != nil {
		return c.made.entry.Get(t.Description()), nil
	}
	desc := t.Description()
	if desc != c.d.attr.hasSubordinates && desc != c.d.attr.numSubordinates {
		return c.computed(desc)
	}
	n, err := c.sn.ChildCount(c.id)
	if err != nil {
		return directory.Attribute{}, err
	}
	return c.subordinates(desc, n), nil
}

// HasReference implements [filter.Source].
func (f *facts) HasReference(desc *directory.AttributeDescription, t *schema.AttributeType, ndn directory.NDN, chain bool) (bool, error) {
	c := f.of()
	if c.made != nil {
		return false, nil
	}
	if err := c.rely(); err != nil {
		return false, err
	}
	if t.No == c.d.attr.memberOf.TypeNo {
		return c.isMember(ndn)
	}
	is, err := c.refersTo(desc, t, ndn, chain)
	if err == nil && !is && chain && len(c.groups.found) >= groupsMax {
		err = errTooManyGroups
	}
	return is, err
}

// isMember reports whether the entry is in a group: by links, nested, or dynamically.
func (c *candidate) isMember(group directory.NDN) (bool, error) {
	to, err := c.target(group)
	if err != nil || to.id == 0 {
		return false, err
	}
	if is, err := c.groups.reaches(c.sn, c.id, c.d.attr.groupTypes, to.id); is || err != nil {
		return is, err
	}
	if len(c.groups.found) >= groupsMax {
		return false, errTooManyGroups
	}
	dynamic, err := c.d.dynamicGroups(c.sn)
	if err != nil || len(dynamic.groups) == 0 {
		return false, err
	}
	is := false
	err = state{d: c.d, sn: c.sn}.Groups(c, func(n directory.NDN) bool {
		is = n == group
		return !is
	})
	return is, err
}

// AnyReference implements [filter.Source].
func (f *facts) AnyReference(desc *directory.AttributeDescription, t *schema.AttributeType) (bool, error) {
	c := f.of()
	if c.made != nil {
		return false, nil
	}
	if err := c.rely(); err != nil {
		return false, err
	}
	if t.No != c.d.attr.memberOf.TypeNo {
		return c.AnyReference(desc, t)
	}
	any := false
	err := state{d: c.d, sn: c.sn}.Groups(c, func(directory.NDN) bool {
		any = true
		return false
	})
	return any, err
}

// rely makes a write depend on the links of the entry, once.
func (c *candidate) rely() error {
	if c.reads == nil || c.has&haveAuthority != 0 {
		return nil
	}
	c.has |= haveAuthority
	_, err := c.reads.Authority(c.id)
	return err
}
