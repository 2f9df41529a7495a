package dit

import (
	"strconv"
	"time"

	"gatehouse/acl"
	"gatehouse/directory"
	"gatehouse/directory/account"
	"gatehouse/directory/password"
	"gatehouse/storage"
)

// errMustChange is what a session gets that has to change its password first (draft-behera-ldap-password-policy-10 section 8.1).
var errMustChange = &directory.Error{
	Code: directory.InsufficientAccessRights, Diagnostic: "the password was set by somebody else: it has to be changed before anything else",
	Password: &directory.PasswordState{Err: directory.PasswordChangeAfterReset, Reason: "the password has to be changed"},
}

// begin is checkWith for an operation that is no change of a password: where that has to come first, it is refused.
func (d *Directory) begin(p *acl.Policy, s *acl.Session, sn *storage.Snapshot) error {
	err := d.checkWith(p, s, sn)
	if err == nil && s.MayOnlySetPassword() {
		err = errMustChange
	}
	return err
}

// setsPasswordAlone reports whether an operation touches nothing but userPassword; whose, the plan looks at.
func (d *Directory) setsPasswordAlone(op operation) bool {
	switch op := op.(type) {
	case *passwordSet:
		return true
	case *modification:
		for i := range op.changes {
			if desc, err := d.schema.Description(op.changes[i].Attr); err != nil || desc != d.attr.userPassword {
				return false
			}
		}
		return len(op.changes) > 0
	}
	return false
}

// applyPasswordPolicy decides about the passwords that the draft has and the entry had not, and puts into the draft what becomes of
// the account's state. An import brings its own.
func (m *modifying) applyPasswordPolicy() error {
	if m.cred.action == 0 {
		return nil
	}
	desc := m.d.attr.userPassword
	before, after := valuesIn(m.Before, desc), m.Draft.Get(desc)
	change := &account.Change{
		By: account.ByAdministrator, OldSent: m.cred.sent, Before: before, Values: len(after), Used: m.used,
		Score: func(fresh []byte, least int) (bool, []string, error) {
			return m.score(m.rights.ReadValue, fresh, least)
		},
	}
	switch {
	case m.Session.Identity().Kind == acl.KindOperator:
		change.By = account.ByOperator
	case m.cred.action == acl.ActionPasswordChange:
		change.By = account.ByUser
	}
	for _, v := range before {
		if indexOf(after, v) < 0 {
			change.Gone = append(change.Gone, v)
		}
	}
	set := false
	for _, v := range after {
		if indexOf(before, v) < 0 {
			set = true
			addPassword(change, v)
		}
	}
	policy, err := m.d.policyFor(m.Snapshot, m.ID, m.Before)
	if err != nil {
		return err
	}
	state := m.d.attr.account.stateOf(m.Before)
	next, err := account.DecideChange(policy, state, m.policyTime(), change)
	if err != nil {
		return err
	}
	for _, v := range m.d.attr.account.differing(&state, &next) {
		m.Draft.Set(v.desc, v.values...)
	}
	if set {
		m.stampShadow(next.Changed)
	}
	return nil
}

// stampNewPassword notes when the password of an entry that is added was set.
func (w *Write) stampNewPassword() {
	changed := w.d.attr.account.changed
	if changed != nil && w.Draft.Has(w.d.attr.userPassword) && !w.Draft.Has(changed) {
		now := w.policyTime()
		w.Draft.Set(changed, second(now)...)
		w.stampShadow(now)
	}
}

// secondsOfDay turn a time into the days since 1970 that shadow(5) counts in.
const secondsOfDay = 24 * 60 * 60

// stampShadow keeps shadowLastChange, where the entry may have it, in step with pwdChangedTime, unless the client writes it itself.
func (w *Write) stampShadow(at time.Time) {
	desc := w.d.attr.account.shadowLastChange
	if desc == nil {
		return
	}
	var before [][]byte
	if w.Before != nil {
		before = valuesIn(w.Before, desc)
	}
	if equalValues(before, w.Draft.Get(desc)) && hasClassIn(w.Draft.Get(w.d.attr.objectClass), "shadowAccount") {
		w.Draft.Set(desc, strconv.AppendInt(nil, at.Unix()/secondsOfDay, 10))
	}
}

// checkNewPassword decides about the password of an entry that is added.
func (op *addition) checkNewPassword(w *Write) error {
	all := func(*directory.AttributeDescription, []byte) bool { return true } // the request itself brings it
	change := &account.Change{
		By:    account.ByAdministrator,
		Score: func(fresh []byte, least int) (bool, []string, error) { return w.score(all, fresh, least) },
	}
	if w.Session.Identity().Kind == acl.KindOperator {
		change.By = account.ByOperator
	}
	for _, a := range op.attrs {
		if desc, err := w.Schema.Description(a.Attr); err == nil && desc == w.d.attr.userPassword && !op.kept {
			for _, v := range a.Values {
				addPassword(change, v)
				change.Values++
			}
		}
	}
	if len(change.Fresh) == 0 && !change.Hashed {
		return nil
	}
	policy, err := w.d.policyForNew(w)
	if err == nil {
		_, err = account.DecideChange(policy, account.State{}, w.policyTime(), change)
	}
	return err
}

// addPassword notes a new value of userPassword.
func addPassword(c *account.Change, value []byte) {
	if clear, ok := password.Clear(value); ok {
		c.Fresh = append(c.Fresh, clear)
		return
	}
	c.Hashed = true
}
