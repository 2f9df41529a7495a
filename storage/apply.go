package storage

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"gatehouse/directory"
	"gatehouse/storage/kv"
)

// An applier turns changes into puts and deletes in an overlay. It is pure: it reads nothing but the overlay, and has no
// clock, randomness, settings or map order, so that the same changes on equal stores give the same keys and values.
//
// What a change does to stamps is collected and written at its end, once per entry. The sequencer owns the applier; a
// change that fails is undone by dropping its overlay and putting state and descs back.
type applier struct {
	view
	o     *kv.Overlay // of the change
	index *indexUpdater
	state state

	csn      directory.CSN
	time     int64 // Unix microseconds
	author   string
	ids      []directory.EntryID
	entries  []touchedEntry
	byID     map[directory.EntryID]int // of entries, when they are many
	nested   bool                      // the nesting generation moves
	farther  bool                      // entries that it does not touch may show it
	resolved int                       // references resolved by this change

	followUps []directory.EntryID // entries with more waiting references than one change resolves; of the batch
	derived   [][]byte            // derived items that the batch ends
	touched   []directory.EntryID // by the batch, for the feed
	wide      bool                // it reaches more entries than those
	key, val  []byte
}

// A touchedEntry is an entry whose stamp a change writes.
type touchedEntry struct {
	id       directory.EntryID
	before   Stamp // zero for a new entry
	stamp    Stamp
	deleted  bool
	members  bool // its members change, or what it shows of theirs
	record   bool // the attributes change, from old to new
	old, new *directory.Entry
}

// touch says how a change reaches an entry.
type touch uint8

const (
	touchAuthority touch = iota // something links to it: only its rights may change
	touchQuiet                  // entryCSN moves
	touchContent                // modifyTimestamp and modifiersName too
)

// apply applies c as change csn. It returns the IDs given; ids is valid until the next apply.
func (a *applier) apply(o *kv.Overlay, csn directory.CSN, c *Change) (ids []directory.EntryID, err error) {
	a.o, a.view.r, a.view.state = o, o, &a.state
	a.csn, a.author = csn, c.Author
	a.time = max(c.Time.UnixMicro(), a.state.lastTime)
	a.ids, a.entries, a.nested, a.resolved = a.ids[:0], a.entries[:0], false, 0
	a.farther = false
	a.byID = nil
	for _, effect := range c.Effects {
		if err := a.effect(effect); err != nil {
			return nil, err
		}
	}
	if err := a.touchAbove(); err != nil {
		return nil, err
	}
	if err := a.writeStamps(); err != nil {
		return nil, err
	}
	for i := range a.entries {
		a.touched = append(a.touched, a.entries[i].id)
	}
	a.wide = a.wide || a.farther
	if a.nested {
		a.val = seal(binary.BigEndian.AppendUint64(a.val[:0], uint64(csn)), 0, nestingKey)
		o.Put(nestingKey, a.val)
	}
	a.state.csn, a.state.lastTime = csn, a.time
	return a.ids, nil
}

func (a *applier) effect(effect Effect) error {
	switch e := effect.(type) {
	case CreateEntry:
		return a.create(&e)
	case PutAttributes:
		return a.putAttributes(&e)
	case DeleteEntry:
		return a.delete(e.ID)
	case MoveEntry:
		return a.move(&e)
	case AddReference:
		return a.addReference(e.ID, &e.Reference)
	case RemoveReference:
		return a.removeReference(e.ID, e.Desc, e.Target)
	case RemoveAllReferences:
		return a.removeAllReferences(e.ID, e.Desc)
	case PutMeta:
		return a.putMeta(&e)
	case resolveWaiting:
		return a.resolveRest(e.ID)
	case createStore:
		a.val = seal(e.header.append(a.val[:0]), 0, headerKey)
		a.o.Put(headerKey, a.val)
		return nil
	default:
		return fmt.Errorf("effect %T: %w", effect, ErrFormat)
	}
}

// nest moves the nesting generation: entries that the change does not touch may have other rights or memberships.
func (a *applier) nest() { a.nested, a.farther = true, true }

// touchEntry returns the stamp of an entry that the change reaches; it is written at the end.
func (a *applier) touchEntry(id directory.EntryID, how touch) (*touchedEntry, error) {
	e := a.findTouched(id)
	if e == nil {
		st, err := a.view.stamp(id)
		if errors.Is(err, ErrNotFound) {
			return nil, directory.Errorf(directory.NoSuchObject, "the entry is gone")
		}
		if err != nil {
			return nil, err
		}
		e = a.addTouched(touchedEntry{id: id, before: *st, stamp: *st})
	}
	e.stamp.authority = a.csn
	if how >= touchQuiet {
		e.stamp.CSN = a.csn
	}
	if how >= touchContent {
		e.stamp.setTime(a.time)
		e.stamp.Modifier = a.author
	}
	return e, nil
}

// touchedMapMin is the number of touched entries from which a map finds them.
const touchedMapMin = 24

func (a *applier) findTouched(id directory.EntryID) *touchedEntry {
	if a.byID != nil {
		if i, ok := a.byID[id]; ok {
			return &a.entries[i]
		}
		return nil
	}
	for i := range a.entries {
		if a.entries[i].id == id {
			return &a.entries[i]
		}
	}
	return nil
}

// addTouched adds an entry; the pointer is valid until the next one is added.
func (a *applier) addTouched(e touchedEntry) *touchedEntry {
	a.entries = append(a.entries, e)
	if n := len(a.entries); a.byID != nil {
		a.byID[e.id] = n - 1
	} else if n == touchedMapMin {
		a.byID = make(map[directory.EntryID]int, 4*n)
		for i := range a.entries {
			a.byID[a.entries[i].id] = i
		}
	}
	return &a.entries[len(a.entries)-1]
}

// writeStamps writes what the change did to stamps and to the indexes.
func (a *applier) writeStamps() error {
	for i := range a.entries {
		e := &a.entries[i]
		a.key = idKey(a.key[:0], tagStamp, e.id)
		after := e.stamp
		if e.deleted {
			a.o.Delete(a.key)
			after = Stamp{}
		} else {
			a.val = appendStamp(a.val[:0], a.key, &e.stamp)
			a.o.Put(a.key, a.val)
		}
		if e.record {
			if givesRights(e.old) || givesRights(e.new) {
				a.nest()
			}
			if err := a.index.updateEntry(a.o, e.id, e.old, e.new); err != nil {
				return err
			}
		}
		if e.before.member != after.member || !slices.Equal(e.before.refs, after.refs) {
			if err := a.index.updateLinks(a.o, e.id, &e.before, &after, a.descs); err != nil {
				return err
			}
		}
		if e.before.CSN != after.CSN {
			before := indexStamp{CSN: e.before.CSN, ModifyTime: e.before.ModifyTime}
			if err := a.index.updateStamp(a.o, e.id, before, indexStamp{CSN: after.CSN, ModifyTime: after.ModifyTime}); err != nil {
				return err
			}
		}
	}
	return nil
}

// number returns the number of a description, and gives it one when it is new.
func (a *applier) number(desc *directory.AttributeDescription) uint32 {
	if no := a.descs.number(desc); no != 0 {
		return no
	}
	no := a.state.nextDesc
	a.state.nextDesc++
	a.descs = a.descs.with(desc)
	a.key = descKey(a.key[:0], no)
	a.val = seal(append(a.val[:0], desc.Key...), 0, a.key)
	a.o.Put(a.key, a.val)
	return no
}

// end says that a derived cache item ends with this batch.
func (a *applier) end(key []byte) { a.derived = append(a.derived, key) }

func (a *applier) putMeta(e *PutMeta) error {
	if len(e.Value) > metaBytesMax || len(e.Key) > metaKeyBytesMax {
		return directory.Errorf(directory.AdminLimitExceeded, "%q has more than %d bytes", e.Key, metaBytesMax)
	}
	a.key = metaKey(a.key[:0], e.Key)
	if e.Value == nil {
		a.o.Delete(a.key)
		return nil
	}
	a.val = appendMeta(a.val[:0], a.key, a.csn, e.Value)
	a.o.Put(a.key, a.val)
	return nil
}
