package dit

import (
	"fmt"
	"strconv"
	"time"

	"gatehouse/directory"
)

// generalizedTime is the form of modifyTimestamp (RFC 4517 section 3.3.13), in seconds.
const generalizedTime = "20060102150405Z"

// computed makes the value of an attribute that is not stored; the zero Attribute if the entry has none. Its bytes are valid
// until the candidate is reset.
func (c *candidate) computed(desc *directory.AttributeDescription) (directory.Attribute, error) {
	if c.made != nil {
		return c.made.entry.Get(desc), nil
	}
	a := &c.d.attr
	switch desc {
	case a.entryDN:
		dn, err := c.name()
		return c.one(desc, dn), err
	case a.subschemaSubentry:
		return c.d.pointer, nil
	case a.hasSubordinates:
		n, known, err := c.children(1)
		if !known {
			return directory.Attribute{}, err
		}
		return c.subordinates(desc, n), nil
	case a.numSubordinates:
		n, known, err := c.children(0)
		if !known {
			return directory.Attribute{}, err
		}
		return c.subordinates(desc, n), nil
	case a.memberOf:
		return c.memberOf()
	}
	if err := c.readStamp(); err != nil {
		return directory.Attribute{}, err
	}
	var room [64]byte
	switch desc {
	case a.modifyTimestamp:
		return c.one(desc, c.stamp.ModifyTime.UTC().AppendFormat(room[:0], generalizedTime)), nil
	case a.modifiersName:
		return c.one(desc, append(room[:0], c.stamp.Modifier...)), nil
	case a.entryCSN:
		return c.one(desc, appendEntryCSN(room[:0], c.stamp.ModifyTime, c.stamp.CSN)), nil
	case a.entryUSN:
		return c.one(desc, strconv.AppendUint(room[:0], uint64(c.stamp.CSN), 10)), nil
	}
	return directory.Attribute{}, nil
}

// subordinates returns hasSubordinates or numSubordinates for a number of children.
func (c *candidate) subordinates(desc *directory.AttributeDescription, n uint64) directory.Attribute {
	if desc == c.d.attr.hasSubordinates {
		return c.one(desc, boolean(n > 0))
	}
	return c.one(desc, strconv.AppendUint(nil, n, 10))
}

// one returns an attribute with one value, in the candidate's scratch.
func (c *candidate) one(desc *directory.AttributeDescription, value []byte) directory.Attribute {
	if len(value) == 0 {
		return directory.Attribute{}
	}
	from := len(c.scratch)
	c.scratch = directory.AppendValue(c.scratch, value)
	return directory.AttributeFromSet(desc, c.scratch[from:len(c.scratch):len(c.scratch)], 1)
}

func boolean(b bool) []byte {
	if b {
		return []byte("TRUE")
	}
	return []byte("FALSE")
}

// appendEntryCSN prints a CSN in the form of OpenLDAP: the time, then the low 24 bits of the number.
func appendEntryCSN(dst []byte, t time.Time, csn directory.CSN) []byte {
	dst = t.UTC().AppendFormat(dst, "20060102150405.000000Z")
	return fmt.Appendf(dst, "#%06x#000#000000", uint64(csn)&0xffffff)
}

// children counts the children that the session may discover, up to a number; zero is "all". It is not known if that would take
// too long.
func (c *candidate) children(upTo uint64) (n uint64, known bool, err error) {
	policy := c.d.Policy()
	all, err := c.childCount()
	if err != nil || all == 0 || policy.SeesAll(c.s) {
		return all, err == nil, err
	}
	child := candidate{d: c.d, s: c.s, sn: c.sn, now: c.now}
	looked := 0
	for id, err := range c.sn.Children(c.id) {
		if err != nil {
			return 0, false, err
		}
		if looked++; looked > childrenMax {
			return 0, false, nil
		}
		child.reset(id)
		if child.decide(policy).Discover() {
			if n++; n == upTo {
				break
			}
		}
		if child.err != nil {
			return 0, false, child.err
		}
	}
	return n, true, nil
}

// childCount counts the children, visible or not. A write relies on it.
func (c *candidate) childCount() (uint64, error) {
	if c.reads != nil {
		return c.reads.ChildCount(c.id)
	}
	return c.sn.ChildCount(c.id)
}

// memberOf lists the groups that the entry is in, directly or by nesting, as far as the session may discover them.
func (c *candidate) memberOf() (directory.Attribute, error) {
	err := c.groups.walk(c.sn, c.id, c.d.attr.groupTypes, func(directory.EntryID) bool { return true })
	if err != nil || len(c.groups.found) == 0 {
		return directory.Attribute{}, err
	}
	policy := c.d.Policy()
	seesAll := policy.SeesAll(c.s)
	from, n := len(c.scratch), 0
	var dn []byte
	for _, id := range c.groups.found {
		if !seesAll && !c.isVisible(policy, id) {
			continue
		}
		if dn, err = c.sn.AppendDN(dn[:0], id); err != nil {
			return directory.Attribute{}, err
		}
		c.scratch = directory.AppendValue(c.scratch, dn)
		n++
	}
	return directory.AttributeFromSet(c.d.attr.memberOf, c.scratch[from:len(c.scratch):len(c.scratch)], n), nil
}
