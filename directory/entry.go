package directory

import "sync/atomic"

// Entry is a validated, immutable set of attributes: what the schema has accepted ([Draft.Seal]) or what a store has
// read back. It has no name of its own: a name is where an entry stands in the tree, and a rename does not touch
// the entry. Reference attributes (member, manager, ...) of a stored entry live in the link tables and are not here.
// Safe for concurrent use.
type Entry struct {
	attrs []Attribute
	mark  uint64 // atomic
	names bool   // see HasNames
}

// Mark returns what [Entry.SetMark] has set, zero before: one word beside the attributes for what policies derive from them
// alone, so that it is derived once for each version of an entry. It does not count as a part of the entry.
func (e *Entry) Mark() uint64 { return atomic.LoadUint64(&e.mark) }

// SetMark sets the mark.
func (e *Entry) SetMark(mark uint64) { atomic.StoreUint64(&e.mark, mark) }

// StoredEntry returns the entry of a record that was sealed before it was written. It keeps attrs. Only storage, and Seal, call it.
func StoredEntry(attrs []Attribute) *Entry {
	e := &Entry{attrs: attrs}
	for i := range attrs {
		e.names = e.names || attrs[i].Desc.Is(FlagReference)
	}
	return e
}

// HasNames reports whether values of a reference attribute are among the attributes: of a stored entry, those that are kept as text.
// Few entries have any, so that relations between entries need not look for them.
func (e *Entry) HasNames() bool { return e.names }

// Attributes returns the attributes in stored order, user and operational. The slice must not be changed.
func (e *Entry) Attributes() []Attribute { return e.attrs }

// Get returns the attribute with exactly this description; the zero Attribute when absent.
func (e *Entry) Get(desc *AttributeDescription) Attribute {
	for _, a := range e.attrs {
		if a.Desc == desc {
			return a
		}
	}
	return Attribute{}
}
