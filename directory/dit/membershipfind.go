package dit

import (
	"bytes"
	"fmt"

	"gatehouse/directory"
	"gatehouse/directory/filter"
	"gatehouse/storage"
)

// with finds the entries below base, zero for all, that keep a value that is the uid as memberUid compares it: case counts.
func (m *membership) with(desc *directory.AttributeDescription, uid []byte, base directory.EntryID) ([]directory.EntryID, error) {
	want, err := m.d.schema.EqualityKey(m.d.attr.memberUid, uid)
	if err != nil {
		return nil, nil // no memberUid can be so
	}
	var found []directory.EntryID
	err = m.each(&directory.EqualityMatch{Attr: desc.Name, Value: uid}, base, func(id directory.EntryID, e *directory.Entry) error {
		if len(found) == groupsMax {
			return errTooManyGroups
		}
		for v := range e.Get(desc).Values() {
			if key, err := m.d.schema.EqualityKey(m.d.attr.memberUid, v); err == nil && bytes.Equal(key, want) {
				found = append(found, id)
				break
			}
		}
		return nil
	})
	return found, err
}

// accounts finds the accounts of a naming context that have these uids. One that two visible accounts have is nobody's.
func (m *membership) accounts(context directory.EntryID, uids [][]byte) (map[string]directory.EntryID, error) {
	wanted := make(map[string]string, len(uids)) // by key
	var any directory.Or
	for _, uid := range uids {
		key, err := m.d.schema.EqualityKey(m.d.attr.uid, uid)
		if err != nil {
			continue
		}
		wanted[string(key)] = string(uid)
		any = append(any, &directory.EqualityMatch{Attr: m.d.attr.uid.Name, Value: uid})
	}
	found := make(map[string]directory.EntryID, len(uids))
	for len(any) > 0 {
		some := any[:min(len(any), filter.TermsMax/2)]
		any = any[len(some):]
		err := m.each(some, context, func(id directory.EntryID, e *directory.Entry) error {
			if !m.d.hasClass(e, "posixAccount") {
				return nil
			}
			is, err := m.mayAll(id, m.d.attr.uid)
			if err != nil || !is {
				return err
			}
			for v := range e.Get(m.d.attr.uid).Values() {
				key, err := m.d.schema.EqualityKey(m.d.attr.uid, v)
				if err != nil {
					continue
				}
				uid, is := wanted[string(key)]
				switch {
				case !is:
				case found[uid] != 0 && found[uid] != id:
					found[uid] = nobody
				case uid == string(v):
					found[uid] = id
				default: // another one to whom case does not matter
					found[uid] = nobody
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// nobody is no entry: IDs are counted from the other end.
const nobody = ^directory.EntryID(0)

// each visits the entries below base, zero for all, that a filter matches, whoever asks.
func (m *membership) each(f directory.Filter, base directory.EntryID, visit func(directory.EntryID, *directory.Entry) error) error {
	if m.work += membershipLookup; m.work > membershipWorkMax {
		return errMembershipWork
	}
	compiled := filter.Compile(m.d.schema, f, nil)
	plan, err := m.sn.Plan(compiled.Root, base, directory.ScopeSub, storage.PlanOptions{})
	if err != nil {
		return fmt.Errorf("plan of a membership: %w", err)
	}
	if !plan.Indexed() {
		return nil // a store without these indexes is no reason to look at every entry
	}
	c := candidate{d: m.d, sn: m.sn}
	for id := directory.EntryID(0); ; {
		var more bool
		if id, more, err = plan.Next(id); err != nil || !more {
			return err
		}
		c.reset(id)
		if err := c.load(); err != nil {
			return err
		}
		truth, err := compiled.Match(&c)
		if err != nil {
			return err
		}
		if truth != filter.True {
			continue
		}
		if err := visit(id, c.entry); err != nil {
			return err
		}
	}
}
