package storage

import (
	"bytes"
	"slices"
	"strconv"
	"time"

	"gatehouse/directory"
	"gatehouse/directory/schema"
	"gatehouse/storage/kv"
)

// An indexStamp is what the indexes take from a stamp. The zero indexStamp is no entry.
type indexStamp struct {
	CSN        directory.CSN
	ModifyTime time.Time
}

// An indexUpdater brings the indexes along with changes of entries. It belongs to one goroutine;
// what it writes is a function of its arguments and the overlay alone.
type indexUpdater struct {
	*indexer
	sets     setWriter
	old, new indexTerms
	touched  []bool
}

func (ix *indexer) updater() *indexUpdater {
	return &indexUpdater{indexer: ix, touched: make([]bool, len(ix.indexes))}
}

// updateEntry indexes new in place of old. Either may be nil: there is, or will be, no entry.
func (u *indexUpdater) updateEntry(o *kv.Overlay, id directory.EntryID, old, new *directory.Entry) error {
	if !u.touch(old, new) {
		return nil
	}
	u.old.reset()
	u.new.reset()
	u.appendTouched(&u.old, old)
	u.appendTouched(&u.new, new)
	return u.write(o, id)
}

// updateStamp indexes new in place of old.
func (u *indexUpdater) updateStamp(o *kv.Overlay, id directory.EntryID, old, new indexStamp) error {
	u.old.reset()
	u.new.reset()
	u.appendStamp(&u.old, old)
	u.appendStamp(&u.new, new)
	return u.write(o, id)
}

// touch marks the indexes of the attributes that differ.
func (u *indexUpdater) touch(old, new *directory.Entry) (some bool) {
	clear(u.touched)
	mark := func(e, other *directory.Entry) {
		if e == nil {
			return
		}
		for _, a := range e.Attributes() {
			of := u.ofValue[a.Desc.TypeNo]
			if len(of) == 0 || (other != nil && bytes.Equal(a.Set(), other.Get(a.Desc).Set())) {
				continue
			}
			for _, i := range of {
				u.touched[i], some = true, true
			}
		}
	}
	mark(old, new)
	mark(new, old)
	return some
}

func (u *indexUpdater) appendTouched(t *indexTerms, e *directory.Entry) {
	if e == nil {
		return
	}
	for _, a := range e.Attributes() {
		for _, i := range u.ofValue[a.Desc.TypeNo] {
			if u.touched[i] {
				u.indexes[i].appendTerms(t, u.schema, a)
			}
		}
	}
}

// appendEntryTerms appends all terms of an entry.
func (ix *indexer) appendEntryTerms(t *indexTerms, e *directory.Entry) {
	for _, a := range e.Attributes() {
		for _, i := range ix.ofValue[a.Desc.TypeNo] {
			ix.indexes[i].appendTerms(t, ix.schema, a)
		}
	}
}

// appendStamp appends the terms of a stamp.
func (ix *indexer) appendStamp(t *indexTerms, s indexStamp) {
	if s.CSN == 0 {
		return
	}
	for _, a := range ix.indexes {
		a.appendStampTerm(t, ix.schema, s)
	}
}

// appendStampTerm appends the term of a stamp in an index that has one.
func (a *attributeIndex) appendStampTerm(t *indexTerms, sch *schema.Schema, s indexStamp) {
	switch a.source {
	case fromEntry:
	case fromModifyTime:
		t.value = s.ModifyTime.UTC().AppendFormat(t.value[:0], "20060102150405Z")
		a.appendOrdering(t, sch, t.value)
	case fromCSN:
		t.value = strconv.AppendUint(t.value[:0], uint64(s.CSN), 10)
		a.appendOrdering(t, sch, t.value)
	}
}

// appendTerms appends the terms of the values of one attribute. A value that its rule refuses has
// none: no filter matches it.
func (a *attributeIndex) appendTerms(t *indexTerms, s *schema.Schema, attr directory.Attribute) {
	for v := range attr.Values() {
		if a.has(IndexEquality) {
			from := t.begin(a.Number, kindEquality)
			if key, err := s.AppendEqualityKey(t.buf, attr.Desc, v); err != nil {
				t.cancel(from)
			} else {
				t.buf = shortenFrom(key, from+indexHeadBytes)
				t.end(from)
			}
		}
		if a.has(IndexOrdering) {
			a.appendOrdering(t, s, v)
		}
		if a.has(IndexSubstring) {
			a.appendGrams(t, s, v)
		}
	}
}

func (a *attributeIndex) appendOrdering(t *indexTerms, s *schema.Schema, value []byte) {
	key, err := s.AppendOrderingKey(t.key[:0], a.typ, value)
	if err != nil {
		return
	}
	t.key = key
	from := t.begin(a.Number, kindOrdering)
	t.buf = appendOrderingPart(t.buf, key)
	t.end(from)
}

func (a *attributeIndex) appendGrams(t *indexTerms, s *schema.Schema, value []byte) {
	key, err := s.AppendSubstringKey(t.key[:0], a.typ, value, schema.Whole)
	if err != nil {
		return
	}
	t.key = key
	t.gram = grams(t.gram, key, true, true, func(gram []byte) {
		from := t.begin(a.Number, kindSubstring)
		t.buf = append(t.buf, gram...)
		t.end(from)
	})
}

// write turns the difference of old and new into puts and deletes.
func (u *indexUpdater) write(o *kv.Overlay, id directory.EntryID) error {
	u.sets.o = o
	old, new := u.old.sorted(), u.new.sorted()
	for len(old) > 0 || len(new) > 0 {
		order := -1
		switch {
		case len(old) == 0:
			order = 1
		case len(new) > 0:
			order = bytes.Compare(u.old.at(old[0]), u.new.at(new[0]))
		}
		var err error
		if order < 0 {
			err = u.removeTerm(u.old.at(old[0]), id)
		} else if order > 0 {
			err = u.addTerm(u.new.at(new[0]), id)
		}
		if err != nil {
			return err
		}
		if order <= 0 {
			old = old[1:]
		}
		if order >= 0 {
			new = new[1:]
		}
	}
	return nil
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

// indexTerms collects index terms: set keys and ordering keys without their ID.
type indexTerms struct {
	buf              []byte
	spans            []span
	key, gram, value []byte // scratch
}

type span struct{ from, to int }

func (t *indexTerms) reset() { t.buf, t.spans = t.buf[:0], t.spans[:0] }

func (t *indexTerms) begin(number uint16, kind byte) (from int) {
	from = len(t.buf)
	t.buf = appendIndexHead(t.buf, number, kind)
	return from
}

func (t *indexTerms) end(from int)    { t.spans = append(t.spans, span{from, len(t.buf)}) }
func (t *indexTerms) cancel(from int) { t.buf = t.buf[:from] }
func (t *indexTerms) at(s span) []byte {
	return t.buf[s.from:s.to:s.to]
}

// sorted returns the terms in order without duplicates.
func (t *indexTerms) sorted() []span {
	slices.SortFunc(t.spans, func(a, b span) int { return bytes.Compare(t.at(a), t.at(b)) })
	t.spans = slices.CompactFunc(t.spans, func(a, b span) bool { return bytes.Equal(t.at(a), t.at(b)) })
	return t.spans
}
