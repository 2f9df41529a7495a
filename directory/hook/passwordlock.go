package hook

import (
	"bytes"
	"errors"
	"strconv"

	"gatehouse/directory"
	"gatehouse/directory/account"
	"gatehouse/directory/dit"
	"gatehouse/directory/schema"
)

// Lock keeps the forms in step in which directories say that an account is disabled or ends: pwdAccountLockedTime of
// draft-behera-ldap-password-policy-10, nsAccountLock of 389-DS, loginDisabled of eDirectory, shadowExpire of RFC 2307 and, where an
// entry has it, userAccountControl of Active Directory. Whichever of them a client writes, the others follow, so that every client
// finds in its own form what an administrator has done in another.
type Lock struct{}

// NewLock returns the hook.
func NewLock() Lock { return Lock{} }

// Name implements [dit.Hook].
func (Lock) Name() string { return "lock" }

// disabledBit is ACCOUNTDISABLE of userAccountControl.
const disabledBit = 2

// forms are the attributes; nil where the schema does not know one.
type forms struct {
	locked, nsAccountLock, loginDisabled, shadowExpire, control, end, class *directory.AttributeDescription
	pwdChangedTime, shadowLastChange                                        *directory.AttributeDescription
}

func formsOf(s *schema.Schema) forms {
	return forms{
		locked: attribute(s, "pwdAccountLockedTime"), nsAccountLock: attribute(s, "nsAccountLock"),
		loginDisabled: attribute(s, "loginDisabled"), shadowExpire: attribute(s, "shadowExpire"),
		control: attribute(s, "userAccountControl"), end: attribute(s, "pwdEndTime"), class: attribute(s, "objectClass"),
		pwdChangedTime: attribute(s, "pwdChangedTime"), shadowLastChange: attribute(s, "shadowLastChange"),
	}
}

// Prepare implements [dit.Hook].
func (Lock) Prepare(w *dit.Write) error {
	f := formsOf(w.Schema)
	l := locking{forms: f, w: w, shadow: contains(lower(w.Draft.Get(f.class)), []byte("shadowaccount"))}
	l.changedTime()
	was := l.isDisabled(l.before)
	said, touched := l.said(was)
	ends := l.changed(f.end)
	if expire := l.changed(f.shadowExpire) && l.shadow; expire && !ends {
		l.endFromShadow()
		ends = true
	}
	switch {
	case touched && said:
		l.disable()
	case touched:
		l.enable()
	case was:
		l.disable() // in a form that the entry has come to have, too
	case ends && !was:
		l.shadowFromEnd()
	}
	return nil
}

// locking is one write that the hook looks at.
type locking struct {
	forms
	w      *dit.Write
	shadow bool // the entry is a shadowAccount
}

func (l *locking) before(desc *directory.AttributeDescription) [][]byte {
	if l.w.Before == nil || desc == nil {
		return nil
	}
	return values(l.w.Before.Get(desc))
}

func (l *locking) now(desc *directory.AttributeDescription) [][]byte {
	if desc == nil {
		return nil
	}
	return l.w.Draft.Get(desc)
}

func (l *locking) changed(desc *directory.AttributeDescription) bool {
	a, b := l.before(desc), l.now(desc)
	if len(a) != len(b) {
		return true
	}
	return len(a) > 0 && !bytes.Equal(a[0], b[0])
}

// isDisabled reports what the forms say together.
func (l *locking) isDisabled(get func(*directory.AttributeDescription) [][]byte) bool {
	return l.forGood(get) || isTrue(get(l.nsAccountLock)) || isTrue(get(l.loginDisabled)) || l.bit(get)
}

func (l *locking) forGood(get func(*directory.AttributeDescription) [][]byte) bool {
	v := get(l.locked)
	return len(v) > 0 && account.IsForGood(v[0])
}

func (l *locking) bit(get func(*directory.AttributeDescription) [][]byte) bool {
	n, ok := number(get(l.control))
	return ok && n&disabledBit != 0
}

// said returns what the forms that were written say: that the account is disabled, if one does. touched is false if none was
// written that says anything.
func (l *locking) said(was bool) (disabled, touched bool) {
	for _, form := range []struct {
		written, says bool
	}{
		{l.changed(l.locked) && l.forGood(l.now) != l.forGood(l.before), l.forGood(l.now)},
		{l.changed(l.nsAccountLock), isTrue(l.now(l.nsAccountLock))},
		{l.changed(l.loginDisabled), isTrue(l.now(l.loginDisabled))},
		{l.bit(l.now) != l.bit(l.before), l.bit(l.now)},
		{l.shadow && l.changed(l.shadowExpire) && (was || l.shadowSaysDisabled()), l.shadowSaysDisabled()},
	} {
		if form.written {
			touched = true
			disabled = disabled || form.says
		}
	}
	return disabled, touched
}

// shadowSaysDisabled reports whether shadowExpire is 0 or 1, which is how shadow(5) writes an account that nobody may use.
func (l *locking) shadowSaysDisabled() bool {
	n, ok := number(l.now(l.shadowExpire))
	return ok && (n == 0 || n == 1)
}

// disable writes it in every form.
func (l *locking) disable() {
	set(l.w, l.locked, account.ForGood)
	if !isTrue(l.now(l.nsAccountLock)) {
		set(l.w, l.nsAccountLock, "TRUE")
	}
	set(l.w, l.loginDisabled, "TRUE")
	if n, ok := number(l.now(l.control)); ok {
		set(l.w, l.control, strconv.FormatInt(n|disabledBit, 10))
	}
	if l.shadow && !l.shadowSaysDisabled() {
		set(l.w, l.shadowExpire, "1")
	}
}

// enable takes it away in every form.
func (l *locking) enable() {
	if l.forGood(l.now) {
		set(l.w, l.locked, "")
	}
	if isTrue(l.now(l.nsAccountLock)) {
		set(l.w, l.nsAccountLock, "")
	}
	if isTrue(l.now(l.loginDisabled)) {
		set(l.w, l.loginDisabled, "")
	}
	if n, ok := number(l.now(l.control)); ok {
		set(l.w, l.control, strconv.FormatInt(n&^disabledBit, 10))
	}
	l.shadowFromEnd()
}

// secondsOfDay turn a time into the days since 1970 that shadow(5) counts in.
const secondsOfDay = 24 * 60 * 60

// changedTime gives an import that has one of pwdChangedTime and shadowLastChange the other; later they change together. Day 0 means
// that the password has to be changed, and is no time.
func (l *locking) changedTime() {
	if !l.w.Import || !l.shadow {
		return
	}
	changed, days := l.now(l.pwdChangedTime), l.now(l.shadowLastChange)
	if n, ok := number(days); ok && n > 0 && len(changed) == 0 {
		set(l.w, l.pwdChangedTime, account.FormatTime(timeOfDay(n)))
	}
	if len(changed) > 0 && len(days) == 0 {
		if at, ok := account.ParseTime(changed[0]); ok {
			set(l.w, l.shadowLastChange, strconv.FormatInt(at.Unix()/secondsOfDay, 10))
		}
	}
}

// endFromShadow makes the end of the account what shadowExpire says, unless that says that the account is disabled.
func (l *locking) endFromShadow() {
	if l.shadowSaysDisabled() {
		return
	}
	n, ok := number(l.now(l.shadowExpire))
	if !ok || n < 0 {
		set(l.w, l.end, "")
		return
	}
	set(l.w, l.end, account.FormatTime(timeOfDay(n)))
}

// shadowFromEnd makes shadowExpire the first whole day after the end of the account: the server itself is exact.
func (l *locking) shadowFromEnd() {
	if !l.shadow || l.shadowExpire == nil {
		return
	}
	end := l.now(l.end)
	if len(end) == 0 {
		if n, ok := number(l.now(l.shadowExpire)); !ok || n >= 0 { // -1 says the same
			set(l.w, l.shadowExpire, "")
		}
		return
	}
	at, ok := account.ParseTime(end[0])
	if !ok {
		return
	}
	days := (at.Unix() + secondsOfDay - 1) / secondsOfDay
	if n, ok := number(l.now(l.shadowExpire)); !ok || n != days {
		set(l.w, l.shadowExpire, strconv.FormatInt(max(days, 2), 10))
	}
}

// Follow implements [dit.Hook].
func (Lock) Follow(*dit.Write) error { return nil }

// Verify implements [dit.Hook].
func (Lock) Verify(v *dit.Stored) error {
	f := formsOf(v.Schema)
	get := func(desc *directory.AttributeDescription) [][]byte {
		if desc == nil {
			return nil
		}
		return values(v.Entry.Get(desc))
	}
	l := locking{forms: f}
	if one, all := l.isDisabled(get), l.forGood(get) && isTrue(get(f.nsAccountLock)) && isTrue(get(f.loginDisabled)); one && !all {
		return errors.New("the account is disabled in some of pwdAccountLockedTime, nsAccountLock and loginDisabled, and not in the others")
	}
	return nil
}
