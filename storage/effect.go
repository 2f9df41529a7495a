package storage

import (
	"time"

	"gatehouse/directory"
)

// Effect is one thing that a change does: a closed set. Descriptions are those of the store's schema.
type Effect interface{ isEffect() }

// Reference is one value of a reference attribute. Apply decides whether it becomes a link or an unresolved reference.
type Reference struct {
	Desc   *directory.AttributeDescription
	Target directory.NDN
	Text   string // as written; printed while there is no entry called Target
}

type (
	// CreateEntry adds an entry; apply gives it the next ID. A suffix entry has Parent 0, and RDN and NRDN hold its whole
	// name. Entry holds no value of References.
	CreateEntry struct {
		Parent     directory.EntryID
		RDN        string // as written
		NRDN       directory.NRDN
		Entry      *directory.Entry
		References []Reference
		// ModifyTime and Modifier, unless zero, become the entry's stamp in place of the change's own: for an import.
		ModifyTime time.Time
		Modifier   string
	}

	// PutAttributes replaces the attributes of Set, which are not empty, and drops those of Remove. Quiet leaves
	// modifyTimestamp and modifiersName alone: the server's own bookkeeping at a bind. entryCSN and entryUSN still move.
	PutAttributes struct {
		ID     directory.EntryID
		Set    []directory.Attribute
		Remove []*directory.AttributeDescription
		Quiet  bool
	}

	// DeleteEntry removes a leaf, its links and all references to it. The stamps of the referrers move.
	DeleteEntry struct{ ID directory.EntryID }

	// MoveEntry gives an entry, and with it its subtree, another name. No record but its own changes, and no stamp but its own.
	MoveEntry struct {
		ID     directory.EntryID
		Parent directory.EntryID
		RDN    string
		NRDN   directory.NRDN
	}

	// AddReference adds a value; the guard ReferenceAbsent belongs to it. Adding one that is there does nothing.
	AddReference struct {
		ID directory.EntryID
		Reference
	}

	// RemoveReference removes a value; the guard ReferencePresent belongs to it. Removing one that is not there does nothing.
	RemoveReference struct {
		ID     directory.EntryID
		Desc   *directory.AttributeDescription
		Target directory.NDN
	}

	// RemoveAllReferences removes all values of a reference attribute.
	RemoveAllReferences struct {
		ID   directory.EntryID
		Desc *directory.AttributeDescription
	}

	// PutMeta sets versioned metadata, of which [Snapshot.Meta] reads the newest; its revision is the change's CSN.
	// A nil Value removes it.
	PutMeta struct {
		Key   string
		Value []byte
	}

	// resolveWaiting turns references that wait for names of a subtree into links. Only the store proposes it, when a
	// create or a move met more of them than one change resolves.
	resolveWaiting struct{ ID directory.EntryID }
)

func (CreateEntry) isEffect()         {}
func (PutAttributes) isEffect()       {}
func (DeleteEntry) isEffect()         {}
func (MoveEntry) isEffect()           {}
func (AddReference) isEffect()        {}
func (RemoveReference) isEffect()     {}
func (RemoveAllReferences) isEffect() {}
func (PutMeta) isEffect()             {}
func (resolveWaiting) isEffect()      {}
