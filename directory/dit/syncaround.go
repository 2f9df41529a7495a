package dit

import (
	"bytes"
	"slices"

	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/storage"
)

// around says which entries a change may show in besides those that it touches: what the search asks for decides.
type around struct {
	members  bool // groups show, or are found by, those who are in them by nested groups or by uid
	memberOf bool // entries show, or are found by, the groups that the session may see
	children bool // entries show, or are found by, how many children the session may see
}

func (d *Directory) aroundOf(req *directory.SearchRequest) around {
	var asked selection
	asked.choose(d, req.Attributes)
	var a around
	note := func(desc *directory.AttributeDescription) {
		a.memberOf = a.memberOf || desc.TypeNo == d.attr.memberOf.TypeNo
		a.members = a.members || d.isMembership(d.schema.Type(desc))
		a.children = a.children || desc == d.attr.numSubordinates || desc == d.attr.hasSubordinates
	}
	for _, no := range d.attr.groupTypes {
		if desc := d.schema.TypeNo(no).Description(); asked.wanted.Has(desc) {
			note(desc)
		}
	}
	for _, desc := range []*directory.AttributeDescription{d.attr.memberUid, d.attr.memberOf, d.attr.numSubordinates, d.attr.hasSubordinates} {
		if desc != nil && asked.wanted.Has(desc) {
			note(desc)
		}
	}
	eachAttribute(req.Filter, func(name string) {
		if desc, err := d.schema.Description(name); err == nil {
			note(desc)
		}
	})
	return a
}

// eachAttribute visits the attribute descriptions in a filter.
func eachAttribute(f directory.Filter, visit func(name string)) {
	switch f := f.(type) {
	case directory.And:
		for _, part := range f {
			eachAttribute(part, visit)
		}
	case directory.Or:
		for _, part := range f {
			eachAttribute(part, visit)
		}
	case *directory.Not:
		eachAttribute(f.Filter, visit)
	case *directory.EqualityMatch:
		visit(f.Attr)
	case *directory.Substrings:
		visit(f.Attr)
	case *directory.GreaterOrEqual:
		visit(f.Attr)
	case *directory.LessOrEqual:
		visit(f.Attr)
	case *directory.Present:
		visit(f.Attr)
	case *directory.ApproxMatch:
		visit(f.Attr)
	case *directory.ExtensibleMatch:
		if f.Attr != "" {
			visit(f.Attr)
		}
	}
}

// wider returns the entries that were touched with those in which that may show; all says that it may show in any.
func (y *contentSync) wider(old *Search, ids []directory.EntryID) (more []directory.EntryID, all bool, err error) {
	if y.around == (around{}) || old.nothing || y.x.nothing {
		return ids, false, nil
	}
	if len(ids) > syncWiderMax {
		return nil, true, nil
	}
	more = slices.Clone(ids)
	var groups closure
	for _, id := range ids {
		if y.around.memberOf {
			if all, err = y.isSeenOtherwise(old, id); all || err != nil {
				return nil, all, err
			}
		}
		for _, x := range []*Search{old, y.x} {
			if parent, err := x.c.sn.Parent(id); err == nil && parent != 0 && y.around.children {
				more = append(more, parent)
			}
		}
		if !y.around.members {
			continue
		}
		err := groups.walk(y.x.c.sn, id, y.d.attr.groupTypes, func(directory.EntryID) bool { return true })
		if err != nil && !isNotFound(err) { // it may be gone
			return nil, false, err
		}
		if len(groups.found) >= groupsMax {
			return nil, true, nil
		}
		more = append(more, groups.found...)
		naming, many, err := y.naming(old, id)
		if many || err != nil {
			return nil, many, err
		}
		if more = append(more, naming...); len(more) > syncWiderMax {
			return nil, true, nil
		}
	}
	slices.Sort(more)
	return slices.Compact(more), false, nil
}

// naming returns the entries that may keep a uid that the entry has or had, as memberUid; all says that they cannot be told. One that
// kept it is itself among those that were touched.
func (y *contentSync) naming(old *Search, id directory.EntryID) (found []directory.EntryID, all bool, err error) {
	if y.d.attr.memberUid == nil {
		return nil, false, nil
	}
	var asked [][]byte
	for _, x := range []*Search{old, y.x} {
		entry, err := x.c.sn.Entry(id)
		if isNotFound(err) {
			continue
		}
		if err != nil {
			return nil, false, err
		}
		for uid := range entry.Get(y.d.attr.uid).Values() {
			if slices.ContainsFunc(asked, func(other []byte) bool { return bytes.Equal(other, uid) }) {
				continue
			}
			asked = append(asked, uid)
			var indexed bool
			if found, indexed, err = y.x.proposed(found, &directory.EqualityMatch{Attr: y.d.attr.memberUid.Name, Value: uid}); err != nil || !indexed {
				return nil, !indexed, err
			}
		}
	}
	return found, len(found) > syncWiderMax, nil
}

// proposed appends what an index proposes for a filter; false if none does.
func (x *Search) proposed(found []directory.EntryID, f directory.Filter) ([]directory.EntryID, bool, error) {
	plan, err := x.c.sn.Plan(filter.Compile(x.d.schema, f, nil).Root, 0, directory.ScopeSub, storage.PlanOptions{})
	if err != nil || !plan.Indexed() {
		return nil, false, err
	}
	for id := directory.EntryID(0); ; {
		var more bool
		if id, more, err = plan.Next(id); err != nil || !more || len(found) > syncWiderMax {
			return found, true, err
		}
		found = append(found, id)
	}
}

// isSeenOtherwise reports whether an entry is a group that the session may see in one of the two states alone: then its members are in
// another group as far as the session knows.
func (y *contentSync) isSeenOtherwise(old *Search, id directory.EntryID) (bool, error) {
	group := false
	var seen [2]bool
	for i, x := range []*Search{old, y.x} {
		c := candidate{d: y.d, s: y.s, sn: x.c.sn, id: id}
		if err := c.load(); isNotFound(err) {
			continue
		} else if err != nil {
			return false, err
		}
		descs, err := c.sn.ReferenceDescriptions(id)
		if err != nil {
			return false, err
		}
		for _, desc := range descs {
			group = group || slices.Contains(y.d.attr.groupTypes, desc.TypeNo)
		}
		if seen[i] = y.view.Decide(y.s, &c).Discover(); c.err != nil {
			return false, c.err
		}
	}
	return group && seen[0] != seen[1], nil
}
