package dit

import (
	"gatehouse/acl"
	"gatehouse/directory"
)

// visibility remembers which groups the session of a search may discover: a group is asked about for each of its members. It
// belongs to one search and to one standing of its session; see forget.
type visibility struct {
	asked int // questions since the beginning
	known map[directory.EntryID]bool
	group candidate
	memo  acl.Memo
}

const (
	// visibleMax bounds what is remembered.
	visibleMax = 4096
	// visibleAfter is how many groups are asked about before anything is: a search that returns one entry asks about none twice.
	visibleAfter = 16
)

// isVisible reports whether the session may discover the group.
func (c *candidate) isVisible(policy *acl.Policy, id directory.EntryID) bool {
	v := c.visible
	if v == nil {
		group := candidate{d: c.d, s: c.s, sn: c.sn, now: c.now, id: id}
		return group.decide(policy).Discover()
	}
	v.asked++
	if is, known := v.known[id]; known {
		return is
	}
	v.group.d, v.group.s, v.group.sn, v.group.now, v.group.memo = c.d, c.s, c.sn, c.now, &v.memo
	v.group.reset(id)
	is := v.group.decide(policy).Discover()
	if v.group.err != nil {
		return false
	}
	if v.asked <= visibleAfter {
		return is
	}
	if v.known == nil || len(v.known) >= visibleMax {
		v.known = make(map[directory.EntryID]bool)
	}
	v.known[id] = is
	return is
}

// forget is called when the rights of the session may have changed, and at the end of the search.
func (v *visibility) forget() {
	clear(v.known)
	v.asked = 0
	v.group = candidate{scratch: v.group.scratch[:0], dn: v.group.dn, ndn: v.group.ndn}
}
