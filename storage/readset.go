package storage

import (
	"errors"

	"gatehouse/directory"
)

// ReadSet reads a snapshot for a decision and keeps what it read as guards, so that none can be forgotten. It belongs to
// one goroutine.
type ReadSet struct {
	sn     *Snapshot
	guards []Guard
}

// ReadSet returns an empty ReadSet on the snapshot.
func (sn *Snapshot) ReadSet() *ReadSet { return &ReadSet{sn: sn} }

// Snapshot returns the snapshot, for reads that the decision does not depend on.
func (rs *ReadSet) Snapshot() *Snapshot { return rs.sn }

// Guards returns the guards of all reads so far.
func (rs *ReadSet) Guards() []Guard { return rs.guards }

// Add adds a guard by hand.
func (rs *ReadSet) Add(g Guard) { rs.guards = append(rs.guards, g) }

// Entry reads an entry's stored attributes; guard [RecordAt].
func (rs *ReadSet) Entry(id directory.EntryID) (*directory.Entry, error) {
	rec, err := rs.sn.record(id)
	if err != nil {
		return nil, err
	}
	rs.Add(RecordAt{ID: id, CSN: rec.csn})
	return rec.entry, nil
}

// Exists asks for nothing but the entry's existence; guard [Exists].
func (rs *ReadSet) Exists(id directory.EntryID) (bool, error) {
	_, err := rs.sn.stamp(id)
	switch {
	case errors.Is(err, ErrNotFound):
		return false, nil
	case err != nil:
		return false, err
	}
	rs.Add(Exists{ID: id})
	return true, nil
}

// Child finds a child by name; guard [NameIs], or [NameFree] with ErrNotFound.
func (rs *ReadSet) Child(parent directory.EntryID, nrdn directory.NRDN) (directory.EntryID, error) {
	id, err := rs.sn.child(parent, nrdn)
	switch {
	case err == nil:
		rs.Add(NameIs{Parent: parent, NRDN: nrdn, ID: id})
	case errors.Is(err, ErrNotFound):
		rs.Add(NameFree{Parent: parent, NRDN: nrdn})
	}
	return id, err
}

// Lookup finds an entry by its whole name; guard [Ancestors]. A name that is not there gives no guard: the operation is
// refused, and refusals are not proposed.
func (rs *ReadSet) Lookup(ndn directory.NDN) (directory.EntryID, error) {
	id, err := rs.sn.Lookup(ndn)
	if err != nil {
		return 0, err
	}
	return id, rs.Position(id)
}

// Position reads where an entry stands; guard [Ancestors].
func (rs *ReadSet) Position(id directory.EntryID) error {
	chain, err := rs.sn.ancestors(id)
	if err != nil {
		return err
	}
	rs.Add(Ancestors{ID: id, Chain: chain})
	return nil
}

// HasChildren reports whether an entry has children; guard [NoChildren] when it has none.
func (rs *ReadSet) HasChildren(id directory.EntryID) (bool, error) {
	n, err := rs.sn.childCount(id)
	if err == nil && n == 0 {
		rs.Add(NoChildren{ID: id})
	}
	return n > 0, err
}

// ChildCount counts the children of an entry; guard [ChildCount].
func (rs *ReadSet) ChildCount(id directory.EntryID) (uint64, error) {
	n, err := rs.sn.childCount(id)
	if err == nil {
		rs.Add(ChildCount{ID: id, N: n})
	}
	return n, err
}

// HasReference reports whether target is a value of a reference attribute; guard [ReferencePresent] or [ReferenceAbsent].
func (rs *ReadSet) HasReference(id directory.EntryID, desc *directory.AttributeDescription, target directory.NDN) (bool, error) {
	has, err := rs.sn.hasReferenceTo(id, desc, target)
	switch {
	case err != nil:
	case has:
		rs.Add(ReferencePresent{ID: id, Desc: desc, Target: target})
	default:
		rs.Add(ReferenceAbsent{ID: id, Desc: desc, Target: target})
	}
	return has, err
}

// HasValue reports whether any entry has a value of an attribute with an equality index; guard [ValueFree] when none has.
func (rs *ReadSet) HasValue(desc *directory.AttributeDescription, value []byte) (bool, error) {
	has, err := rs.sn.hasValue(desc, value)
	if err == nil && !has {
		rs.Add(ValueFree{Desc: desc, Value: value})
	}
	return has, err
}

// Authority reads what the rights of an entry follow from; guard [Authority].
func (rs *ReadSet) Authority(id directory.EntryID) (Generation, error) {
	g, err := rs.sn.authority(id)
	if err == nil {
		rs.Add(Authority{ID: id, Generation: g})
	}
	return g, err
}

// Meta reads versioned metadata; guard [Revision], also when there is none.
func (rs *ReadSet) Meta(key string) ([]byte, error) {
	value, csn, err := rs.sn.meta(key)
	if err == nil || errors.Is(err, ErrNotFound) {
		rs.Add(Revision{Key: key, CSN: csn})
	}
	return value, err
}
