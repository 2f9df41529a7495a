package acl

import "gatehouse/directory"

// Rights is what one session may do with one entry. The zero Rights denies everything. It is a small value, valid as long as
// the entry and the policy that made it, for the goroutine that asked.
type Rights struct {
	row   *row
	by    *resolved
	on    Source  // for guards that are not looked up yet; nil if the row has them
	wide  *wide   // of a change, see there
	limit *Rights // of a proxied session: what must allow the same
}

// class is a set of attributes by what their descriptions say.
type class uint8

const (
	classUser class = 1 << iota
	classOperational
	classConfidential
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

// Allows reports whether the session may do an action on the entry as a whole. It is false for attribute actions. For
// control and extop it is about all OIDs, see [Rights.AllowsOID].
func (r Rights) Allows(a Action) bool {
	if r.row == nil || !actionsOnEntry.Has(a) || !r.row.actions.Has(a) || r.limit != nil && !r.limit.Allows(a) {
		return false
	}
	return !r.row.guarded.Has(a) || r.guarded(a).actions.Has(a)
}

// AllowsOID reports whether a control or an extended operation may be used.
func (r Rights) AllowsOID(a Action, oid string) bool {
	return r.row != nil && actionsOnOIDs.Has(a) && r.row.judgeOID(a, oid) && (r.limit == nil || r.limit.AllowsOID(a, oid))
}

// Within returns the rights that both give.
func (r Rights) Within(other Rights) Rights {
	if r.limit != nil {
		other = r.limit.Within(other)
	}
	r.limit = &other
	return r
}

// Discover reports whether the entry's existence may be known. Without it the entry is answered like one that is missing.
func (r Rights) Discover() bool {
	return r.row != nil && r.row.actions.Has(ActionDiscover) && (r.limit == nil || r.limit.Discover())
}

// Search reports whether the attribute may decide a filter.
func (r Rights) Search(d *directory.AttributeDescription) bool {
	return r.onAttribute(ActionSearch, d, every)
}

// SearchAll is Search for every description of the attribute type that has these options, whether or not there is one.
func (r Rights) SearchAll(d *directory.AttributeDescription, options []string) bool {
	return r.onAll(ActionSearch, d, options)
}

// onAll decides an action that no statement allows by value.
func (r Rights) onAll(a Action, d *directory.AttributeDescription, options []string) bool {
	if r.row == nil || r.limit != nil && !r.limit.onAll(a, d, options) {
		return false
	}
	return r.row.policy.columns.covered(r.row.mask(a, certain), d, options)
}

// Read reports whether values may be returned: all of them, or some, see [Rights.ReadValue]. A confidential attribute is
// read by secret.read.
func (r Rights) Read(d *directory.AttributeDescription) bool {
	if r.row == nil || r.limit != nil && !r.limit.Read(d) {
		return false
	}
	column := r.row.policy.columns.column(d)
	return r.row.mask(ActionRead, certain).has(column) || r.row.mask(ActionRead, valued).has(column)
}

// ReadValue reports whether one value may be returned.
func (r Rights) ReadValue(d *directory.AttributeDescription, value []byte) bool {
	return r.onAttribute(ActionRead, d, value)
}

// ReadEvery reports whether every value may be returned, whatever it is: false if the policy decides by value.
func (r Rights) ReadEvery(d *directory.AttributeDescription) bool {
	return r.onAttribute(ActionRead, d, every)
}

// readsByValue reports whether values of the attribute have to be looked at one by one.
func (r Rights) readsByValue(d *directory.AttributeDescription) bool {
	return r.row != nil && r.row.mask(ActionRead, valued).has(r.row.policy.columns.column(d)) || r.limit != nil && r.limit.readsByValue(d)
}

// Compare reports whether the attribute may be compared.
func (r Rights) Compare(d *directory.AttributeDescription) bool {
	return r.onAttribute(ActionCompare, d, every)
}

// CompareAll is Compare for every description of the attribute type that has these options, whether or not there is one.
func (r Rights) CompareAll(d *directory.AttributeDescription, options []string) bool {
	return r.onAll(ActionCompare, d, options)
}

// Manage reports whether the session may write an attribute that the server owns, or a password value as it is stored.
func (r Rights) Manage(d *directory.AttributeDescription) bool {
	return r.onAttribute(ActionManage, d, every)
}

// Write reports whether one value may appear (write.add), disappear (write.delete), take part in a replacement
// (write.replace) or be incremented (write.increment). A nil value stands for all.
func (r Rights) Write(a Action, d *directory.AttributeDescription, value []byte) bool {
	if !ActionsWrite.Has(a) {
		return false
	}
	if value == nil {
		value = every
	}
	return r.onAttribute(a, d, value)
}

// WriteAny is Write for every value of the attribute at once: false if the policy decides by value, or denies.
func (r Rights) WriteAny(a Action, d *directory.AttributeDescription) bool { return r.Write(a, d, nil) }

func (r Rights) onAttribute(a Action, d *directory.AttributeDescription, value []byte) bool {
	if r.row == nil || r.limit != nil && !r.limit.onAttribute(a, d, value) {
		return false
	}
	row := r.row
	column := row.policy.columns.column(d)
	if !row.mask(a, certain).has(column) && !row.mask(a, valued).has(column) {
		return false
	}
	if row.guarded.Has(a) || r.wide != nil {
		row = r.guardedOn(a, d)
	}
	if row.mask(a, valued).has(column) {
		return row.judge(r.by, a, d, value)
	}
	return row.mask(a, certain).has(column)
}
