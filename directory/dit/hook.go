package dit

import (
	"gatehouse/directory"
	"gatehouse/directory/schema"
	"gatehouse/storage"
)

// Hook keeps one invariant of the entries on every write. It never starts an operation: it changes the draft or adds
// effects to the client's own change. A plan may run more than once, so a hook keeps no state of its own.
type Hook interface {
	// Name is printed with what Verify finds.
	Name() string
	// Prepare changes w.Draft before the schema seals it, or refuses with a [*directory.Error].
	Prepare(w *Write) error
	// Follow adds effects on other entries with [Write.Add], after the entry is sealed.
	Follow(w *Write) error
	// Verify returns what is wrong with a stored entry, nil if the invariant holds.
	Verify(v *Stored) error
}

// Kind says which operation a write is.
type Kind uint8

// The kinds of write.
const (
	_ Kind = iota
	KindAdd
	KindModify
	KindDelete
	KindModifyDN
)

// Stored is an entry as [Hook.Verify] sees it.
type Stored struct {
	Snapshot *storage.Snapshot
	Schema   *schema.Schema
	ID       directory.EntryID
	DN       directory.DN
	Entry    *directory.Entry // references are not among its attributes
}

// Problem is something that [Directory.Verify] found.
type Problem struct {
	Hook string
	DN   string
	Err  error
}
