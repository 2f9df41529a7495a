package storage

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"

	"gatehouse/directory"
	"gatehouse/storage/kv"
)

// indexSums compares one kind of one index with the entries.
type indexSums struct {
	number     uint16
	kind       byte
	want, have relation // (term, ID)
	marked     relation // sets whose key says that they are in chunks
	chunked    relation // sets that have chunks
}

// detailMax bounds the findings for one kind of one index.
const detailMax = 100

func (c *checker) sums(key []byte) *indexSums {
	number, kind := binary.BigEndian.Uint16(key[1:]), key[3]
	if kind != kindOrdering {
		kind &^= chunkKindBit
	}
	at := uint32(number)<<8 | uint32(kind)
	s := c.indexes[at]
	if s == nil {
		s = &indexSums{number: number, kind: kind}
		c.indexes[at] = s
	}
	return s
}

// wantTerms notes the terms of an entry or a stamp.
func (c *checker) wantTerms(id directory.EntryID) {
	for _, span := range c.terms.sorted() {
		term := c.terms.at(span)
		c.sums(term).want.add(mix(c.hash(term), id))
	}
}

// indexKey notes what an index key has.
func (c *checker) indexKey(key, value []byte) {
	if len(key) < indexHeadBytes || c.ix.numbered(binary.BigEndian.Uint16(key[1:])) == nil {
		c.find("index", 0, "key %x is of no index", key)
		return
	}
	s := c.sums(key)
	switch key[3] {
	case kindOrdering:
		if len(key) < indexHeadBytes+8 || len(value) != 0 {
			c.find("index", 0, "key %x", key)
			return
		}
		c.haveID(s, c.hash(key[:len(key)-8]), idOfOrderingKey(key))
	case kindEquality, kindSubstring, kindPresence:
		ids, chunked, err := appendInlineIDs(nil, value)
		if err != nil || !chunked && len(ids) == 0 {
			c.find("index", 0, "value of key %x is damaged", key)
			return
		}
		h := c.hash(key)
		if chunked {
			s.marked.add(h)
		}
		for _, id := range ids {
			c.haveID(s, h, id)
		}
	case kindEquality | chunkKindBit, kindSubstring | chunkKindBit, kindPresence | chunkKindBit:
		c.chunk(s, key, value)
	default:
		c.find("index", 0, "key %x is of no kind", key)
	}
}

func (c *checker) chunk(s *indexSums, key, value []byte) {
	set, no, ok := setKeyOfChunk(nil, key)
	var ids chunk
	if !ok || decodeChunk(&ids, value) != nil || ids == (chunk{}) {
		c.find("index", 0, "chunk %x is damaged", key)
		return
	}
	h := c.hash(set)
	if !bytes.Equal(set, c.lastChunkSet) {
		s.chunked.add(h)
		c.lastChunkSet = set
	}
	for _, id := range ids.appendIDs(nil, no) {
		c.haveID(s, h, id)
	}
}

func (c *checker) haveID(s *indexSums, term uint64, id directory.EntryID) {
	c.summary.IndexIDs++
	s.have.add(mix(term, id))
}

// index finds the differences between indexes and entries.
func (c *checker) index() error {
	var broken []*indexSums
	for _, s := range c.indexes {
		if s.want != s.have || s.marked != s.chunked {
			broken = append(broken, s)
		}
	}
	slices.SortFunc(broken, func(a, b *indexSums) int {
		return int(a.number)<<8 + int(a.kind) - int(b.number)<<8 - int(b.kind)
	})
	for _, s := range broken {
		a := c.ix.numbered(s.number)
		c.find("index", 0, "%s (%c): %d IDs are indexed, %d should be, or they are not the same; %d large sets have %d sets of chunks",
			a.Attribute, s.kind, s.have.n, s.want.n, s.marked.n, s.chunked.n)
		if err := errors.Join(c.missing(a, s.kind), c.stale(a, s.kind)); err != nil {
			return err
		}
	}
	return nil
}

// eachTerm calls yield with the terms of one kind of one index of every entry.
func (c *checker) eachTerm(a *attributeIndex, kind byte, yield func(id directory.EntryID, term []byte) bool) error {
	head := appendIndexHead(nil, a.Number, kind)
	for id := range c.entries {
		if c.entries[id].is&hasRecord == 0 {
			continue
		}
		c.entryTerms(directory.EntryID(id))
		for _, span := range c.terms.spans {
			if term := c.terms.at(span); bytes.HasPrefix(term, head) && !yield(directory.EntryID(id), term) {
				return nil
			}
		}
		if c.ctx.Err() != nil {
			return c.ctx.Err()
		}
	}
	return nil
}

// entryTerms sets c.terms to all terms of an entry that can be read.
func (c *checker) entryTerms(id directory.EntryID) {
	c.terms.reset()
	if rec, err := c.v.record(id); err == nil {
		c.ix.appendEntryTerms(&c.terms, rec.entry)
	}
	if st, err := c.v.stamp(id); err == nil {
		c.ix.appendStamp(&c.terms, indexStamp{CSN: st.CSN, ModifyTime: st.ModifyTime})
		c.ix.appendLinkTerms(&c.terms, st, c.v.descs)
	}
	c.terms.sorted()
}

// missing finds the terms that an index lacks.
func (c *checker) missing(a *attributeIndex, kind byte) error {
	n := 0
	return c.eachTerm(a, kind, func(id directory.EntryID, term []byte) bool {
		has, err := c.hasTerm(term, id)
		if err != nil {
			c.find("index", id, "%s: term %q: %v", a.Attribute, term[indexHeadBytes:], err)
		} else if !has {
			c.find("index", id, "%s: term %q is missing", a.Attribute, term[indexHeadBytes:])
		} else {
			return true
		}
		n++
		return n < detailMax
	})
}

// hasTerm reports whether an index has an ID under a term.
func (c *checker) hasTerm(term []byte, id directory.EntryID) (bool, error) {
	if term[3] == kindOrdering {
		_, err := c.v.Get(appendOrderingID(bytes.Clone(term), id))
		return found(0, err)
	}
	value, err := c.v.Get(term)
	if err != nil {
		return found(0, err)
	}
	ids, chunked, err := appendInlineIDs(nil, value)
	if err != nil || !chunked {
		return idSet(ids).has(id), err
	}
	if value, err = c.v.Get(appendChunkKey(nil, term, chunkOf(id))); err != nil {
		return found(0, err)
	}
	var ch chunk
	err = decodeChunk(&ch, value)
	return ch.has(id), err
}

// stale finds the IDs that an index has under terms that their entries do not have.
func (c *checker) stale(a *attributeIndex, kind byte) error {
	n := 0
	judge := func(term []byte, ids ...directory.EntryID) {
		for _, id := range ids {
			c.entryTerms(id)
			if n < detailMax && !slices.ContainsFunc(c.terms.spans, func(s span) bool { return bytes.Equal(c.terms.at(s), term) }) {
				n++
				c.find("index", id, "%s: term %q is stale", a.Attribute, term[indexHeadBytes:])
			}
		}
	}
	kinds := []byte{kind}
	if kind != kindOrdering {
		kinds = append(kinds, kind|chunkKindBit)
	}
	for _, k := range kinds {
		it := c.v.Scan(kv.ScanOptions{Prefix: appendIndexHead(nil, a.Number, k)})
		for n < detailMax && c.ctx.Err() == nil && it.Next() {
			value, err := it.Value()
			if err != nil {
				return errors.Join(err, it.Close())
			}
			key := it.Key()
			switch k {
			case kindOrdering:
				judge(key[:len(key)-8], idOfOrderingKey(key))
			case kind:
				ids, _, _ := appendInlineIDs(nil, value) // a damaged one was found before
				judge(key, ids...)
			default:
				set, no, ok := setKeyOfChunk(nil, key)
				var ids chunk
				if ok && decodeChunk(&ids, value) == nil {
					judge(set, ids.appendIDs(nil, no)...)
				}
			}
		}
		if err := it.Close(); err != nil {
			return err
		}
	}
	return c.ctx.Err()
}
