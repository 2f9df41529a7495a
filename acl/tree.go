package acl

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/directory/schema"
)

// Tree is a small directory in memory: what policies are tested on. It checks names and attribute types but not object classes.
// It must not be changed while it is asked.
type Tree struct {
	schema  *schema.Schema
	at      time.Time
	csn     directory.CSN
	entries []*treeEntry // by ID - 1
	byName  map[directory.NDN]*treeEntry
	refs    map[int]bool // type numbers that make memberOf
}

// treeEntry is one entry of a tree.
type treeEntry struct {
	id    directory.EntryID
	ndn   directory.NDN
	entry *directory.Entry
}

// treeTarget is an entry of a tree, or one that is proposed for it, as a target.
type treeTarget struct {
	*treeEntry
	tree *Tree
	memo Memo
}

var (
	_ Source        = (*treeTarget)(nil)
	_ filter.Source = (*treeTarget)(nil)
	_ Directory     = (*Tree)(nil)
)

// NewTree returns an empty tree in which it is the time at.
func NewTree(s *schema.Schema, at time.Time) *Tree {
	t := &Tree{schema: s, at: at, csn: 1, byName: make(map[directory.NDN]*treeEntry), refs: make(map[int]bool)}
	for _, name := range []string{"member", "uniqueMember"} {
		if typ := s.TypeByName(name); typ != nil {
			for _, no := range s.Subtypes(typ.No) {
				t.refs[no] = true
			}
		}
	}
	return t
}

// Add adds an entry, or replaces the one with its name. Values of reference attributes are among the attributes.
func (t *Tree) Add(dn string, attrs []directory.PartialAttribute) error {
	e, err := t.make(dn, attrs)
	if err != nil {
		return err
	}
	t.csn++
	if old := t.byName[e.ndn]; old != nil {
		old.entry = e.entry
		return nil
	}
	e.id = directory.EntryID(len(t.entries) + 1)
	t.entries = append(t.entries, e)
	t.byName[e.ndn] = e
	return nil
}

func (t *Tree) make(dn string, attrs []directory.PartialAttribute) (*treeEntry, error) {
	_, ndn, err := t.schema.ParseName(dn)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", dn, err)
	}
	list := make([]directory.Attribute, 0, len(attrs))
	for _, a := range attrs {
		desc, err := t.schema.Description(a.Attr)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", dn, err)
		}
		if len(a.Values) > 0 {
			list = append(list, directory.NewAttribute(desc, a.Values...))
		}
	}
	return &treeEntry{ndn: ndn, entry: directory.StoredEntry(list)}, nil
}

// Find returns the entry with a name as a target, for one goroutine at a time; nil if there is none.
func (t *Tree) Find(ndn directory.NDN) Source {
	if e := t.byName[ndn]; e != nil {
		return &treeTarget{treeEntry: e, tree: t}
	}
	return nil
}

// Named returns an entry of which nothing but the name is known, as a target.
func (t *Tree) Named(ndn directory.NDN) Source {
	return &treeTarget{treeEntry: &treeEntry{ndn: ndn, entry: directory.StoredEntry(nil)}, tree: t}
}

// Propose returns an entry that is not in the tree as a target. With an ID it is what an entry of the tree becomes.
func (t *Tree) Propose(id directory.EntryID, dn string, attrs []directory.PartialAttribute) (Source, error) {
	e, err := t.make(dn, attrs)
	if err != nil {
		return nil, err
	}
	e.id = id
	return &treeTarget{treeEntry: e, tree: t}, nil
}

// Session returns a session of the entry with a name.
func (t *Tree) Session(transport Transport, id Identity) (*Session, error) {
	e := t.byName[id.NDN]
	if e == nil {
		return nil, fmt.Errorf("no entry %q", id.NDN)
	}
	id.Kind, id.ID = KindEntry, e.id
	return NewSession(transport).Authenticated(id), nil
}

// SetTime makes it another time.
func (t *Tree) SetTime(at time.Time) { t.at = at }

// CSN implements [Directory].
func (t *Tree) CSN() directory.CSN { return t.csn }

// Now implements [Directory].
func (t *Tree) Now() time.Time { return t.at }

// ByID implements [Directory].
func (t *Tree) ByID(id directory.EntryID) (Source, error) {
	if id == 0 || int(id) > len(t.entries) {
		return nil, fmt.Errorf("no entry %d", id)
	}
	return &treeTarget{treeEntry: t.entries[id-1], tree: t}, nil
}

// Groups implements [Directory].
func (t *Tree) Groups(of Target, visit func(directory.NDN) bool) error {
	ndn, err := of.NDN()
	if err != nil {
		return err
	}
	seen := make(map[directory.NDN]bool)
	queue := []Target{of}
	names := []directory.NDN{ndn}
	if id := of.ID(); id != 0 && int(id) <= len(t.entries) { // links follow an entry that is renamed
		names[0] = t.entries[id-1].ndn
		if ndn != names[0] {
			queue, names = append(queue, of), append(names, ndn)
		}
	}
	for i := 0; i < len(queue); i++ {
		for _, group := range t.entries {
			if seen[group.ndn] || !t.has(group, names[i]) && !t.isDynamic(group, queue[i]) {
				continue
			}
			seen[group.ndn] = true
			if !visit(group.ndn) {
				return nil
			}
			queue, names = append(queue, &treeTarget{treeEntry: group, tree: t}), append(names, group.ndn)
		}
	}
	return nil
}

// has reports whether the group lists a name.
func (t *Tree) has(group *treeEntry, ndn directory.NDN) bool {
	for _, a := range group.entry.Attributes() {
		if t.refs[a.Desc.TypeNo] && t.lists(a, ndn) {
			return true
		}
	}
	return false
}

func (t *Tree) lists(a directory.Attribute, ndn directory.NDN) bool {
	for v := range a.Values() {
		if name, err := t.schema.AppendNDN(nil, string(v)); err == nil && directory.NDN(name) == ndn {
			return true
		}
	}
	return false
}

// isDynamic reports whether the target is a dynamic member of a group.
func (t *Tree) isDynamic(group *treeEntry, of Target) bool {
	for _, a := range group.entry.Attributes() {
		if a.Desc.Key != "memberurl" {
			continue
		}
		for v := range a.Values() {
			m, err := ParseMemberURL(t.schema, string(v))
			if err != nil {
				continue
			}
			if is, err := m.Has(sourceOf(of)); is && err == nil {
				return true
			}
		}
	}
	return false
}

// Names implements [Directory].
func (t *Tree) Names(of Target, typ *schema.AttributeType) (list []directory.NDN, err error) {
	if strings.EqualFold(typ.Name(), "memberOf") {
		err = t.Groups(of, func(n directory.NDN) bool {
			list = append(list, n)
			return true
		})
		return list, err
	}
	for _, a := range of.Entry().Attributes() {
		if a.Desc.TypeNo != typ.No {
			continue
		}
		for v := range a.Values() {
			if name, err := t.schema.AppendNDN(nil, string(v)); err == nil {
				list = append(list, directory.NDN(name))
			}
		}
	}
	return list, nil
}

// AnyBelow implements [Directory].
func (t *Tree) AnyBelow(of Target, groups []directory.NDN, filters []*filter.Compiled) (bool, error) {
	base, err := of.NDN()
	if err != nil {
		return false, err
	}
	for _, e := range t.entries {
		if e.ndn == base || !e.ndn.IsUnder(base) {
			continue
		}
		target := &treeTarget{treeEntry: e, tree: t}
		found := false
		if err := t.Groups(target, func(n directory.NDN) bool {
			found = slices.Contains(groups, n)
			return !found
		}); found || err != nil {
			return found, err
		}
		for _, f := range filters {
			if truth, err := f.Match(target); truth == filter.True || err != nil {
				return true, err
			}
		}
	}
	return false, nil
}

func (x *treeTarget) ID() directory.EntryID       { return x.id }
func (x *treeTarget) NDN() (directory.NDN, error) { return x.ndn, nil }
func (x *treeTarget) Entry() *directory.Entry     { return x.entry }
func (x *treeTarget) Facts() filter.Source        { return x }
func (x *treeTarget) Directory() Directory        { return x.tree }
func (x *treeTarget) Memo() *Memo                 { return &x.memo }

// Parent implements [Source].
func (x *treeTarget) Parent() (directory.EntryID, error) {
	if e := x.tree.byName[x.ndn.Parent()]; e != nil && x.ndn != "" {
		return e.id, nil
	}
	return 0, nil
}

// Computed implements [filter.Source].
func (x *treeTarget) Computed(t *schema.AttributeType) (directory.Attribute, error) {
	return x.entry.Get(t.Description()), nil
}

// HasReference implements [filter.Source].
func (x *treeTarget) HasReference(desc *directory.AttributeDescription, t *schema.AttributeType, ndn directory.NDN, chain bool) (bool, error) {
	if strings.EqualFold(t.Name(), "memberOf") {
		found := false
		err := x.tree.Groups(x, func(n directory.NDN) bool {
			found = n == ndn
			return !found
		})
		return found, err
	}
	for _, a := range x.entry.Attributes() {
		if a.Desc.TypeNo == t.No && (desc == nil || containsAll(a.Desc.Options, desc.Options)) && x.tree.lists(a, ndn) {
			return true, nil
		}
	}
	if !chain || !x.tree.refs[t.No] {
		return false, nil
	}
	member := x.tree.Find(ndn)
	if member == nil {
		return false, nil
	}
	found := false
	err := x.tree.Groups(member, func(n directory.NDN) bool {
		found = n == x.ndn
		return !found
	})
	return found, err
}

// AnyReference implements [filter.Source].
func (x *treeTarget) AnyReference(desc *directory.AttributeDescription, t *schema.AttributeType) (bool, error) {
	if strings.EqualFold(t.Name(), "memberOf") {
		found := false
		err := x.tree.Groups(x, func(directory.NDN) bool {
			found = true
			return false
		})
		return found, err
	}
	return slices.ContainsFunc(x.entry.Attributes(), func(a directory.Attribute) bool {
		return a.Desc.TypeNo == t.No && (desc == nil || containsAll(a.Desc.Options, desc.Options))
	}), nil
}

// MaySearch implements [filter.Source].
func (x *treeTarget) MaySearch(*directory.AttributeDescription) bool { return true }
