package acl

import (
	"time"

	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/directory/schema"
)

// SubschemaNDN is the normalized name of the entry that publishes the schema.
const SubschemaNDN directory.NDN = "cn=subschema"

// Target is an entry that a decision is about: a stored one, one that a change proposes, or one that the server makes
// (the root DSE, the schema). It is asked only for what the rules at hand need and must not allocate for it.
type Target interface {
	// ID returns the entry's ID; zero for an entry that is not stored.
	ID() directory.EntryID
	// NDN returns the normalized name, empty for the root DSE.
	NDN() (directory.NDN, error)
	// Entry returns the stored attributes; references are not among them.
	Entry() *directory.Entry
}

// Source is a target that can be asked for all that rules may depend on. A target that is none is known by its name and its
// stored attributes alone; where a rule asks for more, everything is denied.
type Source interface {
	Target
	// Parent returns the superior of a stored entry, and zero where it is not known.
	Parent() (directory.EntryID, error)
	// Facts is what target filters and relations are evaluated on: the entry as it is, whatever anybody may see of it.
	// MaySearch is not called.
	Facts() filter.Source
	// Directory is the state that the entry is part of.
	Directory() Directory
	// Memo is scratch memory of one who looks at many entries, and remembers where they stand: it must be new, or be Reset, when an
	// entry may have got another name. A target of a write has none, so that the write relies on all that decides.
	Memo() *Memo
}

// Directory answers what follows from other entries than the target: one state of the directory. Safe for concurrent use if it is
// used for sessions that several goroutines share.
type Directory interface {
	// CSN names the state; zero for one that is not published yet.
	CSN() directory.CSN
	// Now is the time of policies, which never runs backwards: the later of the clock and the newest change.
	Now() time.Time
	// ByID returns a stored entry.
	ByID(id directory.EntryID) (Source, error)
	// Groups calls visit with the name of every group that the entry is in, nested and dynamic ones included, until it
	// returns false. An entry that is only proposed is in the groups that it would be in. Whatever cannot be followed to its
	// end, by a limit too, is an error.
	Groups(t Target, visit func(directory.NDN) bool) error
	// Names returns the values of a reference attribute of a stored entry.
	Names(t Target, typ *schema.AttributeType) ([]directory.NDN, error)
	// IsReferredTo reports whether some stored entry refers to a name by the reference attribute, with a value that is not kept as
	// text among its attributes.
	IsReferredTo(name directory.NDN, typ *schema.AttributeType) (bool, error)
	// Authority returns a number that is another one whenever something else may follow from the state about who a session of the
	// entry is: its record, its name, its links, the nesting of groups, dynamic groups, grants.
	Authority(id directory.EntryID) (uint64, error)
	// Grants calls visit with every grant of an elevation to the entry, until it returns false: also those that are over or have
	// not begun.
	Grants(t Target, visit func(Grant) bool) error
	// Dynamic returns what the dynamic groups depend on; nil if there are none.
	Dynamic() (*DynamicGroups, error)
	// Below calls visit with every entry below t, until it returns false. It reports false if there are more than it looks at.
	Below(t Target, visit func(Source) bool) (whole bool, err error)
	// WaitingBelow calls visit with every name below the one given that no entry has and some group lists as a member, until it
	// returns false.
	WaitingBelow(name directory.NDN, visit func(directory.NDN) bool) error
}
