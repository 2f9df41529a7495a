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

// dynamicGroupsMax bounds the groups with a memberURL that are asked for the membership of one entry.
const dynamicGroupsMax = 1000

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
	if p, proposed := t.(*proposed); proposed {
		var waiting []directory.EntryID
		if err := g.sn.Waiting(p.ndn, func(source directory.EntryID, desc *directory.AttributeDescription) bool {
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

// dynamic asks the dynamic groups.
func (g *groupsOf) dynamic(t acl.Source) error {
	if g.d.attr.memberURL == nil {
		return nil
	}
	groups, err := g.d.dynamicGroups(g.sn)
	if err != nil {
		return err
	}
	for _, group := range groups {
		for _, m := range group.urls {
			is, err := m.Has(t)
			if err != nil {
				return err
			}
			if is {
				if err := g.add(group.id); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// dynamicGroup is a group with its memberURLs, as far as they can be read.
type dynamicGroup struct {
	id   directory.EntryID
	urls []*acl.MemberURL
}

// dynamicGroups finds the groups with memberURL. There are few; the list is kept for the state that it was made of.
func (d *Directory) dynamicGroups(sn *storage.Snapshot) ([]dynamicGroup, error) {
	csn := sn.CSN()
	if kept := d.dynamic.Load(); csn != 0 && kept != nil && kept.csn == csn {
		return kept.groups, nil
	}
	f := filter.Compile(d.schema, &directory.EqualityMatch{Attr: "objectClass", Value: []byte("groupOfURLs")}, nil)
	plan, err := sn.Plan(f.Root, 0, directory.ScopeSub, storage.PlanOptions{})
	if err != nil {
		return nil, err
	}
	var groups []dynamicGroup
	for after := directory.EntryID(0); ; {
		id, more, err := plan.Next(after)
		if err != nil {
			return nil, err
		}
		if !more {
			break
		}
		after = id
		entry, err := sn.Entry(id)
		if err != nil {
			return nil, err
		}
		group := dynamicGroup{id: id}
		for v := range entry.Get(d.attr.memberURL).Values() {
			if m, err := acl.ParseMemberURL(d.schema, string(v)); err == nil {
				group.urls = append(group.urls, m)
			}
		}
		if group.urls == nil {
			continue
		}
		if groups = append(groups, group); len(groups) > dynamicGroupsMax {
			return nil, errTooManyGroups
		}
	}
	if csn != 0 {
		d.dynamic.Store(&dynamicGroups{csn, groups})
	}
	return groups, nil
}

type dynamicGroups struct {
	csn    directory.CSN
	groups []dynamicGroup
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

// AnyBelow implements [acl.Directory]. It looks at the subtree, of which it is enough that one entry is guarded; one that is too
// large to look at counts as guarded.
func (st state) AnyBelow(t acl.Target, groups []directory.NDN, filters []*filter.Compiled) (bool, error) {
	n, err := st.sn.ChildCount(t.ID())
	if err != nil || n == 0 {
		return false, err
	}
	ids := make([]directory.EntryID, 0, len(groups))
	for _, group := range groups {
		id, err := st.sn.Lookup(group)
		switch {
		case isNotFound(err):
		case err != nil:
			return false, err
		default:
			ids = append(ids, id)
		}
	}
	plan, err := st.sn.Plan(&filter.Node{Op: filter.OpTrue}, t.ID(), directory.ScopeChildren, storage.PlanOptions{})
	if err != nil {
		return false, err
	}
	for after, looked := directory.EntryID(0), 0; ; looked++ {
		id, more, err := plan.Next(after)
		if err != nil || !more {
			return false, err
		}
		if looked == belowMax {
			return true, nil
		}
		after = id
		guarded, err := st.isGuarded(id, ids, filters)
		if guarded || err != nil {
			return guarded, err
		}
	}
}

// belowMax bounds the entries that are looked at before a subtree is renamed or moved.
const belowMax = 100_000

func (st state) isGuarded(id directory.EntryID, groups []directory.EntryID, filters []*filter.Compiled) (bool, error) {
	c := &candidate{d: st.d, sn: st.sn, id: id}
	if err := c.load(); err != nil {
		return false, err
	}
	g := groupsOf{state: state{d: st.d, sn: st.sn}, seen: make(map[directory.EntryID]struct{})}
	if len(groups) > 0 {
		if err := g.find(c); err != nil {
			return false, err
		}
	}
	for _, group := range g.found {
		if slices.Contains(groups, group) {
			return true, nil
		}
	}
	for _, f := range filters {
		var scratch filter.Scratch
		if is, err := f.MatchWith(c.Facts(), &scratch); err != nil || is == filter.True {
			return true, err
		}
	}
	return false, nil
}
