package acl

import (
	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/directory/schema"
)

// bare is a target of which nothing more is known.
type bare struct{ Target }

func (b bare) Parent() (directory.EntryID, error) { return 0, nil }
func (b bare) Facts() filter.Source               { return bareFacts(b) }
func (b bare) Directory() Directory               { return nil }
func (b bare) Memo() *Memo                        { return nil }

// bareFacts is what is known of a bare target: the attributes of its record.
type bareFacts struct{ Target }

func (f bareFacts) Computed(*schema.AttributeType) (directory.Attribute, error) {
	return directory.Attribute{}, errNoDirectory
}

func (f bareFacts) HasReference(*directory.AttributeDescription, *schema.AttributeType, directory.NDN, bool) (bool, error) {
	return false, errNoDirectory
}

func (f bareFacts) AnyReference(*directory.AttributeDescription, *schema.AttributeType) (bool, error) {
	return false, errNoDirectory
}

func (f bareFacts) MaySearch(*directory.AttributeDescription) bool { return true }

// MaySearchAll implements [filter.Source].
func (f bareFacts) MaySearchAll(*directory.AttributeDescription, []string) bool { return true }

func sourceOf(t Target) Source {
	if s, ok := t.(Source); ok {
		return s
	}
	return bare{t}
}
