package acl

import "gatehouse/directory"

// Rights is what one session may do with one entry. The zero Rights denies everything. It is a small value, valid as long as
// the entry and the policy that made it.
type Rights struct{ m *mask }

// class is a set of attributes by what their descriptions say.
type class uint8

const (
	classUser class = 1 << iota
	classOperational
	classConfidential

	classPlain = classUser | classOperational
)

func classOf(d *directory.AttributeDescription) class {
	switch {
	case d.Is(directory.FlagConfidential):
		return classConfidential
	case d.Is(directory.FlagOperational):
		return classOperational
	default:
		return classUser
	}
}

// mask is the table behind a Rights: immutable and shared by all entries with the same rights.
type mask struct {
	actions uint64 // bit n: Action n, on the entry
	attrs   [attributeActions]class
}

func newMask() *mask { return new(mask) }

func (m *mask) allow(actions ...Action) *mask {
	for _, a := range actions {
		m.actions |= 1 << a
	}
	return m
}

func (m *mask) allowAttributes(c class, actions ...Action) *mask {
	for _, a := range actions {
		m.attrs[a-firstAttributeAction] |= c
	}
	return m
}

// Allows reports whether the session may do an action on the entry as a whole. It is false for attribute actions.
func (r Rights) Allows(a Action) bool {
	return r.m != nil && a < firstAttributeAction && r.m.actions>>a&1 == 1
}

// Discover reports whether the entry's existence may be known. Without it the entry is answered like one that is missing.
func (r Rights) Discover() bool { return r.Allows(ActionDiscover) }

// Search reports whether the attribute may decide a filter.
func (r Rights) Search(d *directory.AttributeDescription) bool { return r.on(ActionSearch, d) }

// Read reports whether values may be returned.
func (r Rights) Read(d *directory.AttributeDescription) bool {
	return r.on(ActionRead, d) || r.on(ActionSecretRead, d)
}

// Compare reports whether the attribute may be compared.
func (r Rights) Compare(d *directory.AttributeDescription) bool { return r.on(ActionCompare, d) }

// Manage reports whether the session may write an attribute that the server owns, or a password value as it is stored.
func (r Rights) Manage(d *directory.AttributeDescription) bool { return r.on(ActionManage, d) }

// Write reports whether one value may appear (write.add), disappear (write.delete), take part in a replacement
// (write.replace) or be incremented (write.increment).
func (r Rights) Write(a Action, d *directory.AttributeDescription, value []byte) bool {
	switch a {
	case ActionWriteAdd, ActionWriteDelete, ActionWriteReplace, ActionWriteIncrement:
		return r.on(a, d)
	default:
		return false
	}
}

// WriteAny is Write for every value of the attribute at once: false if the policy decides by value, or denies.
func (r Rights) WriteAny(a Action, d *directory.AttributeDescription) bool { return r.Write(a, d, nil) }

func (r Rights) on(a Action, d *directory.AttributeDescription) bool {
	return r.m != nil && r.m.attrs[a-firstAttributeAction]&classOf(d) != 0
}
