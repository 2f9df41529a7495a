package dit

import (
	"bytes"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/password"
)

// credentials is what a modify does to userPassword. It needs no right to write: it is a password change (one's own, knowing the old
// one) or a reset (anybody's), and means the same as the extended operation of RFC 3062.
type credentials struct {
	action acl.Action // zero while no password was touched
	proved bool       // the old password was given, or is what the session was authenticated with
	sent   bool       // it was given, and is right
	unlock bool       // a lock for wrong passwords is taken away
}

// allowed asks again for the entry after the change.
func (c *credentials) allowed(after acl.Rights) bool {
	return (c.action == 0 || after.Allows(c.action)) && (!c.unlock || after.Allows(acl.ActionAccountUnlock))
}

// refusedOld is the answer to whoever sends an old password that is wrong, or that may not be tried now.
func refusedOld(told directory.PasswordState) error {
	err := directory.Errorf(directory.InvalidCredentials, "the old password is wrong")
	err.Password = &told
	return err
}

// startPassword decides once which of the two it is.
func (m *modifying) startPassword() error {
	if m.cred.action != 0 {
		return nil
	}
	action, proved := acl.ActionPasswordReset, true
	if m.isOwn() {
		action, proved = acl.ActionPasswordChange, m.Session.Identity().Method.WithPassword()
	}
	switch {
	case !m.rights.Allows(action):
		return m.denied(action, nil, nil)
	case !mayCarryPassword(m.policy, m.Session):
		return errUnprotected
	case action == acl.ActionPasswordReset && m.Session.MayOnlySetPassword():
		return errMustChange
	}
	m.cred.action, m.cred.proved = action, proved
	return nil
}

// isOwn reports whether the entry is that of the session. Whoever acts as somebody else is nobody's self here.
func (m *modifying) isOwn() bool {
	id := m.Session.Identity()
	return id.Kind == acl.KindEntry && id.ID == m.ID && m.Session.Real() == nil
}

func (m *modifying) changePassword(c *directory.Modification) error {
	if err := m.startPassword(); err != nil {
		return err
	}
	desc := m.d.attr.userPassword
	have := m.Draft.Get(desc)
	switch {
	case c.Op == directory.ModifyDelete && len(c.Values) > 0:
		for _, v := range c.Values {
			if err := m.deletePassword(v); err != nil {
				return err
			}
		}
		return nil
	case c.Op == directory.ModifyIncrement:
		return directory.Errorf(directory.ConstraintViolation, "%s cannot be incremented", desc)
	case c.Op == directory.ModifyAdd && len(c.Values) == 0:
		return directory.Errorf(directory.ProtocolError, "no values for %s", desc)
	}
	if !m.cred.proved {
		return directory.Errorf(directory.UnwillingToPerform, "the old password is needed")
	}
	if c.Op == directory.ModifyDelete {
		if len(have) == 0 {
			return noSuchValue(desc)
		}
		m.Draft.Set(desc)
		return nil
	}
	for _, v := range c.Values {
		if err := m.checkPassword(v, m.rights.Manage(desc)); err != nil {
			return err
		}
	}
	if c.Op == directory.ModifyReplace {
		m.Draft.Set(desc, c.Values...)
		return nil
	}
	for _, v := range c.Values {
		if indexOf(have, v) >= 0 {
			return valueTwice(desc)
		}
	}
	m.Draft.Add(desc, c.Values...)
	return nil
}

// deletePassword takes away the stored value that a clear password belongs to or, for those who manage it, the stored value itself.
// Whoever resets a password need not know it: then all values go, if the request brings another.
func (m *modifying) deletePassword(value []byte) error {
	desc := m.d.attr.userPassword
	have := m.Draft.Get(desc)
	at := -1
	if m.rights.Manage(desc) {
		at = indexOf(have, value)
	}
	var told directory.PasswordState
	if at < 0 {
		var err error
		if at, told, err = m.verify(have, value); err != nil {
			return err
		}
	}
	switch {
	case at >= 0:
		m.cred.proved, m.cred.sent = true, true
		rest := make([][]byte, 0, len(have)-1)
		m.Draft.Set(desc, append(append(rest, have[:at]...), have[at+1:]...)...)
		return nil
	case m.cred.action == acl.ActionPasswordChange:
		return refusedOld(told)
	case m.bringsPassword():
		m.Draft.Set(desc)
		return nil
	}
	return noSuchValue(desc)
}

// bringsPassword reports whether the request adds a password.
func (m *modifying) bringsPassword() bool {
	for _, c := range m.op.changes {
		if c.Op != directory.ModifyAdd || len(c.Values) == 0 {
			continue
		}
		if desc, err := m.Schema.Description(c.Attr); err == nil && desc == m.d.attr.userPassword {
			return true
		}
	}
	return false
}

func indexOf(values [][]byte, value []byte) int {
	for i, v := range values {
		if bytes.Equal(v, value) {
			return i
		}
	}
	return -1
}

// checkPassword looks at a new value before it is hashed. A value with a scheme prefix is stored as it is, only for those who
// manage the attribute; from anybody else it is refused, since taking it for clear text would set a password that nobody means.
func (w *Write) checkPassword(value []byte, manage bool) error {
	scheme, _ := password.Scheme(value)
	if scheme == "" {
		if err := w.d.hasher.CheckNew(value); err != nil {
			return refusedPassword(err)
		}
		return nil
	}
	if !manage {
		return directory.Errorf(directory.ConstraintViolation, "a password is given in clear text; the server hashes it")
	}
	if clear, ok := password.Clear(value); ok {
		if err := w.d.hasher.CheckNew(clear); err != nil {
			return refusedPassword(err)
		}
		return nil
	}
	if err := password.CheckStored(value); err != nil {
		return refusedPassword(err)
	}
	return nil
}

// passwordChanged is called after a commit that touched the password of an entry: what was remembered of it is forgotten, and
// sessions of that entry end unless it did so itself, and not somebody who acts as it.
func (d *Directory) passwordChanged(s *acl.Session, id directory.EntryID, csn directory.CSN) {
	d.hasher.Cache().Drop(uint64(id))
	if self := s.Identity(); self.Kind != acl.KindEntry || self.ID != id || s.Real() != nil {
		d.resets.note(id, csn)
	}
}
