package dit

import (
	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/account"
)

// isUnlock reports whether a modification takes a lock for wrong passwords away, for which account.unlock is the right. A lock that an
// administrator has set is an attribute like any other.
func (m *modifying) isUnlock(c *directory.Modification, desc *directory.AttributeDescription) bool {
	a := &m.d.attr.account
	if m.op.kept || desc == nil || desc != a.locked && desc != a.failureTime && desc != a.tmpLockoutEnd {
		return false
	}
	if c.Op != directory.ModifyDelete && (c.Op != directory.ModifyReplace || len(c.Values) > 0) {
		return false
	}
	have := m.Draft.Get(desc)
	return desc != a.locked || len(have) == 0 || !account.IsForGood(have[0])
}

// unlock takes all of the lock away, whichever of its attributes is named: failures that stayed would lock the account again with the
// next one.
func (m *modifying) unlock(c *directory.Modification, desc *directory.AttributeDescription) error {
	if !m.rights.Allows(acl.ActionAccountUnlock) {
		return m.denied(acl.ActionAccountUnlock, nil, nil)
	}
	again := m.cred.unlock // both attributes are named in one request
	m.cred.unlock = true
	have := m.Draft.Get(desc)
	for _, v := range c.Values {
		if indexOf(have, v) < 0 && !again {
			return noSuchValue(desc)
		}
	}
	a := &m.d.attr.account
	if c.Op == directory.ModifyDelete && len(have) == 0 && !again {
		return directory.Errorf(directory.NoSuchAttribute, "%s: no such attribute", desc)
	}
	for _, desc := range []*directory.AttributeDescription{a.failureTime, a.tmpLockoutEnd} {
		if desc != nil {
			m.Draft.Set(desc)
		}
	}
	if v := m.Draft.Get(a.locked); len(v) > 0 && !account.IsForGood(v[0]) {
		m.Draft.Set(a.locked)
	}
	return nil
}
