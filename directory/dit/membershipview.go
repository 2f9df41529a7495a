package dit

import (
	"fmt"
	"slices"

	"gatehouse/acl"
	"gatehouse/directory"
)

// membersMax bounds the entries that are looked at for the memberUid values of one group, nested groups included.
const membersMax = 200_000

var errManyMembers = directory.Errorf(directory.AdminLimitExceeded,
	"a group has more than %d members; their names are too many to be looked up, ask for member", membersMax)

// mayRead is the right that an answer needs.
func mayRead(r acl.Rights, desc *directory.AttributeDescription) bool { return r.ReadEvery(desc) }

// views returns what is asked for of the membership and not kept so: values beside those that the entry has. See [membership].
func (c *candidate) views(asked []*directory.AttributeDescription, references []*directory.AttributeDescription) ([]directory.Attribute, error) {
	if c.made != nil || c.reads != nil { // what is read along with a write is what is kept
		return nil, nil
	}
	var more []directory.Attribute
	for _, desc := range asked {
		if !c.rights.Read(desc) || !c.isGroup(desc, references) {
			continue
		}
		r := membersReader{c: c, m: membership{d: c.d, s: c.s, sn: c.sn, now: c.now, policy: c.d.Policy(), may: mayRead}, desc: desc}
		var err error
		if desc == c.d.attr.memberUid {
			err = r.names()
		} else {
			err = r.entries()
		}
		if err != nil {
			return nil, fmt.Errorf("%s of entry %d: %w", desc, c.id, err)
		}
		if r.n > 0 {
			more = append(more, directory.AttributeFromSet(desc, r.set, r.n))
		}
	}
	return more, nil
}

// isGroup reports whether the entry keeps members under another type than the one asked for.
func (c *candidate) isGroup(asked *directory.AttributeDescription, references []*directory.AttributeDescription) bool {
	for _, desc := range references {
		if desc.TypeNo != asked.TypeNo && slices.Contains(c.d.attr.groupTypes, desc.TypeNo) {
			return true
		}
	}
	return asked != c.d.attr.memberUid && c.entry.Get(c.d.attr.memberUid).Len() > 0
}

// membersReader collects the values of one type that a group has beside those that it keeps.
type membersReader struct {
	c    *candidate
	m    membership
	desc *directory.AttributeDescription
	set  []byte
	n    int
	dn   []byte
	// What is there already: entries, and names by key.
	seen  map[directory.EntryID]bool
	known map[string]bool
}

func (r *membersReader) add(value []byte) {
	r.set = directory.AppendValue(r.set, value)
	r.n++
}

// names collects memberUid: the uid of everybody in the group and in the groups in it.
func (r *membersReader) names() error {
	r.seen, r.known = map[directory.EntryID]bool{r.c.id: true}, make(map[string]bool)
	for v := range r.c.entry.Get(r.desc).Values() {
		r.isNew(v)
	}
	group := candidate{d: r.c.d, s: r.c.s, sn: r.c.sn, now: r.c.now, id: r.c.id, entry: r.c.entry, memo: &r.m.memo}
	rights := r.c.rights
	for queue := []directory.EntryID{r.c.id}; ; {
		var err error
		if queue, err = r.namesIn(queue, rights); err != nil {
			return err
		}
		if queue = queue[1:]; len(queue) == 0 {
			return nil
		}
		group.reset(queue[0])
		if rights = group.decide(r.m.policy); group.err != nil {
			return group.err
		}
		if !rights.Read(r.desc) {
			continue
		}
		for v := range group.Entry().Get(r.desc).Values() {
			if rights.ReadValue(r.desc, v) && r.isNew(v) {
				r.add(v)
			}
		}
	}
}

// namesIn collects those of the group at the head of the queue, and appends the groups in it to the queue.
func (r *membersReader) namesIn(queue []directory.EntryID, rights acl.Rights) ([]directory.EntryID, error) {
	descs, err := r.c.sn.ReferenceDescriptions(queue[0])
	if err != nil {
		return nil, err
	}
	for _, desc := range descs {
		if !slices.Contains(r.c.d.attr.groupTypes, desc.TypeNo) || !rights.Read(desc) {
			continue
		}
		every := rights.ReadEvery(desc)
		for ref, err := range r.c.sn.References(queue[0], desc) {
			if err != nil {
				return nil, err
			}
			if ref.Target == 0 || r.seen[ref.Target] {
				continue
			}
			if !every {
				if r.dn, err = r.c.sn.AppendDN(r.dn[:0], ref.Target); err != nil {
					return nil, err
				}
				if !rights.ReadValue(desc, r.dn) {
					continue
				}
			}
			if r.seen[ref.Target] = true; len(r.seen) > membersMax {
				return nil, errManyMembers
			}
			isGroup, err := r.nameOf(ref.Target)
			if err != nil {
				return nil, err
			}
			if isGroup {
				queue = append(queue, ref.Target)
			}
		}
	}
	return queue, nil
}

// nameOf takes the uid of a member. It reports whether the member may be seen and has members itself.
func (r *membersReader) nameOf(member directory.EntryID) (isGroup bool, err error) {
	if r.c.tick != nil {
		if err := r.c.tick(); err != nil {
			return false, err
		}
	}
	rights, err := r.m.rights(member)
	if err != nil || !rights.Discover() {
		return false, err
	}
	uid := r.c.d.attr.uid
	for v := range r.m.c.Entry().Get(uid).Values() {
		if rights.ReadValue(uid, v) && r.isNew(v) {
			r.add(v)
		}
	}
	descs, err := r.c.sn.ReferenceDescriptions(member)
	return slices.ContainsFunc(descs, func(desc *directory.AttributeDescription) bool {
		return slices.Contains(r.c.d.attr.groupTypes, desc.TypeNo)
	}) || r.m.c.entry.Get(r.desc).Len() > 0, err
}

// isNew notes a name; false if it is there, or can be none.
func (r *membersReader) isNew(name []byte) bool {
	key, err := r.c.d.schema.EqualityKey(r.c.d.attr.memberUid, name)
	if err != nil || r.known[string(key)] || !isIA5(name) {
		return false
	}
	r.known[string(key)] = true
	return true
}

// isIA5 reports whether a value fits the syntax of memberUid.
func isIA5(value []byte) bool {
	return len(value) > 0 && !slices.ContainsFunc(value, func(b byte) bool { return b >= 0x80 })
}

// entries collects member or uniqueMember: what the group keeps under the other, and the accounts that have its memberUid values.
func (r *membersReader) entries() error {
	r.seen, r.known = make(map[directory.EntryID]bool), make(map[string]bool)
	descs, err := r.c.sn.ReferenceDescriptions(r.c.id)
	if err != nil {
		return err
	}
	for _, own := range []bool{true, false} {
		for _, desc := range descs {
			if (desc.TypeNo == r.desc.TypeNo) != own || !slices.Contains(r.c.d.attr.groupTypes, desc.TypeNo) {
				continue
			}
			if err := r.entriesOf(desc, own); err != nil {
				return err
			}
		}
	}
	return r.accounts()
}

// entriesOf takes the values of one attribute, or only notes them if they are there already.
func (r *membersReader) entriesOf(desc *directory.AttributeDescription, own bool) error {
	if !own && !r.c.rights.Read(desc) {
		return nil
	}
	for ref, err := range r.c.sn.References(r.c.id, desc) {
		if err != nil {
			return err
		}
		r.dn = append(r.dn[:0], ref.Text...)
		if ref.Target == 0 {
			if r.known[string(ref.Name)] {
				continue
			}
			r.known[string(ref.Name)] = true
		} else {
			if r.seen[ref.Target] {
				continue
			}
			if r.seen[ref.Target] = true; own {
				continue
			}
			if r.dn, err = r.c.sn.AppendDN(r.dn[:0], ref.Target); err != nil {
				return err
			}
		}
		if !own && r.c.rights.ReadValue(desc, r.dn) {
			r.add(r.dn)
		}
	}
	return nil
}

// accounts takes the accounts whose uid is a memberUid of the group.
func (r *membersReader) accounts() error {
	uids := valuesOf(r.c.entry.Get(r.c.d.attr.memberUid))
	uids = slices.DeleteFunc(uids, func(uid []byte) bool { return !r.c.rights.ReadValue(r.c.d.attr.memberUid, uid) })
	if len(uids) == 0 {
		return nil
	}
	context, err := r.m.contextOf(r.c.id)
	if err != nil {
		return err
	}
	accounts, err := r.m.accounts(context, uids)
	if err != nil {
		return err
	}
	for _, uid := range uids {
		id := accounts[string(uid)]
		if id == 0 || id == nobody || r.seen[id] {
			continue
		}
		r.seen[id] = true
		if r.dn, err = r.c.sn.AppendDN(r.dn[:0], id); err != nil {
			return err
		}
		r.add(r.dn)
	}
	return nil
}

// valuesOf lists the values of an attribute; they alias it.
func valuesOf(a directory.Attribute) [][]byte {
	list := make([][]byte, 0, a.Len())
	for v := range a.Values() {
		list = append(list, v)
	}
	return list
}
