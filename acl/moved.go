package acl

import (
	"strings"

	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/directory/schema"
)

// moved is an entry as it is when an entry above it has got another name.
type moved struct {
	Source
	ndn directory.NDN
}

func (m moved) NDN() (directory.NDN, error)        { return m.ndn, nil }
func (m moved) Parent() (directory.EntryID, error) { return 0, nil }
func (m moved) Memo() *Memo                        { return nil }
func (m moved) Facts() filter.Source               { return movedFacts{m.Source.Facts(), m} }

// movedFacts are the facts of the entry under its new name.
type movedFacts struct {
	filter.Source
	of moved
}

// NDN implements [filter.Source].
func (f movedFacts) NDN() (directory.NDN, error) { return f.of.ndn, nil }

// Computed implements [filter.Source].
func (f movedFacts) Computed(t *schema.AttributeType) (directory.Attribute, error) {
	if strings.EqualFold(t.Name(), "entryDN") {
		return directory.NewAttribute(t.Description(), []byte(f.of.ndn)), nil
	}
	return f.Source.Computed(t)
}

// HasReference implements [filter.Source]. What waits for the new name makes the entry a member.
func (f movedFacts) HasReference(desc *directory.AttributeDescription, t *schema.AttributeType, ndn directory.NDN, chain bool) (bool, error) {
	if !strings.EqualFold(t.Name(), "memberOf") {
		return f.Source.HasReference(desc, t, ndn, chain)
	}
	is := false
	err := f.of.Directory().Groups(f.of, func(group directory.NDN) bool {
		is = group == ndn
		return !is
	})
	return is, err
}

// AnyReference implements [filter.Source].
func (f movedFacts) AnyReference(desc *directory.AttributeDescription, t *schema.AttributeType) (bool, error) {
	if !strings.EqualFold(t.Name(), "memberOf") {
		return f.Source.AnyReference(desc, t)
	}
	any := false
	err := f.of.Directory().Groups(f.of, func(directory.NDN) bool {
		any = true
		return false
	})
	return any, err
}
