package storage

import (
	"errors"

	"gatehouse/directory"
)

// putRecord writes a record. old is the entry as it is stored: of long values, only what differs is written.
func (a *applier) putRecord(id directory.EntryID, rec *record, old *directory.Entry) error {
	for _, attr := range rec.entry.Attributes() {
		if err := checkSet(attr); err != nil {
			return err
		}
		a.number(attr.Desc)
	}
	a.key = idKey(a.key[:0], tagRecord, id)
	a.val = appendRecord(a.val[:0], a.key, rec, a.descs, func(desc uint32, set []byte) []byte {
		a.putLongSet(id, desc, set, a.storedSet(old, desc))
		return longDigest(set)
	})
	if len(a.val) > recordBytesMax {
		return directory.Errorf(directory.AdminLimitExceeded, "the entry has more than %d bytes", recordBytesMax)
	}
	a.key = idKey(a.key[:0], tagRecord, id)
	a.o.Put(a.key, a.val)
	return nil
}

func checkSet(a directory.Attribute) error {
	if len(a.Set()) > setBytesMax {
		return directory.Errorf(directory.AdminLimitExceeded, "%s has more than %d bytes of values", a.Desc.Name, setBytesMax)
	}
	if len(a.Set()) <= valueBytesMax {
		return nil
	}
	for v := range a.Values() {
		if len(v) > valueBytesMax {
			return directory.Errorf(directory.AdminLimitExceeded, "a value of %s has more than %d bytes", a.Desc.Name, valueBytesMax)
		}
	}
	return nil
}

func (a *applier) putAttributes(e *PutAttributes) error {
	rec, err := a.changeRecord(e.ID)
	if err != nil {
		return err
	}
	old := rec.entry
	attrs := make([]directory.Attribute, 0, len(old.Attributes())+len(e.Set))
	for _, attr := range old.Attributes() {
		if attr = replaced(e, attr); attr.Len() > 0 {
			attrs = append(attrs, attr)
		}
	}
	for _, attr := range e.Set {
		if old.Get(attr.Desc).Len() == 0 {
			attrs = append(attrs, attr)
		}
	}
	rec.entry = directory.StoredEntry(attrs)
	how := touchContent
	if e.Quiet {
		how = touchQuiet
	}
	if err := a.writeRecord(e.ID, rec, old, how); err != nil {
		return err
	}
	for _, attr := range old.Attributes() {
		if len(attr.Set()) > longSetBytes && len(rec.entry.Get(attr.Desc).Set()) <= longSetBytes {
			a.putLongSet(e.ID, a.number(attr.Desc), nil, attr.Set())
		}
	}
	return nil
}

// replaced returns what becomes of an attribute; the zero Attribute when it goes.
func replaced(e *PutAttributes, attr directory.Attribute) directory.Attribute {
	for _, set := range e.Set {
		if set.Desc == attr.Desc {
			return set
		}
	}
	for _, gone := range e.Remove {
		if gone == attr.Desc {
			return directory.Attribute{}
		}
	}
	return attr
}

// changeRecord returns a copy of the record of an entry, to be changed.
func (a *applier) changeRecord(id directory.EntryID) (*record, error) {
	rec, err := a.record(id)
	if errors.Is(err, ErrNotFound) {
		return nil, directory.Errorf(directory.NoSuchObject, "the entry is gone")
	}
	if err != nil {
		return nil, err
	}
	own := *rec
	own.csn = a.csn
	return &own, nil
}

// writeRecord writes a changed record and touches its entry.
func (a *applier) writeRecord(id directory.EntryID, rec *record, old *directory.Entry, how touch) error {
	if err := a.putRecord(id, rec, old); err != nil {
		return err
	}
	t, err := a.touchEntry(id, how)
	if err != nil {
		return err
	}
	if !t.record {
		t.record, t.old = true, old
	}
	t.new = rec.entry
	t.stamp.gives = t.stamp.gives || givesRights(rec.entry)
	return nil
}

// storedSet returns the values of a description in an entry; nil for none.
func (a *applier) storedSet(e *directory.Entry, desc uint32) []byte {
	if e == nil {
		return nil
	}
	d, err := a.descs.description(desc)
	if err != nil {
		return nil
	}
	return e.Get(d).Set()
}
