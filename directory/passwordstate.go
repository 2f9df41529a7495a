package directory

import (
	"errors"
	"time"
)

// PasswordState is what the password policy has to say beside a result: the response control of
// draft-behera-ldap-password-policy-10 section 6.2, the controls of Netscape and the log are made of it. The zero PasswordState
// says nothing.
type PasswordState struct {
	BeforeExpiration time.Duration // until the password expires, if that is soon; else zero
	Grace            GraceLogins
	Err              PasswordError
	Reason           string // of a refusal, for the log alone: a client is not told why
}

// GraceLogins is how many times an expired password may still be used. The zero GraceLogins is "has not expired".
type GraceLogins struct {
	Used bool // this bind was one
	Left int
}

// Says reports whether there is anything for a client.
func (s PasswordState) Says() bool {
	return s.BeforeExpiration > 0 || s.Grace.Used || s.Err != PasswordFine
}

// PasswordError is the error of the response control. The zero PasswordError is none.
type PasswordError uint8

// The errors of draft-behera-ldap-password-policy-10 section 6.2, each one more than its number on the wire.
const (
	PasswordFine PasswordError = iota
	PasswordExpired
	PasswordAccountLocked
	PasswordChangeAfterReset
	PasswordModNotAllowed
	PasswordMustSupplyOld
	PasswordInsufficientQuality
	PasswordTooShort
	PasswordTooYoung
	PasswordInHistory
)

// Number returns the number on the wire; ok is false for none.
func (e PasswordError) Number() (n int, ok bool) { return int(e) - 1, e != PasswordFine }

// PasswordStateOf returns what an error carries for the password policy; the zero PasswordState for any other.
func PasswordStateOf(err error) PasswordState {
	if e, ok := errors.AsType[*Error](err); ok && e.Password != nil {
		return *e.Password
	}
	return PasswordState{}
}
