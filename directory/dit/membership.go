package dit

import (
	"slices"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/directory/schema"
	"gatehouse/storage"
)

// membership looks at the members of groups in the three ways in which clients ask: member and uniqueMember (RFC 2307bis) and memberUid
// (RFC 2307), whichever of them a group keeps.
//
//   - memberUid has, beside what is kept, the uid of everybody who is in the group, through nested groups too: who asks for names
//     does not follow groups in groups.
//   - member and uniqueMember have, beside what is kept, what is kept in the other, and the one account of the naming context that has
//     a kept memberUid as its uid. They are never expanded: who asks for DNs follows groups in groups.
//
// These ways give nothing but answers: no right and no memberOf comes from them, and no write changes what they show.
//
// A session learns from a way no more than it could find out by hand: it needs the same right (to read, to search, to compare) on the
// attribute that it asks for, on the attribute that is kept, in each group on the way, and on the uid of the account. Each of these
// entries must be visible to it. An account that it cannot see is none.
type membership struct {
	d      *Directory
	s      *acl.Session
	sn     *storage.Snapshot
	now    *storage.Snapshot // as in a candidate
	policy *acl.Policy
	may    func(acl.Rights, *directory.AttributeDescription) bool // what the session wants to do, with every value
	filter bool                                                   // it wants to search

	c    candidate
	memo acl.Memo
	work int
	err  error
}

// Bounds of what the memberships in one filter may cost, since a filter may have thousands of terms: looking at an entry is one, and
// a look into an index membershipLookup.
const (
	membershipWorkMax = 200_000
	membershipLookup  = 2
)

var errMembershipWork = directory.Errorf(directory.AdminLimitExceeded, "the filter asks for too many memberships")

// mayCompare is the right that a comparison needs.
func mayCompare(r acl.Rights, desc *directory.AttributeDescription) bool {
	return r.CompareAll(desc, nil)
}

// maySearch is the right that a filter needs.
func maySearch(r acl.Rights, desc *directory.AttributeDescription) bool {
	return r.SearchAll(desc, nil)
}

// begin makes m answer for a session, until end.
func (m *membership) begin(s *acl.Session, sn *storage.Snapshot, policy *acl.Policy) {
	m.s, m.sn, m.policy = s, sn, policy
}

// end lets go of what begin was given.
func (m *membership) end() {
	if m.c.d != nil {
		m.c = candidate{}
		m.memo.Reset()
	}
	m.s, m.sn, m.now, m.policy, m.work, m.err = nil, nil, nil, nil, 0, nil
}

// compile compiles the filter of a search, which sees memberships in every way. What a search with content synchronization watches
// (RFC 4533) goes by what entries keep, because a change of one group would have to be looked for in others.
func (x *Search) compile(req *directory.SearchRequest) (*filter.Compiled, error) {
	if req.Controls != nil && req.Controls.Sync != nil {
		return filter.Compile(x.d.schema, req.Filter, x.access), nil
	}
	x.members.begin(x.c.s, x.c.sn, x.policy)
	x.members.now = x.c.now
	compiled := filter.CompileWider(x.d.schema, req.Filter, x.access, &x.members)
	return compiled, x.members.err
}

var _ filter.Widener = (*membership)(nil)

// isMembership reports whether the members of groups can be seen as values of a type.
func (d *Directory) isMembership(t *schema.AttributeType) bool {
	return d.attr.memberUid != nil && (t.No == d.attr.memberUid.TypeNo || slices.Contains(d.attr.groupTypes, t.No))
}

// Widens implements [filter.Widener].
func (m *membership) Widens(t *schema.AttributeType) bool { return m.d.isMembership(t) }

// AlsoPresent implements [filter.Widener]: who has members by links has some in every way. Names alone may be nobody's.
func (m *membership) AlsoPresent(t *schema.AttributeType) []*schema.AttributeType {
	var others []*schema.AttributeType
	for _, no := range m.d.attr.groupTypes {
		if no != t.No {
			others = append(others, m.d.schema.TypeNo(no))
		}
	}
	return others
}

// Also implements [filter.Widener]: it returns the groups that have a member without keeping it under the type.
func (m *membership) Also(t *schema.AttributeType, value []byte) []directory.EntryID {
	if m.err != nil {
		return nil
	}
	var found []directory.EntryID
	if t.No == m.d.attr.memberUid.TypeNo {
		found, m.err = m.groupsOfUID(value)
	} else {
		found, m.err = m.groupsOfName(t, value)
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// rights returns what the session may do with an entry, until it is called again.
func (m *membership) rights(id directory.EntryID) (acl.Rights, error) {
	if m.c.d == nil {
		m.c = candidate{d: m.d, s: m.s, sn: m.sn, now: m.now, memo: &m.memo}
	}
	m.c.reset(id)
	r := m.c.decide(m.policy)
	return r, m.c.err
}

// isIdle reports whether a filter may use an attribute in no entry. Then nothing is looked up by it: neither the time nor a limit is to
// tell what it has.
func (m *membership) isIdle(desc *directory.AttributeDescription) bool {
	return m.filter && m.policy.Searchable(m.s, m.d.schema.Type(desc)) == filter.Never
}

// mayAll reports whether the session sees an entry and may use all of the attributes.
func (m *membership) mayAll(id directory.EntryID, descs ...*directory.AttributeDescription) (bool, error) {
	if m.work++; m.work > membershipWorkMax {
		return false, errMembershipWork
	}
	r, err := m.rights(id)
	if err != nil || !r.Discover() {
		return false, err
	}
	for _, desc := range descs {
		if !m.may(r, desc) {
			return false, nil
		}
	}
	return true, nil
}

// groupsOfUID finds the groups in which somebody called so is, by links or because a nested group keeps the name.
func (m *membership) groupsOfUID(uid []byte) ([]directory.EntryID, error) {
	var queue []directory.EntryID
	for _, from := range []*directory.AttributeDescription{m.d.attr.uid, m.d.attr.memberUid} {
		if m.isIdle(from) {
			continue
		}
		ids, err := m.with(from, uid, 0)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			is, err := m.mayAll(id, from)
			if err != nil {
				return nil, err
			}
			if is {
				queue = append(queue, id)
			}
		}
	}
	up, err := m.above(queue)
	if err != nil {
		return nil, err
	}
	found := up[:0]
	for _, id := range up {
		is, err := m.mayAll(id, m.d.attr.memberUid)
		if err != nil {
			return nil, err
		}
		if is {
			found = append(found, id)
		}
	}
	return found, nil
}

// above returns the groups that lead to the entries, step by step, through what the session may use.
func (m *membership) above(queue []directory.EntryID) ([]directory.EntryID, error) {
	var found []directory.EntryID
	seen := make(map[directory.EntryID]bool)
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for _, no := range m.d.attr.groupTypes {
			desc := m.d.schema.TypeNo(no).Description()
			if m.isIdle(desc) {
				continue
			}
			for group, err := range m.sn.Referrers(at, no) {
				if err != nil {
					return nil, err
				}
				if seen[group] {
					continue
				}
				is, err := m.mayAll(group, desc)
				if err != nil {
					return nil, err
				}
				if !is {
					continue
				}
				seen[group] = true
				if found = append(found, group); len(found) > groupsMax {
					return nil, errTooManyGroups
				}
				queue = append(queue, group)
			}
		}
	}
	return found, nil
}

// groupsOfName finds the groups that keep an entry under another type than the one asked for, by its name or by its uid.
func (m *membership) groupsOfName(t *schema.AttributeType, value []byte) ([]directory.EntryID, error) {
	ndn, err := m.d.schema.AppendNDN(nil, string(value))
	if err != nil {
		return nil, nil // no name is no member
	}
	asked := t.Description()
	var found []directory.EntryID
	keep := func(group directory.EntryID, kept *directory.AttributeDescription) error {
		is, err := m.mayAll(group, asked, kept)
		if is {
			found = append(found, group)
		}
		return err
	}
	others := slices.DeleteFunc(slices.Clone(m.d.attr.groupTypes), func(no int) bool {
		return no == t.No || m.isIdle(m.d.schema.TypeNo(no).Description())
	})
	waiting := make(map[directory.EntryID]*directory.AttributeDescription)
	if err := m.sn.Waiting(directory.NDN(ndn), func(group directory.EntryID, desc *directory.AttributeDescription) bool {
		if slices.Contains(others, desc.TypeNo) {
			waiting[group] = desc
		}
		return len(waiting) < groupsMax
	}); err != nil {
		return nil, err
	}
	for group, desc := range waiting {
		if err := keep(group, desc); err != nil {
			return nil, err
		}
	}
	id, err := m.sn.Lookup(directory.NDN(ndn))
	if err != nil {
		if isNotFound(err) {
			err = nil
		}
		return found, err
	}
	for _, no := range others {
		for group, err := range m.sn.Referrers(id, no) {
			if err != nil {
				return nil, err
			}
			if err := keep(group, m.d.schema.TypeNo(no).Description()); err != nil {
				return nil, err
			}
		}
	}
	groups, err := m.groupsNaming(id)
	if err != nil {
		return nil, err
	}
	for _, group := range groups {
		if err := keep(group, m.d.attr.memberUid); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// groupsNaming finds the groups of the naming context that keep the uid of an account, if it is nobody else's.
func (m *membership) groupsNaming(account directory.EntryID) ([]directory.EntryID, error) {
	if m.isIdle(m.d.attr.memberUid) || m.isIdle(m.d.attr.uid) {
		return nil, nil
	}
	entry, err := m.sn.Entry(account)
	if err != nil || !m.d.hasClass(entry, "posixAccount") {
		return nil, err
	}
	is, err := m.mayAll(account, m.d.attr.uid)
	if err != nil || !is {
		return nil, err
	}
	context, err := m.contextOf(account)
	if err != nil {
		return nil, err
	}
	var found []directory.EntryID
	for uid := range entry.Get(m.d.attr.uid).Values() {
		groups, err := m.with(m.d.attr.memberUid, uid, context)
		if err != nil {
			return nil, err
		}
		if len(groups) == 0 {
			continue
		}
		accounts, err := m.accounts(context, [][]byte{uid})
		if err != nil {
			return nil, err
		}
		if accounts[string(uid)] == account {
			found = append(found, groups...)
		}
	}
	return found, nil
}

// contextOf returns the entry of the naming context that an entry is in.
func (m *membership) contextOf(id directory.EntryID) (directory.EntryID, error) {
	for {
		parent, err := m.sn.Parent(id)
		if err != nil || parent == 0 {
			return id, err
		}
		id = parent
	}
}
