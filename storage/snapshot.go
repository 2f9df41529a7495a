package storage

import (
	"iter"

	"gatehouse/directory"
)

// Snapshot is the directory after one batch of changes. It never changes, and costs no read of the store while the cache
// knows the answers. Close it soon: the states after it are kept while it is open. One goroutine uses it at a time; what
// it returns stays valid after Close and must not be changed.
//
// Methods that take an ID answer ErrNotFound when there is no such entry.
type Snapshot struct{ view }

// Snapshot returns the newest published state.
func (s *Store) Snapshot() *Snapshot {
	return s.acquire().snapshot()
}

func (e *epoch) snapshot() *Snapshot {
	return &Snapshot{view{store: e.store, descs: e.descs, state: &e.state, epoch: e, r: e}}
}

// Close ends the snapshot. A second Close does nothing.
func (sn *Snapshot) Close() {
	if sn.epoch != nil {
		e := sn.epoch
		sn.epoch, sn.r = nil, closedReader{}
		e.release()
	}
}

// CSN is the last change that the snapshot shows.
func (sn *Snapshot) CSN() directory.CSN { return sn.state.csn }

// EntryCount is the number of entries in the store.
func (sn *Snapshot) EntryCount() uint64 { return sn.state.entries }

// Lookup returns the entry called ndn, or ErrNotFound.
func (sn *Snapshot) Lookup(ndn directory.NDN) (directory.EntryID, error) {
	id, _, err := sn.lookup(ndn)
	if err != nil {
		return 0, err
	}
	return id, nil
}

// Deepest returns the entry called ndn or, when there is none, the deepest one above that name, and its name. It is
// ErrNotFound when not even that exists.
func (sn *Snapshot) Deepest(ndn directory.NDN) (directory.EntryID, directory.NDN, error) {
	id, deepest, err := sn.lookup(ndn)
	if id != 0 {
		return id, deepest, nil
	}
	return 0, "", err
}

// LookupChild returns the child of parent with that name, or ErrNotFound. Under parent 0 a suffix entry has its whole name.
func (sn *Snapshot) LookupChild(parent directory.EntryID, nrdn directory.NRDN) (directory.EntryID, error) {
	return sn.child(parent, nrdn)
}

// NamingContexts returns the suffix entries by normalized name.
func (sn *Snapshot) NamingContexts() ([]NamingContext, error) { return sn.contexts() }

// Entry returns the stored attributes of an entry; those of reference attributes are not among them.
func (sn *Snapshot) Entry(id directory.EntryID) (*directory.Entry, error) {
	rec, err := sn.record(id)
	if err != nil {
		return nil, err
	}
	return rec.entry, nil
}

// EntryIn returns an entry and its superior, zero for a suffix entry.
func (sn *Snapshot) EntryIn(id directory.EntryID) (*directory.Entry, directory.EntryID, error) {
	rec, err := sn.record(id)
	if err != nil {
		return nil, 0, err
	}
	return rec.entry, rec.parent, nil
}

// RecordCSN returns the change that last wrote the entry's own record; see [RecordAt].
func (sn *Snapshot) RecordCSN(id directory.EntryID) (directory.CSN, error) {
	rec, err := sn.record(id)
	if err != nil {
		return 0, err
	}
	return rec.csn, nil
}

// Stamp returns when and by whom the entry was last changed.
func (sn *Snapshot) Stamp(id directory.EntryID) (Stamp, error) {
	st, err := sn.stamp(id)
	if err != nil {
		return Stamp{}, err
	}
	return *st, nil
}

// DN returns the name of an entry as written.
func (sn *Snapshot) DN(id directory.EntryID) (string, error) {
	dn, err := sn.appendDN(make([]byte, 0, 96), id)
	return string(dn), err
}

// AppendDN appends the name of an entry as written.
func (sn *Snapshot) AppendDN(dst []byte, id directory.EntryID) ([]byte, error) {
	return sn.appendDN(dst, id)
}

// NDN returns the normalized name of an entry.
func (sn *Snapshot) NDN(id directory.EntryID) (directory.NDN, error) {
	ndn, err := sn.appendNDN(make([]byte, 0, 96), id)
	return directory.NDN(ndn), err
}

// AppendNDN appends the normalized name of an entry.
func (sn *Snapshot) AppendNDN(dst []byte, id directory.EntryID) ([]byte, error) {
	return sn.appendNDN(dst, id)
}

// Parent returns the superior entry; 0 for a suffix entry.
func (sn *Snapshot) Parent(id directory.EntryID) (directory.EntryID, error) {
	n, err := sn.node(id)
	if err != nil {
		return 0, err
	}
	return n.parent, nil
}

// RDN returns the RDN of an entry as written and normalized; for a suffix entry, its whole name.
func (sn *Snapshot) RDN(id directory.EntryID) (string, directory.NRDN, error) {
	n, err := sn.node(id)
	if err != nil {
		return "", "", err
	}
	return n.rdn, n.nrdn, nil
}

// IsUnder reports whether id is ancestor or lies below it. Everything lies below 0. It does not allocate.
func (sn *Snapshot) IsUnder(id, ancestor directory.EntryID) (bool, error) {
	return sn.isUnder(id, ancestor)
}

// ChildCount returns the number of children; 0 for an entry that does not exist.
func (sn *Snapshot) ChildCount(id directory.EntryID) (uint64, error) { return sn.childCount(id) }

// Children yields the children in the order of their normalized RDNs.
func (sn *Snapshot) Children(id directory.EntryID) iter.Seq2[directory.EntryID, error] {
	return func(yield func(directory.EntryID, error) bool) {
		err := sn.scanChildren(id, func(child directory.EntryID) bool { return yield(child, nil) })
		if err != nil {
			yield(0, err)
		}
	}
}

// Renamed returns the newest change that gave an entry another name: while it stays the same, so do the names of all entries.
func (sn *Snapshot) Renamed() directory.CSN { return sn.state.renamed }

// Authority returns what the rights of an entry follow from, for [Authority].
func (sn *Snapshot) Authority(id directory.EntryID) (Generation, error) { return sn.authority(id) }

// Rules returns a number that changes with every rule by which entries have rights without a link: with dynamic groups and
// grants, and with the nesting of groups and the names of entries besides.
func (sn *Snapshot) Rules() (Generation, error) {
	csn, err := sn.nesting()
	return Generation(csn), err
}

// Position names a state for use outside of the process.
type Position struct {
	Incarnation [16]byte
	CSN         directory.CSN
	Hash        [8]byte // of the log up to CSN, so that a position of a store that was rolled back does not fit
}

// Position returns the snapshot's position.
func (sn *Snapshot) Position() Position {
	return Position{sn.store.header.Incarnation, sn.state.csn, [8]byte(sn.state.hash[:8])}
}

// Meta returns versioned metadata and the change that wrote it, or ErrNotFound.
func (sn *Snapshot) Meta(key string) (value []byte, revision directory.CSN, err error) {
	return sn.meta(key)
}

// Reaches reports whether the log of the snapshot goes back to a position, so that what has changed since then can be told: the
// position is one of this store, and no batch after it was trimmed.
func (sn *Snapshot) Reaches(p Position) (bool, error) {
	switch {
	case p.Incarnation != sn.store.header.Incarnation || p.CSN > sn.state.csn:
		return false, nil
	case p.CSN == sn.state.csn:
		return p == sn.Position(), nil
	}
	var hash logHash
	found := false
	err := scanLog(sn, p.CSN, func(rec *logRecord) bool {
		found, hash = rec.last == p.CSN, rec.hash()
		return false
	})
	if err != nil || !found {
		return false, err
	}
	return [8]byte(hash[:8]) == p.Hash, nil
}

// LastTouched returns the last change of what an entry has, is referred to by, or is in by nesting of groups. Unless it is after a
// state, the entry prints the same in both, but for the names of others and the number of its children.
func (sn *Snapshot) LastTouched(id directory.EntryID) (directory.CSN, error) {
	generation, err := sn.authority(id)
	return directory.CSN(generation), err
}
