package acl

import (
	"slices"
	"strings"

	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/directory/schema"
)

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

// MaySearchAll implements [filter.Source].
func (x *treeTarget) MaySearchAll(*directory.AttributeDescription, []string) bool { return true }
