package dit

import (
	"errors"
	"slices"
	"time"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/directory/schema"
	"gatehouse/storage"
)

// errTooManyGroups says that a closure of memberships was not followed to its end: then nobody knows what an entry may do.
var errTooManyGroups = errors.New("dit: an entry is in too many groups")

// state is one state of the directory, as policies ask for it. Where reads is set, what the answers rely on becomes guards of a
// write.
type state struct {
	d     *Directory
	sn    *storage.Snapshot
	reads *storage.ReadSet
}

var _ acl.Directory = state{}

// CSN implements [acl.Directory].
func (st state) CSN() directory.CSN { return st.sn.CSN() }

// Now implements [acl.Directory].
func (st state) Now() time.Time { return st.d.policyTime(st.sn) }

// policyTime is the later of the clock and the newest change.
func (d *Directory) policyTime(sn *storage.Snapshot) time.Time {
	now := d.now()
	if last := sn.Time(); last.After(now) {
		return last
	}
	return now
}

// ByID implements [acl.Directory].
func (st state) ByID(id directory.EntryID) (acl.Source, error) {
	c := &candidate{d: st.d, sn: st.sn, id: id, reads: st.reads}
	return c, c.load()
}

// Groups implements [acl.Directory].
func (st state) Groups(t acl.Target, visit func(directory.NDN) bool) error {
	g := groupsOf{state: st, seen: make(map[directory.EntryID]struct{})}
	if err := g.find(t); err != nil {
		return err
	}
	for _, id := range g.found {
		ndn, err := st.sn.NDN(id)
		if err != nil {
			return err
		}
		if !visit(ndn) {
			return nil
		}
	}
	return nil
}

// groupsOf finds the groups of one entry: by links, by names that wait for it, and by memberURL.
type groupsOf struct {
	state
	found []directory.EntryID
	seen  map[directory.EntryID]struct{}
}

func (g *groupsOf) find(t acl.Target) error {
	types := g.d.attr.groupTypes
	id := t.ID()
	if id != 0 {
		if g.reads != nil {
			if _, err := g.reads.Authority(id); err != nil {
				return err
			}
		}
		if err := g.up(id); err != nil {
			return err
		}
	}
	waits, err := g.mayWait(t)
	if err != nil {
		return err
	}
	if waits != "" {
		var waiting []directory.EntryID
		if err := g.sn.Waiting(waits, func(source directory.EntryID, desc *directory.AttributeDescription) bool {
			if slices.Contains(types, desc.TypeNo) {
				waiting = append(waiting, source)
			}
			return true
		}); err != nil {
			return err
		}
		for _, source := range waiting {
			if err := g.add(source); err != nil {
				return err
			}
		}
	}
	source, ok := t.(acl.Source)
	if !ok {
		return nil
	}
	return g.dynamic(source)
}

// mayWait returns the name of a target that has none in this state, or another one: values that wait for it will be links to it.
func (g *groupsOf) mayWait(t acl.Target) (directory.NDN, error) {
	if c, stored := t.(*candidate); stored && c.made == nil {
		return "", nil
	}
	ndn, err := t.NDN()
	if err != nil || t.ID() == 0 {
		return ndn, err
	}
	if now, err := g.sn.NDN(t.ID()); err != nil || now == ndn {
		return "", err
	}
	return ndn, nil
}

// add takes a group in, and those that it is in.
func (g *groupsOf) add(id directory.EntryID) error {
	if _, twice := g.seen[id]; twice {
		return nil
	}
	if len(g.found) == groupsMax {
		return errTooManyGroups
	}
	g.seen[id] = struct{}{}
	g.found = append(g.found, id)
	return g.up(id)
}

func (g *groupsOf) up(id directory.EntryID) error {
	var c closure
	if err := c.walk(g.sn, id, g.d.attr.groupTypes, func(directory.EntryID) bool { return true }); err != nil {
		return err
	}
	if len(c.found) >= groupsMax {
		return errTooManyGroups
	}
	for _, group := range c.found {
		if _, twice := g.seen[group]; !twice {
			g.seen[group] = struct{}{}
			g.found = append(g.found, group)
		}
	}
	return nil
}

// Names implements [acl.Directory].
func (st state) Names(t acl.Target, typ *schema.AttributeType) (list []directory.NDN, err error) {
	if typ.No == st.d.attr.memberOf.TypeNo {
		err = st.Groups(t, func(n directory.NDN) bool {
			list = append(list, n)
			return true
		})
		return list, err
	}
	descs, err := st.sn.ReferenceDescriptions(t.ID())
	if err != nil {
		return nil, err
	}
	for _, desc := range descs {
		if desc.TypeNo != typ.No {
			continue
		}
		for v, err := range st.sn.References(t.ID(), desc) {
			if err != nil {
				return nil, err
			}
			name := v.Name
			if v.Target != 0 {
				if name, err = st.sn.NDN(v.Target); err != nil {
					return nil, err
				}
			}
			list = append(list, name)
		}
	}
	for _, a := range t.Entry().Attributes() {
		if a.Desc.TypeNo != typ.No {
			continue
		}
		for v := range a.Values() {
			if name, err := st.d.schema.AppendNDN(nil, string(v)); err == nil {
				list = append(list, directory.NDN(name))
			}
		}
	}
	return list, nil
}

// IsReferredTo implements [acl.Directory].
func (st state) IsReferredTo(name directory.NDN, typ *schema.AttributeType) (bool, error) {
	id, err := st.sn.Lookup(name)
	if err != nil && !isNotFound(err) {
		return false, err
	}
	if st.reads != nil {
		return true, nil // a write relies on what it has looked at, entry by entry
	}
	return isReferredTo(st.sn, id, name, typ.No)
}

// Authority implements [acl.Directory].
func (st state) Authority(id directory.EntryID) (uint64, error) {
	generation, err := st.sn.Authority(id)
	return uint64(generation), err
}

// Below implements [acl.Directory].
func (st state) Below(t acl.Target, visit func(acl.Source) bool) (bool, error) {
	n, err := st.sn.ChildCount(t.ID())
	if err != nil || n == 0 {
		return err == nil, err
	}
	plan, err := st.sn.Plan(&filter.Node{Op: filter.OpTrue}, t.ID(), directory.ScopeChildren, storage.PlanOptions{})
	if err != nil {
		return false, err
	}
	c := &candidate{d: st.d, sn: st.sn}
	for after, looked := directory.EntryID(0), 0; ; looked++ {
		id, more, err := plan.Next(after)
		if err != nil || !more {
			return err == nil, err
		}
		if looked == belowMax {
			return false, nil
		}
		after = id
		c.reset(id)
		if err := c.load(); err != nil {
			return false, err
		}
		if !visit(c) {
			return true, nil
		}
	}
}

// belowMax bounds the entries that are looked at before a subtree is renamed or moved.
const belowMax = 100_000

// WaitingBelow implements [acl.Directory].
func (st state) WaitingBelow(name directory.NDN, visit func(directory.NDN) bool) error {
	return st.sn.WaitingBelow(name, visit)
}
