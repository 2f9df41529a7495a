package dit

import (
	"bytes"
	"time"

	"gatehouse/directory"
	"gatehouse/directory/account"
	"gatehouse/directory/schema"
)

// accountAttributes are the descriptions of account state; one that the schema does not know is nil, which no entry has.
type accountAttributes struct {
	locked, tmpLockoutEnd, failureTime, graceUseTime, history, changed, reset, lastSuccess, start, end *directory.AttributeDescription

	policySubentry, nsAccountLock, loginDisabled, shadowLastChange *directory.AttributeDescription
}

func findAccountAttributes(optional func(name string) *directory.AttributeDescription) accountAttributes {
	return accountAttributes{
		locked: optional("pwdAccountLockedTime"), tmpLockoutEnd: optional("pwdAccountTmpLockoutEnd"),
		failureTime: optional("pwdFailureTime"), graceUseTime: optional("pwdGraceUseTime"), history: optional("pwdHistory"),
		changed: optional("pwdChangedTime"), reset: optional("pwdReset"), lastSuccess: optional("pwdLastSuccess"),
		start: optional("pwdStartTime"), end: optional("pwdEndTime"),
		policySubentry: optional("pwdPolicySubentry"), nsAccountLock: optional("nsAccountLock"),
		loginDisabled: optional("loginDisabled"), shadowLastChange: optional("shadowLastChange"),
	}
}

// isState reports whether an attribute is state that the server keeps of an account. Whoever manages it may set it: a client that moves
// accounts, or that takes a password for older than it is.
func (a *accountAttributes) isState(desc *directory.AttributeDescription) bool {
	switch desc {
	case nil:
		return false
	case a.changed, a.failureTime, a.tmpLockoutEnd, a.graceUseTime, a.history, a.lastSuccess:
		return true
	}
	return false
}

// optionalType returns the description of a type that the schema need not know.
func optionalType(s *schema.Schema) func(name string) *directory.AttributeDescription {
	return func(name string) *directory.AttributeDescription {
		if t := s.TypeByName(name); t != nil {
			return t.Description()
		}
		return nil
	}
}

// valuesIn returns the values of an attribute of an entry.
func valuesIn(e *directory.Entry, desc *directory.AttributeDescription) [][]byte {
	if desc == nil {
		return nil
	}
	a := e.Get(desc)
	if a.Len() == 0 {
		return nil
	}
	list := make([][]byte, 0, a.Len())
	for v := range a.Values() {
		list = append(list, v)
	}
	return list
}

// firstOf returns the first value of an attribute of an entry, nil if there is none.
func firstOf(e *directory.Entry, desc *directory.AttributeDescription) []byte {
	if desc == nil {
		return nil
	}
	return e.Get(desc).First()
}

// stateOf reads the state of an account. What the entry does not have costs no memory.
func (a *accountAttributes) stateOf(e *directory.Entry) account.State {
	s := account.State{
		Disabled: a.isDisabled(e),
		Start:    timeOf(e, a.start), End: timeOf(e, a.end), Changed: timeOf(e, a.changed),
		Reset: isTrue(firstOf(e, a.reset)), DelayedTo: timeOf(e, a.tmpLockoutEnd), LastSuccess: timeOf(e, a.lastSuccess),
		Failures: timesOf(e, a.failureTime), Grace: timesOf(e, a.graceUseTime),
	}
	if v := firstOf(e, a.locked); len(v) > 0 && !account.IsForGood(v) {
		s.Locked, _ = account.ParseTime(v)
	}
	for _, v := range valuesIn(e, a.history) {
		if f, ok := account.ParseFormer(v); ok {
			s.History = append(s.History, f)
		}
	}
	sortFormer(s.History)
	return s
}

// isDisabled reports whether an administrator has disabled the account, in any of the forms that directories have for it.
func (a *accountAttributes) isDisabled(e *directory.Entry) bool {
	return account.IsForGood(firstOf(e, a.locked)) || isTrue(firstOf(e, a.nsAccountLock)) || isTrue(firstOf(e, a.loginDisabled))
}

func isTrue(value []byte) bool { return bytes.EqualFold(value, []byte("true")) }

func timeOf(e *directory.Entry, desc *directory.AttributeDescription) (t time.Time) {
	if v := firstOf(e, desc); len(v) > 0 {
		t, _ = account.ParseTime(v)
	}
	return t
}

func timesOf(e *directory.Entry, desc *directory.AttributeDescription) []time.Time {
	var list []time.Time
	for _, v := range valuesIn(e, desc) {
		if t, ok := account.ParseTime(v); ok {
			list = append(list, t)
		}
	}
	sortTimes(list)
	return list
}

// stateValue is an attribute with the values that a state gives it; none removes it.
type stateValue struct {
	desc   *directory.AttributeDescription
	values [][]byte
}

// differing returns the attributes in which two states of one account differ. What no decision changes is not among them.
func (a *accountAttributes) differing(before, after *account.State) []stateValue {
	var list []stateValue
	put := func(desc *directory.AttributeDescription, differs bool, values ...[]byte) {
		if differs && desc != nil {
			list = append(list, stateValue{desc, values})
		}
	}
	put(a.changed, !before.Changed.Equal(after.Changed), second(after.Changed)...)
	put(a.locked, !before.Locked.Equal(after.Locked), second(after.Locked)...)
	put(a.lastSuccess, !before.LastSuccess.Equal(after.LastSuccess), second(after.LastSuccess)...)
	put(a.tmpLockoutEnd, !before.DelayedTo.Equal(after.DelayedTo), second(after.DelayedTo.Add(time.Second-1))...)
	put(a.failureTime, !sameTimes(before.Failures, after.Failures), moments(after.Failures)...)
	put(a.graceUseTime, !sameTimes(before.Grace, after.Grace), moments(after.Grace)...)
	if before.Reset != after.Reset {
		if after.Reset {
			put(a.reset, true, []byte("TRUE"))
		} else {
			put(a.reset, true)
		}
	}
	put(a.history, !sameFormer(before.History, after.History), formers(after.History)...)
	return list
}
