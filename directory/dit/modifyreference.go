package dit

import (
	"slices"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/schema"
	"gatehouse/storage"
)

// references is what a modify does to the reference attributes of one entry. It never loads the members of a group: each value
// is looked up by itself, and its presence or absence is a guard of the change.
type references struct {
	w    *Write
	list []*referenceChange
}

// referenceChange is what becomes of one attribute. A value is there if it was added, or if the store has it and it was
// neither removed nor cleared.
type referenceChange struct {
	desc    *directory.AttributeDescription
	cleared bool
	added   []storage.Reference
	removed []directory.NDN
}

// mark tells the draft which attributes have links.
func (r *references) mark() error {
	descs, err := r.w.Snapshot.ReferenceDescriptions(r.w.ID)
	if err != nil {
		return err
	}
	for _, desc := range descs {
		any, err := r.w.Snapshot.AnyReference(r.w.ID, desc)
		if err != nil {
			return err
		}
		if any {
			r.w.Draft.Mark(desc, true)
		}
	}
	return nil
}

func (r *references) of(desc *directory.AttributeDescription) *referenceChange {
	for _, c := range r.list {
		if c.desc == desc {
			return c
		}
	}
	c := &referenceChange{desc: desc}
	r.list = append(r.list, c)
	return c
}

// has reports whether the value is there at this point of the request.
func (r *references) has(c *referenceChange, target directory.NDN) (bool, error) {
	switch {
	case c.findAdded(target) >= 0:
		return true, nil
	case c.cleared, slices.Contains(c.removed, target):
		return false, nil
	}
	return r.w.Reads.HasReference(r.w.ID, c.desc, target)
}

func (c *referenceChange) findAdded(target directory.NDN) int {
	return slices.IndexFunc(c.added, func(ref storage.Reference) bool { return ref.Target == target })
}

func (r *references) add(ref *storage.Reference) error {
	c := r.of(ref.Desc)
	has, err := r.has(c, ref.Target)
	if err != nil {
		return err
	}
	if has {
		return directory.Errorf(directory.AttributeOrValueExists, "%s: the value is there already", ref.Desc)
	}
	c.added = append(c.added, *ref)
	r.w.Draft.Mark(ref.Desc, true)
	return nil
}

func (r *references) remove(ref *storage.Reference) error {
	c := r.of(ref.Desc)
	has, err := r.has(c, ref.Target)
	if err != nil {
		return err
	}
	if !has {
		return noSuchValue(ref.Desc)
	}
	c.drop(ref.Target)
	return nil
}

// drop takes away a value that is there.
func (c *referenceChange) drop(target directory.NDN) {
	if i := c.findAdded(target); i >= 0 {
		c.added = slices.Delete(c.added, i, i+1)
		return
	}
	c.removed = append(c.removed, target)
}

// clear takes away all values. If the policy decides by value, each is asked for.
func (r *references) clear(m *modifying, desc *directory.AttributeDescription) error {
	c := r.of(desc)
	if !m.rights.WriteAny(acl.ActionWriteDelete, desc) {
		if err := r.each(c, func(_ directory.NDN, text []byte) error {
			return m.ask(acl.ActionWriteDelete, desc, text)
		}); err != nil {
			return err
		}
	} else if err := m.ask(acl.ActionWriteDelete, desc, nil); err != nil {
		return err
	}
	if _, err := r.w.Reads.Authority(r.w.ID); err != nil { // no link may come or go meanwhile
		return err
	}
	c.cleared, c.added, c.removed = true, nil, nil
	r.w.Draft.Mark(desc, false)
	return nil
}

// each visits the values of the store that are still there, with their names as printed.
func (r *references) each(c *referenceChange, visit func(directory.NDN, []byte) error) error {
	if c.cleared {
		return nil
	}
	sn := r.w.Snapshot
	for v, err := range sn.References(r.w.ID, c.desc) {
		if err != nil {
			return err
		}
		ndn, text := v.Name, []byte(v.Text)
		if v.Target != 0 {
			if ndn, err = sn.NDN(v.Target); err != nil {
				return err
			}
			if text, err = sn.AppendDN(nil, v.Target); err != nil {
				return err
			}
		}
		if slices.Contains(c.removed, ndn) {
			continue
		}
		if err := visit(ndn, text); err != nil {
			return err
		}
	}
	return nil
}

// replace makes refs the values of the attribute: a difference, so that a group that keeps most of its members costs little to
// write. It reports whether anything differs.
func (r *references) replace(m *modifying, desc *directory.AttributeDescription, refs []storage.Reference) (bool, error) {
	c := r.of(desc)
	if _, err := r.w.Reads.Authority(r.w.ID); err != nil { // no link may come or go meanwhile
		return false, err
	}
	wanted := make(map[directory.NDN]*storage.Reference, len(refs))
	for i := range refs {
		wanted[refs[i].Target] = &refs[i]
	}
	differs := false
	earlier := c.added
	c.added = nil
	var removed []directory.NDN
	err := r.each(c, func(ndn directory.NDN, text []byte) error {
		if wanted[ndn] != nil {
			delete(wanted, ndn)
			return nil
		}
		differs = true
		removed = append(removed, ndn)
		return m.askReplace(acl.ActionWriteDelete, desc, text)
	})
	if err != nil {
		return false, err
	}
	for _, ref := range earlier {
		if wanted[ref.Target] == nil {
			differs = true
			if err := m.askReplace(acl.ActionWriteDelete, desc, []byte(ref.Text)); err != nil {
				return false, err
			}
		}
	}
	c.removed = append(c.removed, removed...)
	for i := range refs {
		if wanted[refs[i].Target] == nil {
			continue
		}
		differs = true
		if err := m.askReplace(acl.ActionWriteAdd, desc, []byte(refs[i].Text)); err != nil {
			return false, err
		}
		c.added = append(c.added, refs[i])
	}
	r.w.Draft.Mark(desc, len(refs) > 0)
	return differs, nil
}

// check brings the draft's marks up to date. Where values were removed, or another object class may now need the attribute,
// one value that stays is found and guarded, so that two clients do not each remove the last but one.
func (r *references) check(all bool) error {
	if all {
		for _, a := range r.w.Draft.Attributes() {
			if a.Marked {
				r.of(a.Desc)
			}
		}
	}
	for _, c := range r.list {
		has := len(c.added) > 0
		if !has && !c.cleared {
			var err error
			if has, err = r.staying(c); err != nil {
				return err
			}
		}
		r.w.Draft.Mark(c.desc, has)
	}
	r.excuse()
	return nil
}

// excuse marks what the entry must have and had lost before this write: a group whose last member was deleted stays valid, and
// must not stand in the way of a change of something else.
func (r *references) excuse() {
	for v := range r.w.Before.Get(r.w.d.attr.objectClass).Values() {
		r.excuseClass(r.w.Schema.ObjectClass(string(v)), 0)
	}
}

func (r *references) excuseClass(c *schema.ObjectClass, depth int) {
	if c == nil || depth == classDepthMax {
		return
	}
	for _, t := range c.Must {
		desc := t.Description()
		touched := slices.ContainsFunc(r.list, func(c *referenceChange) bool { return c.desc == desc })
		if desc.Is(directory.FlagReference) && !touched && !r.w.Draft.Has(desc) && r.w.Before.Get(desc).Len() == 0 {
			r.w.Draft.Mark(desc, true)
		}
	}
	for _, sup := range c.Sup {
		r.excuseClass(sup, depth+1)
	}
}

// staying finds a value that is not removed and guards it.
func (r *references) staying(c *referenceChange) (bool, error) {
	sn := r.w.Snapshot
	gone := make(map[directory.NDN]struct{}, len(c.removed))
	for _, ndn := range c.removed {
		gone[ndn] = struct{}{}
	}
	for v, err := range sn.References(r.w.ID, c.desc) {
		if err != nil {
			return false, err
		}
		ndn := v.Name
		if v.Target != 0 {
			if ndn, err = sn.NDN(v.Target); err != nil {
				return false, err
			}
		}
		if _, removed := gone[ndn]; !removed {
			return r.w.Reads.HasReference(r.w.ID, c.desc, ndn)
		}
	}
	return false, nil
}

func (r *references) effects() (effects []storage.Effect) {
	for _, c := range r.list {
		if c.cleared {
			effects = append(effects, storage.RemoveAllReferences{ID: r.w.ID, Desc: c.desc})
		}
		for _, ndn := range c.removed {
			effects = append(effects, storage.RemoveReference{ID: r.w.ID, Desc: c.desc, Target: ndn})
		}
		for _, ref := range c.added {
			effects = append(effects, storage.AddReference{ID: r.w.ID, Reference: ref})
		}
	}
	return effects
}
