package acl

import (
	"fmt"
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
