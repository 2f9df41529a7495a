package dit

import (
	"fmt"
	"slices"

	"gatehouse/acl"
	"gatehouse/directory"
)

// fill makes the view of a candidate whose rights are known: what was asked for and may be read. It is valid until the candidate is
// reset.
func (c *candidate) fill(v *acl.View, q *selection, typesOnly bool) error {
	dn, err := c.name()
	if err != nil {
		return err
	}
	var references []*directory.AttributeDescription
	if q.references && c.made == nil {
		if references, err = c.sn.ReferenceDescriptions(c.id); err != nil {
			return err
		}
	}
	var more []directory.Attribute
	if len(q.views) > 0 {
		if more, err = c.views(q.views, references); err != nil {
			return err
		}
	}
	stored := c.entry.Attributes()
	if len(references) == 0 && more == nil {
		c.rights.Reduce(v, dn, &q.wanted, typesOnly, stored)
	} else {
		c.rights.Reduce(v, dn, &q.wanted, typesOnly, nil)
		if err := c.fillReferences(v, stored, references, more); err != nil {
			return err
		}
	}
	if c.made != nil {
		return nil
	}
	for _, desc := range q.computed {
		if v.Wants(desc) {
			a, err := c.computed(desc)
			if err != nil {
				return fmt.Errorf("%s of entry %d: %w", desc, c.id, err)
			}
			v.Add(a)
		}
	}
	return nil
}

// fillReferences adds the attributes of an entry with links. Values of a reference attribute that are kept as text follow the links,
// those that are another view of a membership follow all.
func (c *candidate) fillReferences(v *acl.View, stored []directory.Attribute, references []*directory.AttributeDescription, more []directory.Attribute) error {
	for _, a := range stored {
		if !a.Desc.Is(directory.FlagReference) || !slices.Contains(references, a.Desc) {
			v.Add(c.joined(a, more))
		}
	}
	for _, desc := range references {
		if !v.Wants(desc) {
			continue
		}
		a, err := c.sn.ReferenceAttribute(c.id, desc)
		if err != nil {
			return fmt.Errorf("%s of entry %d: %w", desc, c.id, err)
		}
		if a.Desc == nil {
			a.Desc = desc
		}
		v.Add(c.joined(c.joined(a, []directory.Attribute{c.entry.Get(desc)}), more))
	}
	for _, a := range more {
		if !slices.Contains(references, a.Desc) && c.entry.Get(a.Desc).Len() == 0 {
			v.Add(a)
		}
	}
	return nil
}

// joined returns an attribute with the further values that it has.
func (c *candidate) joined(a directory.Attribute, more []directory.Attribute) directory.Attribute {
	for _, further := range more {
		if further.Desc != a.Desc || further.Len() == 0 {
			continue
		}
		from := len(c.scratch)
		c.scratch = append(append(c.scratch, a.Set()...), further.Set()...)
		return directory.AttributeFromSet(a.Desc, c.scratch[from:len(c.scratch):len(c.scratch)], a.Len()+further.Len())
	}
	return a
}
