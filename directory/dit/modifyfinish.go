package dit

import (
	"bytes"

	"gatehouse/directory"
	"gatehouse/storage"
)

// finish turns the changed draft into effects: the schema accepts it, and every question to the policy is asked again for the
// entry as it will be, so that nobody writes an entry into or out of their own reach.
func (m *modifying) finish(before *candidate) error {
	if err := m.refs.check(m.objectClassChanged()); err != nil {
		return err
	}
	if err := m.applyPasswordPolicy(); err != nil {
		return err
	}
	if err := m.allocate(); err != nil {
		return err
	}
	entry, err := m.seal()
	if err != nil {
		return err
	}
	after := m.judge(before, &proposed{w: m.Write, id: m.ID, ndn: m.NDN, entry: entry, refs: &m.refs, now: before})
	for _, c := range m.checks {
		if !after.Write(c.action, c.desc, c.value) {
			return m.denied(c.action, c.desc, c.value)
		}
	}
	if !m.cred.allowed(after) {
		return m.denied(m.cred.action, nil, nil)
	}
	m.effects = append(m.effects, m.refs.effects()...)
	if put := difference(m.ID, m.Before, entry); put != nil {
		m.effects = append(m.effects, put)
	}
	if len(m.effects) == 0 {
		return nil
	}
	return m.followUp()
}

func (m *modifying) objectClassChanged() bool {
	desc := m.d.attr.objectClass
	old := m.Before.Get(desc)
	now := m.Draft.Get(desc)
	if old.Len() != len(now) {
		return true
	}
	i := 0
	for v := range old.Values() {
		if !bytes.Equal(v, now[i]) {
			return true
		}
		i++
	}
	return false
}

// difference returns the effect that turns one entry into another, nil if they are equal.
func difference(id directory.EntryID, before, after *directory.Entry) storage.Effect {
	put := storage.PutAttributes{ID: id}
	for _, a := range after.Attributes() {
		if old := before.Get(a.Desc); old.Len() != a.Len() || !bytes.Equal(old.Set(), a.Set()) {
			put.Set = append(put.Set, a)
		}
	}
	for _, a := range before.Attributes() {
		if after.Get(a.Desc).Len() == 0 {
			put.Remove = append(put.Remove, a.Desc)
		}
	}
	if put.Set == nil && put.Remove == nil {
		return nil
	}
	return put
}
