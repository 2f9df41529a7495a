package dit

import (
	"slices"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/directory/schema"
	"gatehouse/storage"
)

// proposed is an entry as it would be after a write: a target of the policy. Its links are those that the store has with what the
// write does to them.
type proposed struct {
	w     *Write
	id    directory.EntryID
	ndn   directory.NDN
	entry *directory.Entry
	refs  *references         // of a modify
	added []storage.Reference // of an add
	now   *candidate          // the entry as it is; nil for an add
}

var (
	_ acl.Source    = (*proposed)(nil)
	_ filter.Source = (*proposed)(nil)
)

// ID implements [acl.Target].
func (p *proposed) ID() directory.EntryID { return p.id }

// NDN implements [acl.Target].
func (p *proposed) NDN() (directory.NDN, error) { return p.ndn, nil }

// Entry implements [acl.Target].
func (p *proposed) Entry() *directory.Entry { return p.entry }

// Parent implements [acl.Source]: the place is found by name.
func (p *proposed) Parent() (directory.EntryID, error) { return 0, nil }

// Facts implements [acl.Source].
func (p *proposed) Facts() filter.Source { return p }

// Directory implements [acl.Source].
func (p *proposed) Directory() acl.Directory { return state{p.w.d, p.w.Snapshot, p.w.Reads} }

// Memo implements [acl.Source].
func (p *proposed) Memo() *acl.Memo { return nil }

// MaySearch implements [filter.Source].
func (p *proposed) MaySearch(*directory.AttributeDescription) bool { return true }

// MaySearchAll implements [filter.Source].
func (p *proposed) MaySearchAll(*directory.AttributeDescription, []string) bool { return true }

// Computed implements [filter.Source]. What a write does not change is as it was.
func (p *proposed) Computed(t *schema.AttributeType) (directory.Attribute, error) {
	desc := t.Description()
	switch {
	case desc == p.w.d.attr.entryDN:
		return directory.NewAttribute(desc, []byte(p.ndn)), nil
	case p.now != nil:
		return (*facts)(p.now).Computed(t)
	case desc == p.w.d.attr.hasSubordinates:
		return directory.NewAttribute(desc, boolean(false)), nil
	case desc == p.w.d.attr.numSubordinates:
		return directory.NewAttribute(desc, []byte("0")), nil
	default:
		return directory.Attribute{}, nil
	}
}

// HasReference implements [filter.Source].
func (p *proposed) HasReference(desc *directory.AttributeDescription, t *schema.AttributeType, ndn directory.NDN, chain bool) (bool, error) {
	if t.No == p.w.d.attr.memberOf.TypeNo {
		is := false
		err := p.Directory().Groups(p, func(n directory.NDN) bool {
			is = n == ndn
			return !is
		})
		return is, err
	}
	if is, err := p.hasDirect(desc, t, ndn); is || err != nil || !chain {
		return is, err
	}
	return p.hasByChain(t, ndn)
}

// hasByChain reports whether one of the links that the entry will have leads to ndn by others. The chain is walked from its end.
func (p *proposed) hasByChain(t *schema.AttributeType, ndn directory.NDN) (bool, error) {
	sn := p.w.Snapshot
	end, err := sn.Lookup(ndn)
	if err != nil {
		if isNotFound(err) {
			err = nil
		}
		return false, err
	}
	types := (&candidate{d: p.w.d}).chainTypes(t.No)
	var c closure
	is, failed := false, error(nil)
	err = c.walk(sn, end, types, func(id directory.EntryID) bool {
		var name directory.NDN
		if name, failed = sn.NDN(id); failed != nil {
			return false
		}
		for _, no := range types {
			if is, failed = p.hasDirect(nil, p.w.d.schema.TypeNo(no), name); is || failed != nil {
				return false
			}
		}
		return true
	})
	switch {
	case err != nil:
		return false, err
	case failed != nil:
		return false, failed
	case !is && len(c.found) >= groupsMax:
		return false, errTooManyGroups
	}
	return is, nil
}

func (p *proposed) hasDirect(desc *directory.AttributeDescription, t *schema.AttributeType, ndn directory.NDN) (bool, error) {
	for _, ref := range p.added {
		if ref.Target == ndn && isDescribed(ref.Desc, desc, t) {
			return true, nil
		}
	}
	scratch := candidate{d: p.w.d}
	for _, a := range p.entry.Attributes() {
		if !isDescribed(a.Desc, desc, t) {
			continue
		}
		for v := range a.Values() {
			if scratch.isName(v, ndn) {
				return true, nil
			}
		}
	}
	if p.id == 0 {
		return false, nil
	}
	descs, err := p.descriptions()
	if err != nil {
		return false, err
	}
	for _, d := range descs {
		if !isDescribed(d, desc, t) {
			continue
		}
		if c := p.change(d); c != nil {
			if c.findAdded(ndn) >= 0 {
				return true, nil
			}
			if c.cleared || slices.Contains(c.removed, ndn) {
				continue
			}
		}
		if has, err := p.w.Reads.HasReference(p.id, d, ndn); has || err != nil {
			return has, err
		}
	}
	return false, nil
}

// change returns what the write does to an attribute, nil if nothing.
func (p *proposed) change(desc *directory.AttributeDescription) *referenceChange {
	if p.refs == nil {
		return nil
	}
	for _, c := range p.refs.list {
		if c.desc == desc {
			return c
		}
	}
	return nil
}

// descriptions returns the reference attributes that the entry may have.
func (p *proposed) descriptions() ([]*directory.AttributeDescription, error) {
	if p.id == 0 {
		return nil, nil
	}
	descs, err := p.w.Snapshot.ReferenceDescriptions(p.id)
	if err != nil {
		return nil, err
	}
	if p.refs != nil {
		for _, c := range p.refs.list {
			if !slices.Contains(descs, c.desc) {
				descs = append(descs, c.desc)
			}
		}
	}
	return descs, nil
}

// AnyReference implements [filter.Source]. The draft's marks say which attributes have links.
func (p *proposed) AnyReference(desc *directory.AttributeDescription, t *schema.AttributeType) (bool, error) {
	if t.No == p.w.d.attr.memberOf.TypeNo {
		any := false
		err := p.Directory().Groups(p, func(directory.NDN) bool {
			any = true
			return false
		})
		return any, err
	}
	return slices.ContainsFunc(p.w.Draft.Attributes(), func(a directory.DraftAttribute) bool {
		return isDescribed(a.Desc, desc, t) && (a.Marked || len(a.Values) > 0)
	}), nil
}
