package storage

import (
	"bytes"
	"slices"
	"time"

	"gatehouse/directory"
	"gatehouse/storage/kv"
)

// An indexStamp is what the indexes take from a stamp. The zero indexStamp is no entry.
type indexStamp struct {
	CSN        directory.CSN
	ModifyTime time.Time
}

// An indexUpdater brings the indexes along with changes of entries. It belongs to one goroutine;
// what it writes is a function of its arguments and the overlay alone.
//
// A change of one value among many costs about what that value costs: only the values that differ
// are turned into terms. Those that stay are looked at only when a term is to be removed, because
// it may be theirs, too: two values share n-grams, and values with different options share keys.
type indexUpdater struct {
	*indexer
	sets     setWriter
	old, new indexTerms // of the values that differ
	stay     indexTerms // of values that stay
	kept     []keptValues
	shrunk   []bool // by index: old has terms of it
}

// keptValues are values that an entry has before and after a change.
type keptValues struct {
	desc *directory.AttributeDescription
	set  []byte
}

func (ix *indexer) updater() *indexUpdater {
	return &indexUpdater{indexer: ix, shrunk: make([]bool, len(ix.indexes))}
}

func (u *indexUpdater) reset() {
	u.old.reset()
	u.new.reset()
	u.kept = u.kept[:0]
	clear(u.shrunk)
}

// updateEntry indexes new in place of old. Either may be nil: there is, or will be, no entry.
func (u *indexUpdater) updateEntry(o *kv.Overlay, id directory.EntryID, old, new *directory.Entry) error {
	u.reset()
	if old == nil {
		old = noEntry
	}
	if new == nil {
		new = noEntry
	}
	for _, a := range old.Attributes() {
		if len(u.ofValue[a.Desc.TypeNo]) > 0 {
			u.compare(a.Desc, a.Set(), new.Get(a.Desc).Set())
		}
	}
	for _, a := range new.Attributes() {
		if len(u.ofValue[a.Desc.TypeNo]) > 0 && len(old.Get(a.Desc).Set()) == 0 {
			u.compare(a.Desc, nil, a.Set())
		}
	}
	return u.write(o, id)
}

var noEntry = directory.StoredEntry(nil)

// updateStamp indexes new in place of old.
func (u *indexUpdater) updateStamp(o *kv.Overlay, id directory.EntryID, old, new indexStamp) error {
	u.reset()
	u.appendStamp(&u.old, old)
	u.appendStamp(&u.new, new)
	return u.write(o, id)
}

// compare notes the terms of the values of an attribute that go and come, and the values that stay.
func (u *indexUpdater) compare(desc *directory.AttributeDescription, old, new []byte) {
	d := diffSets(old, new)
	for _, set := range [][]byte{d.before, d.after} {
		if len(set) > 0 {
			u.kept = append(u.kept, keptValues{desc, set})
		}
	}
	for _, i := range u.ofValue[desc.TypeNo] {
		if len(d.gone) > 0 {
			u.shrunk[i] = true
			u.indexes[i].appendTerms(&u.old, u.schema, directory.AttributeFromSet(desc, d.gone, 0))
		}
		if len(d.come) > 0 {
			u.indexes[i].appendTerms(&u.new, u.schema, directory.AttributeFromSet(desc, d.come, 0))
		}
	}
}

// write turns the difference of old and new into puts and deletes.
func (u *indexUpdater) write(o *kv.Overlay, id directory.EntryID) error {
	u.sets.o = o
	gone, come := u.difference()
	for _, s := range u.withoutKept(gone) {
		if err := u.removeTerm(u.old.at(s), id); err != nil {
			return err
		}
	}
	for _, s := range come {
		if err := u.addTerm(u.new.at(s), id); err != nil {
			return err
		}
	}
	return nil
}

// difference returns the terms that only old has and those that only new has, sorted.
func (u *indexUpdater) difference() (gone, come []span) {
	old, new := u.old.sorted(), u.new.sorted()
	gone, come = old[:0], new[:0]
	for len(old) > 0 && len(new) > 0 {
		switch order := bytes.Compare(u.old.at(old[0]), u.new.at(new[0])); {
		case order < 0:
			gone = append(gone, old[0])
			old = old[1:]
		case order > 0:
			come = append(come, new[0])
			new = new[1:]
		default:
			old, new = old[1:], new[1:]
		}
	}
	return append(gone, old...), append(come, new...)
}

// withoutKept drops the terms that values have that stay.
func (u *indexUpdater) withoutKept(gone []span) []span {
	for _, k := range u.kept {
		for _, i := range u.ofValue[k.desc.TypeNo] {
			if len(gone) == 0 {
				return nil
			}
			if !u.shrunk[i] {
				continue
			}
			u.stay.reset()
			u.indexes[i].appendTerms(&u.stay, u.schema, directory.AttributeFromSet(k.desc, k.set, 0))
			for _, s := range u.stay.spans {
				at, found := slices.BinarySearchFunc(gone, u.stay.at(s), func(g span, term []byte) int {
					return bytes.Compare(u.old.at(g), term)
				})
				if found {
					gone = slices.Delete(gone, at, at+1)
				}
			}
		}
	}
	return gone
}

func (u *indexUpdater) addTerm(term []byte, id directory.EntryID) error {
	if term[indexHeadBytes-1] != kindOrdering {
		return u.sets.add(term, id)
	}
	u.sets.key = appendOrderingID(append(u.sets.key[:0], term...), id)
	u.sets.o.Put(u.sets.key, nil)
	return nil
}

func (u *indexUpdater) removeTerm(term []byte, id directory.EntryID) error {
	if term[indexHeadBytes-1] != kindOrdering {
		return u.sets.remove(term, id)
	}
	u.sets.key = appendOrderingID(append(u.sets.key[:0], term...), id)
	u.sets.o.Delete(u.sets.key)
	return nil
}
