package wire

import (
	"fmt"
	"math"
	"unsafe"

	"gatehouse/directory"
	"gatehouse/directory/ber"
)

// decoder reads one message. A refusal is a value that RFC 4511 or a limit does not allow in a well-formed message; like a
// syntax error it stops the reading, but it can be answered.
type decoder struct {
	ber.Decoder
	store   *store
	limits  Limits
	terms   int // filter terms seen
	values  int // attribute values seen
	refusal *Error
}

// Decode reads the message that pdu consists of into m, replacing what was there. The error is an [*Error] that says what
// to do; m.ID is then set if it could be read, m.Op is nil. Elements behind the known ones are skipped (RFC 4511 section 4).
func Decode(pdu []byte, limits Limits, m *Message) error {
	m.store.rewind()
	m.ID, m.Op, m.Controls = 0, nil, nil
	d := decoder{Decoder: ber.NewDecoder(pdu), store: &m.store, limits: limits}
	d.Enter(ber.Sequence)
	id := d.Integer(ber.Integer)
	if d.Err() != nil || id < 1 || id > math.MaxInt32 {
		return &Error{Code: directory.ProtocolError, Diagnostic: "the message ID cannot be read", Fatal: true}
	}
	m.ID = directory.MessageID(id)
	tag := d.Peek()
	op := d.request(tag)
	if d.Err() == nil {
		m.Controls = d.controls()
	}
	if err := d.Err(); err != nil {
		m.Controls = nil
		return d.failure(m.ID, op, err)
	}
	if op == nil {
		return &Error{Code: directory.ProtocolError, ID: m.ID, Fatal: true,
			Diagnostic: fmt.Sprintf("protocol operation 0x%02x is not a request of LDAPv3", tag)}
	}
	m.Op = op
	return nil
}

// failure turns the decoder's error into the one for the server.
func (d *decoder) failure(id directory.MessageID, op directory.Request, err error) *Error {
	if e := d.refusal; e != nil {
		e.ID, e.ResponseTag = id, ResponseTag(op)
		return e
	}
	return &Error{Code: directory.ProtocolError, Diagnostic: err.Error(), ID: id, ResponseTag: ResponseTag(op), Fatal: true}
}

// request reads the protocol operation; nil if the tag is not one of a request.
func (d *decoder) request(tag byte) directory.Request {
	switch tag {
	case tagSearchRequest:
		return d.search()
	case tagBindRequest:
		return d.bind()
	case tagUnbindRequest:
		d.Octets(tagUnbindRequest)
		return &d.store.unbind
	case tagCompareRequest:
		return d.compare()
	case tagModifyRequest:
		return d.modify()
	case tagAddRequest:
		return d.add()
	case tagDeleteRequest:
		d.store.delete = directory.DeleteRequest{DN: d.text(tagDeleteRequest)}
		return &d.store.delete
	case tagModifyDNRequest:
		return d.modifyDN()
	case tagAbandonRequest:
		return d.abandon()
	case tagExtendedRequest:
		return d.extended()
	}
	return nil
}

// refuse stops the reading of a message that is well formed but cannot be served.
func (d *decoder) refuse(code directory.ResultCode, format string, args ...any) {
	if d.Err() == nil {
		d.refusal = &Error{Code: code, Diagnostic: fmt.Sprintf(format, args...)}
		d.Fail("refused")
	}
}

// count returns how many elements the current constructed element has from here, refusing more than max.
func (d *decoder) count(max int, what string) int {
	n := d.Count(max)
	if n > max {
		d.refuse(directory.AdminLimitExceeded, "more than %d %s in one request", max, what)
		return 0
	}
	return n
}

// text reads an LDAPString, LDAPDN, LDAPOID or AttributeDescription: the octets as they are, aliasing the message.
func (d *decoder) text(tag byte) string { return alias(d.Octets(tag)) }

// alias returns b as a string without a copy.
func alias(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// integer reads an INTEGER or ENUMERATED whose values are lo to hi.
func (d *decoder) integer(tag byte, lo, hi int64, what string) int64 {
	v := d.Integer(tag)
	if d.Err() == nil && (v < lo || v > hi) {
		d.refuse(directory.ProtocolError, "%s %d is not in the range %d to %d", what, v, lo, hi)
		return lo
	}
	return v
}

// controls reads the controls behind the protocol operation (RFC 4511 section 4.1.11), skipping unknown elements before.
func (d *decoder) controls() []directory.Control {
	for d.More() && d.Peek() != tagControls {
		d.Any()
	}
	if !d.More() {
		return nil
	}
	outer := d.Enter(tagControls)
	controls := d.store.controls.take(d.count(d.limits.Controls, "controls"))
	for i := range controls {
		controls[i] = d.control()
	}
	d.Leave(outer)
	return controls
}

func (d *decoder) control() directory.Control {
	outer := d.Enter(ber.Sequence)
	c := directory.Control{OID: d.text(ber.OctetString)}
	if d.Peek() == ber.Boolean {
		c.Criticality = d.Boolean(ber.Boolean)
	}
	if d.Peek() == ber.OctetString {
		c.Value, c.HasValue = d.Octets(ber.OctetString), true
	}
	d.Leave(outer)
	return c
}
