package dit

import (
	"slices"

	"gatehouse/directory"
	"gatehouse/storage"
)

// closure walks upwards from an entry to everything that refers to it, step by step: the groups that it is in, the groups that
// those are in, and so on. A circle ends by itself; groupsMax bounds the walk. The zero value is ready and may be reused.
type closure struct {
	found []directory.EntryID // in the order of finding, and the queue of the walk
	seen  map[directory.EntryID]struct{}
}

const closureListMax = 32 // with more, a map finds what was seen

// walk visits every entry that refers to from by one of the attribute types, directly or not, until visit returns false.
// from itself is visited only if a circle leads back to it.
func (c *closure) walk(sn *storage.Snapshot, from directory.EntryID, types []int, visit func(directory.EntryID) bool) error {
	c.found = c.found[:0]
	clear(c.seen)
	for next, at := 0, from; ; next++ {
		for source, err := range sn.Referrers(at, types...) {
			if err != nil {
				return err
			}
			if !c.add(source) {
				continue
			}
			if !visit(source) || len(c.found) == groupsMax {
				return nil
			}
		}
		if next == len(c.found) {
			return nil
		}
		at = c.found[next]
	}
}

// add notes an entry; false if it is there.
func (c *closure) add(id directory.EntryID) bool {
	if len(c.found) < closureListMax {
		if slices.Contains(c.found, id) {
			return false
		}
		c.found = append(c.found, id)
		return true
	}
	if len(c.seen) == 0 {
		if c.seen == nil {
			c.seen = make(map[directory.EntryID]struct{})
		}
		for _, f := range c.found {
			c.seen[f] = struct{}{}
		}
	}
	if _, ok := c.seen[id]; ok {
		return false
	}
	c.seen[id] = struct{}{}
	c.found = append(c.found, id)
	return true
}

// reaches reports whether to refers to from, directly or not.
func (c *closure) reaches(sn *storage.Snapshot, from directory.EntryID, types []int, to directory.EntryID) (bool, error) {
	found := false
	err := c.walk(sn, from, types, func(id directory.EntryID) bool {
		found = id == to
		return !found
	})
	return found, err
}
