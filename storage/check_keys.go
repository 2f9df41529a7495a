package storage

import (
	"bytes"
	"encoding/binary"

	"gatehouse/directory"
)

// key looks at one key and its value.
func (c *checker) key(key, value []byte) {
	switch key[0] {
	case tagNode, tagHeader, tagMeta:
		if _, err := unseal(value, key); err != nil {
			c.find("key", 0, "%v", err)
		}
	case tagLog: // by log
	case tagDescription:
		c.description(key, value)
	case tagChild:
		c.child(key, value)
	case tagChildCount:
		c.childCount(key, value)
	case tagRecord:
		c.record(key, value)
	case tagLongValue:
		c.longValue(key)
	case tagStamp:
		c.stamp(key, value)
	case tagLink, tagReverse:
		c.link(key, value)
	case tagWaiters, tagWaiter, tagUnresolved:
		c.waits(key, value)
	case tagToResolve:
		c.pending++
	case tagIndex:
		c.indexKey(key, value)
	default:
		c.find("key", 0, "%x belongs to no table", key)
	}
}

// idOf returns the ID at the end of a key of a table that is addressed by an ID alone.
func (c *checker) idOf(area string, key []byte) (directory.EntryID, *checkedEntry) {
	if len(key) != 9 {
		c.find(area, 0, "key %x", key)
		return 0, nil
	}
	id := idAt(key, 1)
	e := c.entry(id)
	if e == nil {
		c.find(area, id, "the ID was never given")
	}
	return id, e
}

func (c *checker) description(key, value []byte) {
	name, err := unseal(value, key)
	if err != nil || len(key) != 5 {
		c.find("key", 0, "description %x: %v", key, err)
		return
	}
	desc, err := c.v.descs.description(binary.BigEndian.Uint32(key[1:]))
	if err != nil || desc.Key != string(name) {
		c.find("key", 0, "description %x: %q is not what is in use", key, name)
	}
}

func (c *checker) child(key, value []byte) {
	if len(key) < 10 {
		c.find("tree", 0, "key %x", key)
		return
	}
	id, _, err := decodeChild(value, key)
	if err != nil {
		c.find("tree", 0, "%v", err)
		return
	}
	e := c.entry(id)
	switch {
	case e == nil:
		c.find("tree", id, "a name stands for an ID that was never given")
	case e.is&hasName != 0:
		c.find("tree", id, "it has two names")
	default:
		e.is |= hasName
		e.name = c.hash(key)
	}
}

func (c *checker) childCount(key, value []byte) {
	id, e := c.idOf("tree", key)
	if e == nil {
		return
	}
	body, err := unseal(value, key)
	n, used := binary.Uvarint(body)
	if err != nil || used != len(body) || n == 0 {
		c.find("tree", id, "its counter of children is damaged")
		return
	}
	e.declared = uint32(n)
}

func (c *checker) record(key, value []byte) {
	id, e := c.idOf("record", key)
	if e == nil {
		return
	}
	rec, err := decodeRecord(value, key, c.v.descs, func(desc uint32, length int, digest []byte) ([]byte, error) {
		return c.v.longSet(id, desc, length, digest)
	})
	if err != nil {
		e.is |= hasRecord // it is there, if damaged: what refers to it is not to blame
		c.find("record", id, "%v", err)
		return
	}
	c.summary.Entries++
	e.is |= hasRecord
	e.parent = rec.parent
	switch at := childKey(nil, rec.parent, rec.nrdn); {
	case e.is&hasName == 0:
		c.find("tree", id, "nothing leads to it by the name %q below entry %d", rec.nrdn, rec.parent)
	case c.hash(at) != e.name:
		c.find("tree", id, "it stands as %q below entry %d, but is found elsewhere", rec.nrdn, rec.parent)
	}
	if rec.csn == 0 || rec.csn > c.v.state.csn {
		c.find("record", id, "change %d wrote it", rec.csn)
	}
	for _, a := range rec.entry.Attributes() {
		if len(a.Set()) > longSetBytes {
			for part := range longParts(len(a.Set())) {
				c.longWant.add(c.hash(longKey(nil, id, c.v.descs.number(a.Desc), part)))
			}
		}
		if !wellFormedSet(a.Set(), a.Len()) {
			c.find("record", id, "the values of %s are not a set", a.Desc.Name)
		}
	}
	c.terms.reset()
	c.ix.appendEntryTerms(&c.terms, rec.entry)
	c.wantTerms(id)
}

// wellFormedSet reports whether set has exactly n values.
func wellFormedSet(set []byte, n int) bool {
	for len(set) > 0 {
		value, rest := directory.NextValue(set)
		if value == nil {
			return false
		}
		set = rest
		n--
	}
	return n == 0
}

func (c *checker) longValue(key []byte) { c.longHave.add(c.hash(key)) }

func (c *checker) stamp(key, value []byte) {
	id, e := c.idOf("stamp", key)
	if e == nil {
		return
	}
	st, err := decodeStamp(value, bytes.Clone(key))
	if err != nil {
		c.find("stamp", id, "%v", err)
		return
	}
	e.is |= hasStamp
	if st.CSN == 0 || st.CSN > c.v.state.csn || st.authority > c.v.state.csn {
		c.find("stamp", id, "change %d wrote it", st.CSN)
	}
	c.terms.reset()
	c.ix.appendStamp(&c.terms, indexStamp{CSN: st.CSN, ModifyTime: st.ModifyTime})
	c.ix.appendLinkTerms(&c.terms, st, c.v.descs)
	c.wantTerms(id)
}
