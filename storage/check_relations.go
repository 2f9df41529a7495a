package storage

import (
	"encoding/binary"
	"errors"

	"gatehouse/directory"
	"gatehouse/storage/kv"
)

// link looks at one end of a link. The records were read before.
func (c *checker) link(key, value []byte) {
	if len(key) != linkKeyBytes || len(value) != 0 {
		c.find("link", 0, "key %x", key)
		return
	}
	near, desc, far := idAt(key, 1), key[9:13], idAt(key, linkKeyBytes-8)
	if _, err := c.v.descs.description(binary.BigEndian.Uint32(desc)); err != nil {
		c.find("link", near, "%v", err)
	}
	if !c.exists(near) {
		c.find("link", near, "it has links but does not exist")
	}
	if key[0] == tagLink {
		c.summary.Links++
		c.forward.add(c.hash(desc, key[1:9], key[linkKeyBytes-8:]))
		return
	}
	if !c.exists(far) {
		c.find("link", near, "entry %d links to it but does not exist", far)
	}
	c.back.add(c.hash(desc, key[linkKeyBytes-8:], key[1:9]))
}

// links finds the links that exist from one end only.
func (c *checker) links() error {
	if c.forward == c.back {
		return nil
	}
	other := func(key []byte) []byte {
		near, desc, far := idAt(key, 1), binary.BigEndian.Uint32(key[9:]), idAt(key, linkKeyBytes-8)
		if key[0] == tagLink {
			return reverseKey(nil, far, desc, near)
		}
		return linkKey(nil, far, desc, near)
	}
	for _, tag := range []byte{tagLink, tagReverse} {
		err := c.v.scanLinks([]byte{tag}, func(key []byte) bool {
			if _, err := c.v.Get(other(key)); err != nil {
				c.find("link", idAt(key, 1), "the link %x has no other end: %v", key, err)
			}
			return c.ctx.Err() == nil
		})
		if err != nil {
			return err
		}
	}
	return c.ctx.Err()
}

// waits looks at one key of an unresolved reference.
func (c *checker) waits(key, value []byte) {
	switch key[0] {
	case tagWaiters:
		body, err := unseal(value, key)
		n, used := binary.Uvarint(body)
		if err != nil || used <= 0 || n == 0 {
			c.find("unresolved", 0, "counter %x is damaged", key)
			return
		}
		c.expectWaiters(c.hash(key[1:]), -int64(n))
	case tagWaiter:
		if len(key) < 1+1+12 || len(value) != 0 {
			c.find("unresolved", 0, "key %x", key)
			return
		}
		name := key[1 : len(key)-13]
		c.expectWaiters(c.hash(name), 1)
		c.waiters.add(c.hash(key[len(key)-12:], name))
	case tagUnresolved:
		c.summary.Unresolved++
		c.unresolvedText(key, value)
	}
}

// expectWaiters adds to the number of references that wait for a name, and takes off what its counter says.
func (c *checker) expectWaiters(name uint64, n int64) {
	if c.waiting == nil {
		c.waiting = make(map[uint64]uint64)
	}
	if c.waiting[name] += uint64(n); c.waiting[name] == 0 {
		delete(c.waiting, name)
	}
}

func (c *checker) unresolvedText(key, value []byte) {
	u, err := decodeUnresolved(value, key)
	if err != nil {
		c.find("unresolved", 0, "%v", err)
		return
	}
	source := idAt(key, 1)
	if !c.exists(source) {
		c.find("unresolved", source, "it has references but does not exist")
	}
	if _, err := c.v.descs.description(u.desc); err != nil {
		c.find("unresolved", source, "%v", err)
	}
	short := appendShort(nil, reverseName(u.name))
	if string(short) != string(key[13:]) {
		c.find("unresolved", source, "the reference to %q stands under another name", u.name)
	}
	c.texts.add(c.hash(key[9:13], key[1:9], short))
}

// unresolved compares both sides of the references that wait, and makes sure that they have reason to.
func (c *checker) unresolved() error {
	if c.texts != c.waiters {
		c.find("unresolved", 0, "%d references wait, but %d are waited for, or they are not the same", c.texts.n, c.waiters.n)
	}
	for range c.waiting {
		c.find("unresolved", 0, "a counter of waiting references is wrong")
	}
	if c.pending > 0 {
		return nil // follow-up changes are on their way; until then names may be there already
	}
	it := c.v.Scan(kv.ScanOptions{Prefix: []byte{tagUnresolved}})
	defer it.Close()
	for it.Next() {
		value, err := it.Value()
		if err != nil {
			return err
		}
		u, err := decodeUnresolved(value, it.Key())
		if err != nil {
			continue // found before
		}
		if _, _, err := c.v.lookup(u.name); err == nil {
			c.find("unresolved", idAt(it.Key(), 1), "the reference to %q waits, but the entry is there", u.name)
		} else if !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	return it.Err()
}

// tree follows every entry upwards and compares the counters.
func (c *checker) tree() error {
	for id := range c.entries {
		e := &c.entries[id]
		switch {
		case e.is == 0:
			continue
		case e.is&hasRecord == 0:
			c.find("tree", directory.EntryID(id), "it has a name or a stamp, but no record")
			continue
		case e.is&hasStamp == 0:
			c.find("stamp", directory.EntryID(id), "it has none")
		}
		if e.parent == 0 {
			e.is |= hasWay
			continue
		}
		if p := c.entry(e.parent); p != nil && p.is&hasRecord != 0 {
			p.children++
		} else {
			c.find("tree", directory.EntryID(id), "its superior, entry %d, does not exist", e.parent)
		}
	}
	for id := range c.entries {
		e := &c.entries[id]
		if e.is&hasRecord != 0 && !c.way(directory.EntryID(id)) {
			c.find("tree", directory.EntryID(id), "no way leads from it to a naming context")
		}
		if e.children != e.declared {
			c.find("tree", directory.EntryID(id), "it has %d children, its counter says %d", e.children, e.declared)
		}
	}
	return c.ctx.Err()
}

// way reports whether an entry has a way to a naming context, and remembers it for those on the way.
func (c *checker) way(id directory.EntryID) bool {
	at, steps := id, 0
	for ; steps < depthMax; steps++ {
		e := c.entry(at)
		if e == nil || e.is&hasRecord == 0 {
			return false
		}
		if e.is&hasWay != 0 {
			break
		}
		at = e.parent
	}
	if steps == depthMax {
		return false
	}
	for at := id; c.entries[at].is&hasWay == 0; at = c.entries[at].parent {
		c.entries[at].is |= hasWay
	}
	return true
}

// log walks the whole log.
func (c *checker) log() error {
	start, err := readLogStart(c.v.r)
	if err != nil {
		c.find("log", 0, "%v", err)
		return nil
	}
	last, hash, bytes := start.csn, start.hash, start.bytes
	err = scanLog(c.v.r, 0, func(rec *logRecord) bool {
		bytes += rec.bytes
		switch {
		case rec.first != last+1:
			c.find("log", 0, "changes %d to %d are missing", last+1, rec.first-1)
		case rec.prev != hash:
			c.find("log", 0, "changes %d to %d do not follow what is before them", rec.first, rec.last)
		}
		if _, err := rec.changes(); err != nil {
			c.find("log", 0, "%v", err)
		}
		last, hash = rec.last, rec.hash()
		return c.ctx.Err() == nil
	})
	var broken *LogError
	if errors.As(err, &broken) {
		c.find("log", 0, "%v", broken)
		return nil
	}
	if err == nil && c.ctx.Err() == nil && (last != c.v.state.csn || hash != c.v.state.hash) {
		c.find("log", 0, "it ends at change %d, the state at change %d, or the state is not what follows from it", last, c.v.state.csn)
	}
	if err == nil && c.ctx.Err() == nil && bytes != c.v.state.logBytes {
		c.find("log", 0, "it has %d bytes, the state says %d", bytes, c.v.state.logBytes)
	}
	return errors.Join(err, c.ctx.Err())
}

// counts compares what the state says.
func (c *checker) counts() error {
	if c.longWant != c.longHave {
		c.find("record", 0, "%d parts of long values are stored, %d are in use, or they are not the same", c.longHave.n, c.longWant.n)
	}
	if st := c.v.state; st.entries != c.summary.Entries || st.unresolved != c.summary.Unresolved {
		c.find("key", 0, "there are %d entries and %d unresolved references, the state says %d and %d",
			c.summary.Entries, c.summary.Unresolved, st.entries, st.unresolved)
	}
	return nil
}
