package storage

import "gatehouse/directory"

// Guard is a fact that a decision relied on and that must still hold when the change is applied: a closed set. A
// [ReadSet] collects them.
type Guard interface{ isGuard() }

type (
	// Exists holds while the entry is there.
	Exists struct{ ID directory.EntryID }
	// RecordAt holds while the entry's own record (attributes, RDN, parent) is the one written by change CSN. Membership
	// changes of a group do not touch its record.
	RecordAt struct {
		ID  directory.EntryID
		CSN directory.CSN
	}
	// NameFree holds while no entry has that name.
	NameFree struct {
		Parent directory.EntryID
		NRDN   directory.NRDN
	}
	// NameIs holds while the entry with that name is ID.
	NameIs struct {
		Parent directory.EntryID
		NRDN   directory.NRDN
		ID     directory.EntryID
	}
	// Ancestors holds while the entry stands where it stood: the same entries above it, under the same names.
	Ancestors struct {
		ID    directory.EntryID
		Chain []Ancestor // the entry itself first
	}
	// NoChildren holds while the entry is a leaf.
	NoChildren struct{ ID directory.EntryID }
	// ChildCount holds while the entry has N children.
	ChildCount struct {
		ID directory.EntryID
		N  uint64
	}
	// ReferencePresent holds while Target is a value, link or unresolved.
	ReferencePresent struct {
		ID     directory.EntryID
		Desc   *directory.AttributeDescription
		Target directory.NDN
	}
	// ReferenceAbsent holds while Target is no value.
	ReferenceAbsent struct {
		ID     directory.EntryID
		Desc   *directory.AttributeDescription
		Target directory.NDN
	}
	// Authority holds while nothing that decides about the entry's rights has changed: its record, its links in both
	// directions, the nesting of groups, and whatever gives rights by a rule instead of a link: dynamic groups, grants.
	Authority struct {
		ID         directory.EntryID
		Generation Generation
	}
	// ValueFree holds while no entry has a value of the attribute that equals this one. The attribute has an equality index.
	ValueFree struct {
		Desc  *directory.AttributeDescription
		Value []byte
	}
	// Revision holds while the metadata is the one written by change CSN; zero is "absent".
	Revision struct {
		Key string
		CSN directory.CSN
	}
)

// Ancestor is one step of an entry's way to its naming context. For the suffix entry, the last step, NRDN is its whole name.
type Ancestor struct {
	ID   directory.EntryID
	NRDN directory.NRDN
}

// Generation changes with everything that decides about an entry's rights; see [Authority].
type Generation uint64

func (Exists) isGuard()           {}
func (RecordAt) isGuard()         {}
func (NameFree) isGuard()         {}
func (NameIs) isGuard()           {}
func (Ancestors) isGuard()        {}
func (NoChildren) isGuard()       {}
func (ChildCount) isGuard()       {}
func (ReferencePresent) isGuard() {}
func (ReferenceAbsent) isGuard()  {}
func (Authority) isGuard()        {}
func (ValueFree) isGuard()        {}
func (Revision) isGuard()         {}
