package storage

import (
	"bytes"

	"gatehouse/directory"
)

// aboveMax bounds the groups that a change in one of their members moves, and aboveLinksMax the links of one group that are followed.
const (
	aboveMax      = 100
	aboveLinksMax = 1000
)

// touchAbove moves entryCSN of the groups that have a group as a member whose own members change, step by step: they show its members as
// theirs (memberUid), and who follows entryUSN is to see that. Nothing else of them moves: they were not modified, and nobody's rights
// change by it. Beyond aboveMax groups the rest stays, so that the cost of a change has a bound.
func (a *applier) touchAbove() error {
	var changed []directory.EntryID
	for i := range a.entries {
		e := &a.entries[i]
		if e.members = !e.deleted && (e.members || e.namesChange()); e.members && e.stamp.member {
			changed = append(changed, e.id)
		}
	}
	for most := len(a.entries) + aboveMax; len(changed) > 0; changed = changed[1:] {
		above, err := a.groupsOf(changed[0])
		if err != nil {
			return err
		}
		for _, id := range above {
			e := a.findTouched(id)
			switch {
			case e == nil && len(a.entries) == most:
				return nil
			case e == nil:
				st, err := a.view.stamp(id)
				if err != nil {
					return err
				}
				e = a.addTouched(touchedEntry{id: id, before: *st, stamp: *st})
			case e.members:
				continue
			}
			e.stamp.CSN, e.members = a.csn, true
			changed = append(changed, id)
		}
	}
	return nil
}

// namesChange reports whether the record of a group changes in the members that it has by name.
func (e *touchedEntry) namesChange() bool {
	return e.record && !bytes.Equal(memberNames(e.old), memberNames(e.new))
}

func memberNames(e *directory.Entry) []byte {
	if e != nil {
		for _, a := range e.Attributes() {
			if a.Desc.Key == "memberuid" {
				return a.Set()
			}
		}
	}
	return nil
}

// groupsOf returns the groups that have an entry as a member.
func (a *applier) groupsOf(member directory.EntryID) (groups []directory.EntryID, err error) {
	for no := 1; no < len(a.descs.byNo); no++ {
		if !isMembership(a.descs.byNo[no]) {
			continue
		}
		err := a.view.scanLinks(linkPrefix(nil, tagReverse, member, uint32(no)), func(key []byte) bool {
			groups = append(groups, idAt(key, linkKeyBytes-8))
			return len(groups) < aboveLinksMax
		})
		if err != nil {
			return nil, err
		}
	}
	return groups, nil
}
