package control

import (
	"time"

	"gatehouse/directory"
	"gatehouse/directory/ber"
)

// PasswordPolicy is the control of draft-behera-ldap-password-policy-10 section 6, of requests and of answers.
const PasswordPolicy = "1.3.6.1.4.1.42.2.27.8.5.1"

// The tags of its value: SEQUENCE { warning [0] CHOICE { timeBeforeExpiration [0] INTEGER, graceAuthNsRemaining [1] INTEGER },
// error [1] ENUMERATED }, all of it optional.
const (
	tagWarning          byte = 0xa0
	tagBeforeExpiration byte = 0x80
	tagGrace            byte = 0x81
	tagPasswordError    byte = 0x81
)

func decodePasswordPolicy(c *directory.Control, into *directory.RequestControls) error {
	if c.HasValue && len(c.Value) > 0 {
		return directory.Errorf(directory.ProtocolError, "the password policy control takes no value")
	}
	into.PasswordPolicy = true
	return nil
}

// OfPassword encodes what the password policy has to say beside a result, as far as the client asked: a bind has an answer to the
// control even if there is nothing to say.
func OfPassword(asked *directory.RequestControls, op directory.Request, s directory.PasswordState) []directory.Control {
	_, bind := op.(*directory.BindRequest)
	var list []directory.Control
	if asked != nil && asked.PasswordPolicy && (bind || s.Says()) {
		list = append(list, directory.Control{OID: PasswordPolicy, Value: appendPasswordState(nil, s), HasValue: true})
	}
	if bind {
		list = appendNetscape(list, s)
	}
	return list
}

// appendPasswordState encodes a PasswordPolicyResponseValue. Of two warnings, the grace logins stand: they come after the expiry.
func appendPasswordState(dst []byte, s directory.PasswordState) []byte {
	var body, warning []byte
	switch {
	case s.Grace.Used:
		warning = ber.AppendInteger(nil, tagGrace, int64(s.Grace.Left))
	case s.BeforeExpiration > 0:
		warning = ber.AppendInteger(nil, tagBeforeExpiration, int64(s.BeforeExpiration/time.Second))
	}
	if warning != nil {
		body = append(ber.AppendHeader(body, tagWarning, len(warning)), warning...)
	}
	if n, is := s.Err.Number(); is {
		body = ber.AppendInteger(body, tagPasswordError, int64(n))
	}
	return append(ber.AppendHeader(dst, ber.Sequence, len(body)), body...)
}
