package storage

import (
	"encoding/binary"
	"errors"

	"gatehouse/directory"
)

// depthNewMax is how deep in the tree an entry may be created or moved to.
const depthNewMax = 128

func (a *applier) create(e *CreateEntry) error {
	if err := a.checkPlace(e.Parent, e.NRDN); err != nil {
		return err
	}
	id := a.state.nextID
	a.state.nextID++
	a.state.entries++
	a.ids = append(a.ids, id)

	rec := &record{csn: a.csn, node: node{e.Parent, e.RDN, e.NRDN}, entry: e.Entry}
	if err := a.putRecord(id, rec, nil); err != nil {
		return err
	}
	a.putChild(e.Parent, e.NRDN, id)
	if err := a.addToCount(e.Parent, 1); err != nil {
		return err
	}
	st := Stamp{CSN: a.csn, Modifier: a.author, authority: a.csn, gives: givesRights(e.Entry)}
	st.setTime(a.time)
	a.addTouched(touchedEntry{id: id, stamp: st, record: true, new: e.Entry})

	for i := range e.References {
		if err := a.addReference(id, &e.References[i]); err != nil {
			return err
		}
	}
	if err := a.stampAsGiven(id, e); err != nil || a.state.unresolved == 0 {
		return err
	}
	name, err := a.nameOf(e.Parent, e.NRDN)
	if err != nil {
		return err
	}
	return a.resolveName(id, reverseName(name))
}

// stampAsGiven gives a new entry the time and author that its effect brings.
func (a *applier) stampAsGiven(id directory.EntryID, e *CreateEntry) error {
	t, err := a.touchEntry(id, touchQuiet)
	if err != nil {
		return err
	}
	if !e.ModifyTime.IsZero() {
		t.stamp.setTime(e.ModifyTime.UnixMicro())
	}
	if e.Modifier != "" {
		t.stamp.Modifier = e.Modifier
	}
	return nil
}

// checkPlace refuses a place that is taken, too deep, or below nothing.
func (a *applier) checkPlace(parent directory.EntryID, nrdn directory.NRDN) error {
	switch _, err := a.child(parent, nrdn); {
	case err == nil:
		return directory.Errorf(directory.EntryAlreadyExists, "an entry of that name exists")
	case !errors.Is(err, ErrNotFound):
		return err
	}
	if parent == 0 {
		return nil
	}
	depth, err := a.depth(parent)
	if errors.Is(err, ErrNotFound) {
		return directory.Errorf(directory.NoSuchObject, "the superior entry is gone")
	}
	if err != nil {
		return err
	}
	if depth >= depthNewMax {
		return directory.Errorf(directory.AdminLimitExceeded, "the name has more than %d parts", depthNewMax)
	}
	return nil
}

// nameOf returns the normalized name of a child.
func (a *applier) nameOf(parent directory.EntryID, nrdn directory.NRDN) (directory.NDN, error) {
	if parent == 0 {
		return directory.NDN(nrdn), nil
	}
	above, err := a.appendNDN(nil, parent)
	return directory.NDN(above).Child(nrdn), err
}

func (a *applier) putChild(parent directory.EntryID, nrdn directory.NRDN, id directory.EntryID) {
	a.key = childKey(a.key[:0], parent, nrdn)
	a.val = appendChild(a.val[:0], a.key, id, nrdn)
	a.o.Put(a.key, a.val)
	if parent == 0 {
		a.end(contextsItemKey)
	}
}

func (a *applier) deleteChild(parent directory.EntryID, nrdn directory.NRDN) {
	a.key = childKey(a.key[:0], parent, nrdn)
	a.o.Delete(a.key)
	if parent == 0 {
		a.end(contextsItemKey)
	}
}

// addToCount changes the number of children of an entry by delta.
func (a *applier) addToCount(parent directory.EntryID, delta int) error {
	if parent == 0 {
		return nil
	}
	a.touched = append(a.touched, parent)
	n, err := a.childCount(parent)
	if err != nil {
		return err
	}
	a.key = idKey(a.key[:0], tagChildCount, parent)
	n += uint64(delta)
	if n == 0 {
		a.o.Delete(a.key)
		return nil
	}
	a.val = seal(binary.AppendUvarint(a.val[:0], n), 0, a.key)
	a.o.Put(a.key, a.val)
	return nil
}

func (a *applier) delete(id directory.EntryID) error {
	rec, err := a.changeRecord(id)
	if err != nil {
		return err
	}
	switch n, err := a.childCount(id); {
	case err != nil:
		return err
	case n > 0:
		return directory.Errorf(directory.NotAllowedOnNonLeaf, "the entry has %d children", n)
	}
	t, err := a.touchEntry(id, touchContent)
	if err != nil {
		return err
	}
	stamp := t.stamp
	t.deleted = true
	if !t.record {
		t.record, t.old = true, rec.entry
	}
	t.new = nil
	if err := a.dropReferences(id, &stamp); err != nil {
		return err
	}
	for _, attr := range rec.entry.Attributes() {
		if len(attr.Set()) > longSetBytes {
			a.putLongSet(id, a.number(attr.Desc), nil, attr.Set())
		}
	}
	a.state.entries--
	a.key = idKey(a.key[:0], tagRecord, id)
	a.o.Delete(a.key)
	a.end(idKey(nil, tagNodeItem, id))
	a.deleteChild(rec.parent, rec.nrdn)
	return a.addToCount(rec.parent, -1)
}

func (a *applier) move(e *MoveEntry) error {
	rec, err := a.changeRecord(e.ID)
	if err != nil {
		return err
	}
	if e.Parent != 0 {
		if under, err := a.isUnder(e.Parent, e.ID); err != nil && !errors.Is(err, ErrNotFound) {
			return err
		} else if under {
			return directory.Errorf(directory.UnwillingToPerform, "the new superior lies below the entry")
		}
	}
	if e.Parent != rec.parent || e.NRDN != rec.nrdn {
		if err := a.checkPlace(e.Parent, e.NRDN); err != nil {
			return err
		}
		a.deleteChild(rec.parent, rec.nrdn)
		a.putChild(e.Parent, e.NRDN, e.ID)
		if err := errors.Join(a.addToCount(rec.parent, -1), a.addToCount(e.Parent, 1)); err != nil {
			return err
		}
	}
	rec.parent, rec.rdn, rec.nrdn = e.Parent, e.RDN, e.NRDN
	if err := a.writeRecord(e.ID, rec, rec.entry, touchContent); err != nil {
		return err
	}
	a.end(idKey(nil, tagNodeItem, e.ID))
	if e.Parent == 0 {
		a.end(contextsItemKey) // the spelling may have changed alone
	}
	a.state.renamed = a.csn
	// Policies name groups and subtrees: what is below, and who is a member, may have other rights now.
	a.nested = true
	if err := a.noteMove(e.ID); err != nil {
		return err
	}
	if a.state.unresolved == 0 {
		return nil
	}
	name, err := a.nameOf(e.Parent, e.NRDN)
	if err != nil {
		return err
	}
	return a.resolveSubtree(e.ID, reverseName(name), "")
}

// noteMove says for the feed who shows that an entry has another name: what refers to it or, if there are entries below it or members,
// anybody.
func (a *applier) noteMove(id directory.EntryID) error {
	t, err := a.touchEntry(id, touchContent)
	if err != nil {
		return err
	}
	n, err := a.childCount(id)
	if err != nil {
		return err
	}
	a.farther = a.farther || n > 0 || t.stamp.gives
	for _, no := range t.stamp.refs {
		desc, err := a.descs.description(no)
		if err != nil {
			return err
		}
		a.farther = a.farther || isMembership(desc)
	}
	if a.farther || !t.stamp.linked {
		return nil
	}
	refs, err := a.referrers(id)
	for _, ref := range refs {
		a.touched = append(a.touched, ref.source)
	}
	return err
}
