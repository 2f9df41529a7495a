package wire

import (
	"gatehouse/directory"
	"gatehouse/directory/ber"
)

const (
	tagUserIdentity byte = 0x80
	tagOldPassword  byte = 0x81
	tagNewPassword  byte = 0x82
	tagGenPassword  byte = 0x80
)

// DecodePasswordModify reads the value of a Password Modify request (RFC 3062); hasValue false is the request without one,
// which asks for a generated password for the bound user. The parts alias value. The error is a protocolError
// that never holds a password.
func DecodePasswordModify(value []byte, hasValue bool, r *directory.PasswordModifyRequest) error {
	*r = directory.PasswordModifyRequest{}
	if !hasValue {
		return nil
	}
	d := ber.NewDecoder(value)
	outer := d.Enter(ber.Sequence)
	if d.Peek() == tagUserIdentity {
		r.UserIdentity, r.HasUserIdentity = alias(d.Octets(tagUserIdentity)), true
	}
	if d.Peek() == tagOldPassword {
		r.OldPassword = d.Octets(tagOldPassword)
	}
	if d.Peek() == tagNewPassword {
		r.NewPassword = d.Octets(tagNewPassword)
	}
	unknown := d.More() // the RFC leaves no room for extensions, and an old password out of its place must not be overlooked
	if d.Leave(outer); unknown || d.More() {
		d.Fail("more than the parts of the request, or one out of its place")
	}
	if err := d.Err(); err != nil {
		*r = directory.PasswordModifyRequest{}
		return directory.Errorf(directory.ProtocolError, "value of the password modify request: %v", err)
	}
	return nil
}

// AppendPasswordModifyResponse appends the value of a Password Modify response that tells a generated password (RFC 3062).
func AppendPasswordModifyResponse(dst, generated []byte) []byte {
	dst = ber.AppendHeader(dst, ber.Sequence, ber.Size(len(generated)))
	return ber.AppendOctets(dst, tagGenPassword, generated)
}
