package storage

import (
	"bytes"
	"slices"
	"strconv"

	"gatehouse/directory"
	"gatehouse/directory/schema"
)

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
