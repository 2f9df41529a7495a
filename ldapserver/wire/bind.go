package wire

import (
	"gatehouse/directory"
	"gatehouse/directory/ber"
)

const (
	tagSimple         byte = 0x80
	tagSASL           byte = 0xa3
	tagServerSASLCred byte = 0x87
)

// bind reads RFC 4511 section 4.2. An unknown authentication choice, and the SASL bind without a mechanism that aborts a
// negotiation (section 4.2.1), are refused with authMethodNotSupported.
func (d *decoder) bind() *directory.BindRequest {
	r := &d.store.bind
	*r = directory.BindRequest{}
	outer := d.Enter(tagBindRequest)
	r.Version = int(d.integer(ber.Integer, 1, 127, "version"))
	r.Name = d.text(ber.OctetString)
	switch d.Peek() {
	case tagSimple:
		r.Password = d.Octets(tagSimple)
	case tagSASL:
		sasl := d.Enter(tagSASL)
		r.Mechanism = d.text(ber.OctetString)
		if d.Peek() == ber.OctetString {
			r.Credentials, r.HasCredentials = d.Octets(ber.OctetString), true
		}
		d.Leave(sasl)
		if r.Mechanism == "" {
			d.refuse(directory.AuthMethodNotSupported, "SASL bind without a mechanism")
		}
	case 0:
		d.Fail("bind without an authentication choice")
	default:
		d.refuse(directory.AuthMethodNotSupported, "authentication choice 0x%02x is neither simple nor SASL", d.Peek())
	}
	d.Leave(outer)
	return r
}

// AppendBindResponse appends a BindResponse. credentials are the serverSaslCreds, nil for none (an empty slice that is not nil
// is sent as empty credentials).
func AppendBindResponse(dst []byte, id directory.MessageID, r *directory.Result, credentials []byte, controls []directory.Control) []byte {
	size := resultSize(r) + optionalSize(credentials)
	dst = appendEnvelope(dst, id, TagBindResponse, size, controls)
	dst = appendResult(dst, r)
	dst = appendOptional(dst, tagServerSASLCred, credentials)
	return appendControls(dst, controls)
}
