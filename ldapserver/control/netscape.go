package control

import (
	"strconv"
	"time"

	"gatehouse/directory"
)

// The controls of draft-vchu-ldap-pwd-policy-00 section 5, which the server sends with the answer to a bind without being asked. They
// are told to nobody but who has shown the right password.
const (
	NetscapeExpired  = "2.16.840.1.113730.3.4.4"
	NetscapeExpiring = "2.16.840.1.113730.3.4.5"
)

// decodeNetscape takes one of them in a request, where it says nothing: some clients list them as known to them.
func decodeNetscape(*directory.Control, *directory.RequestControls) error { return nil }

// appendNetscape says that the password has expired, or has to be changed, or when it will expire.
func appendNetscape(list []directory.Control, s directory.PasswordState) []directory.Control {
	switch {
	case s.Err == directory.PasswordExpired, s.Err == directory.PasswordChangeAfterReset, s.Grace.Used:
		return append(list, directory.Control{OID: NetscapeExpired, Value: []byte("0"), HasValue: true})
	case s.BeforeExpiration > 0:
		value := strconv.AppendInt(nil, int64(s.BeforeExpiration/time.Second), 10)
		return append(list, directory.Control{OID: NetscapeExpiring, Value: value, HasValue: true})
	}
	return list
}
